import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import { looksLikeCertificate, readCertificate } from '../../src/crypto/certificate.ts'
import { writeSpki } from '../../src/crypto/der.ts'
import { certificateOf } from '../../tools/transparency-vectors/certificates.ts'
import { vectorSigner } from '../../tools/transparency-vectors/signer.ts'

const holder = vectorSigner('secp256r1', 'holder')
const parts = { subject: 'CPM-0001', issuer: 'Root', holder, signer: holder, usage: 0x80 }
const certificate = certificateOf(parts)

describe('readCertificate', () => {
  it('reads whose key it is, by whom, until when and for what', () => {
    expect(looksLikeCertificate(certificate)).toBe(true)
    expect(looksLikeCertificate(writeSpki(holder.publicKey))).toBe(false)
    expect(readCertificate(certificate)).toMatchObject({
      algorithm: { hash: 'SHA-256' },
      issuerTexts: ['Root'],
      subjectTexts: ['CPM-0001'],
      notBefore: Date.UTC(2025, 0, 1),
      notAfter: Date.UTC(2030, 0, 1),
      key: holder.publicKey,
      issues: false,
      signs: true,
      strange: [],
    })
    expect(readCertificate(certificateOf({ ...parts, authority: true, strange: true }))).toMatchObject({
      issues: false,
      strange: ['1.2.3.4'],
    })
    expect(readCertificate(certificateOf({ ...parts, authority: true, usage: 0x04 }))).toMatchObject({ issues: true, signs: false })
  })

  it('answers any damage with a Fault or with another certificate, and with nothing else', () => {
    const damage = fc.record({ at: fc.nat(certificate.length - 1), byte: fc.nat(255), cut: fc.nat(certificate.length) })
    fc.assert(
      fc.property(damage, ({ at, byte, cut }) => {
        const bytes = certificate.slice(0, cut % 2 === 0 ? certificate.length : cut)
        bytes[at] = byte
        try {
          readCertificate(bytes)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Fault)
        }
      }),
      { numRuns: 500 },
    )
  })
})
