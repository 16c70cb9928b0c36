// The transparency beside a picture with loss (RFC 9649 §2.7.1.2): plain or written like a picture without loss, and filtered.
import { Fault } from '../../../base/fault.ts'
import type { Budget } from '../../limits.ts'
import { losslessStream } from './lossless.ts'
import type { Still } from './riff.ts'

/** A byte for each pixel, 0 for one that is not seen. @param data content of a chunk `ALPH` */
export const alphaOf = (data: Uint8Array, size: Pick<Still, 'width' | 'height'>, budget: Budget): Uint8Array => {
  const [flags = 0] = data
  const { width, height } = size
  const packed = flags & 3
  if (packed > 1) throw new Fault('record-malformed', 'the transparency of the picture is written in a way that nobody knows')
  const stored = data.subarray(1)
  if (packed === 0 && stored.length < width * height) throw new Fault('record-malformed', 'the transparency of the picture is cut off')
  const alpha =
    packed === 0 ? stored.slice(0, width * height) : Uint8Array.from(losslessStream(stored, size, budget), (pixel) => pixel >>> 8)
  const filter = FILTERS[(flags >> 2) & 3]
  if (filter !== undefined) unfilter(alpha, width, filter)
  return alpha
}

/** From the neighbours to the left, on top, and between them. Along an edge there is but one of them. */
const FILTERS: readonly (((left: number, top: number, corner: number) => number) | undefined)[] = [
  undefined,
  (left) => left,
  (_, top) => top,
  (left, top, corner) => Math.min(255, Math.max(0, left + top - corner)),
]

const unfilter = (alpha: Uint8Array, width: number, filter: NonNullable<(typeof FILTERS)[number]>): void => {
  for (let at = 1; at < alpha.length; at++) {
    const [left = 0, top = 0] = [alpha[at - 1], alpha[at - width]]
    const told = at < width ? left : at % width === 0 ? top : filter(left, top, alpha[at - width - 1] ?? 0)
    alpha[at] = (alpha[at] ?? 0) + told
  }
}
