import { describe, expect, it } from 'vitest'
import { Settling } from '../../bench/settling.ts'

/** How many turns are measured where turn after turn gives these, the last for ever. */
const turnsOf = (values: readonly number[], rounds: number): number => {
  const settling = new Settling<'us'>(rounds)
  let turns = 0
  while (settling.goesOn) settling.turned({ us: values[Math.min(turns++, values.length - 1)] ?? 0 })
  return turns
}

describe('a measurement', () => {
  it('that is settled from its first turn on ends with the turns of its plan after that', () => {
    expect(turnsOf([100], 6)).toBe(7)
    expect(turnsOf([100, 98, 104, 97.5], 6)).toBe(7)
  })

  it('goes on for as many turns after the last that was quicker', () => {
    expect(turnsOf([200, 180, 160, 140, 100], 6)).toBe(11)
    expect(turnsOf([200, 200, 200, 200, 200, 100], 6)).toBe(12)
  })

  it('ends at last, whatever gets quicker', () => {
    expect(turnsOf([1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1, 0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6, 1e-7], 2)).toBe(16)
  })

  it('keeps the least of each, and says when the turns of its plan were done', () => {
    const settling = new Settling<'a' | 'b'>(2)
    settling.turned({ a: 3, b: 9 })
    expect(settling.isEarly).toBe(false)
    settling.turned({ a: 4, b: 8 })
    expect(settling.isEarly).toBe(true)
    settling.turned({ a: 2, b: 10 })
    expect([settling.isEarly, settling.least]).toEqual([false, { a: 2, b: 8 }])
  })
})
