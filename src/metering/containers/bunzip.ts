// What bzip2 has packed, in one or several streams. Every byte is counted as it comes out, and each block's checksum is compared.
import bunzip from 'seek-bzip'
import { Fault } from '../../base/fault.ts'
import type { Budget } from '../limits.ts'
import { Account } from './account.ts'

/** @throws Fault `limit-exceeded`; or an error of the unpacker where the bytes are damaged */
export const bunzipped = (bytes: Uint8Array, budget: Budget): Uint8Array => {
  const source = new Source(bytes, budget)
  const target = new Target(new Account(bytes, budget))
  do bunzip.decode(source, target)
  while (!source.done)
  return target.bytes
}

/** How many bytes pass between two looks at the clock. */
const LOOK = 4096

class Source {
  readonly #bytes: Uint8Array
  readonly #budget: Budget
  #at = 0

  constructor(bytes: Uint8Array, budget: Budget) {
    this.#bytes = bytes
    this.#budget = budget
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  readByte(): number {
    if (this.#at % LOOK === 0) this.#budget.checkTime()
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new Fault('record-malformed', 'cannot be unpacked: it is cut off')
    return byte
  }

  read(into: Uint8Array, from: number, length: number): number {
    for (let i = 0; i < length; i++) into[from + i] = this.readByte()
    return length
  }

  seek(): void {
    throw new Fault('internal', 'bzip2 is read from front to back')
  }
}

class Target {
  readonly #account: Account
  #buffer = new Uint8Array(65_536)
  #size = 0

  constructor(account: Account) {
    this.#account = account
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#size)
  }

  writeByte(byte: number): void {
    if (this.#size === this.#buffer.length) this.#grow()
    this.#buffer[this.#size++] = byte
    if (this.#size % LOOK === 0) this.#account.bytes(LOOK, this.#size)
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#buffer.length)
    larger.set(this.#buffer)
    this.#buffer = larger
  }

  flush(): void {
    // what is written is there at once
  }
}
