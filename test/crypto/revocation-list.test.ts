import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import { looksLikeCertificate, readCertificate } from '../../src/crypto/certificate.ts'
import { looksLikeRevocationList, readRevocationList } from '../../src/crypto/revocation-list.ts'
import { certificateOf, revocationListOf } from '../../tools/transparency-vectors/certificates.ts'
import { vectorSigner } from '../../tools/transparency-vectors/signer.ts'

const signer = vectorSigner('secp256r1', 'holder')
const date = '260228000000Z'
const list = revocationListOf({
  issuer: 'Root',
  signer,
  entries: [
    { serial: 1, date },
    { serial: 2, date, reason: 1 },
    { serial: 3, date, invalid: '20260101000000Z' },
    { serial: 4, date, reason: 4 },
    { serial: 1, date: '260101000000Z' },
  ],
})

describe('readRevocationList', () => {
  it('reads whose it is, of when, and from when on each certificate counts for nothing', () => {
    const read = readRevocationList(list)
    expect(read).toMatchObject({ issuerTexts: ['Root'], thisUpdate: Date.UTC(2026, 5, 1), nextUpdate: Date.UTC(2027, 5, 1), strange: [] })
    expect([...read.revoked]).toEqual([
      ['01', Date.UTC(2026, 0, 1)],
      ['02', Number.NEGATIVE_INFINITY],
      ['03', Date.UTC(2026, 0, 1)],
      ['04', Date.UTC(2026, 1, 28)],
    ])
    expect(readRevocationList(revocationListOf({ issuer: 'Root', signer, delta: true })).strange).toEqual(['2.5.29.27'])
  })

  it('is told from a certificate, and a certificate from it', () => {
    const certificate = certificateOf({ subject: 'A', issuer: 'Root', holder: signer, signer })
    expect([looksLikeRevocationList(list), looksLikeRevocationList(certificate)]).toEqual([true, false])
    expect(looksLikeCertificate(certificate)).toBe(true)
    expect(() => readRevocationList(certificate)).toThrow(Fault)
    expect(() => readCertificate(list)).toThrow(Fault)
  })

  it('takes twenty thousand entries', () => {
    const entries = Array.from({ length: 20_000 }, (_, i) => ({ serial: i % 128, date }))
    expect(readRevocationList(revocationListOf({ issuer: 'Root', signer, entries })).revoked.size).toBe(128)
  })

  it('answers any damage with a Fault or with another list, and with nothing else', () => {
    const damage = fc.record({ at: fc.nat(list.length - 1), byte: fc.nat(255), cut: fc.nat(list.length) })
    fc.assert(
      fc.property(damage, ({ at, byte, cut }) => {
        const bytes = list.slice(0, cut % 2 === 0 ? list.length : cut)
        bytes[at] = byte
        try {
          readRevocationList(bytes)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Fault)
        }
      }),
      { numRuns: 500 },
    )
  })
})
