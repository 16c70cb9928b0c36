// A roll-out that meets everything at once, over real sockets: the uplink breaks in the middle of the download, the file is changed on the
// last metre, so the first station refuses it and the roll-out stops; mended, it is resumed, the last metre breaks too, and it ends.
import { mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LastMetre } from '../../apps/park/last-metre.ts'
import type { NodeConfig, TrustEntry } from '../../src/adapters/config.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { logger } from '../../src/adapters/log.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import { toPem } from '../../src/crypto/key.ts'
import { OPEN_STREAM } from '../../src/overlay/streams/stream.ts'
import { writeImage } from '../../src/roles/firmware/image.ts'
import { manufacturerOf, signRelease } from '../../src/roles/firmware/release.ts'
import { engine, manufacturer, signingOffice } from '../roles/firmware/support.ts'
import { firmwareApi } from '../support/firmware-api.ts'
import { csmsConfig, openSite, relayConfig, type Site, TOKEN } from '../support/site.ts'
import { until } from '../support/until.ts'

const VENDOR = 'ACME Chargers'
const STATIONS = { 'cs-16': 'ocpp1.6', 'cs-201': 'ocpp2.0.1', 'cs-21': 'ocpp2.1' } as const
const IMAGE = { vendor: VENDOR, model: 'AC-22', version: '2.4.0' }
const FILE = writeImage(
  IMAGE,
  new Uint8Array(6_000_000).map((_, i) => (i * 31) & 255),
)
const policy: NonNullable<NodeConfig['policy']> = [
  { id: 'csms-operates', role: 'csms', actions: ['*'] },
  { id: 'content', role: ['gateway', 'local-controller'], actions: [OPEN_STREAM], where: [{ pointer: '/purpose', equals: 'content' }] },
]

let site: Site
let metre: LastMetre
let [csms, lc]: RunningNode[] = []
const stations: RunningNode[] = []
const acme = manufacturer(VENDOR)

beforeAll(async () => {
  site = await openSite(3)
  const { port, dir } = site
  const office = await signingOffice()
  mkdirSync(`${dir}/keys`, { recursive: true })
  for (const node of ['csms', 'gateway', 'lc']) loadIdentity(dir, node, engine)
  writeFileSync(`${dir}/keys/acme.pem`, toPem(acme.signer.publicKey))
  writeFileSync(`${dir}/keys/office.pem`, toPem(office.key))
  const trust: TrustEntry[] = [
    { node: 'csms', role: 'csms', key: 'keys/csms.pem' },
    { node: 'gateway', role: 'gateway', key: 'keys/gateway.pem' },
    { node: 'lc', role: 'local-controller', key: 'keys/lc.pem' },
    { node: manufacturerOf(VENDOR), role: 'manufacturer', key: 'keys/acme.pem', use: 'firmware' },
  ]
  metre = await LastMetre.open(port + 2)
  const start = (config: NodeConfig) => site.start({ ...config, files: {}, policy }, trust)
  csms = await start(csmsConfig(port))
  await start(relayConfig('gateway', { listen: port + 1, up: port, upNode: 'csms' }))
  lc = await start({
    ...relayConfig('lc', { listen: port + 2, up: port + 1, upNode: 'gateway' }),
    door: { url: `http://127.0.0.1:${metre.port}` },
  })
  await until(() => csms?.network?.overlay.routes.place('lc')?.online, 'the controller to be known')
  for (const [node, version] of Object.entries(STATIONS)) {
    const station = { version, vendor: VENDOR, model: 'AC-22', serial: node, evses: 1, maxPowerW: 22_000, firmware: '2.3.0' }
    const config: NodeConfig = {
      ...{ node, role: 'station', backend: 'csms', station: { ...station, firmwareKey: 'keys/office.pem' } },
      ...{ uplinks: [{ node: 'lc', url: `ws://127.0.0.1:${port + 2}/ocpp` }], policy: policy.slice(0, 1) },
    }
    const world = { dataDir: dir, token: TOKEN, log: logger('silent'), rebootMs: 100 }
    stations.push(await startNode({ ...config, trust: trust.slice(0, 1) }, world))
  }
  await until(() => stations.every(({ station }) => station?.online), 'three boots')
  const about = { id: 'acme-2.4.0', ...IMAGE, bytes: FILE.length, issued: Date.now() }
  const sha256 = Buffer.from(engine.digest('SHA-256', FILE)).toString('hex')
  const release = { ...about, sha256, signature: office.sign(FILE), signingCertificate: office.certificate }
  await ask('POST', '/releases', JSON.stringify(signRelease(release, acme)))
  await ask('PUT', '/releases/acme-2.4.0/file', Buffer.from(FILE))
})

afterAll(async () => {
  for (const station of stations) await station.stop()
  await site.close()
  await metre.close()
})

const ask = firmwareApi(() => site.port)

/** As soon as it holds, between two turns of the event loop. */
const atOnce = async (holds: () => boolean, what: string): Promise<void> => {
  for (const deadline = Date.now() + 20_000; !holds(); await new Promise((go) => setImmediate(go)))
    if (Date.now() > deadline) throw new Error(`never: ${what}`)
}

it('is resumed to the end after a station failed, over links that broke in the middle of the file', async () => {
  metre.alters = true
  const plan = { id: 'spring', release: 'acme-2.4.0', stations: Object.keys(STATIONS), stages: [1, 'all'] }
  await ask('POST', '/roll-outs', JSON.stringify(plan))

  const received = (): number => lc?.files?.exchange.figures.received ?? 0
  await atOnce(() => received() > 500_000, 'the download to be under way')
  lc?.network?.overlay.routes.direct('gateway')?.close(1001, 'cut by the test')
  expect(received()).toBeLessThan(FILE.length)

  await until(async () => (await ask('GET', '/roll-outs/spring')).state === 'stopped', 'the roll-out to stop', 30_000)
  expect(await ask('GET', '/roll-outs/spring')).toMatchObject({
    reason: 'cs-16 failed: InvalidSignature',
    stations: [{ state: 'failed' }, { state: 'waiting' }, { state: 'waiting' }],
  })
  expect(metre.altered).toBe(1)
  // once, in spite of the break
  expect(received()).toBe(FILE.length)

  metre.alters = false
  const before = metre.passed
  await ask('POST', '/roll-outs/spring/commands', JSON.stringify({ command: 'resume', retry: true }))
  await atOnce(() => metre.passed - before > 500_000, 'the station to fetch it again')
  metre.cut()
  expect(metre.passed - before).toBeLessThan(FILE.length)

  await until(async () => (await ask('GET', '/roll-outs/spring')).state !== 'running', 'the roll-out to end', 30_000)
  const { state, stations: rows } = await ask('GET', '/roll-outs/spring')
  expect([state, rows.map((row) => row.state)]).toEqual(['done', ['installed', 'installed', 'installed']])
  for (const { station } of stations) expect(station?.settings.firmware).toBe('2.4.0')
  // three stations, one of them twice, cost the uplink one file
  expect(received()).toBe(FILE.length)
}, 60_000)
