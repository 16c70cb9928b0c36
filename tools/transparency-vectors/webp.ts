// Writers of WebP pictures for the golden vectors and tests (RFC 9649, RFC 6386): small, deterministic, and no better than a code needs.
import { concat, utf8 } from '../../src/base/bytes.ts'
import { COEFFICIENT_ODDS, FIRST_STEPS, UPDATE_ODDS } from '../../src/metering/containers/webp/lossy-tables.ts'

type Chunk = readonly [name: string, content: Uint8Array]

/** A file of these chunks. */
export const webpOf = (...chunks: readonly Chunk[]): Uint8Array => {
  const body = concat(utf8('WEBP'), ...chunks.map(chunk))
  return concat(utf8('RIFF'), littleEndian(body.length, 4), body)
}

const chunk = ([name, content]: Chunk): Uint8Array =>
  concat(utf8(name), littleEndian(content.length, 4), content, new Uint8Array(content.length % 2))

const littleEndian = (number: number, bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, at) => number >>> (8 * at))

interface Size {
  readonly width: number
  readonly height: number
}

/** The chunk before the others of a file with transparency (10h) or movement (02h). */
export const extended = ({ width, height }: Size, flags: number): Chunk => [
  'VP8X',
  concat(littleEndian(flags, 4), littleEndian(width - 1, 3), littleEndian(height - 1, 3)),
]

/** One picture of an animation, shown for a second at the upper left. */
export const frame = ({ width, height }: Size, ...chunks: readonly Chunk[]): Chunk => [
  'ANMF',
  concat(new Uint8Array(6), littleEndian(width - 1, 3), littleEndian(height - 1, 3), littleEndian(1000, 4), ...chunks.map(chunk)),
]

/** Transparency, a byte for each pixel, not packed. */
export const plainAlpha = (alpha: Uint8Array): Chunk => ['ALPH', concat(Uint8Array.of(0), alpha)]

/** Black (0) and white (FFh) without loss, a bit each. @param size what it says of itself */
export const losslessOf = (rows: readonly Uint8Array[], { width, height } = sizeOf(rows)): Chunk => {
  const bits: number[] = []
  const write = (number: number, count: number): void => {
    for (let bit = 0; bit < count; bit++) bits.push((number >>> bit) & 1)
  }
  write(0x2f, 8)
  write(width - 1, 14)
  write(height - 1, 14)
  write(0, 1 + 3)
  // red and blue are told by green: a transform, and no other
  write(0b101, 3)
  write(0, 1)
  // one group of codes, no remembered colours
  write(0, 2)
  // green: two symbols, 0 and 255. Red and blue: 0. Alpha: 255. Distance: 0
  for (const [number, count] of [
    [0b0011, 4],
    [255, 8],
    [0b0001, 4],
    [0b0001, 4],
    [0b101, 3],
    [255, 8],
    [0b0001, 4],
  ] as const)
    write(number, count)
  for (const row of rows) for (const pixel of row) write(pixel === 0 ? 0 : 1, 1)
  return ['VP8L', Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, at) => byteOf(bits.slice(8 * at, 8 * at + 8)))]
}

const sizeOf = (rows: readonly Uint8Array[]): Size => ({ width: rows[0]?.length ?? 0, height: rows.length })

const byteOf = (bits: readonly number[]): number => bits.reduce((byte, bit, at) => byte | (bit << at), 0)

/** With loss: each pixel is a block of 16 x 16 with one coefficient, predicted from those around. */
export const lossyOf = (rows: readonly Uint8Array[]): Chunk => {
  const { width, height } = sizeOf(rows)
  const [head, body] = [new OddsWriter(), new OddsWriter()]
  head.number(0, 2 + 1 + 10 + 1 + 2)
  head.number(LEVEL, 7)
  head.number(0, 5 + 1)
  for (const odds of UPDATE_ODDS) head.bit(0, odds)
  head.number(0, 1)
  const before = { shades: new Int32Array(width), seen: new Uint8Array(width) }
  rows.forEach((row, y) => {
    let left = { shade: 0, seen: 0 }
    row.forEach((wanted, x) => {
      // all of it by its mean, and so for colours
      for (const [bit, odds] of [
        [1, 145],
        [0, 156],
        [0, 163],
        [0, 142],
      ] as const)
        head.bit(bit, odds)
      const top = before.shades[x] ?? 0
      const told = y > 0 && x > 0 ? (top + left.shade + 1) >> 1 : y > 0 ? top : x > 0 ? left.shade : 128
      const size = Math.round((((wanted === 0 ? 16 : 235) - told) * 64) / STEP)
      writeBlock(body, size, (before.seen[x] ?? 0) + left.seen)
      left = { shade: Math.min(255, Math.max(0, told + ((((size * STEP + 3) >> 3) + 4) >> 3))), seen: size === 0 ? 0 : 1 }
      before.shades[x] = left.shade
      before.seen[x] = left.seen
    })
  })
  const first = head.end()
  const tag = littleEndian((first.length << 5) | (1 << 4), 3)
  const size = concat(littleEndian(16 * width, 2), littleEndian(16 * height, 2))
  return ['VP8 ', concat(tag, Uint8Array.of(0x9d, 0x01, 0x2a), size, first, body.end())]
}

const LEVEL = 100
const STEP = 2 * (FIRST_STEPS[LEVEL] ?? 0)

/** The block of first coefficients with one, and nothing in the 24 others. */
const writeBlock = (body: OddsWriter, signed: number, near: number): void => {
  const odds = (kind: number, place: 0 | 1, around: number, index: number): number =>
    COEFFICIENT_ODDS[kind * 264 + place * 33 + around * 11 + index] ?? 0
  const size = Math.abs(signed)
  body.bit(size === 0 ? 0 : 1, odds(1, 0, near, 0))
  if (size > 0) {
    body.bit(1, odds(1, 0, near, 1))
    const { least, bits, more } = SIZES.find((each) => size < each.least + 2 ** each.more.length) ?? { least: 0, bits: [], more: [] }
    for (const [index, bit] of bits) body.bit(bit, odds(1, 0, near, index))
    for (const [at, each] of more.entries()) body.bit((size - least) >> (more.length - 1 - at), each)
    body.bit(signed < 0 ? 1 : 0, 128)
    body.bit(0, odds(1, 1, size === 1 ? 1 : 2, 0))
  }
  for (let block = 0; block < 16; block++) body.bit(0, odds(0, 1, 0, 0))
  for (let block = 0; block < 8; block++) body.bit(0, odds(2, 0, 0, 0))
}

/** Sizes of coefficients: the bits that name one, by their odds, and more bits (RFC 6386 §13.2). */
const SIZES: readonly { least: number; bits: readonly (readonly [number, number])[]; more: readonly number[] }[] = [
  { least: 1, bits: [[2, 0]], more: [] },
  {
    least: 2,
    bits: [
      [2, 1],
      [3, 0],
      [4, 0],
    ],
    more: [],
  },
  {
    least: 3,
    bits: [
      [2, 1],
      [3, 0],
      [4, 1],
      [5, 0],
    ],
    more: [],
  },
  {
    least: 4,
    bits: [
      [2, 1],
      [3, 0],
      [4, 1],
      [5, 1],
    ],
    more: [],
  },
  {
    least: 5,
    bits: [
      [2, 1],
      [3, 1],
      [6, 0],
      [7, 0],
    ],
    more: [159],
  },
  {
    least: 7,
    bits: [
      [2, 1],
      [3, 1],
      [6, 0],
      [7, 1],
    ],
    more: [165, 145],
  },
  {
    least: 11,
    bits: [
      [2, 1],
      [3, 1],
      [6, 1],
      [8, 0],
      [9, 0],
    ],
    more: [173, 148, 140],
  },
  {
    least: 19,
    bits: [
      [2, 1],
      [3, 1],
      [6, 1],
      [8, 0],
      [9, 1],
    ],
    more: [176, 155, 140, 135],
  },
  {
    least: 35,
    bits: [
      [2, 1],
      [3, 1],
      [6, 1],
      [8, 1],
      [10, 0],
    ],
    more: [180, 157, 141, 134, 130],
  },
  {
    least: 67,
    bits: [
      [2, 1],
      [3, 1],
      [6, 1],
      [8, 1],
      [10, 1],
    ],
    more: [254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129],
  },
]

/** Bits against their odds (RFC 6386 §7.3). */
class OddsWriter {
  readonly #bytes: number[] = []
  #range = 255
  #bottom = 0
  #left = 24

  /** @param zero how likely a 0 is, of 256 */
  bit(bit: number, zero: number): void {
    const split = 1 + (((this.#range - 1) * zero) >> 8)
    if ((bit & 1) === 1) {
      this.#bottom += split
      this.#range -= split
    } else this.#range = split
    while (this.#range < 128) {
      this.#range *= 2
      this.#shift()
    }
  }

  number(number: number, bits: number): void {
    for (let bit = bits - 1; bit >= 0; bit--) this.bit(number >>> bit, 128)
  }

  end(): Uint8Array {
    for (let bit = 0; bit < 32; bit++) this.#shift()
    return Uint8Array.from(this.#bytes)
  }

  #shift(): void {
    if (this.#bottom >= 2 ** 31) this.#carry()
    this.#bottom = (this.#bottom % 2 ** 31) * 2
    if (--this.#left > 0) return
    this.#bytes.push(Math.floor(this.#bottom / 2 ** 24))
    this.#bottom %= 2 ** 24
    this.#left = 8
  }

  #carry(): void {
    let at = this.#bytes.length - 1
    while (this.#bytes[at] === 255) this.#bytes[at--] = 0
    this.#bytes[at] = (this.#bytes[at] ?? 0) + 1
  }
}
