import { getHeapSpaceStatistics } from 'node:v8'
import { expect, it } from 'vitest'
import { bytesPassed, crowdWork } from '../../src/adapters/young-heap.ts'

const young = (): number => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_used_size ?? 0
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const waste = (): unknown => Array.from({ length: 20 }, (_, n) => ({ n }))

/** V8 gives the young more room once much of it stays. */
const makeRoom = (): number => Array.from({ length: 400_000 }, (_, n) => ({ n })).length

// V8 collects by itself whenever it likes, also in the middle of this: then it is tried again
it('collects what a crowd left once there is enough of it, and not before', { retry: 4 }, async () => {
  makeRoom()
  crowdWork()
  await turn()
  await turn()
  const before = young()
  crowdWork()
  await turn()
  // far from enough: nothing was taken away
  expect(young()).toBeGreaterThanOrEqual(before)
  while (young() < 4.5 * 1024 * 1024) waste()
  crowdWork()
  await turn()
  await turn()
  expect(young()).toBeLessThan(3 * 1024 * 1024)
})

it('collects what frames stood for once so many bytes have passed, and not before', { retry: 4 }, async () => {
  const MIB = 1024 * 1024
  // whatever was counted before counts here, too
  bytesPassed(8 * MIB)
  await turn()
  await turn()
  while (young() < 2 * MIB) waste()
  const before = young()
  bytesPassed(7 * MIB)
  await turn()
  expect(young()).toBeGreaterThanOrEqual(before)
  bytesPassed(MIB)
  await turn()
  await turn()
  expect(young()).toBeLessThan(before)
})
