// Pictures without loss (VP8L, RFC 9649 §3): prefix codes, references back and remembered colours give pixels, and transforms make the
// picture of them. How a container names its size is not known here.
import { unhex } from '../../../base/bytes.ts'
import { Fault } from '../../../base/fault.ts'
import type { Budget } from '../../limits.ts'
import { Bits, PrefixCode } from './bits.ts'
import { type Transform, undone } from './transforms.ts'

/** Alpha, red, green and blue in each number, from the highest byte down. */
export interface Argb {
  readonly width: number
  readonly height: number
  readonly pixels: Uint32Array<ArrayBuffer>
}

/** @param bytes content of a chunk `VP8L`. @throws Fault `record-malformed`, `limit-exceeded` */
export const losslessPicture = (bytes: Uint8Array, budget: Budget): Argb => {
  const bits = new Bits(bytes)
  if (bits.read(8) !== SIGNATURE) throw new Fault('record-malformed', 'the picture without loss does not begin as one')
  const [width, height] = [bits.read(14) + 1, bits.read(14) + 1]
  const hasAlpha = bits.read(1) === 1
  if (bits.read(3) !== 0) throw new Fault('record-malformed', 'a version of pictures without loss that nobody knows')
  const pixels = new Lossless(bits, budget).picture(width, height)
  return { width, height, pixels: hasAlpha ? pixels : pixels.map((pixel) => pixel | OPAQUE) }
}

const SIGNATURE = 0x2f
const OPAQUE = 0xff000000

/** The same without a header, as an alpha channel is written. */
export const losslessStream = (bytes: Uint8Array, { width, height }: Pick<Argb, 'width' | 'height'>, budget: Budget): Argb['pixels'] =>
  new Lossless(new Bits(bytes), budget).picture(width, height)

/** The five codes of a group: green with lengths and remembered colours, red, blue, alpha, distance. */
type Group = readonly [PrefixCode, PrefixCode, PrefixCode, PrefixCode, PrefixCode]

interface Groups {
  readonly all: readonly Group[]
  /** Which of them holds in each tile; undefined where there is one for all. */
  readonly tiles: Uint32Array | undefined
  readonly tileBits: number
  readonly tilesAcross: number
}

/** Writers use some thousands at most. */
const MOST_GROUPS = 10_000
const LENGTHS = 24
const DISTANCES = 40

class Lossless {
  readonly #bits: Bits
  readonly #budget: Budget

  constructor(bits: Bits, budget: Budget) {
    this.#bits = bits
    this.#budget = budget
  }

  picture(width: number, height: number): Argb['pixels'] {
    const transforms: Transform[] = []
    let across = width
    while (this.#bits.read(1) === 1) {
      const transform = this.#transform(across, height)
      if (transforms.some(({ kind }) => kind === transform.kind)) throw new Fault('record-malformed', 'a transform comes twice')
      transforms.unshift(transform)
      if (transform.kind === INDEXED) across = tilesIn(across, transform.bits)
    }
    const pixels = this.#pixels(across, height, true)
    return transforms.reduce((sofar, transform) => {
      this.#budget.checkTime()
      return undone(sofar, transform, height)
    }, pixels)
  }

  #transform(width: number, height: number): Transform {
    const kind = this.#bits.read(2)
    if (kind === GREEN) return { kind, width, bits: 0, data: NOTHING }
    if (kind !== INDEXED) {
      const bits = this.#bits.read(3) + 2
      return { kind, width, bits, data: this.#pixels(tilesIn(width, bits), tilesIn(height, bits), false) }
    }
    const colours = this.#bits.read(8) + 1
    const data = this.#pixels(colours, 1, false)
    return { kind, width, bits: colours > 16 ? 0 : colours > 4 ? 1 : colours > 2 ? 2 : 3, data }
  }

  /** @param top whether codes may differ from place to place */
  #pixels(width: number, height: number, top: boolean): Argb['pixels'] {
    const cacheBits = this.#bits.read(1) === 1 ? this.#bits.read(4) : 0
    if (cacheBits > 11) throw new Fault('record-malformed', 'the picture remembers more colours than there may be')
    const groups = this.#groups({ width, height, top, cached: cacheBits === 0 ? 0 : 1 << cacheBits })
    return this.#filled({ width, groups, cacheBits, pixels: new Uint32Array(width * height) })
  }

  #groups({ width, height, top, cached }: { width: number; height: number; top: boolean; cached: number }): Groups {
    if (!top || this.#bits.read(1) === 0) return { all: [this.#group(cached)], tiles: undefined, tileBits: 0, tilesAcross: 0 }
    const tileBits = this.#bits.read(3) + 2
    const tilesAcross = tilesIn(width, tileBits)
    const tiles = this.#pixels(tilesAcross, tilesIn(height, tileBits), false).map((pixel) => (pixel >>> 8) & 0xffff)
    const count = tiles.reduce((most, tile) => Math.max(most, tile), 0) + 1
    if (count > MOST_GROUPS) throw new Fault('limit-exceeded', `${count} groups of codes in a picture, the limit is ${MOST_GROUPS}`)
    const all: Group[] = []
    while (all.length < count) {
      this.#budget.checkTime()
      all.push(this.#group(cached))
    }
    return { all, tiles, tileBits, tilesAcross }
  }

  #group(cached: number): Group {
    const code = (size: number): PrefixCode => new PrefixCode(this.#lengths(size))
    return [code(256 + LENGTHS + cached), code(256), code(256), code(256), code(DISTANCES)]
  }

  /** Lengths of the codes of so many symbols (§3.7.2). */
  #lengths(size: number): Uint8Array {
    const lengths = new Uint8Array(size)
    if (this.#bits.read(1) === 0) return this.#codedLengths(lengths)
    const count = this.#bits.read(1) + 1
    const symbols = [this.#bits.read(this.#bits.read(1) === 1 ? 8 : 1), ...(count === 2 ? [this.#bits.read(8)] : [])]
    for (const symbol of symbols) {
      if (symbol >= size) throw new Fault('record-malformed', 'a code of the picture has a symbol that is none')
      lengths[symbol] = 1
    }
    return lengths
  }

  #codedLengths(lengths: Uint8Array): Uint8Array {
    const own = new Uint8Array(LENGTH_ORDER.length)
    const given = 4 + this.#bits.read(4)
    for (const symbol of LENGTH_ORDER.slice(0, given)) own[symbol] = this.#bits.read(3)
    const code = new PrefixCode(own)
    let left = this.#bits.read(1) === 0 ? lengths.length : 2 + this.#bits.read(2 + 2 * this.#bits.read(3))
    if (left > lengths.length) throw new Fault('record-malformed', 'a code of the picture has more lengths than symbols')
    let last = 8
    for (let at = 0; at < lengths.length && left > 0; left--) {
      const symbol = code.read(this.#bits)
      const repeat = REPEATS[symbol - 16]
      const times = repeat === undefined ? 1 : repeat.least + this.#bits.read(repeat.bits)
      if (at + times > lengths.length) throw new Fault('record-malformed', 'a code of the picture has more lengths than symbols')
      const length = symbol < 16 ? symbol : symbol === 16 ? last : 0
      if (symbol < 16 && length > 0) last = length
      lengths.fill(length, at, at + times)
      at += times
    }
    return lengths
  }

  #filled({ width, groups, cacheBits, pixels }: Canvas): Argb['pixels'] {
    const { all, tiles, tileBits, tilesAcross } = groups
    const cache = new Uint32Array(cacheBits === 0 ? 0 : 1 << cacheBits)
    const shift = 32 - cacheBits
    let look = 0
    for (let at = 0, kept = 0; at < pixels.length; ) {
      if (at >= look) {
        this.#budget.checkTime()
        look = at + PACE
      }
      const tile = tiles === undefined ? 0 : (tiles[(Math.floor(at / width) >> tileBits) * tilesAcross + ((at % width) >> tileBits)] ?? 0)
      const group = all[tile]
      if (group === undefined) throw new Fault('record-malformed', 'the picture names codes that it does not have')
      const green = group[0].read(this.#bits)
      if (green < 256) pixels[at++] = this.#literal(group, green)
      else if (green < 256 + LENGTHS) at = this.#copied({ pixels, at, width }, group, green - 256)
      else {
        for (; kept < at; kept++) remember(cache, pixels[kept] ?? 0, shift)
        pixels[at++] = cache[green - 256 - LENGTHS] ?? 0
      }
    }
    return pixels
  }

  #literal([, red, blue, alpha]: Group, green: number): number {
    const high = red.read(this.#bits) << 16
    const low = blue.read(this.#bits)
    return ((alpha.read(this.#bits) << 24) | high | (green << 8) | low) >>> 0
  }

  /** @returns where the pixels that were repeated end */
  #copied({ pixels, at, width }: Place, group: Group, symbol: number): number {
    const length = this.#number(symbol)
    const distance = distanceOf(this.#number(group[4].read(this.#bits)), width)
    if (distance > at || at + length > pixels.length) throw new Fault('record-malformed', 'the picture repeats pixels that are not there')
    for (let next = at; next < at + length; next++) pixels[next] = pixels[next - distance] ?? 0
    return at + length
  }

  /** A length or a distance: a symbol and more bits (§3.6.2.2). */
  #number(symbol: number): number {
    if (symbol < 4) return symbol + 1
    const extra = (symbol - 2) >> 1
    return ((2 + (symbol & 1)) << extra) + this.#bits.read(extra) + 1
  }
}

interface Canvas {
  readonly width: number
  readonly groups: Groups
  readonly cacheBits: number
  readonly pixels: Argb['pixels']
}

interface Place {
  readonly pixels: Argb['pixels']
  readonly at: number
  readonly width: number
}

/** Transforms by their number (§3.5). */
const GREEN = 2
const INDEXED = 3
const NOTHING = new Uint32Array()
/** Pixels between two looks at the clock. */
const PACE = 65_536

const tilesIn = (length: number, bits: number): number => (length + (1 << bits) - 1) >> bits

const LENGTH_ORDER = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] as const
/** Symbols 16, 17 and 18: the length before, and zeros. */
const REPEATS: readonly { readonly least: number; readonly bits: number }[] = [
  { least: 3, bits: 2 },
  { least: 3, bits: 3 },
  { least: 11, bits: 7 },
]

const remember = (cache: Uint32Array, pixel: number, shift: number): void => {
  cache[Math.imul(0x1e35a7bd, pixel) >>> shift] = pixel
}

/** The first 120 distances are places near by: rows up in the high digit, and columns to the left, counted from 8, in the low one (§3.6.2.2). */
const distanceOf = (number: number, width: number): number => {
  const near = NEAR[number - 1]
  return near === undefined ? number - NEAR.length : Math.max(1, (near >> 4) * width + 8 - (near & 15))
}

const NEAR = unhex(
  '1807171928062729161a262a38053739151b363a252b48044749141c353b464a242c58454b343c035759131d565a232d444c555b333d68026769121e' +
    '666a222e545c434d656b323e78017779535d111f646c424e767a212f757b313f636d525e00747c414f1020626e30737d515f40727e616f50717f6070',
)
