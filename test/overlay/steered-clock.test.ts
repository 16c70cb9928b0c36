// A clock that is set by what others say: how far it may be wrong, and when it does not know any more.
import { describe, expect, it } from 'vitest'
import { ClockQuality } from '../../src/overlay/clock-quality.ts'
import { SteeredClock } from '../../src/overlay/steered-clock.ts'

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 5, 1)

const setUp = () => {
  const machine = { wall: NOW - 5 * HOUR, passed: 1_000 }
  const pass = (ms: number): void => {
    machine.wall += ms
    machine.passed += ms
  }
  const clock = new SteeredClock({ now: () => machine.wall, ticks: () => machine.passed, after: () => () => undefined })
  return { machine, pass, clock, quality: new ClockQuality(clock, 0, clock) }
}

describe('a steered clock', () => {
  it('is the machine’s until somebody says something, and then counts ticks', () => {
    const { clock, machine, pass, quality } = setUp()
    expect([clock.now(), clock.offset, clock.bound, quality.state]).toEqual([machine.wall, 0, undefined, 'untrusted'])
    expect(clock.set({ time: NOW, bound: 20, ticks: 1_000 })).toBe(5 * HOUR)
    pass(1_000)
    expect([clock.now(), clock.offset, clock.bound]).toEqual([NOW + 1_000, 5 * HOUR, 20.2])
  })

  it('is trusted, then free-running, then untrusted, as long as nobody answers', () => {
    const { clock, pass, quality } = setUp()
    clock.set({ time: NOW, bound: 20, ticks: 1_000 })
    const states = [0, 2 * HOUR, 1 * HOUR, 30 * HOUR, 10 * HOUR].map((ms) => {
      pass(ms)
      return `${quality.state} ${Math.round(quality.bound ?? 0)}`
    })
    expect(states).toEqual(['trusted 20', 'trusted 1460', 'free-running 2180', 'free-running 23780', 'untrusted 30980'])
  })

  it.each([
    ['set forward', 10_000, 0],
    ['set back', -10_000, 0],
    ['put to sleep, so that its ticks stood still', 10_000, 1],
  ])('knows nothing any more when the machine is %s', (_name, jump, slept) => {
    const { clock, machine, pass, quality } = setUp()
    clock.set({ time: NOW, bound: 20, ticks: 1_000 })
    pass(slept)
    machine.wall += jump
    expect([quality.state, clock.bound]).toEqual(['untrusted', undefined])
    // the next answer counts, however far its bound
    clock.set({ time: NOW + 7, bound: 500, ticks: machine.passed })
    expect([quality.state, clock.now()]).toEqual(['trusted', NOW + 7])
  })

  it('does not mind a machine whose clock is slewed', () => {
    const { clock, machine, pass } = setUp()
    clock.set({ time: NOW, bound: 20, ticks: 1_000 })
    pass(24 * HOUR)
    machine.wall += 24 * HOUR * 0.0005
    expect(clock.bound).toBeDefined()
  })

  it('keeps what it has where an answer says less', () => {
    const { clock } = setUp()
    clock.set({ time: NOW, bound: 20, ticks: 1_000 })
    expect([clock.set({ time: NOW + 400, bound: 500, ticks: 1_000 }), clock.now()]).toEqual([0, NOW])
  })

  it('is not believed where it says less than what happened already', () => {
    const { clock, quality } = setUp()
    quality.seen(NOW + HOUR)
    clock.set({ time: NOW, bound: 20, ticks: 1_000 })
    expect(quality.state).toBe('untrusted')
  })
})
