// Writes bzip2: one block, sorted the plain way, with code words of one length. For short test data; a real compressor does better.
import { concat, utf8 } from '../../src/base/bytes.ts'

export const bzip2 = (content: Uint8Array): Uint8Array => stream(runs(content), checksum(content))

/** So many zeros, of which five in the block are four in the file: some fifty bytes unpack to most of a megabyte. */
export const bzip2Bomb = (blocks: number): Uint8Array => {
  const one = stream(new Uint8Array(900_000), checksum(new Uint8Array(720_000)))
  return concat(...Array<Uint8Array>(blocks).fill(one))
}

class Bits {
  readonly #bytes: number[] = []
  #held = 0
  #count = 0

  write(value: number, width: number): void {
    for (let bit = width - 1; bit >= 0; bit--) {
      this.#held = (this.#held << 1) | (Math.floor(value / 2 ** bit) & 1)
      if (++this.#count % 8 !== 0) continue
      this.#bytes.push(this.#held)
      this.#held = 0
    }
  }

  get bytes(): Uint8Array {
    const rest = this.#count % 8 === 0 ? [] : [this.#held << (8 - (this.#count % 8))]
    return Uint8Array.from([...this.#bytes, ...rest])
  }
}

const BLOCK = 0x314159265359
const END = 0x177245385090

const stream = (block: Uint8Array, crc: number): Uint8Array => {
  const bits = new Bits()
  bits.write(BLOCK, 48)
  bits.write(crc, 32)
  bits.write(0, 1)
  const { last, origin } = sorted(block)
  bits.write(origin, 24)
  const used = [...new Set(block)].sort((a, b) => a - b)
  for (const group of [...Array(16).keys()]) bits.write(used.some((byte) => byte >> 4 === group) ? 1 : 0, 1)
  for (const group of [...Array(16).keys()].filter((each) => used.some((byte) => byte >> 4 === each)))
    for (const low of [...Array(16).keys()]) bits.write(used.includes(16 * group + low) ? 1 : 0, 1)
  const symbols = [...moved(last, used), used.length + 1]
  const width = Math.ceil(Math.log2(used.length + 2))
  const selectors = Math.ceil(symbols.length / 50)
  bits.write(2, 3)
  bits.write(selectors, 15)
  for (let i = 0; i < selectors; i++) bits.write(0, 1)
  for (const _ of [0, 1]) {
    bits.write(width, 5)
    for (let i = 0; i < used.length + 2; i++) bits.write(0, 1)
  }
  for (const symbol of symbols) bits.write(symbol, width)
  bits.write(END, 48)
  bits.write(crc, 32)
  return concat(utf8('BZh9'), bits.bytes)
}

/** Four equal bytes are followed by the number of more of them. */
const runs = (content: Uint8Array): Uint8Array => {
  const out: number[] = []
  for (let at = 0; at < content.length; ) {
    const byte = content[at] ?? 0
    let length = 1
    while (length < 255 && content[at + length] === byte) length++
    out.push(...Array(Math.min(length, 4)).fill(byte), ...(length >= 4 ? [length - 4] : []))
    at += length
  }
  return Uint8Array.from(out)
}

/** Burrows-Wheeler: the last column of all rotations, sorted. */
const sorted = (block: Uint8Array): { last: Uint8Array; origin: number } => {
  if (block.every((byte) => byte === block[0])) return { last: block, origin: 0 }
  const at = (start: number, i: number): number => block[(start + i) % block.length] ?? 0
  const order = [...block.keys()].sort((a, b) => {
    let i = 0
    while (i < block.length && at(a, i) === at(b, i)) i++
    return at(a, i) - at(b, i)
  })
  return { last: Uint8Array.from(order, (start) => at(start, block.length - 1)), origin: order.indexOf(0) }
}

/** Move to front, with runs of the front as a number whose digits are 1 and 2. */
const moved = (last: Uint8Array, used: readonly number[]): number[] => {
  const front = [...used]
  const symbols: number[] = []
  let zeros = 0
  const flush = (): void => {
    for (; zeros > 0; zeros = (zeros - 1) >> 1) symbols.push(zeros % 2 === 1 ? 0 : 1)
  }
  for (const byte of last) {
    const place = front.indexOf(byte)
    if (place === 0) {
      zeros++
      continue
    }
    flush()
    symbols.push(place + 1)
    front.splice(place, 1)
    front.unshift(byte)
  }
  flush()
  return symbols
}

/** CRC-32 with the highest bit first. */
const checksum = (bytes: Uint8Array): number => {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte << 24
    for (let bit = 0; bit < 8; bit++) sum = sum & 0x80000000 ? (sum << 1) ^ 0x04c11db7 : sum << 1
  }
  return ~sum >>> 0
}
