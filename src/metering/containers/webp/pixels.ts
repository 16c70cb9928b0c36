// The pixels of a WebP, on white as on a screen. A picture with loss comes in grey: codes have no colours.
import type { Pixels } from '../../container.ts'
import type { Budget } from '../../limits.ts'
import { alphaOf } from './alpha.ts'
import { losslessPicture } from './lossless.ts'
import { greyPicture } from './lossy.ts'
import { type Still, stillOf } from './riff.ts'

/**
 * @param bytes a file whose size was checked (`checkPicture`)
 * @throws Fault `record-malformed`, `limit-exceeded`
 */
export const webpPixels = (bytes: Uint8Array, budget: Budget): Pixels => {
  const still = stillOf(bytes)
  const { width, height } = still
  const data = still.lossless ? coloured(still, budget) : grey(still, budget)
  return { data, width, height }
}

const WHITE = 255

const coloured = ({ data }: Still, budget: Budget): Pixels['data'] => {
  const { pixels } = losslessPicture(data, budget)
  const made = new Uint8ClampedArray(pixels.length * 4)
  pixels.forEach((pixel, at) => {
    const alpha = pixel >>> 24
    made[4 * at] = onWhite((pixel >>> 16) & 0xff, alpha)
    made[4 * at + 1] = onWhite((pixel >>> 8) & 0xff, alpha)
    made[4 * at + 2] = onWhite(pixel & 0xff, alpha)
    made[4 * at + 3] = WHITE
  })
  return made
}

const grey = (still: Still, budget: Budget): Pixels['data'] => {
  const shades = greyPicture(still, budget)
  const alpha = still.alpha === undefined ? undefined : alphaOf(still.alpha, still, budget)
  const made = new Uint8ClampedArray(shades.length * 4)
  shades.forEach((shade, at) => {
    made.fill(onWhite(FULL[shade] ?? 0, alpha?.[at] ?? WHITE), 4 * at, 4 * at + 3)
    made[4 * at + 3] = WHITE
  })
  return made
}

/** Black is 16 in such pictures and white 235 (RFC 6386 §9.2, ITU-R BT.601). */
const FULL = Uint8ClampedArray.from({ length: 256 }, (_, shade) => ((shade - 16) * WHITE) / 219)

const onWhite = (shade: number, alpha: number): number => WHITE + ((shade - WHITE) * alpha) / WHITE
