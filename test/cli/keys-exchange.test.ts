// `chargeproof keys import` and `keys fetch` with a running node: a stolen key for key administration is revoked although it said more than the
// root had heard, and a root whose folder is lost is replaced from the vault.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { openDesk } from '../support/keys-command.ts'
import { csmsConfig, openSite, type Site, TOKEN } from '../support/site.ts'

const { at, keys, close } = openDesk()
let site: Site
let api: string[]
const root = ['--root', at('root')]
const thief = ['--root', at('thief')]
const bring = async (from: readonly string[]): Promise<string> => {
  writeFileSync(at('facts.json'), await keys('export', ...from))
  return keys('import', at('facts.json'), ...api)
}
const named = (said: string): string => /with ([\w-]{43})/.exec(said)?.[1] ?? ''

beforeAll(async () => {
  site = await openSite(1)
  await keys('root', 'init', ...root, '--next', at('vault'))
  mkdirSync(`${site.dir}/keys`)
  writeFileSync(`${site.dir}/keys/root.json`, await keys('export', ...root))
  loadIdentity(site.dir, 'csms', nodeEngine())
  await site.start({ ...csmsConfig(site.port), keys: { root: 'keys/root.json' } }, [{ node: 'csms', role: 'csms', key: 'keys/csms.pem' }])
  api = ['--api', `http://127.0.0.1:${site.port}`, '--token', TOKEN]
}, 20_000)
it('says so where a node has no root', async () => {
  const other = await openSite(1)
  loadIdentity(other.dir, 'csms', nodeEngine())
  await other.start(csmsConfig(other.port))
  const there = ['--api', `http://127.0.0.1:${other.port}`, '--token', TOKEN]
  writeFileSync(at('facts.json'), await keys('export', ...root))
  for (const words of [
    ['import', at('facts.json')],
    ['fetch', ...root],
  ])
    await expect(keys(...words, ...there)).rejects.toThrow('Its configuration has no section "keys"')
  await other.close()
})

afterAll(async () => {
  await site.close()
  close()
})

it('the root outruns a thief of a key for key administration, once it has fetched what the thief revoked', async () => {
  await keys('new', 'office', '--data', at('data'))
  const asked = ['--data', at('data'), '--role', 'office', '--in', '0', '--for', 'key-administration']
  const stolen = named(await keys('rotate', 'office', ...root, ...asked))
  expect(await bring(root)).toBe('1 fact is new, and on the way to every node')
  expect(await bring(root)).toBe('the node knew all of it')
  cpSync(at('root'), at('thief'), { recursive: true })
  rmSync(at('thief/root.key.pem'))
  const innocent = 'A'.repeat(43)
  await keys('revoke', innocent, ...thief, '--by', 'office', '--data', at('data'), '--reason', 'mischief')
  for (let i = 0; i < 3; i++) await keys('refresh', ...thief, '--by', 'office', '--data', at('data'))
  await bring(thief)
  await expect(bring(root)).rejects.toThrow('the node knows newer revocations than this file: number 5, and here is 1')
  await keys('revoke', stolen, ...root, '--reason', 'stolen')
  await expect(bring(root)).rejects.toThrow(/revocations-kept\nIt knows of a revocation that this file lacks/)
  expect(await keys('fetch', ...root, ...api)).toMatch(new RegExp(`and 1 revocations.*\n  ${innocent} .*mischief`))
  expect(await bring(root)).toBe('1 fact is new, and on the way to every node')
  await keys('refresh', ...thief, '--by', 'office', '--data', at('data'))
  await expect(bring(thief)).rejects.toThrow('newer revocations than this file')
  const answer = await fetch(`${api[1]}/api/v1/keys`, { headers: { authorization: `Bearer ${TOKEN}` } })
  const known = (await answer.json()) as { readonly keys: readonly { readonly kid: string }[] }
  expect(known.keys.find(({ kid }) => kid === stolen)).toMatchObject({ state: 'revoked', reason: 'stolen' })
  expect(await keys('fetch', ...root, ...api)).toContain('knew all of it')
})

it('the vault and what a node knows are enough where the folder of the root is lost; a stranger’s root is not taken', async () => {
  const before = await keys('list', ...root)
  cpSync(at('root'), at('old'), { recursive: true })
  rmSync(at('root'), { recursive: true })
  expect(await keys('fetch', ...root, ...api)).toContain('2 revocations')
  expect((await keys('list', ...root)).split('\n').sort()).toEqual(before.split('\n').sort())
  await expect(keys('refresh', ...root)).rejects.toThrow('this is done where the root is')
  await keys('root', 'replace', ...root, '--with', at('vault'), '--next', at('vault-2'))
  await bring(root)
  await keys('refresh', '--root', at('old'))
  await expect(bring(['--root', at('old')])).rejects.toThrow('the node knows root 2, which took the place of root 1')
  await keys('fetch', '--root', at('old'), ...api)
  await expect(keys('refresh', '--root', at('old'))).rejects.toThrow('another took its place')
  await keys('root', 'init', '--root', at('strange'), '--next', at('strange-vault'))
  await expect(keys('fetch', '--root', at('strange'), ...api)).rejects.toThrow('root-committed')
  await expect(bring(['--root', at('strange')])).rejects.toThrow('the node knows root 2')
})

it('under a root with a second key, a new node needs the word of both, on two machines', async () => {
  const [pair, data] = [
    ['--root', at('pair')],
    ['--data', at('data-2')],
  ]
  expect(await keys('root', 'init', ...pair, '--next', at('vault-9'), '--second', at('eyes'))).toContain(
    'vouches for each new node beside the root',
  )
  await keys('new', 'lc9', ...data)
  const rotate = ['rotate', 'lc9', ...pair, ...data, '--role', 'local-controller']
  await expect(keys(...rotate)).rejects.toThrow('key-second')
  await keys(...rotate, '--request', at('r9.json'))
  await expect(keys('sign', at('r9.json'), ...pair)).rejects.toThrow('key-second')
  expect(await keys('sign', at('r9.json'), '--second', at('eyes'))).toContain('has the word of the second key')
  expect(await keys('sign', at('r9.json'), ...pair)).toContain('lc9 has a new document')
  // what it does from now on it does by its own word
  expect(await keys('rotate', 'lc9', ...pair, ...data)).toContain('lc9 signs with')
  expect(await keys('root', 'replace', ...pair, '--with', at('vault-9'), '--next', at('vault-10'), '--second', at('eyes'))).toContain(
    'number 2',
  )
  expect(await keys('list', ...pair)).toContain('lc9')
  await keys('new', 'lc10', ...data)
  await expect(keys('rotate', 'lc10', ...pair, ...data, '--role', 'local-controller')).rejects.toThrow('key-second')
}, 20_000)
