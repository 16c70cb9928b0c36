import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../src/adapters/sqlite-store.ts'
import type { Store } from '../../src/base/ports.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

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
    store = openStore(folder, {
      beforeCommit: () => transactions++,
      sync: () => {
        const flush = Promise.withResolvers<void>()
        flushes.push(flush)
        return flush.promise
      },
      committed: (_seconds, isSafe) => outcomes.push(isSafe),
    })
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const put = (key: string): Promise<void> => store.commit([{ collection: 'c', key, value: 1 }])
  const keys = (of = store): string[] => of.list('c').map(({ key }) => key)
  const isSafe = async (commit: Promise<void>): Promise<boolean> =>
    await Promise.race([commit.then(() => true), turn().then(() => turn().then(() => false))])

  it('hold what is committed in one turn', async () => {
    const waiting = ['a', 'b', 'c'].map(put)
    await turn()
    expect([transactions, flushes.length]).toEqual([1, 1])
    flushes[0]?.resolve()
    await Promise.all(waiting)
    expect(outcomes).toEqual([true])
  })

  it('are not safe before the disk says so, and hold nobody up meanwhile', async () => {
    const first = put('a')
    await turn()
    expect(await isSafe(first)).toBe(false)
    expect(keys()).toEqual(['a'])
    const others = ['b', 'c'].map(put)
    await turn()
    // what comes while the disk is busy is the next group, however many turns that takes
    others.push(put('d'))
    expect(keys()).toEqual(['a', 'b', 'c', 'd'])
    expect([transactions, flushes.length]).toEqual([1, 1])
    flushes[0]?.resolve()
    await first
    await turn()
    expect([transactions, flushes.length]).toEqual([2, 2])
    expect(await isSafe(Promise.all(others).then(() => undefined))).toBe(false)
    flushes[1]?.resolve()
    await Promise.all(others)
    expect(await isSafe(first)).toBe(true)
  })

  it('end at 500 changes, and are made safe together', async () => {
    const first = put('first')
    await turn()
    const waiting = Array.from({ length: 501 }, (_, i) => put(`k${i}`))
    expect([transactions, flushes.length]).toEqual([2, 1])
    flushes[0]?.resolve()
    await first
    await turn()
    expect([transactions, flushes.length]).toEqual([3, 2])
    flushes[1]?.resolve()
    await Promise.all(waiting)
    expect(outcomes).toEqual([true, true, true])
  })

  it('fail where the disk does, with all that waits; and nothing is built on what may not be there', async () => {
    const [first, second] = [put('a'), turn().then(() => put('b'))]
    const failed = [first, second].map((commit) => expect(commit).rejects.toMatchObject({ code: 'store-failed' }))
    await turn()
    await turn()
    flushes[0]?.reject(new Error('input/output error'))
    await Promise.all(failed)
    await expect(put('c')).rejects.toMatchObject({ code: 'store-failed', message: expect.stringContaining('input/output error') })
    expect(keys()).toEqual(['a'])
    expect(outcomes).toEqual([false, false])
  })

  it('are finished before the file is closed', async () => {
    const last = put('last')
    const closed = store.close()
    await expect(put('late')).rejects.toMatchObject({ code: 'store-failed' })
    await turn()
    expect(keys()).toEqual(['last'])
    flushes[0]?.resolve()
    await Promise.all([last, closed])
    const again = openStore(folder)
    expect(keys(again)).toEqual(['last'])
    await again.close()
  })
})
