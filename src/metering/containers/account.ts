// The account of one archive: what has come out of it so far, against every limit, told in small steps so that a bomb is stopped before
// it has gone off. Knows no kind of archive.
import { Fault } from '../../base/fault.ts'
import type { Budget } from '../limits.ts'

/** Bytes given to an unpacker at a time. Deflate grows a byte to 1032 at most, so one step makes at most 17 MB. */
export const STEP = 16_384

export class Account {
  readonly #archive: Uint8Array
  readonly #budget: Budget
  #members = 0
  #unpacked = 0

  constructor(archive: Uint8Array, budget: Budget) {
    this.#archive = archive
    this.#budget = budget
  }

  /** Counts a member, of any kind. @throws Fault `limit-exceeded` */
  entry(): void {
    const { entries } = this.#budget.limits
    if (++this.#members > entries) throw new Fault('limit-exceeded', `more than ${entries} members in one archive`)
  }

  /**
   * Counts bytes that came out, or that are about to.
   * @param member bytes of their member so far
   * @throws Fault `limit-exceeded`
   */
  bytes(count: number, member: number): void {
    const { inputBytes, ratio } = this.#budget.limits
    this.#unpacked += count
    if (member > inputBytes) throw new Fault('limit-exceeded', `more than ${inputBytes} bytes in one member`)
    if (this.#unpacked > ratio * this.#archive.length) throw new Fault('limit-exceeded', `unpacks to more than ${ratio} times its size`)
    this.#budget.unpack(count)
  }
}
