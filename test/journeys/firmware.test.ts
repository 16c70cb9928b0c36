// Firmware over real sockets: published at the back end over its API, rolled out to stations of three versions behind a gateway and a
// controller, which serves it by HTTP from a stream; one fails, the roll-out stops, and goes on. Then a log comes the other way.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodeConfig, TrustEntry } from '../../src/adapters/config.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { logger } from '../../src/adapters/log.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import type { Json, Store } from '../../src/base/ports.ts'
import { toPem } from '../../src/crypto/key.ts'
import { payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import { CHUNK_SIZE } from '../../src/overlay/files/content.ts'
import { SEND_FILE } from '../../src/overlay/files/file-orders.ts'
import { OPEN_STREAM } from '../../src/overlay/streams/stream.ts'
import { OPEN_DOOR, readAddress } from '../../src/roles/door.ts'
import { writeImage } from '../../src/roles/firmware/image.ts'
import { manufacturerOf, type Release, signRelease } from '../../src/roles/firmware/release.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { sourceOf } from '../overlay/files/support.ts'
import { engine, manufacturer, signingOffice } from '../roles/firmware/support.ts'
import { csmsConfig, openSite, relayConfig, type Site, TOKEN } from '../support/site.ts'
import { until } from '../support/until.ts'

const VENDOR = 'ACME Chargers'
const STATIONS = { 'cs-16': 'ocpp1.6', 'cs-201': 'ocpp2.0.1', 'cs-21': 'ocpp2.1' } as const
const IMAGE = { vendor: VENDOR, model: 'AC-22', version: '2.4.0' }
const FILE = writeImage(
  IMAGE,
  new Uint8Array(700_000).map((_, i) => (i * 31) & 255),
)

let site: Site
let [csms, lc]: NetworkNode[] = []
let office: Awaited<ReturnType<typeof signingOffice>>
let csmsStore: Store
const acme = manufacturer(VENDOR)
const stations = new Map<string, RunningNode>()

const trust: TrustEntry[] = [
  ...(['csms', 'gateway', 'lc'] as const).map((node) => ({
    node,
    role: node === 'lc' ? 'local-controller' : node,
    key: `keys/${node}.pem`,
  })),
  { node: manufacturerOf(VENDOR), role: 'manufacturer', key: 'keys/acme.pem', use: 'firmware' },
]
const policy: NodeConfig['policy'] = [
  { id: 'csms-operates', role: 'csms', actions: ['*'] },
  { id: 'content', role: ['gateway', 'local-controller'], actions: [OPEN_STREAM], where: [{ pointer: '/purpose', equals: 'content' }] },
  { id: 'news', role: 'local-controller', actions: ['PublishFirmwareStatusNotification'] },
  { id: 'logs', role: 'local-controller', actions: [SEND_FILE], where: [{ pointer: '/name', like: 'logs/*' }] },
]

const powerOn = async (node: keyof typeof STATIONS, port: number): Promise<void> => {
  const station = { version: STATIONS[node], vendor: VENDOR, model: 'AC-22', serial: node, evses: 1, maxPowerW: 22_000, firmware: '2.3.0' }
  const config: NodeConfig = {
    ...{ node, role: 'station', backend: 'csms', station: { ...station, firmwareKey: 'keys/stations-acme.pem' } },
    uplinks: [{ node: 'lc', url: `ws://127.0.0.1:${port}/ocpp` }],
    policy: [{ id: 'csms-operates', role: 'csms', actions: ['*'] }],
  }
  const world = { dataDir: site.dir, token: TOKEN, log: logger('silent'), rebootMs: 100 }
  stations.set(node, await startNode({ ...config, trust: trust.slice(0, 1) }, world))
}

beforeAll(async () => {
  site = await openSite(3)
  const { port, dir } = site
  office = await signingOffice()
  mkdirSync(`${dir}/keys`, { recursive: true })
  for (const node of ['csms', 'gateway', 'lc']) loadIdentity(dir, node, engine)
  writeFileSync(`${dir}/keys/acme.pem`, toPem(acme.signer.publicKey))
  writeFileSync(`${dir}/keys/stations-acme.pem`, toPem(office.key))
  const start = async (config: NodeConfig) => (await site.start({ ...config, files: {}, policy: policy ?? [] }, trust)).network
  const backend = await site.start({ ...csmsConfig(port), files: {}, policy: policy ?? [] }, trust)
  ;[csms, csmsStore] = [backend.network, backend.store]
  await start(relayConfig('gateway', { listen: port + 1, up: port, upNode: 'csms' }))
  const door = { url: `http://127.0.0.1:${port + 2}` }
  lc = await start({ ...relayConfig('lc', { listen: port + 2, up: port + 1, upNode: 'gateway' }), door })
  await until(() => csms?.overlay.routes.place('lc')?.online, 'the controller to be known')
  for (const station of Object.keys(STATIONS) as (keyof typeof STATIONS)[]) await powerOn(station, port + 2)
  await until(async () => ((await ask('GET', '/stations')) as { model: string }[]).filter(({ model }) => model).length === 3, 'three boots')
})

afterAll(async () => {
  for (const station of stations.values()) await station.stop()
  await site.close()
})

const send = (method: string, path: string, body?: BodyInit | undefined, type = 'application/json'): Promise<Response> =>
  fetch(`http://127.0.0.1:${site.port}/api/v1${path}`, {
    ...{ method, headers: { authorization: `Bearer ${TOKEN}`, ...(body !== undefined && { 'content-type': type }) } },
    ...(body !== undefined && { body }),
  })
type BodyInit = NonNullable<Parameters<typeof fetch>[1]>['body']
const ask = async (method: string, path: string, body?: object): Promise<Json> =>
  (await send(method, path, body && JSON.stringify(body))).json() as Promise<Json>

const release = (more: Partial<Release> = {}): Release => {
  const sha256 = Buffer.from(engine.digest('SHA-256', FILE)).toString('hex')
  const signed = { signature: office.sign(FILE), signingCertificate: office.certificate }
  return { ...{ id: 'acme-2.4.0', ...IMAGE, bytes: FILE.length, sha256, issued: Date.now() }, ...signed, ...more }
}
const rollOut = async (id: string) =>
  (await ask('GET', `/firmware/roll-outs/${id}`)) as { state: string; reason?: string; stations: { state: string }[] }

describe('firmware', () => {
  it('is published with its file, and what was altered is not', async () => {
    const signed = signRelease(release(), acme)
    const forged = { ...signed, release: { ...signed.release, version: '9.9' } }
    expect(await ask('POST', '/firmware/releases', forged)).toMatchObject({ code: 'request-invalid' })
    expect(await ask('POST', '/firmware/releases', signed)).toMatchObject({ id: 'acme-2.4.0', file: false })
    const put = (file: Uint8Array) => send('PUT', '/firmware/releases/acme-2.4.0/file', Buffer.from(file), 'application/octet-stream')
    expect((await put(FILE.with(5_000, 1))).status).toBe(400)
    expect((await put(FILE.subarray(1))).status).toBe(400)
    expect(await (await put(FILE)).json()).toMatchObject({ file: true })
  })

  it('is rolled out in stages to all three versions, over a stream and the door of their controller', async () => {
    const before = lc?.overlay.routes.place('csms')
    expect(before?.online).toBe(true)
    const plan = { id: 'spring', release: 'acme-2.4.0', stations: Object.keys(STATIONS), stages: [1, 'all'] }
    expect(await ask('POST', '/firmware/roll-outs', plan)).toMatchObject({ state: 'running', stage: 1 })
    await until(async () => (await rollOut('spring')).state !== 'running', 'the roll-out to end', 60_000)
    const { state, stations: rows } = await rollOut('spring')
    expect([state, rows.map((row) => row.state)]).toEqual(['done', ['installed', 'installed', 'installed']])
    for (const station of stations.values()) expect(station.station?.settings.firmware).toBe('2.4.0')
  }, 60_000)

  it('stops where a station fails, and is resumed to the end', async () => {
    // what the manufacturer’s list vouches for, and the station does not: its signature is of another file
    const wrong = signRelease(release({ id: 'acme-odd', version: '2.5.0', signature: office.sign(FILE.subarray(1)) }), acme)
    await ask('POST', '/firmware/releases', wrong)
    await ask('POST', '/firmware/roll-outs', { id: 'odd', release: 'acme-odd', stations: ['cs-201', 'cs-21'], stages: [1, 'all'] })
    await until(async () => (await rollOut('odd')).state === 'stopped', 'the roll-out to stop')
    expect(await rollOut('odd')).toMatchObject({
      reason: 'cs-201 failed: InvalidSignature',
      stations: [{ state: 'failed' }, { state: 'waiting' }],
    })
    expect(await ask('POST', '/firmware/roll-outs/odd/commands', { command: 'cancel' })).toMatchObject({ state: 'cancelled' })
  })
})

/** As a station would: a bare request, from another address where wanted. */
const knock = (url: string, options: { method?: string; body?: string; from?: string; range?: string } = {}) =>
  new Promise<{ status: number; bytes: Buffer }>((resolve, reject) => {
    const { method = 'GET', body, from = '127.0.0.1', range } = options
    const asked = request(url, { method, localAddress: from, headers: range ? { range } : {}, agent: false }, (answer) => {
      const parts: Buffer[] = []
      answer
        .on('data', (part) => parts.push(part))
        .on('end', () => resolve({ status: answer.statusCode ?? 0, bytes: Buffer.concat(parts) }))
    })
    asked.on('error', reject).end(body)
  })

const openDoor = async (details: object): Promise<string> => {
  const { answer } = await (csms as NetworkNode).ask('lc', OPEN_DOOR, payloadOf({ station: 'cs-21', ...details } as Json), {
    ocpp: 'ocpp2.1',
  })
  return readAddress(answer.message.type === RESULT ? answer.message.payload.value : null)
}

describe('the door', () => {
  it('takes the log of a station, and the back end has it', async () => {
    for (const [station, action] of [
      ['cs-16', 'GetDiagnostics'],
      ['cs-21', 'GetLog'],
    ] as const) {
      const { url } = (await ask('POST', '/firmware/uploads', { station, folder: 'logs' })) as { url: string }
      const payload = action === 'GetLog' ? { logType: 'DiagnosticsLog', requestId: 1, log: { remoteLocation: url } } : { location: url }
      const called = (await ask('POST', `/stations/${station}/calls`, { action, payload })) as {
        payload: { filename?: string; fileName?: string }
      }
      const name = called.payload.filename ?? called.payload.fileName
      const path = join(site.dir, 'csms', 'files', 'logs', station, name as string)
      await until(() => readable(path)?.includes('boot answered'), 'the log to come')
      const { status } = await knock(`${url}again`, { method: 'PUT', body: 'more' })
      expect([404, 409]).toContain(status)
    }
  })

  it('gives one file once, in parts where wanted, to the station alone', async () => {
    const files = stationsFiles()
    const url = await openDoor({ get: files })
    expect((await knock(url, { from: '127.0.0.2' })).status).toBe(404)
    expect((await knock(url, { method: 'PUT', body: 'x' })).status).toBe(404)
    expect((await knock(`${url}x`)).status).toBe(404)
    expect((await knock(url, { range: `bytes=${FILE.length}-` })).status).toBe(416)
    const first = await knock(url, { range: 'bytes=10-99' })
    expect([first.status, first.bytes.equals(Buffer.from(FILE.subarray(10, 100)))]).toEqual([206, true])
    const rest = await knock(url, { range: 'bytes=300000-' })
    expect([rest.status, rest.bytes.equals(Buffer.from(FILE.subarray(300_000)))]).toEqual([206, true])
    expect((await knock(url)).status).toBe(404)
  })

  it('publishes for all its stations, as OCPP 2.x has it, and for nobody else', async () => {
    const { content } = stationsFiles()
    const checksum = createHash('md5').update(FILE).digest('hex')
    const payload = { location: `chargeproof:${content}`, checksum, requestId: 9 }
    const { answer } = await (csms as NetworkNode).ask('lc', 'PublishFirmware', payloadOf(payload), { ocpp: 'ocpp2.1' })
    expect(answer.message).toMatchObject({ payload: { value: { status: 'Accepted' } } })
    let url = ''
    await until(async () => {
      const told = csmsStore.get('latest', 'lc/PublishFirmwareStatusNotification/9') as { payload?: { location?: string[] } } | undefined
      url = told?.payload?.location?.[0] ?? ''
      return url !== ''
    }, 'the address to be told')
    for (let i = 0; i < 2; i++) expect((await knock(url)).bytes.equals(Buffer.from(FILE))).toBe(true)
    expect((await knock(url, { from: '127.0.0.2' })).status).toBe(404)
    await (csms as NetworkNode).ask('lc', 'UnpublishFirmware', payloadOf({ checksum }), { ocpp: 'ocpp2.1' })
    expect((await knock(url)).status).toBe(404)
  })

  it('gives nothing that is not what the address was made for, and makes none for whom it does not know', async () => {
    const url = await openDoor({ get: { ...stationsFiles(), sha256: 'ab'.repeat(32) } })
    expect((await knock(url)).status).toBe(403)
    for (const wrong of [{ station: 'nobody', get: stationsFiles() }, { put: { folder: '../up' } }, { get: { content: 'x' } }, {}])
      await expect(openDoor(wrong)).rejects.toThrow()
    const escaping = await openDoor({ put: { folder: 'logs' } })
    for (const name of ['..%2F..%2Fx', '%00', 'a%2Fb', 'CON'])
      expect([name, (await knock(escaping + name, { method: 'PUT', body: 'x' })).status]).toEqual([name, 404])
  })
})

const readable = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // not there yet
  }
}

/** The content of the release, as the back end gave it to the door before. */
const stationsFiles = () => {
  const sha256 = Buffer.from(engine.digest('SHA-256', FILE)).toString('hex')
  return { content: sourceOf(FILE, CHUNK_SIZE).id, size: FILE.length, sha256 }
}
