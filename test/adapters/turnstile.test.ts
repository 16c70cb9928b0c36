import { describe, expect, it } from 'vitest'
import { Turnstile } from '../../src/adapters/turnstile.ts'
import { virtualClock } from '../support/virtual-clock.ts'

const setUp = () => {
  const clock = virtualClock()
  const turnstile = new Turnstile(clock, 3)
  const through: number[] = []
  const come = (from: number, to: number): void => {
    for (let i = from; i < to; i++) turnstile.pass(() => through.push(i) > 0)
  }
  return { clock, turnstile, through, come }
}

describe('a turnstile', () => {
  it('lets one through at a time, all in their order', async () => {
    const { clock, through, come } = setUp()
    come(0, 1_000)
    expect(through).toEqual([0])
    await clock.advance(2)
    expect(through).toHaveLength(1)
    await clock.advance(298)
    expect(through).toHaveLength(101)
    // to the end of the line
    come(1_000, 1_001)
    await clock.advance(3_000)
    expect(through).toEqual(Array.from({ length: 1_001 }, (_, i) => i))
  })

  it('is forgotten when the crowd is gone, and keeps no timer', async () => {
    const { clock, through, come } = setUp()
    come(0, 2)
    await clock.advance(10)
    expect([through.length, clock.pending]).toEqual([2, 0])
    come(2, 4)
    expect(through).toHaveLength(3)
  })

  it('loses no time with those that are gone when their turn comes', async () => {
    const { clock, turnstile, through, come } = setUp()
    come(0, 2)
    for (let i = 0; i < 1_000; i++) turnstile.pass(() => false)
    come(2, 4)
    await clock.advance(3)
    expect(through).toEqual([0, 1])
    await clock.advance(3)
    expect(through).toEqual([0, 1, 2])
    await clock.advance(10)
    expect([through.length, clock.pending]).toEqual([4, 0])
    // nobody passed: whoever comes next does not wait for those that were gone
    turnstile.pass(() => false)
    come(4, 5)
    expect(through).toHaveLength(5)
  })

  it('takes one who comes from within a turn as the last in line', async () => {
    const { clock, turnstile, through } = setUp()
    turnstile.pass(() => through.push(1) > 0)
    turnstile.pass(() => {
      through.push(2)
      turnstile.pass(() => through.push(4) > 0)
      return true
    })
    turnstile.pass(() => through.push(3) > 0)
    await clock.advance(20)
    expect(through).toEqual([1, 2, 3, 4])
    expect(clock.pending).toBe(0)
  })
})
