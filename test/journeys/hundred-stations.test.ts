// A firmware for a hundred stations behind one controller, over real sockets: each gets it whole and at the same time as the others, and the
// uplink, whose bytes are counted, carries it once. The stations are bare sockets of three versions, so that one process can hold them.
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { NodeConfig, TrustEntry } from '../../src/adapters/config.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import type { Json } from '../../src/base/ports.ts'
import { toPem } from '../../src/crypto/key.ts'
import { OPEN_STREAM } from '../../src/overlay/streams/stream.ts'
import { writeImage } from '../../src/roles/firmware/image.ts'
import { manufacturerOf, signRelease } from '../../src/roles/firmware/release.ts'
import { engine, manufacturer } from '../roles/firmware/support.ts'
import { CountingLine } from '../support/counting-line.ts'
import { firmwareApi } from '../support/firmware-api.ts'
import { OcppPeer } from '../support/ocpp-peer.ts'
import { csmsConfig, openSite, relayConfig, type Site } from '../support/site.ts'
import { until } from '../support/until.ts'

const COUNT = 100
const VERSIONS = ['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1'] as const
const VENDOR = 'ACME Chargers'
const IMAGE = { vendor: VENDOR, model: 'AC-22', version: '2.4.0' }
const FILE = writeImage(
  IMAGE,
  new Uint8Array(600_000).map((_, i) => (i * 31) & 255),
)
const SHA256 = createHash('sha256').update(FILE).digest('hex')

const acme = manufacturer(VENDOR)
const policy: NonNullable<NodeConfig['policy']> = [
  { id: 'csms-operates', role: 'csms', actions: ['*'] },
  { id: 'content', role: 'local-controller', actions: [OPEN_STREAM], where: [{ pointer: '/purpose', equals: 'content' }] },
]
const trust: TrustEntry[] = [
  { node: 'csms', role: 'csms', key: 'keys/csms.pem' },
  { node: 'lc', role: 'local-controller', key: 'keys/lc.pem' },
  { node: manufacturerOf(VENDOR), role: 'manufacturer', key: 'keys/acme.pem', use: 'firmware' },
]

/** Boots, takes the order for a firmware, fetches what it names, and boots again as what that made of it. */
class BareStation {
  /** Of what it fetched. */
  sha256: string | undefined
  readonly #peer: OcppPeer
  readonly #isOld: boolean
  readonly #serial: string

  constructor(peer: OcppPeer, serial: string, isOld: boolean) {
    this.#peer = peer
    this.#isOld = isOld
    this.#serial = serial
    peer.answers.set('UpdateFirmware', (payload) => {
      const { location, requestId, firmware } = payload as { location?: string; requestId?: number; firmware?: { location: string } }
      void this.#update(firmware?.location ?? String(location), isOld ? {} : { requestId: requestId as number })
      return isOld ? {} : { status: 'Accepted' }
    })
  }

  async boot(firmwareVersion: string): Promise<void> {
    const { vendor: vendorName, model } = IMAGE
    const station = { vendorName, model, serialNumber: this.#serial, firmwareVersion }
    const old = { chargePointVendor: vendorName, chargePointModel: model, chargePointSerialNumber: this.#serial, firmwareVersion }
    await this.#peer.result('BootNotification', this.#isOld ? old : { reason: 'PowerUp', chargingStation: station })
  }

  close(): Promise<unknown> {
    return this.#peer.close()
  }

  async #update(location: string, about: { readonly [name: string]: Json }): Promise<void> {
    const say = (status: string) => this.#peer.result('FirmwareStatusNotification', { status, ...about })
    await say('Downloading')
    const file = Buffer.from(await (await fetch(location)).arrayBuffer())
    this.sha256 = createHash('sha256').update(file).digest('hex')
    await say('Downloaded')
    await say('Installed')
    await this.boot(IMAGE.version)
  }
}

let site: Site
let line: CountingLine
let [csms, lc]: RunningNode[] = []
const stations: BareStation[] = []

beforeAll(async () => {
  site = await openSite(2)
  const { port, dir } = site
  mkdirSync(`${dir}/keys`, { recursive: true })
  for (const node of ['csms', 'lc']) loadIdentity(dir, node, engine)
  writeFileSync(`${dir}/keys/acme.pem`, toPem(acme.signer.publicKey))
  csms = await site.start({ ...csmsConfig(port), files: {}, policy }, trust)
  line = await CountingLine.open(port)
  const relay = relayConfig('lc', { listen: port + 1, up: line.port, upNode: 'csms' })
  lc = await site.start({ ...relay, files: {}, policy, door: { url: `http://127.0.0.1:${port + 1}` } }, trust)
  await until(() => csms?.network?.overlay.routes.place('lc')?.online, 'the controller to be known')
  const boots = Array.from({ length: COUNT }, async (_, i) => {
    const version = VERSIONS[i % VERSIONS.length] as (typeof VERSIONS)[number]
    const peer = await OcppPeer.connect(`ws://127.0.0.1:${port + 1}/ocpp/cs-${i}`, version)
    const station = new BareStation(peer, `cs-${i}`, version === 'ocpp1.6')
    stations.push(station)
    await station.boot('2.3.0')
  })
  await Promise.all(boots)
  const release = { id: 'acme-2.4.0', ...IMAGE, bytes: FILE.length, sha256: SHA256, issued: Date.now() }
  await ask('POST', '/releases', JSON.stringify(signRelease(release, acme)))
  await ask('PUT', '/releases/acme-2.4.0/file', Buffer.from(FILE))
})

afterAll(async () => {
  for (const station of stations) await station.close()
  await site.close()
  await line.close()
})

const ask = firmwareApi(() => site.port)

it('comes to a hundred stations whole, and over the uplink once', async () => {
  const before = line.down
  const plan = {
    id: 'all',
    release: 'acme-2.4.0',
    stations: stations.map((_, i) => `cs-${i}`),
    stages: ['all'],
    atOnce: COUNT,
    plain: true,
  }
  await ask('POST', '/roll-outs', JSON.stringify(plan))
  await until(async () => (await ask('GET', '/roll-outs/all')).state !== 'running', 'the roll-out to end', 30_000)
  const { state, stations: rows } = await ask('GET', '/roll-outs/all')
  expect([state, rows.filter((row) => row.state === 'installed').length]).toEqual(['done', COUNT])
  expect(stations.filter(({ sha256 }) => sha256 === SHA256)).toHaveLength(COUNT)
  expect(csms?.files?.exchange.figures.served).toBe(FILE.length)
  expect(lc?.files?.exchange.figures).toMatchObject({ received: FILE.length, altered: 0 })
  // with a hundred signed orders, answers and two addresses each, and still not a second copy
  const carried = line.down - before
  expect(carried).toBeGreaterThan(FILE.length)
  expect(carried).toBeLessThan(2 * FILE.length)
}, 40_000)
