// Plans: how far each stage goes, when orders may be given, how many may fail; and what is no plan.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/base/ports.ts'
import { mayFail, nextOpening, type Plan, planMisfit, reach } from '../../../src/roles/firmware/plan.ts'

const stations = Array.from({ length: 25 }, (_, i) => `cs${i}`)
const PLAN: Plan = { id: 'spring', release: 'r', stations, stages: [1, '10 %', 'all'] }
const at = (text: string): number => Date.parse(`2025-03-01T${text}:00Z`)

describe('the stages of a plan', () => {
  it('go to one station, to a tenth, to all', () => {
    expect([0, 1, 2].map((stage) => reach(PLAN, stage))).toEqual([1, 3, 25])
  })

  it('never shrink, and the last one goes to all whatever it says', () => {
    const size = fc.oneof(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 100 }).map((percent) => `${percent}%`),
    )
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 6 }), (stages) => {
        const sizes = stages.map((_, stage) => reach({ ...PLAN, stages }, stage))
        expect(sizes.at(-1)).toBe(25)
        expect(sizes.toSorted((a, b) => a - b)).toEqual(sizes)
      }),
    )
  })
})

describe('how many may fail', () => {
  it.each([
    [undefined, 20, 0],
    [{ failures: 2 }, 20, 2],
    [{ percent: 10 }, 20, 2],
    [{ percent: 10 }, 5, 0],
    [{ failures: 1, percent: 50 }, 20, 1],
    [{ failures: 9, percent: 10 }, 20, 2],
  ])('%j of %i: %i', (stop, count, most) => {
    expect(mayFail(stop === undefined ? PLAN : { ...PLAN, stop }, count)).toBe(most)
  })
})

describe('the window', () => {
  const night: Plan = { ...PLAN, window: { from: '22:00', to: '05:00' } }
  it.each([
    ['12:00', '22:00', 0],
    ['23:59', '23:59', 0],
    ['04:59', '04:59', 0],
    ['05:00', '22:00', 0],
  ])('over midnight: at %s the next opening is %s', (now, opening) => {
    expect(nextOpening(night, at(now))).toBe(at(opening))
  })

  it('of a day opens on the next one when it is over', () => {
    const day: Plan = { ...PLAN, window: { from: '09:00', to: '10:00' } }
    expect(nextOpening(day, at('08:00'))).toBe(at('09:00'))
    expect(nextOpening(day, at('10:00'))).toBe(at('09:00') + 86_400_000)
    expect(nextOpening({ ...day, startAt: at('11:00') }, at('08:00'))).toBe(at('09:00') + 86_400_000)
  })
})

describe('a plan', () => {
  it('is one', () => {
    expect(planMisfit(PLAN as object as Json)).toBeUndefined()
  })
  it.each([
    [{ stations: [] }],
    [{ stations: ['a', 'a'] }],
    [{ stations: ['with space'] }],
    [{ stages: [] }],
    [{ stages: [0] }],
    [{ stages: ['101 %'] }],
    [{ stages: ['half'] }],
    [{ window: { from: '24:00', to: '05:00' } }],
    [{ window: { from: '05:00', to: '05:00' } }],
    [{ stop: { percent: 101 } }],
    [{ silentMs: 10 }],
    [{ atOnce: 0 }],
    [{ id: 'a/b' }],
    [{ plain: 'yes' }],
    [{ surprise: 1 }],
  ])('is none with %j', (wrong) => {
    expect(planMisfit({ ...PLAN, ...wrong } as object as Json)).toBeDefined()
  })
})
