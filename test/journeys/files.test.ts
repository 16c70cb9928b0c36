// Files over real sockets: a back end, a gateway and two controllers, each with a folder of its own.
import { createHash, generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Io, runCommand } from '../../apps/cli/ask.ts'
import { filesCommand } from '../../apps/cli/files.ts'
import type { NodeConfig, TrustEntry } from '../../src/adapters/config.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import type { NodeFiles } from '../../src/adapters/node-files.ts'
import { loadReadingKeys } from '../../src/adapters/reading-keys.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import { listText } from '../../src/overlay/files/content.ts'
import { DELETE_FILE, FILE_PROGRESS, GET_FILE, LIST_FILES, SEND_FILE } from '../../src/overlay/files/file-orders.ts'
import { OPEN_STREAM } from '../../src/overlay/streams/stream.ts'
import { bytesOf, engine, sourceOf } from '../overlay/files/support.ts'
import { csmsConfig, openSite, relayConfig, type Site, TOKEN } from '../support/site.ts'
import { until } from '../support/until.ts'

const NODES = ['csms', 'gateway', 'lc1', 'lc2'] as const
type Name = (typeof NODES)[number]

const trust: TrustEntry[] = NODES.map((node) => ({
  node,
  role: node === 'csms' ? 'csms' : node === 'gateway' ? 'gateway' : 'local-controller',
  key: `keys/${node}.pem`,
}))
/** Orders about the files of lc1, and its news of them, are read by nobody between. */
const readers = ['csms', 'lc1'] as const
for (const node of readers)
  trust.push({ node, role: node === 'csms' ? 'csms' : 'local-controller', key: `keys/${node}.encryption.pem`, use: 'encryption' })
const ORDERS = [SEND_FILE, GET_FILE, DELETE_FILE, LIST_FILES]
const ENCRYPTION: { readonly [node: string]: NodeConfig['encryption'] } = {
  csms: { encrypt: [{ actions: ORDERS, to: ['lc1'] }] },
  lc1: { encrypt: [{ actions: [FILE_PROGRESS], to: ['csms'] }] },
}

/** Who may do what with files, as the policy of each node says it. */
const policy: NodeConfig['policy'] = [
  { id: 'csms-writes', role: 'csms', actions: [SEND_FILE, GET_FILE, DELETE_FILE], where: [{ pointer: '/name', like: 'firmware/*' }] },
  { id: 'csms-lists', role: 'csms', actions: [LIST_FILES] },
  {
    id: 'content',
    role: ['csms', 'gateway', 'local-controller'],
    actions: [OPEN_STREAM],
    where: [{ pointer: '/purpose', equals: 'content' }],
  },
]

const encryptionOf = (node: string) => {
  const encryption = ENCRYPTION[node]
  return encryption ? { encryption } : {}
}

let site: Site
const running = new Map<Name, RunningNode>()
const filesOf = (node: Name): NodeFiles => running.get(node)?.files as NodeFiles
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

beforeAll(async () => {
  site = await openSite(4)
  const { port } = site
  // who starts first knows the keys of those that start later
  for (const node of NODES) loadIdentity(site.dir, node, engine)
  for (const node of readers) loadReadingKeys(site.dir, node, engine)
  const files = { megabytes: 4, cacheMegabytes: 8 }
  const start = async (config: NodeConfig): Promise<void> =>
    void running.set(config.node as Name, await site.start({ ...config, files, policy: policy ?? [], ...encryptionOf(config.node) }, trust))
  await start(csmsConfig(port))
  await start(relayConfig('gateway', { listen: port + 1, up: port, upNode: 'csms' }))
  await start(relayConfig('lc1', { listen: port + 2, up: port + 1, upNode: 'gateway' }))
  await start(relayConfig('lc2', { listen: port + 3, up: port + 1, upNode: 'gateway' }))
  const csms = running.get('csms')?.network
  for (const node of NODES) await until(() => node === 'csms' || csms?.overlay.routes.place(node)?.online, `${node} to be known`)
})

afterAll(() => site.close())

const bytes = bytesOf(1_500_000)
const source = sourceOf(bytes, 262_144)
const sending = { name: 'firmware/cs-2.4.bin', content: source.id, size: bytes.length }

describe('files over the network', () => {
  it('are sent over hops that keep them, so that the next controller costs the uplink nothing', async () => {
    const csms = filesOf('csms')
    csms.exchange.publish(source)
    const told: number[] = []
    const sent = csms.service.send('lc1', sending, ({ done }) => told.push(done))
    const [out, into] = [csms, filesOf('lc1')].map(
      ({ service }) =>
        () =>
          service.onTheirWay,
    )
    for (const end = Date.now() + 10_000; into?.().length === 0 && Date.now() < end; ) await new Promise((go) => setImmediate(go))
    const about = { name: sending.name, total: bytes.length, done: expect.any(Number) }
    expect(into?.()).toEqual([{ ...about, direction: 'in', node: 'csms' }])
    expect(out?.()).toEqual([{ ...about, direction: 'out', node: 'lc1' }])
    await sent
    const headers = { authorization: `Bearer ${TOKEN}` }
    expect(await (await fetch(`http://127.0.0.1:${site.port}/api/v1/files`, { headers })).json()).toEqual([])
    expect(sha256(readFileSync(join(site.dir, 'lc1', 'files', sending.name)))).toBe(sha256(bytes))
    expect(told.at(-1)).toBe(bytes.length)
    const { served } = csms.exchange.figures
    expect(served).toBe(bytes.length)
    await csms.service.send('lc2', sending)
    expect(csms.exchange.figures.served).toBe(served)
    expect(sha256(readFileSync(join(site.dir, 'lc2', 'files', sending.name)))).toBe(sha256(bytes))
  })

  it('are got, listed and deleted where the policy says so, and nowhere else', async () => {
    const { service } = filesOf('csms')
    const { file, transfer } = await service.get('lc1', sending.name)
    expect(file).toMatchObject({ name: sending.name, size: bytes.length, sha256: sha256(bytes), origin: 'csms' })
    expect((await transfer.done).content.sha256).toBe(sha256(bytes))
    transfer.release()
    const orders =
      running
        .get('lc1')
        ?.network?.journal.read(0, 999)
        .filter(({ kind }) => kind === 'order-accepted') ?? []
    const asked = orders
      .map(({ data }) => data as { readonly frame: string; readonly opened?: object })
      .find(({ frame }) => frame.includes(GET_FILE))
    expect(asked?.opened).toEqual({ name: sending.name })
    expect(asked?.frame).not.toContain(sending.name)
    expect((await service.list('lc1', '')).map(({ name }) => name)).toEqual([sending.name])
    const elsewhere = { ...sending, name: 'logs/cs-1.log' }
    await expect(service.send('lc1', elsewhere)).rejects.toMatchObject({ code: 'refused', data: { rule: 'csms-writes' } })
    await expect(service.get('lc1', 'logs/cs-1.log')).rejects.toMatchObject({ code: 'refused', data: { rule: 'csms-writes' } })
    await expect(filesOf('gateway').service.list('lc1', '')).rejects.toMatchObject({ code: 'refused', data: { rule: 'deny-by-default' } })
    const changed = { ...sending, onlyIfHash: '0'.repeat(64) }
    await expect(service.delete('lc1', sending.name, changed.onlyIfHash)).rejects.toMatchObject({
      code: 'refused',
      data: { rule: 'file-changed' },
    })
    expect(await service.delete('lc1', sending.name, sha256(bytes))).toBe(true)
    expect(await service.delete('lc1', sending.name)).toBe(false)
    await expect(service.get('lc1', sending.name)).rejects.toMatchObject({ code: 'input-missing' })
    const kept =
      running
        .get('lc1')
        ?.network?.journal.read(0, 1_000)
        .filter(({ kind }) => kind === 'file') ?? []
    expect(kept.map(({ text, subject }) => [subject, text])).toEqual([
      ['csms', `put ${sending.name}`],
      ['csms', `deleted ${sending.name}`],
    ])
  })

  it('are refused where they do not fit, and leave nothing', async () => {
    const large = bytesOf(5_000_000)
    const tooLarge = sourceOf(large, 262_144)
    filesOf('csms').exchange.publish(tooLarge)
    const order = { name: 'firmware/large.bin', content: tooLarge.id, size: large.length }
    await expect(filesOf('csms').service.send('lc2', order)).rejects.toMatchObject({ code: 'limit-exceeded' })
    // who says that it is smaller than it is
    await expect(filesOf('csms').service.send('lc2', { ...order, size: 1_000 })).rejects.toMatchObject({
      code: 'refused',
      data: { at: 'lc2' },
    })
    expect((await filesOf('csms').service.list('lc2', '')).map(({ name }) => name)).toEqual([sending.name])
    expect(readdirSync(join(site.dir, 'lc2', 'files', '.incoming'))).toEqual([])
  })
})

describe('chargeproof files', () => {
  /** Those that ask no node. */
  const OWN = ['sign', 'check']
  const command = async (...words: readonly string[]): Promise<{ out: string; error: string; code: number }> => {
    let [out, error] = ['', '']
    const io: Io = {
      out: (text) => {
        out += text
      },
      error: (text) => (error += text),
      stdin: async () => bytes,
      terminal: false,
      progress: true,
    }
    // commands take these over when they are added
    const program = new Command('chargeproof').exitOverride().configureOutput({ writeErr: io.error })
    filesCommand(program, io)
    process.exitCode = 0
    const api = OWN.includes(words[0] as string) ? [] : ['--api', `http://127.0.0.1:${site.port}`, '--token', TOKEN]
    const code = await runCommand(program, ['files', ...words, ...api], io)
    const failed = Number(process.exitCode)
    process.exitCode = 0
    return { out, error, code: code || failed }
  }

  it('puts, lists, gets and removes a file of a node two hops away', async () => {
    const [path, back] = [join(site.dir, 'cs.bin'), join(site.dir, 'back.bin')]
    writeFileSync(path, bytes.subarray(0, 700_001))
    const put = await command('put', path, 'lc1', 'firmware/cs.bin', '--json')
    expect(put.code).toBe(0)
    expect(JSON.parse(put.out)).toEqual({ node: 'lc1', name: 'firmware/cs.bin', size: 700_001, sha256: sha256(bytes.subarray(0, 700_001)) })
    expect(put.error).toMatch(/to lc1 683\.6 KiB of 683\.6 KiB, 100 %/)
    expect((await command('ls', 'lc1', 'firmware')).out).toMatch(/683\.6 KiB .* csms .* firmware\/cs\.bin\n$/)
    expect(await command('get', 'lc1', 'firmware/cs.bin', back)).toMatchObject({ code: 0 })
    expect(readFileSync(back)).toEqual(readFileSync(path))
    expect(await command('get', 'lc1', 'firmware/cs.bin', back)).toMatchObject({ code: 74, error: expect.stringContaining('--force') })
    expect(await command('rm', 'lc1', 'firmware/cs.bin')).toMatchObject({ code: 0 })
    expect(await command('get', 'lc1', 'firmware/cs.bin', back, '--force')).toMatchObject({ code: 66 })
    expect(readFileSync(back)).toEqual(readFileSync(path))
  })

  it('puts a file of its own node, in whatever place the operator likes', async () => {
    const path = join(site.dir, 'own.txt')
    writeFileSync(path, 'own')
    expect(await command('put', path, 'csms', 'notes/own.txt')).toMatchObject({ code: 0 })
    expect(await command('put', path, 'csms', 'notes/own.txt', '--only-if-hash', '')).toMatchObject({ code: 1 })
    expect(JSON.parse((await command('ls', 'csms', '--json')).out)).toMatchObject([{ name: 'notes/own.txt', size: 3, origin: 'csms' }])
  })

  it('brings what a publisher signed, and no other file under that name', async () => {
    const at = (name: string): string => join(site.dir, name)
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    writeFileSync(at('acme.key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
    writeFileSync(at('acme.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
    writeFileSync(at('stranger.pem'), stranger.export({ type: 'spki', format: 'pem' }))
    writeFileSync(at('map.bin'), bytes.subarray(0, 300_000))
    writeFileSync(at('other.bin'), bytes.subarray(1, 300_001))
    const about = ['--key', at('acme.key.pem'), '--name', 'ACME map', '--release', '3.1', '--kind', 'map']
    const signed = await command('sign', at('map.bin'), ...about)
    expect(signed.code).toBe(0)
    writeFileSync(at('map.json'), signed.out)
    const [good, other] = [at('map.bin'), at('other.bin')]
    const check = (file: string, key: string) => command('check', file, at('map.json'), '--publisher', at(key))
    expect(await check(good, 'acme.pem')).toMatchObject({ code: 0, out: expect.stringContaining('map ACME map 3.1') })
    expect(await check(other, 'acme.pem')).toMatchObject({ code: 1, error: expect.stringContaining('not the file') })
    expect(await check(good, 'stranger.pem')).toMatchObject({ code: 1, error: expect.stringContaining('unknown-key') })

    const name = 'firmware/map.bin'
    expect(await command('put', other, 'lc1', name, '--manifest', at('map.json'))).toMatchObject({ code: 1 })
    expect(await command('put', good, 'lc1', name, '--manifest', at('map.json'))).toMatchObject({ code: 0 })
    expect(await command('get', 'lc1', name, at('got.bin'), '--publisher', at('acme.pem'))).toMatchObject({ code: 0 })
    expect(readFileSync(at('got.bin'))).toEqual(readFileSync(good))
    // somebody puts another file in its place: its manifest stays, and says so
    expect(await command('put', other, 'lc1', name)).toMatchObject({ code: 0 })
    expect(await command('get', 'lc1', name, at('not.bin'), '--publisher', at('acme.pem'))).toMatchObject({ code: 1 })
    expect(readdirSync(site.dir).filter((each) => each.startsWith('not.bin'))).toEqual([])
  })

  it('says what was wrong with the question', async () => {
    const path = join(site.dir, 'own.txt')
    expect(await command('put', path, 'lc1', '../own.txt')).toMatchObject({ code: 64, error: expect.stringContaining('no name of a file') })
    expect(await command('put', path, 'lc1', 'logs/own.txt')).toMatchObject({
      code: 1,
      error: expect.stringContaining('refused by rule csms-writes'),
    })
    expect(await command('put', join(site.dir, 'none'), 'lc1')).toMatchObject({ code: 66 })
    expect(await command('ls', 'nobody')).toMatchObject({ code: 69 })
    expect(await command('rm', 'lc1')).toMatchObject({ code: 64 })
  })

  it('is answered with a chunk that is another, or a list that is none, by the API as such', async () => {
    const ask = async (path: string, method: string, body: string | Uint8Array<ArrayBuffer>, type: string): Promise<number> => {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': type }
      return (await fetch(`http://127.0.0.1:${site.port}/api/v1${path}`, { method, body, headers })).status
    }
    const [json, octets] = ['application/json', 'application/octet-stream']
    const one = sourceOf(bytes.subarray(0, 3_000))
    const chunk = (index: number): string => `/contents/${one.id}/chunks/${index}`
    expect(await ask(chunk(0), 'PUT', bytes.slice(0, 1_024), octets)).toBe(404)
    expect(await ask('/contents', 'POST', '{"size":1,"chunkSize":1,"sha256":"x","chunks":""}', json)).toBe(400)
    expect(await ask('/contents', 'POST', listText(one.content), json)).toBe(200)
    expect(await ask(chunk(0), 'PUT', bytes.slice(1, 1_025), octets)).toBe(400)
    expect(await ask(chunk(0), 'PUT', bytes.slice(0, 1_024), octets)).toBe(200)
    expect(await ask(chunk(9), 'PUT', bytes.slice(0, 1_024), octets)).toBe(400)
  })
})
