// The bits of a picture without loss, lowest first (RFC 9649 §3.3), and the prefix codes that are written in them (§3.7). What the symbols
// mean is said in lossless.ts.
import { Fault } from '../../../base/fault.ts'

export class Bits {
  readonly #bytes: Uint8Array
  #next = 0
  #window = 0
  #held = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** @param count 0 to 18. @throws Fault `record-malformed` behind the end, so that no size that is claimed costs more than bits that are there */
  read(count: number): number {
    this.#fill(count)
    if (count > this.#held) throw new Fault('record-malformed', 'the picture is cut off')
    const value = this.#window & ((1 << count) - 1)
    this.skip(count)
    return value
  }

  /** The next bits without taking them; zeros behind the end. */
  peek(count: number): number {
    this.#fill(count)
    return this.#window & ((1 << count) - 1)
  }

  skip(count: number): void {
    if (count > this.#held) throw new Fault('record-malformed', 'the picture is cut off')
    this.#window >>>= count
    this.#held -= count
  }

  #fill(count: number): void {
    while (this.#held < count && this.#next < this.#bytes.length) {
      this.#window |= (this.#bytes[this.#next++] ?? 0) << this.#held
      this.#held += 8
    }
  }
}

/** Longest code, and what a first look tells: longer ones are rare. */
const LONGEST = 15
const LOOK = 8

/** Tells the symbols of one prefix code. */
export class PrefixCode {
  /** For each pattern of the first bits: symbol * 16 + length, or 0 where the code is longer. */
  readonly #quick: Uint32Array
  readonly #look: number
  /** By length: how many codes have it. */
  readonly #counts = new Uint16Array(LONGEST + 1)
  /** By length, then by number. */
  readonly #symbols: Uint16Array
  /** The symbol that takes no bits. */
  readonly #only: number | undefined

  /** @param lengths of the code of each symbol, 0 for none. @throws Fault `record-malformed` where some pattern means nothing, or two things */
  constructor(lengths: Uint8Array) {
    for (const length of lengths) if (length > 0) this.#counts[length] = (this.#counts[length] ?? 0) + 1
    const used = this.#counts.reduce((sum, count) => sum + count, 0)
    this.#symbols = new Uint16Array(used)
    const places = placesBy(this.#counts)
    lengths.forEach((length, symbol) => {
      if (length === 0) return
      const place = places[length] ?? 0
      this.#symbols[place] = symbol
      places[length] = place + 1
    })
    this.#only = used === 1 ? this.#symbols[0] : undefined
    this.#look =
      used <= 1
        ? 0
        : Math.min(
            LOOK,
            this.#counts.findLastIndex((count) => count > 0),
          )
    this.#quick = new Uint32Array(used <= 1 ? 0 : 1 << this.#look)
    if (used === 0) throw new Fault('record-malformed', 'a code of the picture has no symbols')
    if (used > 1) this.#prepare()
  }

  #prepare(): void {
    let code = 0
    let at = 0
    for (let length = 1; length <= LONGEST; length++) {
      for (let left = this.#counts[length] ?? 0; left > 0; left--, code++, at++) {
        if (code >= 1 << length) throw new Fault('record-malformed', 'a code of the picture has too many symbols')
        if (length > this.#look) continue
        const step = 1 << length
        const entry = (this.#symbols[at] ?? 0) * 16 + length
        for (let pattern = reversed(code, length); pattern < this.#quick.length; pattern += step) this.#quick[pattern] = entry
      }
      code <<= 1
    }
    if (code !== 2 << LONGEST) throw new Fault('record-malformed', 'a code of the picture leaves patterns without a symbol')
  }

  read(bits: Bits): number {
    if (this.#only !== undefined) return this.#only
    const entry = this.#quick[bits.peek(this.#look)] ?? 0
    if (entry === 0) return this.#slowly(bits)
    bits.skip(entry & 15)
    return entry >>> 4
  }

  /** Length by length: the codes of one length follow each other. */
  #slowly(bits: Bits): number {
    let code = 0
    let first = 0
    let at = 0
    for (let length = 1; length <= LONGEST; length++) {
      code |= bits.read(1)
      const count = this.#counts[length] ?? 0
      if (code - first < count) return this.#symbols[at + code - first] ?? 0
      at += count
      first = (first + count) << 1
      code <<= 1
    }
    throw new Fault('record-malformed', 'the picture has a code that means nothing')
  }
}

/** Where the symbols of each length begin. */
const placesBy = (counts: Uint16Array): number[] => {
  const places: number[] = []
  let sum = 0
  for (const count of counts) {
    places.push(sum)
    sum += count
  }
  return places
}

const reversed = (code: number, length: number): number => {
  let turned = 0
  for (let bit = 0; bit < length; bit++) turned = (turned << 1) | ((code >> bit) & 1)
  return turned
}
