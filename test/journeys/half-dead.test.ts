// What neither works nor breaks: a line that swallows everything and stays open, a controller that is frozen, a station whose
// clock jumps. It must show, it must not stay so, and nothing may be lost.
import { writeFileSync } from 'node:fs'
import { createServer, type Socket, connect as tcp } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { getEvents, listTransactions } from '../../src/roles/csms-views.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { freePorts } from '../support/ports.ts'
import { endAll, run } from '../support/process.ts'
import { chargeOn2x, event2x, ScriptedStation } from '../support/scripted-station.ts'
import { csmsConfig, openSite, relayConfig, type Site } from '../support/site.ts'
import { until } from '../support/until.ts'

const PING_MS = 300
/** Two intervals of silence, and what a busy machine adds. */
const NOTICED_MS = 2 * PING_MS + 1_500

let site: Site
const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  endAll()
  await site.close()
})

const stationAt = (port: number, id: string): ScriptedStation => {
  const station = new ScriptedStation(`ws://127.0.0.1:${port}/ocpp`, id, 'ocpp2.1')
  closing.push(() => station.close())
  return station
}

/** A line that can swallow everything without breaking, as a router that forgot a connection does. */
const openLine = async (target: number): Promise<{ port: number; swallow(on: boolean): void }> => {
  let isSwallowing = false
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = tcp(target, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => undefined)
      from.on('data', (data) => isSwallowing || to.write(data))
      // neither end is told that the other gave up
      from.on('close', () => isSwallowing || to.destroy())
    }
  })
  const port = await freePorts(1)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  closing.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return {
    port,
    swallow(on) {
      isSwallowing = on
    },
  }
}

const isUp = (node: NetworkNode, peer: string): boolean => node.links.all().some((link) => link.peer === peer && link.up)

it('a line that swallows everything shows as down at both ends within two ping intervals, and the site goes on', async () => {
  site = await openSite(2, PING_MS)
  const { port } = site
  const { network: csms, store } = await site.start(csmsConfig(port))
  const line = await openLine(port)
  const { network: controller } = await site.start(relayConfig('lc', { listen: port + 1, up: line.port, upNode: 'csms' }))
  await until(() => csms.overlay.routes.place('lc')?.online, 'the controller to be known')
  const station = stationAt(port + 1, 'cs-21')
  await chargeOn2x(station, 'T1', 2)

  line.swallow(true)
  await until(() => !isUp(controller, 'csms'), 'the controller to see it', NOTICED_MS)
  await until(() => csms.overlay.routes.place('lc')?.online === false, 'the back end to see it', NOTICED_MS)
  expect(csms.overlay.routes.place('cs-21')?.online).toBe(false)
  await chargeOn2x(station, 'T2', 2)
  expect(controller.autonomy?.waiting).toBe(3)

  line.swallow(false)
  await until(() => controller.autonomy?.waiting === 0, 'what was kept to be delivered')
  expect(listTransactions(store).map(({ id, state, energyWh }) => [id, state, energyWh])).toEqual([
    ['T2', 'ended', '200'],
    ['T1', 'ended', '200'],
  ])
}, 40_000)

it('a controller that is frozen shows as down within two ping intervals; woken up, it goes on, and nothing was lost', async () => {
  site = await openSite(2, PING_MS)
  const { port } = site
  const { network: csms, store } = await site.start(csmsConfig(port))
  const file = join(site.dir, 'lc.yaml')
  writeFileSync(file, JSON.stringify(relayConfig('lc', { listen: port + 1, up: port, upNode: 'csms' })))
  const controller = run(['node', file, '--data', join(site.dir, 'lc')], { env: { CHARGEPROOF_LOG: 'silent' } })
  await controller.ready()
  await until(() => csms.overlay.routes.place('lc')?.online, 'the controller to be known')
  const station = stationAt(port + 1, 'cs-21')
  const charging = chargeOn2x(station, 'T1', 60)
  await until(() => getEvents(store, 'T1').length > 5, 'some events')

  process.kill(controller.pid, 'SIGSTOP')
  await until(() => csms.overlay.routes.place('lc')?.online === false, 'the back end to see it', NOTICED_MS)
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  process.kill(controller.pid, 'SIGCONT')

  await charging
  await until(() => getEvents(store, 'T1').length === 61, 'every event')
  expect(getEvents(store, 'T1').map(({ seqNo }) => seqNo)).toEqual(Array.from({ length: 61 }, (_, n) => n))
  expect(listTransactions(store)).toMatchObject([{ state: 'ended', energyWh: '6000' }])
  expect(csms.overlay.routes.place('lc')?.online).toBe(true)
}, 60_000)

it('a station whose clock jumps a day back and a year ahead in a session keeps its events, their order and its energy', async () => {
  site = await openSite(1)
  const { store } = await site.start(csmsConfig(site.port))
  const station = stationAt(site.port, 'cs-21')
  const jumps = [0, 0, -86_400_000, -86_400_000, 31_536_000_000, 0]
  for (const [seqNo, jump] of jumps.entries()) {
    const eventType = seqNo === 0 ? 'Started' : seqNo === jumps.length - 1 ? 'Ended' : 'Updated'
    const event = event2x('T1', { seqNo, eventType, wh: 1_000 + seqNo * 100 })
    const timestamp = new Date(Date.parse(String(event.timestamp)) + jump).toISOString()
    const meterValue = (event.meterValue as { sampledValue: [] }[]).map(({ sampledValue }) => ({ timestamp, sampledValue }))
    await station.say('TransactionEvent', { ...event, timestamp, meterValue })
  }
  expect(getEvents(store, 'T1').map(({ seqNo }) => seqNo)).toEqual([0, 1, 2, 3, 4, 5])
  expect(listTransactions(store)).toMatchObject([{ state: 'ended', energyWh: '500' }])
}, 20_000)
