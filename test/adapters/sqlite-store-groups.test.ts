import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../src/adapters/sqlite-store.ts'
import type { Store } from '../../src/base/ports.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('flushes of the SQLite store', () => {
  let folder: string
  let store: Store
  let flushes: number

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chargeproof-'))
    flushes = 0
    open(60_000)
  })
  /** @param groupMs a minute, where a busy machine must not decide */
  const open = (groupMs: number): void => {
    store = openStore(folder, { groupMs, beforeCommit: () => flushes++ })
  }
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const put = (key: string): Promise<void> => store.commit([{ collection: 'c', key, value: 1 }])

  it('serve the commits of turns that follow each other at once', async () => {
    const waiting = [put('a')]
    for (const key of ['b', 'c', 'd']) {
      await turn()
      waiting.push(put(key))
    }
    expect(flushes).toBe(0)
    await Promise.all(waiting)
    expect(flushes).toBe(1)
    expect(store.list('c')).toHaveLength(4)
  })

  it('do not wait for a turn that brings nothing', async () => {
    const first = put('a')
    await turn()
    await turn()
    await first
    expect(flushes).toBe(1)
    await put('b')
    expect(flushes).toBe(2)
  })

  it('come without end of the stream too, when the group is old enough', async () => {
    await store.close()
    open(2)
    const began = performance.now()
    const first = put('first')
    let isSafe = false
    void first.then(() => {
      isSafe = true
    })
    for (let i = 0; !isSafe && performance.now() - began < 2_000; i++) {
      void put(`k${i % 7}`)
      await turn()
    }
    expect(isSafe).toBe(true)
    expect(flushes).toBe(1)
  })

  it('come without end of the stream too, when the group is large enough', async () => {
    const waiting: Promise<void>[] = []
    for (let i = 0; i < 501; i++) {
      waiting.push(put(`k${i}`))
      if (i % 10 === 0) await turn()
    }
    expect(flushes).toBe(1)
    await Promise.all(waiting)
    expect(flushes).toBe(2)
  })
})
