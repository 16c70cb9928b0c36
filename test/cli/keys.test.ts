// `chargeproof keys …` as a person uses it: from a root to a rotation, a revocation and a certificate, in a folder of its own.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import { Authority } from '../../src/adapters/authority.ts'
import { systemClock } from '../../src/adapters/clock.ts'
import { openDesk } from '../support/keys-command.ts'

const { at, keys, close } = openDesk()
const places = (): string[] => ['--root', at('root'), '--data', at('data')]
const root = (): string[] => ['--root', at('root')]

afterAll(close)

it('makes a root and a key, rotates, revokes, and replaces the root', async () => {
  const born = /has the key ([\w-]{43})/.exec(await keys('new', 'lc', '--data', at('data')))?.[1] ?? ''
  expect(await keys('root', 'init', ...root(), '--next', at('vault'))).toContain('the root is')
  await expect(keys('root', 'init', ...root(), '--next', at('vault'))).rejects.toThrow('holds a root already')
  await expect(keys('root', 'init', '--root', at('other'), '--next', at('other'))).rejects.toThrow('must lie elsewhere')
  await expect(keys('root', 'init', '--root', at('other'), '--next', at('vault'))).rejects.toThrow('which may be the only one')
  expect(await keys('list', ...root())).toContain('vouched for no key yet')
  await expect(keys('rotate', 'lc', ...places())).rejects.toThrow('needs --role')
  const next = /signs with ([\w-]{43})/.exec(await keys('rotate', 'lc', ...places(), '--role', 'local-controller', '--in', '0'))?.[1] ?? ''
  expect((await keys('show', 'lc', '--data', at('data'))).split('\n').sort()).toEqual([born, next].sort())
  await keys('revoke', born, ...root(), '--reason', 'stolen')
  await expect(keys('root', 'replace', ...root(), '--with', at('vault'), '--next', at('vault'))).rejects.toThrow(
    'which may be the only one',
  )
  await keys('root', 'replace', ...root(), '--with', at('vault'), '--next', at('vault-2'))
  const list = await keys('list', ...root())
  expect(list).toMatch(new RegExp(`lc +${born} +revoked .*stolen`))
  expect(list).toMatch(new RegExp(`lc +${next} +valid +message\\+link `))
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
  expect(await keys('sign', at('request.json'), ...root(), '--look')).toMatch(
    /^lc in the role local-controller.*\n.* for message, link, from/,
  )
  expect(await keys('sign', at('request.json'), ...root())).toContain('lc has a new document')
})

it('a first request names what the node was born with beside its new key, and is vouched for by that', async () => {
  const born = /has the key ([\w-]{43})/.exec(await keys('new', 'gw', '--data', at('data')))?.[1] ?? ''
  const asking = ['--root', at('copy'), '--data', at('data'), '--role', 'gateway', '--request', at('first.json')]
  const next = /asks for the key ([\w-]{43})/.exec(await keys('rotate', 'gw', ...asking))?.[1] ?? ''
  await keys('sign', at('first.json'), ...root())
  const list = await keys('list', ...root())
  // the new one counts in two minutes: without the old one the node would be nobody until then
  expect(list).toMatch(new RegExp(`gw +${born} +valid .*\\n.*${next} +not-yet-valid `))
  const [{ signatures }] = JSON.parse(readFileSync(at('first.json'), 'utf8'))
  expect(signatures.map(({ protected: header }: { protected: string }) => JSON.parse(atob(header)).kid)).toEqual([born])
})

it('issues a certificate and takes it back', async () => {
  expect(await keys('issue', 'cs-1', '--use', 'client', '--ca', at('ca'), '--out', at('tls'))).toContain('cs-1.cert.pem')
  const [{ serial }] = JSON.parse(readFileSync(at('ca/issued.json'), 'utf8'))
  const isGood = () => execFileSync('openssl', ['verify', '-crl_check', ...files, at('tls/cs-1.cert.pem')], { stdio: 'pipe' }).toString()
  const files = ['-CAfile', at('ca/ca.pem'), '-CRLfile', at('ca/crl.pem')]
  expect(isGood()).toContain('OK')
  // as the back end does, which answers stations from the same folder
  const standing = await Authority.open(at('ca'), systemClock)
  expect(await keys('take-back', `serial=${serial.toUpperCase()}`, '--ca', at('ca'))).toContain('good for 30 days')
  expect(isGood).toThrow('certificate revoked')
  await standing.issue({ name: 'cs-2', usage: 'client', days: 1 })
  await keys('take-back', '--ca', at('ca'))
  expect(isGood).toThrow('certificate revoked')
  await expect(keys('take-back', '00', '--ca', at('ca'))).rejects.toThrow('no certificate 00 was issued here')
  await expect(keys('take-back', serial, '--ca', at('elsewhere'))).rejects.toThrow('there is no authority in')
})

it('says that a folder cannot be used, whichever it is', async () => {
  writeFileSync(at('file'), '')
  const inFile = at('file/folder')
  for (const words of [
    ['root', 'init', '--root', inFile, '--next', at('v')],
    ['new', 'x', '--data', inFile],
    ['issue', 'x', '--ca', inFile],
    ['issue', 'x', '--ca', at('ca'), '--out', inFile],
  ])
    await expect(keys(...words)).rejects.toMatchObject({ code: 'store-failed', message: expect.stringContaining(inFile) })
})

it.each([
  [['revoke', 'short'], 'a key’s name has 43 characters'],
  [['rotate', 'lc', '--in', 'soon'], 'expected a number'],
  [['issue', 'x', '--use', 'anything'], 'Allowed choices'],
  [['root', 'init'], "required option '--next"],
])('says what is wrong with %j', async (words, complaint) => {
  await expect(keys(...words)).rejects.toThrow(complaint)
})
