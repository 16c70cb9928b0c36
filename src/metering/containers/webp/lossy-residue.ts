// The coefficients of VP8 macroblocks (RFC 6386 §13, §14): what prediction did not tell. Those of colours are read, since what follows
// depends on them, and dropped.

import { gatheredInto } from './lossy-blocks.ts'
import type { Block, Frame, Steps } from './lossy-frame.ts'
import type { Odds } from './odds.ts'

/** Which blocks around have coefficients: four shades, two and two of colours, and the block of first ones. */
type Seen = Uint8Array

const SHADES = { kind: 3, from: 0, seen: 0, size: 4 } as const
const SHADES_AFTER_FIRST = { kind: 0, from: 1, seen: 0, size: 4 } as const
const COLOURS = [
  { kind: 2, from: 0, seen: 4, size: 2 },
  { kind: 2, from: 0, seen: 6, size: 2 },
] as const
const GATHERED = { kind: 1, from: 0, seen: 8, size: 1 } as const
const AROUND = 9

interface Kind {
  readonly kind: number
  /** The first coefficient that is written. */
  readonly from: number
  readonly seen: number
  /** Blocks in a row of it. */
  readonly size: number
}

export class Residue {
  readonly #frame: Frame
  readonly #top: readonly Seen[]
  #left: Seen = new Uint8Array(AROUND)
  #odds: Odds | undefined
  readonly #coefficients = new Int16Array(16 * 16)
  readonly #dropped = new Int16Array(16 * 4)

  constructor(frame: Frame, across: number) {
    this.#frame = frame
    this.#top = Array.from({ length: across }, () => new Uint8Array(AROUND))
  }

  row(row: number): void {
    this.#left = new Uint8Array(AROUND)
    this.#odds = this.#frame.parts[row % this.#frame.parts.length]
  }

  /** 16 coefficients for each of 16 blocks; they hold until the next call. */
  of({ segment, modes, hasCoefficients }: Block, column: number): Int16Array {
    const [top, left, odds] = [this.#top[column], this.#left, this.#odds]
    const steps = this.#frame.steps[segment] ?? this.#frame.steps[0]
    const made = this.#coefficients.fill(0)
    if (top === undefined || odds === undefined || steps === undefined) return made
    const isWhole = modes === undefined
    if (!hasCoefficients) {
      // a macroblock without the block of first ones leaves what is known of that as it was (§13.3)
      for (const seen of [top, left]) seen.fill(0, 0, isWhole ? AROUND : GATHERED.seen)
      return made
    }
    const around = { top, left, odds }
    if (isWhole) {
      const gathered = new Int16Array(16)
      this.#read(GATHERED, around, { into: gathered, steps: steps.gathered })
      gatheredInto(made, gathered)
    }
    this.#read(isWhole ? SHADES_AFTER_FIRST : SHADES, around, { into: made, steps: steps.alone })
    for (const colour of COLOURS) this.#read(colour, around, { into: this.#dropped, steps: steps.alone })
    return made
  }

  #read({ kind, from, seen, size }: Kind, { top, left, odds }: Around, { into, steps }: Target): void {
    const likely = this.#frame.odds.subarray(kind * KIND, (kind + 1) * KIND)
    for (let block = 0; block < size * size; block++) {
      const [x, y] = [seen + (block % size), seen + Math.floor(block / size)]
      const near = (top[x] ?? 0) + (left[y] ?? 0)
      const end = coefficientsIn(odds, likely, { from, near, steps, into: into.subarray(16 * block, 16 * block + 16) })
      const has = end > from ? 1 : 0
      top[x] = has
      left[y] = has
    }
  }
}

interface Around {
  readonly top: Seen
  readonly left: Seen
  readonly odds: Odds
}

interface Target {
  readonly into: Int16Array
  readonly steps: Steps['alone']
}

/** Odds of a kind: eight bands of three neighbours of eleven. */
const NEAR = 11
const BAND = 3 * NEAR
const KIND = 8 * BAND

/** §13.3: bands by place, one more behind the last. */
const BANDS = [0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0] as const
/** §13: places by order. */
const ORDER = [0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15] as const

/** @returns the place behind the last coefficient that is not zero */
const coefficientsIn = (odds: Odds, likely: Uint8Array, { from, near, steps, into }: Target & { from: number; near: number }): number => {
  let at = likelyAt(from, near)
  for (let place = from; place < 16; place++) {
    if (odds.bit(likely[at] ?? 0) === 0) return place
    while (odds.bit(likely[at + 1] ?? 0) === 0) {
      if (++place === 16) return 16
      at = likelyAt(place, 0)
    }
    const size = sizeIn(odds, likely, at)
    at = likelyAt(place + 1, size === 1 ? 1 : 2)
    const signed = odds.bit(128) === 1 ? -size : size
    into[ORDER[place] ?? 0] = signed * steps[place === 0 ? 0 : 1]
  }
  return 16
}

const likelyAt = (place: number, near: number): number => (BANDS[place] ?? 0) * BAND + near * NEAR

/** §13.2: small numbers by name, larger ones as a least size and more bits, each with its odds. */
const sizeIn = (odds: Odds, likely: Uint8Array, at: number): number => {
  const bit = (index: number): 0 | 1 => odds.bit(likely[at + index] ?? 0)
  if (bit(2) === 0) return 1
  if (bit(3) === 0) return bit(4) === 0 ? 2 : 3 + bit(5)
  const index = bit(6) === 0 ? bit(7) : bit(8) === 0 ? 2 + bit(9) : 4 + bit(10)
  const { least, more } = LARGE[index] ?? LARGE[0]
  return least + more.reduce((extra, each) => 2 * extra + odds.bit(each), 0)
}

const LARGE: readonly [Large, ...Large[]] = [
  { least: 5, more: [159] },
  { least: 7, more: [165, 145] },
  { least: 11, more: [173, 148, 140] },
  { least: 19, more: [176, 155, 140, 135] },
  { least: 35, more: [180, 157, 141, 134, 130] },
  { least: 67, more: [254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129] },
]

interface Large {
  readonly least: number
  readonly more: readonly number[]
}
