// The window of sequence numbers: each counts once, in any order, over restarts.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import { admitSequence, Hearsay } from '../../src/overlay/replay.ts'

const PAIR = { iss: 'csms', aud: 'cs' }
const admit = async (store: ReturnType<typeof memoryStore>, seq: number, pair = PAIR): Promise<boolean> => {
  const change = admitSequence(store, pair, seq)
  if (change) await store.commit([change])
  return change !== undefined
}

describe('the replay window', () => {
  it('admits each number once, out of order within 1024, and none from before', async () => {
    const store = memoryStore()
    const results = []
    for (const seq of [5000, 5000, 4999, 4999, 3977, 3976, 6000, 4977, 4976, 5000, 6001]) results.push(await admit(store, seq))
    expect(results).toEqual([true, false, true, false, true, false, true, true, false, false, true])
  })

  it('keeps issuers and audiences apart', async () => {
    const store = memoryStore()
    expect(await admit(store, 1)).toBe(true)
    expect(await admit(store, 1, { iss: 'csms', aud: 'cs2' })).toBe(true)
    expect(await admit(store, 1, { iss: 'grid', aud: 'cs' })).toBe(true)
    expect(await admit(store, 1, { iss: '__proto__', aud: 'cs' })).toBe(true)
    expect(await admit(store, 1)).toBe(false)
  })

  it('does not count what was not made durable', () => {
    const store = memoryStore()
    expect(admitSequence(store, PAIR, 7)).toBeDefined()
    expect(admitSequence(store, PAIR, 7)).toBeDefined()
  })

  it('agrees with a list of all that was ever seen, wherever numbers lie', async () => {
    const near = fc.integer({ min: 1, max: 3000 })
    const far = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof({ weight: 9, arbitrary: near }, far), { maxLength: 60 }), async (numbers) => {
        const store = memoryStore()
        const seen = new Set<number>()
        for (const seq of numbers) {
          const fits = !seen.has(seq) && seq > Math.max(0, ...seen) - 1024
          expect(await admit(store, seq)).toBe(fits)
          if (fits) seen.add(seq)
        }
      }),
    )
  })
})

describe('what is told and never answered', () => {
  const news = { iss: 'lc', aud: 'csms', iat: 100, exp: 160, seq: 7 }

  it('counts once, and is refused as an order is that lacks the same', () => {
    const hearsay = new Hearsay(100)
    const { exp: _end, ...endless } = news
    const { seq: _number, ...unnumbered } = news
    for (const [claims, flaw] of [
      [endless, 'expired'],
      [{ ...news, iat: 99 }, 'expired'],
      [unnumbered, 'replayed'],
      [news, undefined],
      [news, 'replayed'],
      [{ ...news, aud: 'lc2' }, undefined],
    ] as const)
      expect(hearsay.flawOf(claims)).toBe(flaw)
  })
})
