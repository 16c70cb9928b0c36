// What several sources of the time agree on, whoever of them lies.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agreedTime, majorityOf, type Said } from '../../src/overlay/time-agreement.ts'

const said = (by: string, time: number, bound = 100, ticks = 0): Said => ({ by, time, bound, ticks })

describe('an agreement', () => {
  it('is what lies in the spans of enough sources, each at its own tick', () => {
    const found = agreedTime([said('a', 10_000), said('b', 9_150, 100, -1_000), said('c', 50_000)], 2, 500)
    expect(found).toEqual({ fix: { time: 10_575, bound: 25, ticks: 500 }, by: ['a', 'b'], others: ['c'] })
  })

  it('is none where too few agree', () => {
    expect(agreedTime([said('a', 10_000), said('b', 20_000)], 2, 0)).toBeUndefined()
    expect(agreedTime([said('a', 10_000)], 2, 0)).toBeUndefined()
    expect(agreedTime([], 1, 0)).toBeUndefined()
    expect([1, 2, 3, 4, 5].map(majorityOf)).toEqual([1, 1, 2, 3, 3])
  })

  it('holds the true time as long as more than half are honest, whatever the others say', () => {
    const times = fc.integer({ min: 0, max: 4_000_000 })
    const bounds = fc.integer({ min: 0, max: 5_000 })
    const TRUE = 2_000_000
    const honest = fc
      .tuple(fc.integer({ min: -1_000, max: 1_000 }), bounds)
      .map(([off, more]) => [TRUE + off, Math.abs(off) + more] as const)
    const liar = fc.tuple(times, bounds)
    fc.assert(
      fc.property(fc.array(honest, { minLength: 2, maxLength: 4 }), fc.array(liar, { maxLength: 3 }), (right, wrong) => {
        const lies = wrong.slice(0, right.length - 1)
        const all = [...right, ...lies].map(([time, bound], i) => said(`n${i}`, time, bound))
        const found = agreedTime(all, majorityOf(Math.max(all.length, 3)), 0)
        // liars may narrow it, and cannot move it out of what an honest one says
        expect(found).toBeDefined()
        const { time = 0, bound = 0 } = found?.fix ?? {}
        expect(right.some(([each, its]) => Math.abs(each - time) <= its + bound)).toBe(true)
      }),
    )
  })
})
