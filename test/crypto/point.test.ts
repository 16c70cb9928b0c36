import { ECDH } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { generateSigner } from '../../src/adapters/node-crypto.ts'
import { concat } from '../../src/base/bytes.ts'
import { CURVES } from '../../src/crypto/curves.ts'
import type { CurveName } from '../../src/crypto/engine.ts'
import { readPoint } from '../../src/crypto/point.ts'

const malformed = expect.objectContaining({ name: 'Fault', code: 'key-malformed' })

describe.each(Object.keys(CURVES) as CurveName[])('a point on %s', (curve) => {
  const { openssl, coordinateBytes: width } = CURVES[curve]
  const encoded = (point: Uint8Array, form: 'compressed' | 'uncompressed' | 'hybrid') =>
    new Uint8Array(ECDH.convertKey(concat(Uint8Array.of(4), point), openssl, undefined, undefined, form) as Buffer)

  it('is read compressed and uncompressed, of either parity', () => {
    for (let i = 0; i < 12; i++) {
      const key = generateSigner(curve).publicKey
      const short = encoded(key.point, 'compressed')
      expect(readPoint(curve, short)).toEqual(key)
      expect(readPoint(curve, encoded(key.point, 'uncompressed'))).toEqual(key)
      const mirrored = readPoint(curve, Uint8Array.of(short[0] === 2 ? 3 : 2, ...short.subarray(1)))
      expect(mirrored.point.subarray(0, width)).toEqual(key.point.subarray(0, width))
      expect(mirrored.point).not.toEqual(key.point)
    }
  })

  it('is refused in another form or of another length', () => {
    const { point } = generateSigner(curve).publicKey
    const whole = encoded(point, 'uncompressed')
    const short = encoded(point, 'compressed')
    const others = [new Uint8Array(), Uint8Array.of(0), Uint8Array.of(4), point, encoded(point, 'hybrid'), Uint8Array.of(5, ...point)]
    const cut = [whole.subarray(0, -1), short.subarray(0, -1), Uint8Array.of(...whole, 0), Uint8Array.of(...short, 0)]
    for (const wrong of [...others, ...cut]) expect(() => readPoint(curve, wrong)).toThrow(malformed)
  })

  it('is refused off the curve', () => {
    const whole = encoded(generateSigner(curve).publicKey.point, 'uncompressed')
    for (const at of [1, width, 1 + width, 2 * width]) {
      const tampered = Uint8Array.from(whole)
      tampered[at] = (tampered[at] ?? 0) ^ 1
      expect(() => readPoint(curve, tampered)).toThrow(malformed)
    }
    expect(() => readPoint(curve, Uint8Array.of(4, ...new Uint8Array(2 * width)))).toThrow(malformed)
  })

  it('is refused where no y belongs to x, and read as OpenSSL reads it where one does', () => {
    let refused = 0
    for (let x = 1; x <= 40; x++) {
      const short = new Uint8Array(1 + width)
      short[0] = 2
      short[width] = x
      let expected: Uint8Array | undefined
      try {
        expected = new Uint8Array(ECDH.convertKey(short, openssl, undefined, undefined, 'uncompressed') as Buffer).subarray(1)
      } catch {
        expected = undefined
      }
      if (expected !== undefined) expect(readPoint(curve, short).point).toEqual(expected)
      else {
        refused++
        expect(() => readPoint(curve, short)).toThrow(malformed)
      }
    }
    expect(refused).toBeGreaterThan(0)
    expect(refused).toBeLessThan(40)
  })

  it('is refused with an x of the prime or more', () => {
    const past = CURVES[curve].p.toString(16).padStart(2 * width, '0')
    for (const form of ['02', '03']) expect(() => readPoint(curve, Uint8Array.from(Buffer.from(form + past, 'hex')))).toThrow(malformed)
  })
})
