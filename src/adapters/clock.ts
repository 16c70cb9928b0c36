// The clock of the machine: Clock over Date.now and setTimeout. Tests use test/support/virtual-clock.ts instead.
import type { Cancel, Machine } from '../base/ports.ts'

/** The longest delay setTimeout can count; anything longer would run at once. */
const LONGEST_DELAY = 2 ** 31 - 1

/**
 * `now` follows the wall clock and jumps with it; `after` counts on the monotonic clock and does not.
 * Timers keep the process alive (they are not unref'd): a pending one is work still owed, a retry or an expiry, and a process
 * that waits only for its next attempt must not end in silence. Whoever closes a part cancels its timers.
 */
export const systemClock: Machine = {
  now: () => Date.now(),
  ticks: () => performance.now(),
  after(ms: number, run: () => void): Cancel {
    if (ms > LONGEST_DELAY) return inStages(ms, run)
    const timer = setTimeout(run, Math.max(0, ms))
    return () => clearTimeout(timer)
  },
}

const inStages = (ms: number, run: () => void): Cancel => {
  let cancel = systemClock.after(LONGEST_DELAY, () => {
    cancel = systemClock.after(ms - LONGEST_DELAY, run)
  })
  return () => cancel()
}
