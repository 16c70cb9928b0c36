// How long commits take, as Prometheus counts: each step holds what was at most so long.
import { expect, it } from 'vitest'
import { COMMIT_STEPS, StoreMeter } from '../../src/adapters/store-meter.ts'

it('counts a commit at each step that it did not exceed, and a failed one at none', () => {
  const meter = new StoreMeter('nowhere')
  for (const seconds of [0.001, 0.003, 7]) meter.committed(seconds, true)
  meter.committed(0.001, false)
  expect(COMMIT_STEPS.slice(0, 3)).toEqual([0.001, 0.002, 0.005])
  expect(meter.commits).toEqual([1, 1, ...Array(COMMIT_STEPS.length - 2).fill(2), 3])
  expect(meter.seconds).toBeCloseTo(7.004)
  expect(meter.failures).toBe(1)
})
