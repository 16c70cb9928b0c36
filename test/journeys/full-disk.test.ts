// The disk of one node is full: whoever speaks gets an error and no promise, what was promised before is kept, and it all
// goes on when there is room again.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { Wire } from '../../apps/park/wire.ts'
import { Fault } from '../../src/base/fault.ts'
import type { Store } from '../../src/base/ports.ts'
import { getEvents, listTransactions } from '../../src/roles/csms-views.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { event2x, ScriptedStation } from '../support/scripted-station.ts'
import { csmsConfig, openSite, relayConfig, type Site, TRUST_CSMS } from '../support/site.ts'
import { until } from '../support/until.ts'

/** Nodes whose disk is full. */
const full = new Set<string>()
/** Writes that found no room. */
let failures = 0
const disk = (node: string) => ({
  beforeCommit: () => {
    if (!full.has(node)) return
    failures++
    throw new Fault('store-failed', 'the disk is full; make room')
  },
})

let site: Site
let wire: Wire
let store: Store
let controller: NetworkNode
const stations: ScriptedStation[] = []

beforeAll(async () => {
  site = await openSite(2)
  const { port } = site
  store = (await site.start(csmsConfig(port), [], disk('csms'))).store
  wire = await Wire.open(`ws://127.0.0.1:${port}`)
  const config = relayConfig('lc', { listen: port + 1, up: wire.port, upNode: 'csms' })
  controller = (await site.start(config, TRUST_CSMS, disk('lc'))).network
  await until(() => controller.overlay.routes.hasUplink, 'the controller to reach the back end')
})

afterEach(() => {
  full.clear()
  wire.restore()
})

afterAll(async () => {
  await Promise.all(stations.map((station) => station.close()))
  await site.close()
  await wire.close()
})

const station = (id: string, way: 'direct' | 'relayed'): ScriptedStation => {
  const made = new ScriptedStation(`ws://127.0.0.1:${site.port + (way === 'direct' ? 0 : 1)}/ocpp`, id, 'ocpp2.1')
  stations.push(made)
  return made
}

const started = (id: string) => event2x(id, { seqNo: 0, eventType: 'Started', wh: 1_000 })
const updated = (id: string) => event2x(id, { seqNo: 1, eventType: 'Updated', wh: 1_100 })
const ended = (id: string) => event2x(id, { seqNo: 2, eventType: 'Ended', wh: 1_200 })
const seqNos = (id: string): number[] => getEvents(store, id).map(({ seqNo }) => Number(seqNo))
const cut = async (): Promise<void> => {
  wire.cut()
  await until(() => !controller.overlay.routes.hasUplink, 'the controller to notice the cut')
}

it.each(['direct', 'relayed'] as const)("the back end's: a station gets an error, %s, and nothing is half kept", async (way) => {
  const id = `full-${way}`
  const speaker = station(id, way)
  await speaker.say('TransactionEvent', started(id))
  full.add('csms')
  expect(await speaker.ask('TransactionEvent', updated(id))).toMatchObject({ 0: 4, 2: 'InternalError' })
  // what needs no disk goes on
  await speaker.say('Heartbeat', {})
  expect(seqNos(id)).toEqual([0])
  full.clear()
  await speaker.say('TransactionEvent', updated(id))
  await speaker.say('TransactionEvent', ended(id))
  expect(seqNos(id)).toEqual([0, 1, 2])
  expect(listTransactions(store, id)).toMatchObject([{ state: 'ended', energyWh: '200' }])
})

it("the controller's, while it is cut off: it promises nothing that it cannot keep", async () => {
  const speaker = station('lc-full', 'relayed')
  await speaker.say('TransactionEvent', started('lc-full'))
  await cut()
  full.add('lc')
  expect(await speaker.ask('TransactionEvent', updated('lc-full'))).toMatchObject({ 0: 4, 2: 'InternalError' })
  expect(controller.autonomy?.waiting).toBe(0)
  full.clear()
  await speaker.say('TransactionEvent', updated('lc-full'))
  wire.restore()
  await speaker.say('TransactionEvent', ended('lc-full'))
  await until(() => seqNos('lc-full').length === 3, 'everything to arrive')
  expect(listTransactions(store, 'lc-full')).toMatchObject([{ state: 'ended', energyWh: '200' }])
})

it("the back end's, when the line comes back: what the controller promised waits until there is room", async () => {
  const speaker = station('later', 'relayed')
  await speaker.say('TransactionEvent', started('later'))
  await cut()
  await speaker.say('TransactionEvent', updated('later'))
  await speaker.say('TransactionEvent', ended('later'))
  full.add('csms')
  wire.restore()
  const before = failures
  await until(() => failures > before, 'the controller to try')
  expect(controller.autonomy?.waiting).toBe(2)
  full.clear()
  await until(() => controller.autonomy?.waiting === 0, 'the queue to empty')
  expect(seqNos('later')).toEqual([0, 1, 2])
  expect(listTransactions(store, 'later')).toMatchObject([{ state: 'ended', energyWh: '200' }])
})
