// Content on a disk: outlives the process, believes only what has the right hash, gives up the least used, holds its quotas.
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DiskContentStore } from '../../src/adapters/content-store.ts'
import { listText } from '../../src/overlay/files/content.ts'
import type { ChunkSource, HeldContent } from '../../src/overlay/files/content-store.ts'
import { bytesOf, engine, sourceOf } from '../overlay/files/support.ts'

let folder: string
let store: DiskContentStore
const opened = (quota = 20_000, accountQuota = 12_000) => DiskContentStore.open({ folder, engine, quota, accountQuota })
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'content-store-'))
  store = await opened()
})
afterEach(() => rmSync(folder, { recursive: true }))

const fill = async (source: ChunkSource, account = 'lc', upTo = Number.POSITIVE_INFINITY): Promise<HeldContent> => {
  const held = await store.begin(source.content, account)
  for (let i = 0; i < Math.min(upTo, source.content.hashes.length / 32); i++) await held.put(i, (await source.read(i)) as Uint8Array)
  return held
}
const [one, two, three] = [5_000, 6_000, 7_000].map((size) => sourceOf(bytesOf(size))) as [ChunkSource, ChunkSource, ChunkSource]

describe('a store of content', () => {
  it('keeps content over a restart', async () => {
    const held = await fill(one)
    expect(held.missing).toBe(0)
    held.release()
    store = await opened()
    const again = await store.find(one.id)
    expect(again?.missing).toBe(0)
    expect(await again?.read(4)).toEqual(await one.read(4))
    again?.release()
    expect(await store.find(two.id)).toBeUndefined()
  })

  it('keeps the chunks that were there when the process died, and no other', async () => {
    await fill(one, 'lc', 3)
    store = await opened()
    const again = await store.find(one.id)
    expect([0, 1, 2, 3, 4].map((i) => again?.has(i))).toEqual([true, true, true, false, false])
    again?.release()
  })

  it('believes nothing of a chunk that a crash left half, or that somebody changed', async () => {
    const half = await fill(one, 'lc', 3)
    half.release()
    const part = join(folder, `${one.id}.part`)
    writeFileSync(part, readFileSync(part).subarray(0, 2_500))
    store = await opened()
    const again = await store.find(one.id)
    expect(again?.missing).toBe(3)
    again?.release()
    const held = await fill(two)
    const data = join(folder, `${two.id}.data`)
    const bytes = readFileSync(data)
    bytes[1_500] = (bytes[1_500] as number) ^ 1
    writeFileSync(data, bytes)
    expect(await held.read(1)).toBeUndefined()
    expect([held.missing, held.has(1)]).toEqual([1, false])
    await held.put(1, (await two.read(1)) as Uint8Array)
    expect(await held.read(1)).toEqual(await two.read(1))
    held.release()
  })

  it('gives up what was not used for longest, and never what is in use', async () => {
    const first = await fill(one, 'a')
    const second = await fill(two, 'b')
    second.release()
    utimesSync(join(folder, `${two.id}.json`), 1, 1)
    const third = await fill(three, 'c')
    expect(store.bytes).toBe(18_000)
    third.release()
    // the second was used before the third; the first is held
    const fourth = await fill(sourceOf(bytesOf(7_500)), 'd')
    expect(await store.find(two.id)).toBeUndefined()
    expect(readdirSync(folder).some((name) => name.startsWith(two.id))).toBe(false)
    await expect(store.begin(sourceOf(bytesOf(9_000)).content, 'e')).rejects.toMatchObject({ code: 'limit-exceeded' })
    first.release()
    fourth.release()
  })

  it('bounds what one node may have kept here, at the cost of nobody else', async () => {
    const other = await fill(one, 'b')
    other.release()
    const first = await fill(two, 'a')
    await expect(store.begin(three.content, 'a')).rejects.toMatchObject({ code: 'limit-exceeded' })
    first.release()
    const second = await fill(three, 'a')
    expect(await store.find(two.id)).toBeUndefined()
    const still = await store.find(one.id)
    expect(still?.missing).toBe(0)
    still?.release()
    second.release()
    await expect(store.begin(sourceOf(bytesOf(12_001)).content, 'a')).rejects.toMatchObject({ code: 'limit-exceeded' })
    expect(store.bytes).toBe(12_000)
  })

  it('clears what belongs to nothing, and reads no description that is none', async () => {
    const held = await fill(one)
    held.release()
    writeFileSync(join(folder, `${two.id}.part`), 'x')
    writeFileSync(join(folder, `${three.id}.json`), '{"account":"lc"')
    writeFileSync(join(folder, `${three.id}.data`), 'x')
    store = await opened()
    expect(readdirSync(folder).toSorted()).toEqual([`${one.id}.data`, `${one.id}.json`].toSorted())
    expect(store.bytes).toBe(5_000)
  })

  it.each(['while it runs', 'and starts again'])(
    'believes no description that somebody changed, with the bytes it is then true of, %s',
    async (when) => {
      const held = await fill(one)
      held.release()
      const at = (ending: string): string => join(folder, `${one.id}.${ending}`)
      const forged = sourceOf(bytesOf(5_000).map((byte) => byte ^ 1))
      // all but what it is known by: the hash of the whole, which people see, is as it was
      const list = listText({ ...forged.content, sha256: one.content.sha256 })
      writeFileSync(at('json'), `{"account":"lc","list":${list}}`)
      writeFileSync(at('data'), Buffer.concat(await Promise.all([0, 1, 2, 3, 4].map(async (i) => (await forged.read(i)) as Uint8Array))))
      if (when === 'and starts again') store = await opened()
      expect(await store.find(one.id)).toBeUndefined()
      expect(readdirSync(folder)).toEqual([])
      const again = await fill(one)
      expect(await again.read(0)).toEqual(await one.read(0))
      again.release()
    },
  )

  it.each(['data', 'json'])('gets anew what somebody took the %s of away', async (ending) => {
    const held = await fill(one)
    held.release()
    rmSync(join(folder, `${one.id}.${ending}`))
    expect(await store.find(one.id)).toBeUndefined()
    const again = await fill(one)
    expect(again.missing).toBe(0)
    again.release()
  })

  it('may hold nothing at all', async () => {
    const held = await fill(sourceOf(new Uint8Array(0)))
    expect(held.missing).toBe(0)
    held.release()
  })
})
