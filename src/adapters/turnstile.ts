// One passes at a time and the others wait, in the order they came: what a crowd asks for at once is done between the work of everybody
// else, and not before it. It knows nothing of what they come for.
import type { Clock } from '../base/ports.ts'

export class Turnstile {
  readonly #clock: Clock
  readonly #everyMs: number
  readonly #waiting: (() => void)[] = []
  #isResting = false

  /** @param everyMs from one to the next, at least: a process that comes late to its timers lets fewer pass, and never two at once */
  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock
    this.#everyMs = everyMs
  }

  /** Calls `go` now where nobody passed just before, else when its turn comes. It must not throw. */
  pass(go: () => void): void {
    this.#waiting.push(go)
    if (!this.#isResting) this.#turn()
  }

  #turn(): void {
    const go = this.#waiting.shift()
    this.#isResting = go !== undefined
    if (go === undefined) return
    this.#clock.after(this.#everyMs, () => this.#turn())
    go()
  }
}
