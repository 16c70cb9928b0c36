// How far this node may judge times: not where its clock is before anything that is known to have happened, and, where it asks others for
// the time, not without a recent answer. What makes the clock right is in steered-clock.ts.
import type { Clock } from '../base/ports.ts'
import { CLOCK_SLACK_MS } from './journal-heads.ts'

/**
 * `trusted`: somebody vouches for the time, closely. `free-running`: nobody does, or not for a while. `untrusted`: it is known to be wrong, or
 * may be wrong by more than an order lives; then no times are judged.
 */
export const CLOCK_STATES = ['trusted', 'free-running', 'untrusted'] as const
export type ClockState = (typeof CLOCK_STATES)[number]

/** Who vouches for a clock: by how much it may be wrong now, ms; undefined where nobody can tell. */
export interface TimeSource {
  readonly bound: number | undefined
}

/** No node of this program ran before; machines without a battery wake up in 1970. */
export const EARLIEST_MS = Date.UTC(2025, 0, 1)
/** Up to here `trusted`: a round trip, and the drift of some hours. */
export const CLOSE_MS = 2_000

export class ClockQuality {
  readonly #clock: Pick<Clock, 'now'>
  readonly #source: TimeSource | undefined
  #known: number

  /**
   * @param known when the last thing happened that this node has written down itself, ms
   * @param source without it the clock runs free, and one that is ahead cannot be noticed: it refuses too much
   */
  constructor(clock: Pick<Clock, 'now'>, known: number, source?: TimeSource) {
    this.#clock = clock
    this.#source = source
    this.#known = Math.max(known, EARLIEST_MS)
  }

  /** This node was there at that time already, by its own word, ms. */
  seen(ms: number): void {
    this.#known = Math.max(this.#known, ms)
  }

  /** By how much the clock may be wrong, ms, as far as anybody vouches for it. */
  get bound(): number | undefined {
    return this.#source?.bound
  }

  get state(): ClockState {
    // a source that says it is earlier than what happened already is not believed either
    if (this.#clock.now() < this.#known - CLOCK_SLACK_MS) return 'untrusted'
    if (!this.#source) return 'free-running'
    const { bound = Number.POSITIVE_INFINITY } = this.#source
    if (bound <= CLOSE_MS) return 'trusted'
    return bound <= CLOCK_SLACK_MS ? 'free-running' : 'untrusted'
  }

  get isTrusted(): boolean {
    return this.state !== 'untrusted'
  }
}
