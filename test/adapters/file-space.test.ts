// A file space on a disk: nothing outside of it is touched whatever it is asked for, nothing half written is ever seen, quotas hold.
import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DiskFileSpace } from '../../src/adapters/file-space.ts'
import { nodeRandom } from '../../src/adapters/node-crypto.ts'
import { utf8 } from '../../src/base/bytes.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import { bytesOf, engine, HOSTILE, sourceOf } from '../overlay/files/support.ts'

let root: string
let folder: string
const store = memoryStore()
const opened = () => DiskFileSpace.open({ folder, engine, random: nodeRandom, store, quota: 10_000, originQuota: 6_000, files: 4 })
let space: DiskFileSpace
const by = { origin: 'csms' }
const text = (words: string) => sourceOf(utf8(words))
const read = async (name: string): Promise<Uint8Array | undefined> => {
  const file = await space.open(name)
  const bytes = await file?.read(0)
  file?.release()
  return bytes
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'file-space-'))
  folder = join(root, 'files')
  writeFileSync(join(root, 'secret'), 'secret')
  mkdirSync(join(root, 'outside'))
  space = await opened()
})
afterEach(() => rmSync(root, { recursive: true }))

describe('a file space', () => {
  it('keeps what it is given, under a name, of an origin', async () => {
    await space.put('a/b.txt', text('hello'), by)
    expect(readFileSync(join(folder, 'a/b.txt'), 'utf8')).toBe('hello')
    expect(await space.list('')).toMatchObject([{ name: 'a/b.txt', size: 5, origin: 'csms' }])
    expect(await space.list('a')).toHaveLength(1)
    expect(await space.list('b')).toEqual([])
    expect(await read('a/b.txt')).toEqual(utf8('hello'))
    expect(await space.delete('a/b.txt')).toBe(true)
    expect(readdirSync(folder)).toEqual(['.incoming'])
    expect(await space.delete('a/b.txt')).toBe(false)
  })

  it.each(HOSTILE.map((name) => [JSON.stringify(name).slice(0, 60), name]))('refuses the name %s for everything', async (_shown, name) => {
    const refused = { code: 'refused', data: { rule: 'file-name' } }
    await expect(space.put(name, text('x'), by)).rejects.toMatchObject(refused)
    await expect(space.open(name)).rejects.toMatchObject(refused)
    await expect(space.delete(name)).rejects.toMatchObject(refused)
    if (name !== '') await expect(space.list(name)).rejects.toMatchObject(refused)
    expect(readdirSync(root).toSorted()).toEqual(['files', 'outside', 'secret'])
    expect(readdirSync(folder)).toEqual(['.incoming'])
  })

  it('follows no link, to a file or a folder, inside or outside, symbolic or hard', async () => {
    await space.put('own.txt', text('own'), by)
    symlinkSync(join(root, 'secret'), join(folder, 'soft'))
    symlinkSync(join(folder, 'own.txt'), join(folder, 'inside'))
    symlinkSync(join(root, 'nowhere'), join(folder, 'dangling'))
    symlinkSync(join(root, 'outside'), join(folder, 'out'))
    linkSync(join(root, 'secret'), join(folder, 'hard'))
    const refused = { code: 'refused', data: { rule: 'file-link' } }
    for (const name of ['soft', 'inside', 'dangling', 'hard', 'out/x']) {
      await expect(space.open(name)).rejects.toMatchObject(refused)
      await expect(space.put(name, text('x'), by)).rejects.toMatchObject(refused)
      await expect(space.delete(name)).rejects.toMatchObject(refused)
    }
    await expect(space.list('out')).rejects.toMatchObject(refused)
    expect(readFileSync(join(root, 'secret'), 'utf8')).toBe('secret')
    expect(readdirSync(join(root, 'outside'))).toEqual([])
  })

  it('opens nothing that is no file', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')])
    mkdirSync(join(folder, 'folder'))
    for (const name of ['pipe', 'folder']) {
      await expect(space.open(name)).rejects.toMatchObject({ code: 'refused', data: { rule: 'file-kind' } })
      await expect(space.put(name, text('x'), by)).rejects.toMatchObject({ code: 'refused', data: { rule: 'file-kind' } })
    }
    await space.put('a', text('x'), by)
    await expect(space.put('a/b', text('x'), by)).rejects.toMatchObject({ code: 'refused', data: { rule: 'file-kind' } })
  })

  it('has no two names that differ in capitals alone', async () => {
    await space.put('Logs/Straße', text('x'), by)
    for (const name of ['logs/y', 'Logs/STRASSE'])
      await expect(space.put(name, text('y'), by)).rejects.toMatchObject({ data: { rule: 'file-name' } })
    await space.put('Logs/Straße', text('y'), by)
    expect(await read('Logs/Straße')).toEqual(utf8('y'))
  })

  it('holds its quotas: of bytes, of one origin, of files; what takes the place of a file counts without it', async () => {
    await space.put('a', sourceOf(bytesOf(5_000)), by)
    await expect(space.put('b', sourceOf(bytesOf(1_001)), by)).rejects.toMatchObject({ code: 'limit-exceeded' })
    await space.put('a', sourceOf(bytesOf(6_000)), by)
    await space.put('b', sourceOf(bytesOf(4_000)), { origin: 'lc' })
    await expect(space.put('c', text('x'), { origin: 'other' })).rejects.toMatchObject({ code: 'limit-exceeded' })
    await space.delete('a')
    for (const name of ['c', 'd', 'e']) await space.put(name, text('x'), by)
    await expect(space.put('f', text('x'), by)).rejects.toMatchObject({ code: 'limit-exceeded' })
    await expect(space.check('f', 1, by)).rejects.toMatchObject({ code: 'limit-exceeded' })
    await space.check('e', 1, by)
    // two at once do not pass together what one alone may
    await space.delete('e')
    const both = await Promise.allSettled(['g', 'h'].map((name) => space.put(name, text('x'), by)))
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(readdirSync(join(folder, '.incoming'))).toEqual([])
  })

  it('changes a file only where it is what it was said to be', async () => {
    const { content } = text('one')
    await space.put('a', text('one'), { ...by, onlyIfHash: '' })
    const changed = { code: 'refused', data: { rule: 'file-changed' } }
    await expect(space.put('a', text('two'), { ...by, onlyIfHash: '' })).rejects.toMatchObject(changed)
    await expect(space.put('a', text('two'), { ...by, onlyIfHash: '0'.repeat(64) })).rejects.toMatchObject(changed)
    await expect(space.delete('a', '0'.repeat(64))).rejects.toMatchObject(changed)
    await space.put('a', text('two'), { ...by, onlyIfHash: content.sha256 })
    expect(await read('a')).toEqual(utf8('two'))
  })

  it('lets one of many win who want the same name at once, and what it holds is one of theirs', async () => {
    const words = ['one', 'two', 'three', 'four']
    const first = await Promise.allSettled(words.map((word) => space.put('a', text(word), { ...by, onlyIfHash: '' })))
    expect(first.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected'])
    const { sha256 } = text('one').content
    const changes = [...words.map((word) => space.put('a', text(`${word}!`), { ...by, onlyIfHash: sha256 })), space.delete('a', sha256)]
    expect((await Promise.allSettled(changes)).filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await read('a')).toEqual(utf8('one!'))
    await Promise.all(words.map((word) => space.put('a', text(word.repeat(300)), by)))
    expect(words.map((word) => word.repeat(300))).toContain(new TextDecoder().decode(readFileSync(join(folder, 'a'))))
    expect(readdirSync(join(folder, '.incoming'))).toEqual([])
  })

  it('shows nothing of a file that is not whole, and forgets it at the next start', async () => {
    await space.put('a', text('before'), by)
    const whole = sourceOf(bytesOf(4_000))
    const breaking = {
      ...whole,
      read: async (index: number) => (index < 2 ? whole.read(index) : Promise.reject(new Error('the power is gone'))),
    }
    await expect(space.put('a', breaking, by)).rejects.toMatchObject({ code: 'store-failed' })
    expect(await read('a')).toEqual(utf8('before'))
    expect(readdirSync(join(folder, '.incoming'))).toEqual([])
    writeFileSync(join(folder, '.incoming', 'half'), 'ha')
    space = await opened()
    expect(readdirSync(join(folder, '.incoming'))).toEqual([])
    expect((await space.list('')).map(({ name }) => name)).toEqual(['a'])
  })

  it('hands out nothing of a file that was changed after it was described', async () => {
    await space.put('a', text('one'), by)
    const file = await space.open('a')
    writeFileSync(join(folder, 'a'), 'two')
    expect(await file?.read(0)).toBeUndefined()
    file?.release()
    // what was put in its place under the same name is another file: who has the first goes on with it
    const second = await space.open('a')
    writeFileSync(join(folder, 'b'), 'new')
    renameSync(join(folder, 'b'), join(folder, 'a'))
    expect(await second?.read(0)).toEqual(utf8('two'))
    second?.release()
  })
})
