// Whether two keys are one, whatever form they came in.
import { equal, hex } from '../base/bytes.ts'
import type { FoundKey } from './found.ts'

export const sameKey = (a: FoundKey['key'], b: FoundKey['key'] | undefined): boolean => {
  if (b === undefined) return false
  const [one, other] = [partsOf(a), partsOf(b)]
  // a bare key may stand for any kind: of an uncompressed point only the 04 before it is gone
  const bare = one.kind === 'bare' || other.kind === 'bare'
  return (bare || one.kind === other.kind) && equal(one.bytes, other.bytes)
}

const partsOf = (key: FoundKey['key']): { readonly kind: string; readonly bytes: Uint8Array } => {
  if ('scheme' in key) return { kind: key.scheme, bytes: key.bytes }
  if ('curve' in key) return { kind: key.curve, bytes: key.point }
  if ('modulus' in key) return { kind: `RSA ${hex(key.exponent)}`, bytes: key.modulus }
  const uncompressed = key.bare.length % 2 === 1 && key.bare[0] === 4
  return { kind: 'bare', bytes: uncompressed ? key.bare.subarray(1) : key.bare }
}
