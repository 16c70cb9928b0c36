import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/adapters/clock.ts'

describe('system clock', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000 }))
  afterEach(() => void vi.useRealTimers())

  it('tells the time and runs once after the delay', () => {
    const run = vi.fn()
    systemClock.after(500, run)
    vi.advanceTimersByTime(499)
    expect(run).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1_000)
    expect(run).toHaveBeenCalledTimes(1)
    expect(systemClock.now()).toBe(2_499)
  })

  it('does not run what was cancelled', () => {
    const run = vi.fn()
    const cancel = systemClock.after(500, run)
    cancel()
    vi.advanceTimersByTime(1_000)
    expect(run).not.toHaveBeenCalled()
  })

  it('counts delays longer than setTimeout can, and cancels them on the way', () => {
    const [run, cancelled] = [vi.fn(), vi.fn()]
    const days60 = 60 * 86_400_000
    systemClock.after(days60, run)
    const cancel = systemClock.after(days60, cancelled)
    vi.advanceTimersByTime(days60 - 1)
    expect(run).not.toHaveBeenCalled()
    cancel()
    vi.advanceTimersByTime(1)
    expect(run).toHaveBeenCalledTimes(1)
    expect(cancelled).not.toHaveBeenCalled()
  })

  it('runs soon for a delay that is negative', () => {
    const run = vi.fn()
    systemClock.after(-5, run)
    vi.advanceTimersByTime(1)
    expect(run).toHaveBeenCalledTimes(1)
  })
})
