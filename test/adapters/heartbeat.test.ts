// One timer for many that beat in the same rhythm.
import { expect, it } from 'vitest'
import { type Beating, Heartbeat, heartbeatOf } from '../../src/adapters/heartbeat.ts'
import { virtualClock } from '../support/virtual-clock.ts'

const MS = 1_000
const setUp = () => {
  const clock = virtualClock()
  const heart = new Heartbeat(clock, MS)
  const beats: string[] = []
  const start = clock.ticks()
  const beating = (name: string, times = Number.POSITIVE_INFINITY): Beating => {
    let left = times
    const one: Beating = {
      beat: (wasLate) => {
        beats.push(`${name} ${clock.ticks() - start}${wasLate ? ' late' : ''}`)
        if (--left > 0) heart.add(one)
      },
    }
    return one
  }
  return { clock, heart, beats, beating }
}

it('beats each an interval after it was added, with one timer for all', async () => {
  const { clock, heart, beats, beating } = setUp()
  heart.add(beating('a'))
  await clock.advance(400)
  heart.add(beating('b'))
  expect(clock.pending).toBe(1)
  await clock.advance(2_100)
  expect(beats).toEqual(['a 1000', 'b 1400', 'a 2000', 'b 2400'])
})

it('keeps no timer once the last one has gone', async () => {
  const { clock, heart, beats, beating } = setUp()
  const [a, b] = [beating('a'), beating('b', 1)]
  heart.add(a)
  heart.add(b)
  heart.remove(a)
  heart.remove(a)
  expect(clock.pending).toBe(1)
  await clock.advance(MS)
  expect(beats).toEqual(['b 1000'])
  expect(clock.pending).toBe(0)
  heart.add(a)
  heart.remove(a)
  expect(clock.pending).toBe(0)
})

it('lets one be taken out by another that beats before it', async () => {
  const { clock, heart, beats, beating } = setUp()
  const b = beating('b')
  heart.add({ beat: () => heart.remove(b) })
  heart.add(b)
  await clock.advance(3 * MS)
  expect(beats).toEqual([])
  expect(clock.pending).toBe(0)
})

it('says that it was late, and is not stopped by a clock that was set back', async () => {
  const { clock, heart, beats, beating } = setUp()
  heart.add(beating('a', 2))
  clock.shift(600)
  await clock.advance(MS)
  expect(beats).toEqual(['a 1000 late'])
  clock.shift(-86_400_000)
  await clock.advance(MS)
  expect(beats).toEqual(['a 1000 late', 'a 2000'])
})

it('is the same for all of one clock and interval', () => {
  const [clock, other] = [virtualClock(), virtualClock()]
  expect(heartbeatOf(clock, 1)).toBe(heartbeatOf(clock, 1))
  expect(heartbeatOf(clock, 2)).not.toBe(heartbeatOf(clock, 1))
  expect(heartbeatOf(other, 1)).not.toBe(heartbeatOf(clock, 1))
})

it('beats each once in a turn, though the clock goes on meanwhile', async () => {
  const clock = virtualClock()
  let ticks = 0
  const heart = new Heartbeat({ now: () => clock.now() + ticks++, after: (ms, run) => clock.after(ms, run) }, MS)
  const beats: string[] = []
  const beating = (name: string): Beating => {
    const one: Beating = {
      beat: () => {
        beats.push(name)
        if (beats.length < 100) heart.add(one)
      },
    }
    return one
  }
  heart.add(beating('a'))
  heart.add(beating('b'))
  await clock.advance(MS)
  expect(beats).toEqual(['a', 'b'])
})
