// Event streams over real sockets: the operator of a back end has a station of OCPP 2.1 behind a controller and a gateway report its power ten
// times a second; another node reads the values live, and the API tells of them. A station of 2.0.1 does with events what it can.
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { NodeConfig } from '../../src/adapters/config.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { logger } from '../../src/adapters/log.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import type { Json } from '../../src/base/ports.ts'
import { OPEN_STREAM } from '../../src/overlay/streams/stream.ts'
import { type LiveRecord, readFeed } from '../../src/roles/event-feed.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { engine } from '../roles/firmware/support.ts'
import { csmsConfig, openSite, relayConfig, type Site, TOKEN, TRUST_CSMS } from '../support/site.ts'
import { until } from '../support/until.ts'

let site: Site
let gateway: NetworkNode
const stations: RunningNode[] = []
const VERSIONS = { 'cs-201': 'ocpp2.0.1', 'cs-21': 'ocpp2.1' } as const
const trust = [
  ...TRUST_CSMS,
  { node: 'gateway', role: 'gateway', key: 'keys/gateway.pem' },
  { node: 'lc', role: 'local-controller', key: 'keys/lc.pem' },
  { node: 'cs-21', role: 'station', key: 'keys/cs-21.pem' },
]
const reads: NonNullable<NodeConfig['policy']> = [
  { id: 'live', role: 'gateway', actions: [OPEN_STREAM], where: [{ pointer: '/purpose', equals: 'events' }] },
]

beforeAll(async () => {
  site = await openSite(3)
  const { port, dir } = site
  for (const { node } of trust) loadIdentity(dir, node, engine)
  const csms = (await site.start({ ...csmsConfig(port), policy: reads }, trust)).network
  gateway = (await site.start(relayConfig('gateway', { listen: port + 1, up: port, upNode: 'csms' }), trust)).network
  await site.start(relayConfig('lc', { listen: port + 2, up: port + 1, upNode: 'gateway' }), trust)
  await until(() => csms.overlay.routes.place('lc')?.online, 'the controller to be known')
  for (const [node, version] of Object.entries(VERSIONS)) {
    const station = { version, vendor: 'ACME', model: 'AC-22', serial: node, evses: 1, maxPowerW: 22_000 }
    const config: NodeConfig = {
      ...{ node, role: 'station', backend: 'csms', station },
      ...{ uplinks: [{ node: 'lc', url: `ws://127.0.0.1:${port + 2}/ocpp` }], policy: [{ id: 'all', role: 'csms', actions: ['*'] }] },
    }
    stations.push(await startNode({ ...config, trust: TRUST_CSMS.slice() }, { dataDir: dir, token: TOKEN, log: logger('silent') }))
  }
  await until(() => stations.every(({ station }) => station?.online), 'two boots')
})

afterAll(async () => {
  for (const station of stations) await station.stop()
  await site.close()
})

const order = async (station: string, action: string, payload: Json): Promise<Json> => {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ action, payload })
  const answer = await fetch(`http://127.0.0.1:${site.port}/api/v1/stations/${station}/calls`, { method: 'POST', headers, body })
  return ((await answer.json()) as { payload: Json }).payload
}

/** Reads what the API tells live until the words stand there. */
const told = async (...words: readonly string[]): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${site.port}/api/v1/events`, { headers: { authorization: `Bearer ${TOKEN}` } })
  let text = ''
  for await (const part of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part
    if (words.every((word) => text.includes(word))) break
  }
  return text
}

const POWER = { component: { name: 'EVSE', evse: { id: 1 } }, variable: { name: 'Power' }, type: 'Periodic', severity: 9 }

it('the power of a station of 2.1 is read live at another node, and ends as it is told', async () => {
  const heard: LiveRecord[] = []
  const feed = await readFeed(gateway.overlay.streams, 'csms', { feed: 'periodic', stations: ['cs-21'] })
  const reading = (async () => {
    for await (const record of feed) heard.push(record)
  })()
  const live = told('NotifyPeriodicEventStream', 'OpenPeriodicEventStream')
  const [charging] = stations.slice(1).map(({ station }) => station)
  charging?.plugIn(1, { capacityWh: 60_000, arrivedAt: 0.2, maxPowerW: 11_000 })
  await charging?.present(1, 'DEADBEEF')
  const set = { setMonitoringData: [{ ...POWER, value: 0.1, periodicEventStream: { values: 5 } }] }
  expect(await order('cs-21', 'SetVariableMonitoring', set)).toMatchObject({ setMonitoringResult: [{ status: 'Accepted', id: 1 }] })
  await until(() => heard.length >= 15, 'fifteen values')
  expect(heard.slice(0, 15).map((record) => 'seq' in record && [record.seq, record.subject])).toEqual(
    Array.from({ length: 15 }, (_, i) => [i + 1, 'cs-21']),
  )
  const watts = heard.map((record) => ('event' in record ? Number((record.event as { readonly value?: string }).value) : 0))
  expect(Math.max(...watts)).toBeGreaterThan(10_000)
  expect(Math.max(...watts)).toBeLessThanOrEqual(11_000)
  expect(await live).toContain('NotifyPeriodicEventStream')
  const now = await fetch(`http://127.0.0.1:${site.port}/api/v1/streams/live`, { headers: { authorization: `Bearer ${TOKEN}` } })
  expect(await now.json()).toEqual({
    streams: [
      expect.objectContaining({
        station: 'cs-21',
        id: 1,
        pending: 0,
        last: { value: expect.stringMatching(/^1\d{4}/), at: expect.any(String) },
      }),
    ],
    readers: [{ node: 'gateway', feed: 'periodic', waiting: expect.any(Number), missed: 0, paused: false }],
  })
  expect(await order('cs-21', 'GetPeriodicEventStream', {})).toMatchObject({ constantStreamData: [{ id: 1, params: { values: 5 } }] })
  expect(await order('cs-21', 'ClearVariableMonitoring', { id: [1] })).toMatchObject({ clearMonitoringResult: [{ status: 'Accepted' }] })
  await feed.end()
  await reading
})

it('a station of 2.0.1 reports the same by events, which are acknowledged', async () => {
  const live = told('NotifyEvent')
  expect(await order('cs-201', 'SetVariableMonitoring', { setMonitoringData: [{ ...POWER, value: 0.1 }] })).toMatchObject({
    setMonitoringResult: [{ status: 'Accepted' }],
  })
  expect(await live).toContain('"actualValue":"0"')
})
