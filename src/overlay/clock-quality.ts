// Whether this node may judge times: not where its clock is before anything that is known to have happened. A clock that is ahead cannot be
// noticed from inside; it refuses too much, and nothing wrong is obeyed.
import type { Clock } from '../base/ports.ts'
import { CLOCK_SLACK_MS } from './journal-heads.ts'

/** No node of this program ran before; machines without a battery wake up in 1970. */
const EARLIEST_MS = Date.UTC(2025, 0, 1)

export class ClockQuality {
  readonly #clock: Clock
  #known: number

  /** @param known when the last thing happened that this node has written down itself, ms */
  constructor(clock: Clock, known: number) {
    this.#clock = clock
    this.#known = Math.max(known, EARLIEST_MS)
  }

  /** This node was there at that time already, by its own word, ms. */
  seen(ms: number): void {
    this.#known = Math.max(this.#known, ms)
  }

  get isTrusted(): boolean {
    return this.#clock.now() >= this.#known - CLOCK_SLACK_MS
  }
}
