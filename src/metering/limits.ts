// How much one question may cost, whatever is in it, and the account of what it has cost so far.
import { Fault } from '../base/fault.ts'

export interface Limits {
  /** Bytes of one input, or of one member of an archive. */
  readonly inputBytes: number
  /** Bytes that come out of all archives together. */
  readonly unpackedBytes: number
  /** Bytes of the inputs that records were taken from: their text stays as long as the verdict. */
  readonly heldBytes: number
  /** Bytes that come out of one archive, as a multiple of its own size. */
  readonly ratio: number
  /** Containers inside containers. */
  readonly depth: number
  /** Members of one archive. */
  readonly entries: number
  /** Of one picture. */
  readonly pixels: number
  /** What is told of by itself inside of the inputs: members of archives, places in documents, pieces that are no record. */
  readonly parts: number
  readonly records: number
  /** In all records together. */
  readonly readings: number
  readonly milliseconds: number
}

export const LIMITS: Limits = {
  inputBytes: 25_165_824,
  unpackedBytes: 67_108_864,
  heldBytes: 67_108_864,
  ratio: 100,
  depth: 4,
  entries: 1000,
  pixels: 16_777_216,
  parts: 50_000,
  records: 15_000,
  readings: 100_000,
  // the contract grants 10 s; what has begun must still end
  milliseconds: 8000,
}

export class Budget {
  readonly limits: Limits
  readonly #now: () => number
  readonly #end: number
  #unpacked = 0
  #parts = 0
  #records = 0
  #readings = 0
  #held = 0

  /** @param now milliseconds; only differences count */
  constructor(limits: Limits, now: () => number) {
    this.limits = limits
    this.#now = now
    this.#end = now() + limits.milliseconds
  }

  get late(): boolean {
    return this.#now() >= this.#end
  }

  /** @throws Fault `limit-exceeded` when the time is up */
  checkTime(): void {
    if (this.late) throw new Fault('limit-exceeded', `not read within ${this.limits.milliseconds} ms`)
  }

  /** Counts bytes that came out of an archive. @throws Fault `limit-exceeded` */
  unpack(bytes: number): void {
    this.#unpacked += bytes
    if (this.#unpacked > this.limits.unpackedBytes) {
      throw new Fault('limit-exceeded', `more than ${this.limits.unpackedBytes} bytes unpacked in total`)
    }
  }

  /** Counts an input that is held from now on. */
  hold(bytes: number): void {
    this.#held += bytes
  }

  /** @throws Fault `limit-exceeded` when enough is held */
  checkHeld(): void {
    const { heldBytes } = this.limits
    if (this.#held > heldBytes) throw new Fault('limit-exceeded', `more than ${heldBytes} bytes of inputs with records in them`)
  }

  /** Counts a part, and looks at the time. @throws Fault `limit-exceeded` */
  part(): void {
    this.checkTime()
    if (++this.#parts > this.limits.parts)
      throw new Fault('limit-exceeded', `more than ${this.limits.parts} parts in archives and documents`)
  }

  /** Before parts are made of that many places for records. @throws Fault `limit-exceeded` where no question may have so many */
  checkPlaces(count: number): void {
    const { records } = this.limits
    if (count > records) throw new Fault('limit-exceeded', `more than ${records} places for records in one document`)
  }

  /** Counts a record of so many readings, and looks at the time. @throws Fault `limit-exceeded` */
  record(readings: number): void {
    this.checkTime()
    if (++this.#records > this.limits.records) throw new Fault('limit-exceeded', `more than ${this.limits.records} records`)
    this.#readings += readings
    if (this.#readings > this.limits.readings) throw new Fault('limit-exceeded', `more than ${this.limits.readings} readings`)
  }
}
