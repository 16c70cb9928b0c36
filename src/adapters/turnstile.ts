// One passes at a time and the others wait, in the order they came: what a crowd asks for at once is done between the work of everybody
// else, and not before it. It knows nothing of what they come for.
import type { Clock } from '../base/ports.ts'

export class Turnstile {
  readonly #clock: Clock
  readonly #everyMs: number
  readonly #waiting: (() => boolean)[] = []
  #isResting = false

  /** @param everyMs from one to the next, at least: a process that comes late to its timers lets fewer pass, and never two at once */
  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock
    this.#everyMs = everyMs
  }

  /** Calls `go` now where nobody passed just before, else when its turn comes. It must not throw; false says that it is gone, and took no time. */
  pass(go: () => boolean): void {
    this.#waiting.push(go)
    if (!this.#isResting) this.#turn()
  }

  #turn(): void {
    this.#isResting = true
    for (let go = this.#waiting.shift(); go !== undefined; go = this.#waiting.shift()) {
      if (!go()) continue
      this.#clock.after(this.#everyMs, () => this.#turn())
      return
    }
    this.#isResting = false
  }
}
