import { describe, expect, it } from 'vitest'
import { Turnstile } from '../../src/adapters/turnstile.ts'
import { virtualClock } from '../support/virtual-clock.ts'

const setUp = (burst: number) => {
  const clock = virtualClock()
  const turnstile = new Turnstile(clock, { burst, perSecond: 500 })
  const through: number[] = []
  const come = (from: number, to: number): void => {
    for (let i = from; i < to; i++) turnstile.pass(() => through.push(i))
  }
  return { clock, turnstile, through, come }
}

describe('a turnstile', () => {
  it('lets so many through at once and in a second, all in their order', async () => {
    const { clock, through, come } = setUp(3)
    come(0, 1_000)
    expect(through).toEqual([0, 1, 2])
    await clock.advance(1)
    expect(through).toHaveLength(3)
    await clock.advance(99)
    expect(through).toHaveLength(53)
    // to the end of the line
    come(1_000, 1_001)
    await clock.advance(2_000)
    expect(through).toEqual(Array.from({ length: 1_001 }, (_, i) => i))
  })

  it('is forgotten when the crowd is gone, and keeps no timer', async () => {
    const { clock, through, come } = setUp(2)
    come(0, 3)
    await clock.advance(10)
    expect([through.length, clock.pending]).toEqual([3, 0])
    come(3, 6)
    expect(through).toHaveLength(5)
  })

  it('takes one who comes from within a turn as the last in line', async () => {
    const { clock, turnstile, through } = setUp(1)
    turnstile.pass(() => through.push(1))
    turnstile.pass(() => {
      through.push(2)
      turnstile.pass(() => through.push(4))
    })
    turnstile.pass(() => through.push(3))
    await clock.advance(20)
    expect(through).toEqual([1, 2, 3, 4])
    expect(clock.pending).toBe(0)
  })
})
