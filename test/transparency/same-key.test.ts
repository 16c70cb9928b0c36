// One key in the forms that it comes in, and what is another one.
import { describe, expect, it } from 'vitest'
import { concat } from '../../src/base/bytes.ts'
import type { CertifiedKey } from '../../src/crypto/certificate.ts'
import type { CurveName } from '../../src/crypto/engine.ts'
import type { GivenKey } from '../../src/crypto/meter-key.ts'
import { sameKey } from '../../src/transparency/same-key.ts'
import { SIGNER } from '../../tools/transparency-vectors/maker.ts'
import { vectorSigner } from '../../tools/transparency-vectors/signer.ts'

type AnyKey = GivenKey | CertifiedKey

const pointOf = (curve: CurveName, name: string): Uint8Array => {
  const key = vectorSigner(curve, name).publicKey
  return 'point' in key ? key.point : new Uint8Array()
}
const behind = (first: number, bytes: Uint8Array): AnyKey => ({ bare: concat(Uint8Array.of(first), bytes) })
const compressed = (point: Uint8Array, turn = 0): AnyKey =>
  behind(2 + (((point.at(-1) ?? 0) + turn) & 1), point.subarray(0, point.length / 2))
/** Of either kind of y, the even and the odd one. */
const points = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => pointOf('secp256r1', name))
const changed = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, (bytes[at] ?? 0) ^ 2)

const both = (a: AnyKey, b: AnyKey): boolean[] => [sameKey(a, b), sameKey(b, a)]

describe('a key', () => {
  it('is the same as a point, with 04 before it, and compressed', () => {
    expect(new Set(points.map((point) => (point.at(-1) ?? 0) & 1)).size).toBe(2)
    for (const point of points) {
      const key: AnyKey = { curve: 'secp256r1', point }
      for (const other of [key, { bare: point }, behind(4, point), compressed(point)]) expect(both(key, other)).toEqual([true, true])
    }
  })

  it('is another one on another curve, with another point, or with the other y', () => {
    for (const point of points) {
      const key: AnyKey = { curve: 'secp256r1', point }
      const others: AnyKey[] = [
        ...[
          { curve: 'secp256k1' as const, point },
          { scheme: 'Ed25519' as const, bytes: point },
        ],
        ...[0, 31, 32, 63].map((at) => ({ curve: 'secp256r1' as const, point: changed(point, at) })),
        ...[compressed(point, 1), compressed(changed(point, 0)), compressed(changed(point, 31)), { bare: point.subarray(0, 32) }],
        ...[behind(5, point), behind(4, changed(point, 40)), { bare: concat(point, Uint8Array.of(4)) }],
      ]
      for (const other of others) expect(both(key, other)).toEqual([false, false])
    }
  })

  it('of a scheme or of RSA is the one with the same bytes and the same kind', () => {
    const bytes = points[0]?.subarray(0, 32) ?? new Uint8Array()
    expect(both({ scheme: 'Ed25519', bytes }, { bare: bytes })).toEqual([true, true])
    expect(both({ scheme: 'Ed25519', bytes }, { scheme: 'Ed25519', bytes: changed(bytes, 3) })).toEqual([false, false])
    const rsa = (exponent: number): AnyKey => ({ modulus: bytes, exponent: Uint8Array.of(exponent) })
    expect([...both(rsa(3), rsa(3)), ...both(rsa(3), rsa(5))]).toEqual([true, true, false, false])
  })

  it('is none that is not there', () => expect(sameKey(SIGNER.publicKey, undefined)).toBe(false))
})
