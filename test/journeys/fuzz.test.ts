// The short form of `npm run fuzz`: whatever bytes come, a node answers or drops them, keeps nothing, and serves its neighbours.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fuzzLive } from '../../tools/fuzz/live.ts'
import { fuzzReaders, HEAP_GROWTH_MIB } from '../../tools/fuzz/readers.ts'

it('20,000 frames: nothing but faults is thrown, and nothing is kept', async () => {
  const { findings, readable, early, late } = await fuzzReaders(20_000, 20_261)
  expect(findings).toEqual([])
  expect(readable).toBeGreaterThan(2_000)
  expect(late.heapMiB - early.heapMiB).toBeLessThan(HEAP_GROWTH_MIB)
}, 60_000)

it('the same seed asks the same of a node, and gets the same answers', async () => {
  const said = async (seed: number): Promise<string> => (await fuzzReaders(3_000, seed)).said
  const first = await said(7)
  expect(await said(7)).toBe(first)
  expect(await said(8)).not.toBe(first)
}, 60_000)

it('a node under fuzz lives, leaves no call of its neighbour unanswered, and stays as small as it was', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'chargeproof-fuzz-'))
  const { frames, fault, unanswered, rss } = await fuzzLive({ dir, seed: 20_261, perSecond: 300, seconds: 2 })
  expect(fault).toBeUndefined()
  expect(frames).toBeGreaterThan(100)
  expect(unanswered).toBe(0)
  expect(rss.after).toBeLessThan(2 * rss.idle)
  rmSync(dir, { recursive: true, force: true })
}, 60_000)
