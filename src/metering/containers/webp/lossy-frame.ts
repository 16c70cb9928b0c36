// The head of a VP8 key frame (RFC 6386 §9, §19.2) and how each macroblock is predicted (§11). Coefficients are read elsewhere.
import { Fault } from '../../../base/fault.ts'
import { COEFFICIENT_ODDS, FIRST_STEPS, MODE_ODDS, OTHER_STEPS, UPDATE_ODDS } from './lossy-tables.ts'
import { Odds } from './odds.ts'

export interface Frame {
  readonly modes: Modes
  /** Where the coefficients of each row are, in turn. */
  readonly parts: readonly Odds[]
  readonly odds: Uint8Array
  /** By segment. */
  readonly steps: readonly Steps[]
}

/** What a coefficient is multiplied by: the first of a block and the others, alone or in the block of first ones. */
export interface Steps {
  readonly alone: readonly [number, number]
  readonly gathered: readonly [number, number]
}

export interface Block {
  /** Of all 16 x 16, by number of MODES; with `modes` it says nothing. */
  readonly mode: number
  /** Of each 4 x 4 in it. */
  readonly modes: Uint8Array | undefined
  readonly segment: number
  readonly hasCoefficients: boolean
}

/** §11.2, §11.3. */
export const MODES = ['dc', 'tm', 've', 'he', 'rd', 'vr', 'ld', 'vl', 'hd', 'hu'] as const

/** @param data content of a chunk `VP8 ` */
export const frameOf = (data: Uint8Array): Frame => {
  const [low = 0, middle = 0, high = 0] = data
  const isKey = (low & 1) === 0 && data[3] === 0x9d && data[4] === 0x01 && data[5] === 0x2a
  if (!isKey) throw new Fault('record-malformed', 'the picture with loss does not begin as one')
  const size = (low | (middle << 8) | (high << 16)) >> 5
  if (HEAD + size > data.length) throw new Fault('record-malformed', 'the picture is cut off')
  const odds = new Odds(data.subarray(HEAD, HEAD + size))
  odds.number(2) // colours and clamping: every picture is clamped here
  const segments = segmentsIn(odds)
  skipFilter(odds)
  const parts = partsOf(data.subarray(HEAD + size), 1 << odds.number(2))
  const steps = stepsIn(odds, segments)
  odds.number(1) // whether later frames begin with these odds
  const own = coefficientOdds(odds)
  const skipped = odds.number(1) === 1 ? odds.number(8) : undefined
  return { modes: new Modes(odds, segments.odds, skipped), parts, odds: own, steps }
}

const HEAD = 10

interface Segments {
  /** Steps of the levels. */
  readonly levels: readonly number[]
  readonly areChanges: boolean
  /** How the segment of a macroblock is told; undefined where nobody tells. */
  readonly odds: readonly number[] | undefined
}

/** §9.3. */
const segmentsIn = (odds: Odds): Segments => {
  if (odds.number(1) === 0) return { levels: [0], areChanges: true, odds: undefined }
  const [tellsWhich, tellsWhat] = [odds.number(1) === 1, odds.number(1) === 1]
  const areChanges = !tellsWhat || odds.number(1) === 0
  const levels = [0, 0, 0, 0].map(() => (tellsWhat ? odds.change(7) : 0))
  if (tellsWhat) for (let left = 4; left > 0; left--) odds.change(6)
  return { levels, areChanges, odds: tellsWhich ? [0, 0, 0].map(() => (odds.number(1) === 1 ? odds.number(8) : 255)) : undefined }
}

/** §9.4, §9.6: smoothing of edges, which is left out. */
const skipFilter = (odds: Odds): void => {
  odds.number(10)
  if (odds.number(1) === 1 && odds.number(1) === 1) for (let left = 8; left > 0; left--) odds.change(6)
}

/** §9.5: three bytes with the size of each part but the last. */
const partsOf = (data: Uint8Array, count: number): Odds[] => {
  let at = 3 * (count - 1)
  return Array.from({ length: count }, (_, index) => {
    const [low = 0, middle = 0, high = 0] = data.subarray(3 * index)
    const end = index === count - 1 ? data.length : at + (low | (middle << 8) | (high << 16))
    if (at > data.length || end > data.length) throw new Fault('record-malformed', 'the picture is cut off')
    const part = new Odds(data.subarray(at, end))
    at = end
    return part
  })
}

/** §9.6, §14.1. Steps of colours are read and not needed. */
const stepsIn = (odds: Odds, { levels, areChanges }: Segments): Steps[] => {
  const base = odds.number(7)
  const [first = 0, gatheredFirst = 0, gatheredOther = 0] = [0, 0, 0, 0, 0].map(() => odds.change(4))
  return levels.map((level) => {
    const own = areChanges ? base + level : level
    const step = (table: readonly number[], change: number): number => table[Math.min(127, Math.max(0, own + change))] ?? 0
    return {
      alone: [step(FIRST_STEPS, first), step(OTHER_STEPS, 0)],
      gathered: [2 * step(FIRST_STEPS, gatheredFirst), Math.max(8, Math.floor((155 * step(OTHER_STEPS, gatheredOther)) / 100))],
    }
  })
}

/** §9.9, §13.4. */
const coefficientOdds = (odds: Odds): Uint8Array =>
  COEFFICIENT_ODDS.map((usual, index) => (odds.bit(UPDATE_ODDS[index] ?? 255) === 1 ? odds.number(8) : usual))

/** How macroblocks are predicted, row by row. */
class Modes {
  readonly #odds: Odds
  readonly #segments: readonly number[] | undefined
  readonly #skipped: number | undefined
  /** Modes of the 4 x 4 on top. */
  #top = new Uint8Array()

  constructor(odds: Odds, segments: readonly number[] | undefined, skipped: number | undefined) {
    this.#odds = odds
    this.#segments = segments
    this.#skipped = skipped
  }

  row(across: number): Block[] {
    if (this.#top.length === 0) this.#top = new Uint8Array(4 * across)
    const left = new Uint8Array(4)
    return Array.from({ length: across }, (_, column) => this.#block(this.#top.subarray(4 * column, 4 * column + 4), left))
  }

  #block(top: Uint8Array, left: Uint8Array): Block {
    const segment = this.#segment()
    const hasCoefficients = this.#skipped === undefined || this.#odds.bit(this.#skipped) === 0
    const whole = treeMode(this.#odds, WHOLE)
    const modes = whole === EACH ? this.#each(top, left) : undefined
    if (modes === undefined) {
      top.fill(whole)
      left.fill(whole)
    }
    treeMode(this.#odds, COLOURS)
    return { mode: whole, modes, segment, hasCoefficients }
  }

  #segment(): number {
    if (this.#segments === undefined) return 0
    const [high = 255, low = 255, other = 255] = this.#segments
    return this.#odds.bit(high) === 0 ? this.#odds.bit(low) : 2 + this.#odds.bit(other)
  }

  #each(top: Uint8Array, left: Uint8Array): Uint8Array {
    const modes = new Uint8Array(16)
    for (let block = 0; block < 16; block++) {
      const [x, y] = [block % 4, block >> 2]
      const from = 9 * ((top[x] ?? 0) * MODES.length + (left[y] ?? 0))
      const mode = treeMode(this.#odds, { tree: PART_TREE, odds: MODE_ODDS.subarray(from, from + 9) })
      modes[block] = mode
      top[x] = mode
      left[y] = mode
    }
    return modes
  }
}

/** Pairs of what follows a 0 and a 1: another pair, or a mode as -1 less its number. The odds of each pair stand beside it. */
interface Tree {
  readonly tree: readonly number[]
  readonly odds: ArrayLike<number>
}

const treeMode = (bits: Odds, { tree, odds }: Tree): number => {
  let at = 0
  do at = tree[2 * at + bits.bit(odds[at] ?? 128)] ?? -1
  while (at > 0)
  return -1 - at
}

/** By number of MODES, and behind them the one that says: each part has its own. */
const EACH = MODES.length
const PART_TREE = [-1, 1, -2, 2, -3, 3, 4, 6, -4, 5, -5, -6, -7, 7, -8, 8, -9, -10] as const
const WHOLE: Tree = { tree: [-1 - EACH, 1, 2, 3, -1, -3, -4, -2], odds: [145, 156, 163, 128] }
const COLOURS: Tree = { tree: [-1, 1, -3, 2, -4, -2], odds: [142, 114, 183] }
