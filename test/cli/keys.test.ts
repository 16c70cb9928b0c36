// `chargeproof keys …` as a person uses it: from a root to a rotation, a revocation and a certificate, in a folder of its own.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { keysCommand } from '../../apps/cli/keys.ts'

let folder: string
const at = (name: string): string => join(folder, name)

/** What the command says. */
const keys = async (...words: readonly string[]): Promise<string> => {
  const said: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((text: string) => void said.push(text))
  const program = new Command('chargeproof').exitOverride().configureOutput({ writeErr: () => undefined })
  keysCommand(program)
  for (const command of program.commands.flatMap((each) => [each, ...each.commands])) command.exitOverride()
  try {
    await program.parseAsync(['keys', ...words], { from: 'user' })
  } finally {
    log.mockRestore()
  }
  return said.join('\n')
}
const places = (): string[] => ['--root', at('root'), '--data', at('data')]
const root = (): string[] => ['--root', at('root')]

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chargeproof-keys-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

it('makes a root and a key, rotates, revokes, and replaces the root', async () => {
  const born = /has the key ([\w-]{43})/.exec(await keys('new', 'lc', '--data', at('data')))?.[1] ?? ''
  expect(await keys('root', 'init', ...root(), '--next', at('vault'))).toContain('the root is')
  await expect(keys('root', 'init', ...root(), '--next', at('vault'))).rejects.toThrow('holds a root already')
  await expect(keys('rotate', 'lc', ...places())).rejects.toThrow('needs --role')
  const next = /signs with ([\w-]{43})/.exec(await keys('rotate', 'lc', ...places(), '--role', 'local-controller', '--in', '0'))?.[1] ?? ''
  expect((await keys('show', 'lc', '--data', at('data'))).split('\n').sort()).toEqual([born, next].sort())
  await keys('revoke', born, ...root(), '--reason', 'stolen')
  await keys('root', 'replace', ...root(), '--with', at('vault'), '--next', at('vault-2'))
  const list = await keys('list', ...root())
  expect(list).toMatch(new RegExp(`lc +${born} +revoked .*stolen`))
  expect(list).toMatch(new RegExp(`lc +${next} +valid `))
  expect(JSON.parse(await keys('export', ...root()))).toContainEqual(expect.objectContaining({ fact: expect.objectContaining({ seq: 2 }) }))
  for (const file of ['root/root.key.pem', 'vault-2/next-root.key.pem', `data/lc/node-${next.slice(0, 8)}.key.pem`])
    expect(statSync(at(file)).mode & 0o777).toBe(0o600)
})

it('makes keys for policies, for key administration and to be written to, each beside the others; who may revoke needs no root', async () => {
  await keys('root', 'init', '--root', at('root-3'), '--next', at('vault-3'))
  const places3 = ['--root', at('root-3'), '--data', at('data')]
  await keys('new', 'office', '--data', at('data'))
  const made = async (use: string) => {
    const said = await keys('rotate', 'office', ...places3, '--role', 'policy-admin', '--in', '0', '--for', use)
    return /with ([\w-]{43})/.exec(said)?.[1] ?? ''
  }
  const [policy, administration, reading] = [await made('policy'), await made('key-administration'), await made('encryption')]
  const facts = JSON.parse(readFileSync(at('root-3/facts.json'), 'utf8'))
  const { keys: listed } = facts.at(-1).fact
  expect(listed.map(({ purposes }: { purposes: string[] }) => purposes)).toEqual([
    ['message', 'link', 'policy'],
    ['policy'],
    ['key-administration'],
    ['encryption'],
  ])
  expect(readdirSync(at('data/office'))).toContain(`encryption-${reading.slice(0, 8)}.key.pem`)
  rmSync(at('root-3/root.key.pem'))
  await expect(keys('revoke', policy, ...places3)).rejects.toThrow('this is done where the root is')
  await expect(keys('revoke', policy, ...places3, '--by', 'lc')).rejects.toThrow('no key for key administration')
  expect(await keys('revoke', policy, ...places3, '--by', 'office')).toContain(`revoked ${policy}`)
  expect(await keys('list', '--root', at('root-3'))).toMatch(new RegExp(`${administration} +valid`))
  await expect(made('policy')).rejects.toThrow('this is done where the root is')
})

it('revokes a key whose name begins with a hyphen, and nothing that is no name', async () => {
  const name = `-3Y${'A'.repeat(40)}`
  expect(await keys('revoke', name, ...root(), '--reason', 'lost')).toContain(`revoked ${name}`)
  await expect(keys('revoke', '--everything', ...root())).rejects.toThrow(/everything/)
})

it('lets a node ask where the root is not, and the root vouch where the node is not', async () => {
  const copy = ['--root', at('copy')]
  mkdirSync(at('copy'))
  writeFileSync(at('copy/facts.json'), readFileSync(at('root/facts.json')))
  await expect(keys('rotate', 'lc', ...copy, '--data', at('data'))).rejects.toThrow('this is done where the root is')
  await keys('rotate', 'lc', ...copy, '--data', at('data'), '--request', at('request.json'))
  expect(await keys('sign', at('request.json'), ...root())).toContain('lc has a new document')
})

it('issues a certificate and takes it back', async () => {
  expect(await keys('issue', 'cs-1', '--use', 'client', '--ca', at('ca'), '--out', at('tls'))).toContain('cs-1.cert.pem')
  const [{ serial }] = JSON.parse(readFileSync(at('ca/issued.json'), 'utf8'))
  expect(await keys('take-back', serial, '--ca', at('ca'))).toContain('good for 30 days')
  await expect(keys('take-back', '00', '--ca', at('ca'))).rejects.toThrow('no certificate 00 was issued here')
})

it.each([
  [['revoke', 'short'], 'a key’s name has 43 characters'],
  [['rotate', 'lc', '--in', 'soon'], 'expected a number'],
  [['issue', 'x', '--use', 'anything'], 'Allowed choices'],
  [['root', 'init'], "required option '--next"],
])('says what is wrong with %j', async (words, complaint) => {
  await expect(keys(...words)).rejects.toThrow(complaint)
})
