// A node is killed while it puts files away and fetches content: what it said is there is there and whole, nothing is half there, and what
// of the content had come need not come again.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DiskContentStore } from '../../src/adapters/content-store.ts'
import { DiskFileSpace } from '../../src/adapters/file-space.ts'
import { nodeRandom } from '../../src/adapters/node-crypto.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import { bytesOf, engine, sourceOf } from '../overlay/files/support.ts'

const PUTTER = fileURLToPath(new URL('endless-files.ts', import.meta.url))
let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'files-kill-'))
})
afterEach(() => rmSync(home, { recursive: true }))

/** What it said until it was killed, that many characters into it. */
const killed = async (after: number): Promise<string[][]> => {
  const putter = spawn(process.execPath, [PUTTER, home], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  putter.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.length > after) putter.kill('SIGKILL')
  })
  await once(putter, 'close')
  return said
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' '))
}

const wholeFile = (path: string): number => {
  const bytes = readFileSync(path)
  const n = bytes.length - 50_000
  expect(n).toBeGreaterThanOrEqual(0)
  expect(bytes.every((byte) => byte === n % 251)).toBe(true)
  return n
}

it.each([300, 1_111, 2_345])(
  'leaves whole files and whole chunks alone, killed %i characters into its words',
  async (after) => {
    const said = await killed(after)
    const last = new Map<string, readonly string[]>()
    for (const [kind = '', name = '', n = ''] of said) if (kind !== 'chunk') last.set(name, [kind, n])
    expect(last.size).toBeGreaterThan(1)

    const options = {
      folder: join(home, 'files'),
      engine,
      random: nodeRandom,
      store: memoryStore(),
      quota: 1e9,
      originQuota: 1e9,
      files: 99,
    }
    const space = await DiskFileSpace.open(options)
    const found = new Map((await space.list('')).map(({ name }) => [name, wholeFile(join(home, 'files', name))]))
    // it was killed in the midst of one more, or after it was done and before that was said
    const isNext = (name: string, said: number): boolean => (found.get(name) ?? said + 4) >= said
    for (const [name, [kind, n]] of last) expect([name, kind === 'gone' || isNext(name, Number(n))]).toEqual([name, true])
    const missing = [...last].filter(([name, [kind]]) => kind === 'file' && !found.has(name))
    expect(missing.length).toBeLessThanOrEqual(1)
    for (const [, [, n]] of missing) expect(Number(n) % 7).toBe(6)
    expect(readdirSync(join(home, 'files', '.incoming'))).toEqual([])

    const store = await DiskContentStore.open({ folder: join(home, 'content'), engine, quota: 1e9 })
    const fetched = sourceOf(bytesOf(2_000_000), 4_096)
    const held = await store.find(fetched.id)
    const came = said.flatMap(([kind, index]) => (kind === 'chunk' ? [Number(index)] : []))
    expect(came.filter((index) => !held?.has(index))).toEqual([])
    for (const index of came)
      expect(Buffer.compare((await held?.read(index)) as Uint8Array, (await fetched.read(index)) as Uint8Array)).toBe(0)
    held?.release()
  },
  30_000,
)
