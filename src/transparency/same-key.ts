// Whether two keys are one, whatever form they came in.
import { equal } from '../base/bytes.ts'
import type { GivenKey } from '../crypto/meter-key.ts'

export const sameKey = (a: GivenKey, b: GivenKey | undefined): boolean => {
  if (b === undefined) return false
  const [one, other] = [partsOf(a), partsOf(b)]
  // a bare key may stand for any kind: of an uncompressed point only the 04 before it is gone
  const bare = one.kind === 'bare' || other.kind === 'bare'
  return (bare || one.kind === other.kind) && equal(one.bytes, other.bytes)
}

const partsOf = (key: GivenKey): { readonly kind: string; readonly bytes: Uint8Array } => {
  if ('scheme' in key) return { kind: key.scheme, bytes: key.bytes }
  if ('curve' in key) return { kind: key.curve, bytes: key.point }
  const uncompressed = key.bare.length % 2 === 1 && key.bare[0] === 4
  return { kind: 'bare', bytes: uncompressed ? key.bare.subarray(1) : key.bare }
}
