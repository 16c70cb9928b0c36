// An order over real sockets through a controller that records every byte, to a station whose clock is a day ahead: nothing of it can be
// read there, and it is obeyed, because the station knows the time from its back end.
import { mkdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/adapters/clock.ts'
import type { NodeConfig, TrustEntry } from '../../src/adapters/config.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { logger } from '../../src/adapters/log.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import { loadReadingKeys } from '../../src/adapters/reading-keys.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import type { Json, Link } from '../../src/base/ports.ts'
import { payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import { refusalOf } from '../../src/overlay/error-answer.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { csmsConfig, openSite, relayConfig, type Site, TOKEN } from '../support/site.ts'
import { until } from '../support/until.ts'

const DAY_MS = 86_400_000
const TRUST: readonly TrustEntry[] = [
  { node: 'csms', role: 'csms', key: 'keys/csms.pem' },
  { node: 'csms', role: 'csms', key: 'keys/csms.encryption.pem', use: 'encryption' },
  { node: 'lc', role: 'local-controller', key: 'keys/lc.pem' },
  { node: 'cs', role: 'station', key: 'keys/cs.pem' },
  { node: 'cs', role: 'station', key: 'keys/cs.encryption.pem', use: 'encryption' },
]
const STATION: NodeConfig = {
  node: 'cs',
  role: 'station',
  station: { version: 'ocpp2.1', vendor: 'Example', model: 'One', serial: 'S1', evses: 1, maxPowerW: 11_000 },
  policy: [{ id: 'csms-operates', role: 'csms', actions: ['*'] }],
  encryption: { demand: ['SetChargingProfile'] },
  time: { from: ['csms'] },
}

let site: Site
let csms: NetworkNode
let station: RunningNode
/** Every frame that the controller handles, as it stands on its links. */
const bytes: string[] = []

const record = (link: Link): Link => {
  const { send, open } = { send: link.send.bind(link), open: link.open.bind(link) }
  link.send = (frame) => {
    bytes.push(String(frame))
    send(frame)
  }
  link.open = (events) =>
    open({
      ...events,
      binary: (frame) => events.binary(frame),
      closed: (code, reason) => events.closed(code, reason),
      text(frame) {
        bytes.push(frame)
        events.text(frame)
      },
    })
  return link
}

beforeAll(async () => {
  site = await openSite(2)
  const engine = nodeEngine()
  mkdirSync(`${site.dir}/keys`, { recursive: true })
  for (const node of ['csms', 'lc', 'cs']) loadIdentity(site.dir, node, engine)
  for (const node of ['csms', 'cs']) loadReadingKeys(site.dir, node, engine)
  const lc = (await site.start(relayConfig('lc', { listen: site.port + 1, up: site.port, upNode: 'csms' }), TRUST)).network
  const [station2, uplink] = [lc.stationConnected.bind(lc), lc.uplinkConnected.bind(lc)]
  lc.stationConnected = (link, info) => station2(record(link), info)
  lc.uplinkConnected = (link, node) => uplink(record(link), node)
  const encrypt = [{ actions: ['SetChargingProfile'], to: ['cs'] }]
  csms = (await site.start({ ...csmsConfig(site.port), encryption: { encrypt }, time: { machineBoundMs: 500 } }, TRUST)).network
  await until(() => csms.overlay.routes.place('lc')?.online === true, 'the controller to dial')
  const clock = { ...systemClock, now: () => Date.now() + DAY_MS }
  const uplinks = [{ node: 'lc', url: `ws://127.0.0.1:${site.port + 1}/ocpp` }]
  station = await startNode({ ...STATION, uplinks, trust: [...TRUST] }, { dataDir: site.dir, token: TOKEN, log: logger('silent'), clock })
  await until(() => station.station?.online === true, 'the station to boot')
})
afterAll(async () => {
  await station?.stop()
  await site?.close()
})

const profile = (limit: number): Json => ({
  evseId: 0,
  chargingProfile: {
    id: 77_001,
    stackLevel: 3,
    chargingProfilePurpose: 'ChargingStationMaxProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: [
      { id: 1, startSchedule: '2026-01-01T00:00:00Z', chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
    ],
  },
})
const order = async (limit: number) => (await csms.ask('cs', 'SetChargingProfile', payloadOf(profile(limit)), { ocpp: 'ocpp2.1' })).answer

it('is read by nobody on its way, and obeyed by the right time', async () => {
  const before = bytes.length
  const answer = await order(4_242)
  const { message } = csms.guard.plain(answer)
  expect(message).toMatchObject({ type: RESULT, payload: { value: { status: 'Accepted' } } })
  await until(() => station.station?.state[0]?.limitW === 4_242, 'the station to obey')
  const seen = bytes.slice(before).join('\n')
  expect(seen.match(/org\.chargeproof\.encrypted/g)?.length).toBeGreaterThanOrEqual(4)
  for (const secret of ['4242', '77001', 'chargingProfile"', 'ChargingStationMaxProfile', 'limit']) expect(seen).not.toContain(secret)
})

it('says other bytes the second time', async () => {
  const sealed = () => new Set(bytes.join('\n').match(/"ciphertext":"[\w-]+"/g))
  await order(4_343)
  const once = sealed().size
  await order(4_343)
  // one more for the order, one more for the answer
  expect(sealed().size).toBe(once + 2)
})

it('in clear is seen by the controller, and refused by the station', async () => {
  const bare = csms.overlay.compose('cs', 'SetChargingProfile', payloadOf(profile(4_444)), { ocpp: 'ocpp2.1' })
  const answer = await csms.overlay.ask(csms.guard.sealCall(bare))
  expect(refusalOf(answer)).toMatchObject({ at: 'cs', rule: 'encryption-demanded' })
  expect(bytes.join('\n')).toContain('4444')
})
