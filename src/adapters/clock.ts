// The clock of the machine: Clock over Date.now and setTimeout. Tests use test/support/virtual-clock.ts instead.
import type { Cancel, Clock } from '../base/ports.ts'

/** The longest delay setTimeout can count; anything longer would run at once. */
const LONGEST_DELAY = 2 ** 31 - 1

/**
 * `now` follows the wall clock and jumps with it; `after` counts on the monotonic clock and does not.
 * Timers keep the process alive (they are not unref'd): a pending one is work still owed, a retry or an expiry, and a process
 * that waits only for its next attempt must not end in silence. Whoever closes a part cancels its timers.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms: number, run: () => void): Cancel {
    let timer: NodeJS.Timeout
    const wait = (left: number): void => {
      timer = left > LONGEST_DELAY ? setTimeout(() => wait(left - LONGEST_DELAY), LONGEST_DELAY) : setTimeout(run, Math.max(0, left))
    }
    wait(ms)
    return () => clearTimeout(timer)
  },
}
