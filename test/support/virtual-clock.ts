// A clock that stands still until a test moves it, so that timeouts are tested exactly and without waiting.
import type { Cancel, Machine } from '../../src/base/ports.ts'

export interface VirtualClock extends Machine {
  /** Sets the clock by so much, as somebody sets a machine's: what has passed does not change. */
  shift(ms: number): void
  /** Timers that have not run yet. */
  readonly pending: number
  /** Moves time on by `ms`, runs what falls due in order (timers set on the way included), and lets promises settle between. */
  advance(ms: number): Promise<void>
}

/** @param start milliseconds since 1970; 2025-01-01T00:00:00Z if not given */
export const virtualClock = (start: number = Date.UTC(2025, 0, 1)): VirtualClock => {
  const timers = new Set<Timer>()
  let time = start
  let shifted = 0
  const due = (until: number): Timer | undefined => {
    let first: Timer | undefined
    // a set keeps the order of insertion, so of two timers for the same moment the one set first runs first
    for (const timer of timers) if (timer.at <= until && (first === undefined || timer.at < first.at)) first = timer
    return first
  }
  return {
    now: () => time + shifted,
    ticks: () => time - start,
    shift(ms: number): void {
      shifted += ms
    },
    after(ms: number, run: () => void): Cancel {
      const timer = { at: time + Math.max(0, ms), run }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    get pending() {
      return timers.size
    },
    async advance(ms: number): Promise<void> {
      const until = time + ms
      await settle()
      for (let timer = due(until); timer !== undefined; timer = due(until)) {
        timers.delete(timer)
        time = timer.at
        timer.run()
        await settle()
      }
      time = until
    },
  }
}

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** Resolves when every microtask that is queued, and every one those queue, has run. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
