import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../src/adapters/sqlite-store.ts'
import type { Store } from '../../src/base/ports.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await turn()
}

describe('groups of the SQLite store', () => {
  let folder: string
  let store: Store
  let transactions: number
  /** What the disk is busy with; each entry ends one flush. */
  let flushes: PromiseWithResolvers<void>[]
  let outcomes: boolean[]

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chargeproof-'))
    ;[transactions, flushes, outcomes] = [0, [], []]
    open(60_000)
  })
  /** @param groupMs a minute, where a busy machine must not decide */
  const open = (groupMs: number): void => {
    store = openStore(folder, {
      groupMs,
      beforeCommit: () => transactions++,
      sync: () => {
        const flush = Promise.withResolvers<void>()
        flushes.push(flush)
        return flush.promise
      },
      committed: (_seconds, isSafe) => outcomes.push(isSafe),
    })
  }
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const put = (key: string): Promise<void> => store.commit([{ collection: 'c', key, value: 1 }])
  const keys = (of = store): string[] => of.list('c').map(({ key }) => key)
  const isSafe = async (commit: Promise<void>): Promise<boolean> =>
    await Promise.race([commit.then(() => true), turns(4).then(() => false)])

  it('hold what is committed in one turn', async () => {
    const waiting = ['a', 'b', 'c'].map(put)
    await turns(3)
    expect([transactions, flushes.length]).toEqual([1, 1])
    flushes[0]?.resolve()
    await Promise.all(waiting)
    expect(outcomes).toEqual([true])
  })

  it('hold what turns bring that follow each other, and do not wait for one that brings nothing', async () => {
    const waiting = [put('a')]
    for (const key of ['b', 'c', 'd']) {
      await turn()
      waiting.push(put(key))
    }
    expect(transactions).toBe(0)
    await turns(3)
    expect([transactions, flushes.length]).toEqual([1, 1])
    flushes[0]?.resolve()
    await Promise.all(waiting)
  })

  it('end without end of the stream too, when they are old enough', async () => {
    await store.close()
    open(2)
    const began = performance.now()
    for (let i = 0; flushes.length === 0 && performance.now() - began < 2_000; i++) {
      void put(`k${i % 7}`)
      await turn()
    }
    expect([transactions, flushes.length]).toEqual([1, 1])
    flushes[0]?.resolve()
    await turns(5)
    flushes[1]?.resolve()
  })

  it('are not safe before the disk says so, and hold nobody up meanwhile', async () => {
    const first = put('a')
    await turns(3)
    expect(await isSafe(first)).toBe(false)
    expect(keys()).toEqual(['a'])
    const others = ['b', 'c'].map(put)
    await turns(3)
    // what comes while the disk is busy is the next group, however many turns that takes
    others.push(put('d'))
    expect(keys()).toEqual(['a', 'b', 'c', 'd'])
    expect([transactions, flushes.length]).toEqual([1, 1])
    flushes[0]?.resolve()
    await first
    await turns(3)
    expect([transactions, flushes.length]).toEqual([2, 2])
    expect(await isSafe(Promise.all(others).then(() => undefined))).toBe(false)
    flushes[1]?.resolve()
    await Promise.all(others)
    expect(await isSafe(first)).toBe(true)
  })

  it('that change nothing need no disk', async () => {
    const first = put('a')
    await turns(3)
    // the same again, before it is safe: not before that
    const again = put('a')
    expect(await isSafe(again)).toBe(false)
    flushes[0]?.resolve()
    await Promise.all([first, again, store.commit([{ collection: 'c', key: 'never', value: undefined }])])
    expect(flushes).toHaveLength(1)
  })

  it('end at 500 changes, and are made safe together', async () => {
    const first = put('first')
    await turns(3)
    const waiting = Array.from({ length: 501 }, (_, i) => put(`k${i}`))
    expect([transactions, flushes.length]).toEqual([2, 1])
    flushes[0]?.resolve()
    await first
    await turns(3)
    expect([transactions, flushes.length]).toEqual([3, 2])
    flushes[1]?.resolve()
    await Promise.all(waiting)
    expect(outcomes).toEqual([true, true, true])
  })

  it('fail where the disk does, with all that waits; and nothing is built on what may not be there', async () => {
    const [first, second] = [put('a'), turns(3).then(() => put('b'))]
    const failed = [first, second].map((commit) => expect(commit).rejects.toMatchObject({ code: 'store-failed' }))
    await turns(4)
    flushes[0]?.reject(new Error('input/output error'))
    await Promise.all(failed)
    await expect(put('c')).rejects.toMatchObject({ code: 'store-failed', message: expect.stringContaining('input/output error') })
    expect(keys()).toEqual(['a'])
    expect(outcomes).toEqual([false, false])
  })

  it('end, whenever a commit comes: also in the very moment in which the one before is safe', async () => {
    await store.close()
    store = openStore(folder, { sync: () => Promise.resolve() })
    const waiting: Promise<void>[] = []
    for (let i = 0; i < 200; i++) {
      const commit = put(`k${i}`)
      waiting.push(commit)
      if (i % 7 === 0) await turns(i % 4)
      else await commit
      for (let hop = 0; hop < i % 9; hop++) await Promise.resolve()
    }
    await Promise.all(waiting)
    expect(keys()).toHaveLength(200)
  })

  it('are finished before the file is closed', async () => {
    const last = put('last')
    const closed = store.close()
    await expect(put('late')).rejects.toMatchObject({ code: 'store-failed' })
    await turns(3)
    expect(keys()).toEqual(['last'])
    flushes[0]?.resolve()
    await Promise.all([last, closed])
    const again = openStore(folder)
    expect(keys(again)).toEqual(['last'])
    await again.close()
  })
})
