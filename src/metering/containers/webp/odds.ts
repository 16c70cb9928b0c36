// Bits of VP8, each read against how likely it is (RFC 6386 §7). What they mean is said elsewhere.
import { Fault } from '../../../base/fault.ts'

export class Odds {
  readonly #bytes: Uint8Array
  #next = 0
  /** Bits that were taken from the bytes and not yet used up, with eight more than `#held` of them. */
  #value = 0
  #held = -8
  /** One less than it is in the text. */
  #range = 254

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** @param zero how likely a 0 is, of 256. @throws Fault `record-malformed` far behind the end */
  bit(zero: number): 0 | 1 {
    if (this.#held < 0) this.#take()
    const split = (this.#range * zero) >> 8
    const isOne = this.#value >>> this.#held > split
    if (isOne) {
      this.#value -= (split + 1) << this.#held
      this.#range -= split + 1
    } else this.#range = split
    const shift = Math.clz32(this.#range + 1) - 24
    this.#range = ((this.#range + 1) << shift) - 1
    this.#held -= shift
    return isOne ? 1 : 0
  }

  /** A number of so many bits, highest first. */
  number(bits: number): number {
    let value = 0
    for (let left = bits; left > 0; left--) value = value * 2 + this.bit(128)
    return value
  }

  /** A number and its sign, or 0, behind a bit that says whether there is one. */
  change(bits: number): number {
    if (this.bit(128) === 0) return 0
    const size = this.number(bits)
    return this.bit(128) === 1 ? -size : size
  }

  /** Writers leave out zeros at the end, but few. */
  #take(): void {
    if (this.#next > this.#bytes.length + SPARE) throw new Fault('record-malformed', 'the picture is cut off')
    this.#value = (this.#value << 8) | (this.#bytes[this.#next++] ?? 0)
    this.#held += 8
  }
}

const SPARE = 8
