// Whether two keys are one, whatever form they came in.
import { equal, hex } from '../base/bytes.ts'
import type { CertifiedKey } from '../crypto/certificate.ts'
import type { GivenKey } from '../crypto/meter-key.ts'

type AnyKey = GivenKey | CertifiedKey

export const sameKey = (a: AnyKey, b: AnyKey | undefined): boolean => {
  if (b === undefined) return false
  const [one, other] = [partsOf(a), partsOf(b)]
  // a bare key may stand for any kind: of an uncompressed point only the 04 before it is gone
  const bare = one.kind === 'bare' || other.kind === 'bare'
  return (
    (bare || one.kind === other.kind) &&
    (equal(one.bytes, other.bytes) || isCompressed(one.bytes, other.bytes) || isCompressed(other.bytes, one.bytes))
  )
}

/** Whether the first is the second as SEC 1 §2.3.3 compresses it: its x, behind a byte that tells whether its y is odd. */
const isCompressed = (short: Uint8Array, point: Uint8Array): boolean =>
  short.length % 2 === 1 &&
  point.length === 2 * (short.length - 1) &&
  short[0] === 2 + ((point.at(-1) ?? 0) & 1) &&
  equal(short.subarray(1), point.subarray(0, short.length - 1))

const partsOf = (key: AnyKey): { readonly kind: string; readonly bytes: Uint8Array } => {
  if ('scheme' in key) return { kind: key.scheme, bytes: key.bytes }
  if ('curve' in key) return { kind: key.curve, bytes: key.point }
  if ('modulus' in key) return { kind: `RSA ${hex(key.exponent)}`, bytes: key.modulus }
  const uncompressed = key.bare.length % 2 === 1 && key.bare[0] === 4
  return { kind: 'bare', bytes: uncompressed ? key.bare.subarray(1) : key.bare }
}
