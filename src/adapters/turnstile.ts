// So many pass in a second and the others wait, in the order they came: what a crowd asks for at once is done between the work of everybody
// else, and not before it. It knows nothing of what they come for.
import type { Clock } from '../base/ports.ts'
import { Bucket, type Rate } from '../overlay/damping.ts'

/** How often it looks whether somebody may pass. */
const TURN_MS = 2

export class Turnstile {
  readonly #clock: Clock
  readonly #bucket: Bucket
  readonly #waiting: (() => void)[] = []

  /** @param rate a burst is also what may pass in one turn after a process was held up */
  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock
    this.#bucket = new Bucket(rate, clock.now())
  }

  /** Calls `go` now where there is room, else when its turn comes. It must not throw. */
  pass(go: () => void): void {
    if (this.#waiting.length === 0 && this.#bucket.take(this.#clock.now())) {
      go()
      return
    }
    this.#waiting.push(go)
    if (this.#waiting.length === 1) this.#turnLater()
  }

  #turnLater(): void {
    this.#clock.after(TURN_MS, () => this.#turn())
  }

  #turn(): void {
    let count = 0
    while (count < this.#waiting.length && this.#bucket.take(this.#clock.now())) count++
    for (const go of this.#waiting.slice(0, count)) go()
    this.#waiting.splice(0, count)
    if (this.#waiting.length > 0) this.#turnLater()
  }
}
