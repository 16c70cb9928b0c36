// How often something may happen: a bucket of tokens that refills with time. What a neighbour can make this node compute, and how
// often this node speaks of its own routes, are bounded by one each (docs/protocol.md §3.5).

export interface Rate {
  /** At once. */
  readonly burst: number
  /** Each second from then on. */
  readonly perSecond: number
}

export class Bucket {
  readonly #rate: Rate
  #tokens: number
  #at: number

  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#at = now
  }

  /** Whether it may happen now, that many times; then it counts. */
  take(now: number, times = 1): boolean {
    if (!this.has(now, times)) return false
    this.#tokens -= times
    return true
  }

  /** Whether it may happen now, that many times. */
  has(now: number, times = 1): boolean {
    const { burst, perSecond } = this.#rate
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, now - this.#at) * perSecond) / 1000)
    this.#at = now
    return this.#tokens >= times
  }

  /** Nobody would notice if this bucket were made anew. */
  isFull(now: number): boolean {
    const { burst, perSecond } = this.#rate
    return this.#tokens + (Math.max(0, now - this.#at) * perSecond) / 1000 >= burst
  }
}
