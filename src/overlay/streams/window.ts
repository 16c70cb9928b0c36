// How much may be under way on one link: about what the line carries in a tenth of a second, measured by when the neighbour has taken what
// was sent. An empty socket says nothing of the kernel's buffers and of a slow line behind them.
import { Fault } from '../../base/fault.ts'
import type { Clock } from '../../base/ports.ts'

const SMALLEST = 16 * 1024
const LARGEST = 4 * 1024 * 1024
const FIRST = 64 * 1024
/** What may stand in buffers, in milliseconds of the line's rate: what everything else on the link waits behind. */
const STANDING_MS = 100
/** A look is taken at most every so many bytes, so that small frames do not make many. */
const LOOK_BYTES = 8 * 1024
/** How much more is tried with each look where little stands in the line. */
const GROWTH = 1.125
/** Over how long the rate is measured: a line that carries bursts and pauses seems fast in a burst. */
const MEASURED_MS = 250

/** What was known when a frame was sent. */
interface Look {
  /** Bytes sent, that frame included. */
  readonly upto: number
  readonly at: number
  /** Whether the window was used up: then what comes of it is the line's rate, and not the sender's. */
  readonly full: boolean
}

export class LinkWindow {
  /** Bytes that may be under way. */
  size = FIRST
  /** Bytes per millisecond. */
  rate = 0
  readonly #clock: Clock
  readonly #looks: Look[] = []
  /** What was taken when, since there is something under way: back to the last moment before the time that is measured over. */
  #history: { readonly at: number; taken: number }[] = []
  #sent = 0
  #taken = 0
  /** The shortest time from sending to taking: what the line needs when nothing stands in it. */
  #shortest = Number.POSITIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get underWay(): number {
    return this.#sent - this.#taken
  }

  /** One frame may always be under way, or a line of a bit a second would never move. */
  fits(bytes: number): boolean {
    return this.underWay === 0 || this.underWay + bytes <= this.size
  }

  sent(bytes: number): void {
    if (this.underWay === 0) this.#history = [{ at: this.#clock.now(), taken: this.#taken }]
    this.#sent += bytes
    const last = this.#looks.at(-1)
    if (last && this.#sent - last.upto < LOOK_BYTES) return
    this.#looks.push({ upto: this.#sent, at: this.#clock.now(), full: this.underWay + LOOK_BYTES * 2 > this.size })
  }

  /**
   * The neighbour says how much it has taken since the link is up.
   * @throws Fault `frame-malformed` where that is more than was sent, or less than before
   */
  took(upto: number): void {
    if (upto > this.#sent || upto < this.#taken)
      throw new Fault('frame-malformed', `${upto} bytes were taken of ${this.#sent}, and ${this.#taken} before`)
    this.#taken = upto
    this.#measure()
    let seen: Look | undefined
    while (this.#looks[0] && this.#looks[0].upto <= upto) seen = this.#looks.shift()
    if (seen) this.#learn(seen)
  }

  #measure(): void {
    const now = this.#clock.now()
    const last = this.#history.at(-1)
    if (last?.at === now) last.taken = this.#taken
    else this.#history.push({ at: now, taken: this.#taken })
    while (this.#history[1] && now - this.#history[1].at >= MEASURED_MS) this.#history.shift()
    const [first = { at: now, taken: this.#taken }] = this.#history
    this.rate = (this.#taken - first.taken) / Math.max(1, now - first.at)
  }

  #learn({ at, full }: Look): void {
    const passed = Math.max(1, this.#clock.now() - at)
    this.#shortest = Math.min(this.#shortest, passed)
    const stood = passed - this.#shortest
    if (stood > STANDING_MS) this.size = Math.max(SMALLEST, Math.min(this.size, this.rate * (this.#shortest + STANDING_MS)))
    else if (full && stood < STANDING_MS / 2) this.size = Math.min(LARGEST, this.size * GROWTH)
  }
}
