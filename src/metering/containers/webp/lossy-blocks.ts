// Blocks of a VP8 picture: how their shades follow from those around (RFC 6386 §12), and what coefficients add to them (§14).

/** Shades with as many in a row as `across`. */
export interface Picture {
  readonly shades: Uint8Array
  readonly across: number
}

const clamped = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value)

/** @param at the first shade of a macroblock */
export const predict16 = (
  { shades, across }: Picture,
  at: number,
  { mode, hasTop, hasLeft }: { readonly mode: number; readonly hasTop: boolean; readonly hasLeft: boolean },
): void => {
  const top = shades.slice(at - across, at - across + 16)
  const left = Uint8Array.from({ length: 16 }, (_, y) => shades[at + y * across - 1] ?? 0)
  const corner = shades[at - across - 1] ?? 0
  const known = [...(hasTop ? top : []), ...(hasLeft ? left : [])]
  const mean = known.length === 0 ? 128 : Math.floor((known.reduce((sum, shade) => sum + shade, 0) + known.length / 2) / known.length)
  for (let y = 0; y < 16; y++) {
    const row = shades.subarray(at + y * across, at + y * across + 16)
    if (mode === DC) row.fill(mean)
    else if (mode === VERTICAL) row.set(top)
    else if (mode === HORIZONTAL) row.fill(left[y] ?? 0)
    else row.set(top.map((shade) => clamped(shade + (left[y] ?? 0) - corner)))
  }
}

/** By number of MODES; the eight others are in PATTERNS. */
const DC = 0
const TRUE_MOTION = 1
const VERTICAL = 2
const HORIZONTAL = 3

/** @param beyond four shades on top and to the right */
export const predict4 = ({ shades, across }: Picture, at: number, mode: number, beyond: Uint8Array): void => {
  const top = shades.slice(at - across, at - across + 4)
  const left = Uint8Array.from({ length: 4 }, (_, y) => shades[at + y * across - 1] ?? 0)
  const corner = shades[at - across - 1] ?? 0
  const pattern = PATTERNS[mode - VERTICAL]
  const [l0 = 0, l1 = 0, l2 = 0, l3 = 0] = left
  const edge = [l3, l3, l2, l1, l0, corner, ...top, ...beyond, beyond[3] ?? 0]
  const mean = (sumOf(top) + sumOf(left) + 4) >> 3
  for (let y = 0; y < 4; y++) {
    for (let x = 0; x < 4; x++) {
      const shade =
        pattern !== undefined
          ? between(edge, pattern[4 * y + x] ?? 0)
          : mode === TRUE_MOTION
            ? clamped((top[x] ?? 0) + (left[y] ?? 0) - corner)
            : mean
      shades[at + y * across + x] = shade
    }
  }
}

const sumOf = (shades: Uint8Array): number => shades.reduce((sum, shade) => sum + shade, 0)

/** Between two shades of the edge, from `TWO` on, or about one of them. */
const TWO = 16

const between = (edge: readonly number[], place: number): number => {
  const at = (index: number): number => edge[index] ?? 0
  if (place >= TWO) return (at(place - TWO) + at(place - TWO + 1) + 1) >> 1
  return (at(place - 1) + 2 * at(place) + at(place + 1) + 2) >> 2
}

/**
 * For each shade of a block its place on the edge, from the lowest on the left (1, and once more at 0) over the corner (5) to the last
 * beyond the top (13, and once more at 14): §12.3, the modes from VERTICAL on.
 */
const PATTERNS: readonly (readonly number[])[] = [
  [6, 7, 8, 9, 6, 7, 8, 9, 6, 7, 8, 9, 6, 7, 8, 9],
  [4, 4, 4, 4, 3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1],
  [5, 6, 7, 8, 4, 5, 6, 7, 3, 4, 5, 6, 2, 3, 4, 5],
  [21, 22, 23, 24, 5, 6, 7, 8, 4, 21, 22, 23, 3, 5, 6, 7],
  [7, 8, 9, 10, 8, 9, 10, 11, 9, 10, 11, 12, 10, 11, 12, 13],
  [22, 23, 24, 25, 7, 8, 9, 10, 23, 24, 25, 11, 8, 9, 10, 12],
  [20, 5, 6, 7, 19, 4, 20, 5, 18, 3, 19, 4, 17, 2, 18, 3],
  [19, 3, 18, 2, 18, 2, 17, 1, 17, 1, 16, 16, 16, 16, 16, 16],
]

/** Adds what 16 coefficients tell (§14.3). @param at the first shade of a block of 4 x 4 */
export const addBlock = ({ shades, across }: Picture, at: number, coefficients: Int16Array): void => {
  const half = new Int32Array(16)
  for (let i = 0; i < 4; i++)
    half.set(
      turned(
        [0, 4, 8, 12].map((row) => coefficients[i + row] ?? 0),
        0,
      ),
      4 * i,
    )
  for (let y = 0; y < 4; y++) {
    const row = turned(
      [0, 4, 8, 12].map((column) => half[y + column] ?? 0),
      4,
    )
    row.forEach((value, x) => {
      const place = at + y * across + x
      shades[place] = clamped((shades[place] ?? 0) + (value >> 3))
    })
  }
}

/** One turn of the transform over four numbers. */
const turned = ([n0 = 0, n1 = 0, n2 = 0, n3 = 0]: readonly number[], rounding: number): readonly [number, number, number, number] => {
  const [a, b] = [n0 + rounding + n2, n0 + rounding - n2]
  const c = scaledDown(n1) - scaledUp(n3)
  const d = scaledUp(n1) + scaledDown(n3)
  return [a + d, b + c, b - c, a - d]
}

/** Times sin(π/8)·√2 and cos(π/8)·√2, in 65,536 parts. */
const scaledDown = (n: number): number => (n * 35_468) >> 16
const scaledUp = (n: number): number => n + ((n * 20_091) >> 16)

/** The first coefficient of each of 16 blocks, out of the block in which they were gathered (§14.3). */
export const gatheredInto = (coefficients: Int16Array, gathered: Int16Array): void => {
  const half = new Int32Array(16)
  for (let i = 0; i < 4; i++) {
    const [a, b, c, d] = crossed(
      [0, 4, 8, 12].map((row) => gathered[i + row] ?? 0),
      0,
    )
    for (const [row, value] of [a, b, c, d].entries()) half[i + 4 * row] = value
  }
  for (let y = 0; y < 4; y++) {
    const row = crossed(
      [0, 1, 2, 3].map((x) => half[4 * y + x] ?? 0),
      3,
    )
    for (const [x, value] of row.entries()) coefficients[16 * (4 * y + x)] = value >> 3
  }
}

const crossed = ([n0 = 0, n1 = 0, n2 = 0, n3 = 0]: readonly number[], rounding: number): readonly [number, number, number, number] => {
  const [a, b, c, d] = [n0 + rounding + n3, n1 + n2, n1 - n2, n0 + rounding - n3]
  return [a + b, d + c, a - b, d - c]
}
