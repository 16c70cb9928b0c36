import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exportPkcs8Pem, generateSigner } from '../../src/adapters/node-crypto.ts'
import { concat, hex, unhex } from '../../src/base/bytes.ts'
import { CURVES } from '../../src/crypto/curves.ts'
import { derToRaw, hasZero, rawToDer, readSpki, writeSpki } from '../../src/crypto/der.ts'
import type { CurveName } from '../../src/crypto/engine.ts'

const curves = Object.keys(CURVES) as CurveName[]
const fault = (code: string) => expect.objectContaining({ name: 'Fault', code })

describe('signatures', () => {
  it('reads and writes small numbers', () => {
    const raw = concat(new Uint8Array(31), Uint8Array.of(1), new Uint8Array(31), Uint8Array.of(0x80))
    expect(hex(rawToDer(raw))).toBe('300702010102020080')
    expect(derToRaw(unhex('300702010102020080'), 'secp256r1')).toEqual(raw)
  })

  it.each(curves)('of OpenSSL on %s are read and written back', (curve) => {
    const signer = generateSigner(curve)
    for (let i = 0; i < 20; i++) {
      const der = new Uint8Array(sign('sha256', Uint8Array.of(i), exportPkcs8Pem(signer)))
      const raw = derToRaw(der, curve)
      expect(raw).toHaveLength(2 * CURVES[curve].orderBytes)
      expect(rawToDer(raw)).toEqual(der)
    }
  })

  it.each([
    ['nothing', ''],
    ['another tag', '3106020101020102'],
    ['a byte after the sequence', '300602010102010200'],
    ['a byte after s', '300702010102010200'],
    ['a third number', '3009020101020102020103'],
    ['one number', '3003020101'],
    ['no number', '3000'],
    ['a length past the end', '3007020101020102'],
    ['a length past the sequence', '3006020101020202'],
    ['a cut end', '30060201010201'],
    ['a long form where the short one fits', '308106020101020102'],
    ['a long form of two bytes where one fits', '30820006020101020102'],
    ['the indefinite form', '30800201010201020000'],
    ['three length bytes', '3083000006020101020102'],
    ['a long form within', '300702810101020102'],
    ['r with a needless zero', '300702020001020102'],
    ['s with a needless zero', '300702010102020001'],
    ['r zero', '3006020100020102'],
    ['s zero', '3006020101020100'],
    ['r negative', '3006020180020102'],
    ['s negative', '30060201010201ff'],
    ['r empty', '30050200020102'],
    ['s empty', '30050201010200'],
    ['another tag within', '3006030101020102'],
    ['r wider than the order', `30260221${'01'.repeat(33)}020102`],
  ])('are refused with %s', (_, der) => {
    expect(() => derToRaw(unhex(der), 'secp256r1')).toThrow(fault('bytes-malformed'))
  })

  it('are read where the refused ones above are put right', () => {
    expect(hex(derToRaw(unhex('3006020101020102'), 'secp192r1'))).toBe(`${'00'.repeat(23)}01${'00'.repeat(23)}02`)
    expect(derToRaw(unhex(`30250220${'01'.repeat(32)}020102`), 'secp256r1')).toHaveLength(64)
  })

  it('with zero or of odd length are not written', () => {
    for (const raw of [
      new Uint8Array(64),
      concat(new Uint8Array(32), Uint8Array.of(...new Uint8Array(31), 1)),
      new Uint8Array(63).fill(1),
      new Uint8Array(),
    ]) {
      expect(() => rawToDer(raw)).toThrow(fault('bytes-malformed'))
    }
  })

  it.each([
    ['both', '0000', true],
    ['r', '0001', true],
    ['s', '0100', true],
    ['neither', '0101', false],
    ['neither, with zeros before them', '00010001', false],
    ['no bytes at all', '', true],
  ])('say whether a number is zero: %s', (_, raw, expected) => {
    expect(hasZero(unhex(raw))).toBe(expected)
  })

  it('have one DER form: a tampered one is refused or reads as other numbers', () => {
    const raw = unhex('81'.repeat(32) + '12'.repeat(32))
    const der = rawToDer(raw)
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const tampered = Uint8Array.from(der)
        tampered[at] = (tampered[at] ?? 0) ^ change
        let read: Uint8Array
        try {
          read = derToRaw(tampered, 'secp256r1')
        } catch (thrown) {
          expect(thrown).toEqual(fault('bytes-malformed'))
          return
        }
        expect(read).not.toEqual(raw)
        expect(rawToDer(read)).toEqual(tampered)
      }),
      { numRuns: 2000 },
    )
  })
})

describe.each(curves)('public keys on %s', (curve) => {
  const key = generateSigner(curve).publicKey
  const der = writeSpki(key)

  it('are written as OpenSSL writes them, and read back', () => {
    const theirs = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
    expect(theirs.asymmetricKeyDetails?.namedCurve).toBe(CURVES[curve].openssl)
    expect(new Uint8Array(theirs.export({ format: 'der', type: 'spki' }))).toEqual(der)
    expect(readSpki(der)).toEqual(key)
  })

  it('are read compressed', () => {
    const { coordinateBytes: width } = CURVES[curve]
    const form = 2 + ((key.point[2 * width - 1] ?? 0) & 1)
    expect(readSpki(compress(der, form, width))).toEqual(key)
    expect(readSpki(compress(der, form ^ 1, width))).not.toEqual(key)
  })

  it('are refused when any byte is tampered with, cut off or added', () => {
    for (let at = 0; at < der.length; at++) {
      const tampered = Uint8Array.from(der)
      tampered[at] = (tampered[at] ?? 0) ^ 0x04
      expect(() => readSpki(tampered)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^(key-malformed|algorithm-unsupported)$/) }),
      )
      expect(() => readSpki(der.subarray(0, at))).toThrow(fault('key-malformed'))
    }
    expect(() => readSpki(concat(der, Uint8Array.of(0)))).toThrow(fault('key-malformed'))
  })
})

/** The same SubjectPublicKeyInfo with a compressed point; all lengths shrink by one coordinate. */
const compress = (der: Uint8Array, form: number, width: number): Uint8Array => {
  const start = der.length - 2 * width
  const at = der.indexOf(0x30, 1) // the AlgorithmIdentifier
  const algorithm = der.subarray(at, at + 2 + (der[at + 1] ?? 0))
  const bits = Uint8Array.of(0x03, width + 2, 0, form, ...der.subarray(start, start + width))
  return Uint8Array.of(0x30, algorithm.length + bits.length, ...algorithm, ...bits)
}

describe('keys of another kind', () => {
  const spki = { format: 'der', type: 'spki' } as const

  it.each([
    ['Ed25519', () => generateKeyPairSync('ed25519').publicKey, '1.3.101.112'],
    ['X25519', () => generateKeyPairSync('x25519').publicKey, '1.3.101.110'],
    ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey, '1.2.840.113549.1.1.1'],
    ['secp224r1', () => generateKeyPairSync('ec', { namedCurve: 'secp224r1' }).publicKey, '1.3.132.0.33'],
    ['sect283k1', () => generateKeyPairSync('ec', { namedCurve: 'sect283k1' }).publicKey, '1.3.132.0.16'],
  ])('%s: says which', (_, make, oid) => {
    const der = new Uint8Array(make().export(spki))
    expect(() => readSpki(der)).toThrow(expect.objectContaining({ code: 'algorithm-unsupported', data: { oid } }))
  })

  it('explicit curve parameters are refused: a key does not bring its own curve', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1', paramEncoding: 'explicit' })
    expect(() => readSpki(new Uint8Array(publicKey.export(spki)))).toThrow(fault('algorithm-unsupported'))
  })

  it.each([
    ['an arc with a needless leading byte', '0608 2a8086 48ce3d0201', '0608 2a8648ce3d030107'],
    ['an identifier that ends within an arc', '0607 2a8648ce3d0281', '0608 2a8648ce3d030107'],
    ['an empty identifier', '0600', '0608 2a8648ce3d030107'],
    ['a curve with a needless leading byte', '0607 2a8648ce3d0201', '0609 2a808648ce3d030107'],
    ['parameters after the curve', '0607 2a8648ce3d0201', '0608 2a8648ce3d030107 0500'],
    ['no curve', '0607 2a8648ce3d0201', ''],
    ['an implicit curve', '0607 2a8648ce3d0201', '0500'],
  ])('an algorithm with %s is refused', (_, kind, curve) => {
    const { point } = generateSigner('secp256r1').publicKey
    const spki = (algorithm: string) => {
      const content = unhex(algorithm.replaceAll(' ', ''))
      return Uint8Array.of(0x30, content.length + 70, 0x30, content.length, ...content, 0x03, 66, 0, 4, ...point)
    }
    expect(readSpki(spki('0607 2a8648ce3d0201 0608 2a8648ce3d030107')).point).toEqual(point)
    expect(() => readSpki(spki(kind + curve))).toThrow(fault('key-malformed'))
  })

  it('no bytes at all, or random ones, are refused with a fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        expect(() => readSpki(bytes)).toThrow(expect.objectContaining({ name: 'Fault' }))
        expect(() => readSpki(Uint8Array.of(0x30, bytes.length, ...bytes))).toThrow(expect.objectContaining({ name: 'Fault' }))
      }),
    )
  })
})
