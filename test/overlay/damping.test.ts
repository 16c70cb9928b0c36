// A bucket of tokens: at once as many as it holds, then as many as flow in.
import { expect, it } from 'vitest'
import { Bucket } from '../../src/overlay/damping.ts'

it('lets a burst through, then the rate, and never more than it holds', () => {
  const bucket = new Bucket({ burst: 3, perSecond: 2 }, 0)
  const taken = (now: number, tries: number) => Array.from({ length: tries }, () => bucket.take(now)).filter(Boolean).length
  expect([taken(0, 9), taken(500, 9), taken(1_000, 9), taken(60_000, 9)]).toEqual([3, 1, 1, 3])
  expect([bucket.isFull(60_000), bucket.isFull(62_000)]).toEqual([false, true])
  // a clock that is set back gives nothing
  expect(taken(0, 9)).toBe(0)
})
