// The line upwards is cut, processes die, and what a station was promised still arrives: once, in order, with the right energy.
// The controller is a process of its own; stations are bare WebSockets.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Wire } from '../../apps/park/wire.ts'
import type { NodeConfig } from '../../src/adapters/config.ts'
import { openStore } from '../../src/adapters/sqlite-store.ts'
import type { Store } from '../../src/base/ports.ts'
import { getEvents, listTransactions } from '../../src/roles/csms-views.ts'
import { apiAt } from '../support/api.ts'
import { freePorts } from '../support/ports.ts'
import { endAll, type Running, run } from '../support/process.ts'
import { chargeOn2x, chargeOn16, event2x, ScriptedStation } from '../support/scripted-station.ts'
import { csmsConfig, openSite, relayConfig, TOKEN, TRUST_CSMS } from '../support/site.ts'
import { until } from '../support/until.ts'

const folders: string[] = []
const newFolder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'chargeproof-cut-'))
  folders.push(dir)
  return dir
}

afterAll(() => {
  endAll()
  for (const dir of folders) rmSync(dir, { recursive: true, force: true })
})

/** A node as a process of its own, ready. */
const spawnNode = async (dir: string, config: NodeConfig): Promise<Running> => {
  const file = join(dir, `${config.node}.yaml`)
  writeFileSync(file, JSON.stringify({ ...config, trust: TRUST_CSMS }))
  const node = run(['node', file, '--data', dir, '--token', TOKEN], { env: { CHARGEPROOF_LOG: 'silent' } })
  await node.ready()
  return node
}

/** What stands in a back end's store once its process is gone. */
const inStore = <T>(dir: string, look: (store: Store) => T): T => {
  const store = openStore(join(dir, 'csms', 'store.sqlite'))
  try {
    return look(store)
  } finally {
    void store.close()
  }
}

const energies = (store: Store, station: string) => listTransactions(store, station).map(({ state, energyWh }) => [state, energyWh])
const seqNos = (store: Store, id: string): number[] => getEvents(store, id).map(({ seqNo }) => Number(seqNo))
const upTo = (last: number): number[] => Array.from({ length: last + 1 }, (_, n) => n)

describe('the back end goes away and the controller is killed meanwhile', () => {
  it('stations go on and get answers, and all of it arrives once and in order', async () => {
    const site = await openSite(2)
    const { dir, port } = site
    const lcConfig = relayConfig('lc', { listen: port + 1, up: port, upNode: 'csms' })
    const endpoint = `ws://127.0.0.1:${port + 1}/ocpp`
    const old = new ScriptedStation(endpoint, 'cut-16', 'ocpp1.6')
    const recent = new ScriptedStation(endpoint, 'cut-201', 'ocpp2.0.1')
    try {
      const before = await site.start(csmsConfig(port))
      let controller = await spawnNode(dir, lcConfig)
      await until(() => before.network.overlay.routes.direct('lc'), 'the controller to dial')
      await old.say('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' })
      await old.say('Authorize', { idTag: 'DEADBEEF' })
      await recent.say('BootNotification', { reason: 'PowerUp', chargingStation: { vendorName: 'V', model: 'M' } })
      await recent.say('Authorize', { idToken: { idToken: 'DEADBEEF', type: 'ISO14443' } })
      await before.stop()
      const [first16, first201] = [old.answered.length, recent.answered.length]

      await recent.say('StatusNotification', { timestamp: '2026-11-03T00:00:00Z', connectorStatus: 'Occupied', evseId: 1, connectorId: 1 })
      for (const seqNo of [0, 1, 2]) {
        const eventType = seqNo === 0 ? 'Started' : 'Updated'
        await recent.say('TransactionEvent', event2x('tx-cut', { seqNo, eventType, wh: 1_000 + seqNo * 100 }))
      }
      expect(await chargeOn16(old, 5)).toBeGreaterThanOrEqual(0x4000_0000)
      // who was never accepted is not accepted now
      expect((await recent.ask('Authorize', { idToken: { idToken: 'NOBODY', type: 'ISO14443' } }))?.slice(2, 3)).toEqual(['GenericError'])

      await controller.stop('SIGKILL')
      controller = await spawnNode(dir, lcConfig)
      await recent.say('TransactionEvent', event2x('tx-cut', { seqNo: 3, eventType: 'Updated', wh: 1_300 }))

      const arrived: string[] = []
      const after = await site.start(csmsConfig(port))
      after.network.watch((event) => {
        if (event.type === 'message' && event.data.type === 'call') arrived.push(`${event.data.action} ${event.data.id}`)
      })
      await recent.say('TransactionEvent', event2x('tx-cut', { seqNo: 4, eventType: 'Ended', wh: 1_400 }))
      const of = (station: string): string[] => arrived.filter((message) => message.includes(` ${station}-`))
      const isThere = ({ id, answered }: ScriptedStation): boolean => of(id).at(-1) === answered.at(-1)
      await until(() => isThere(old) && isThere(recent), 'the last messages to arrive', 15_000)

      expect(of('cut-16')).toEqual(old.answered.slice(first16))
      expect(of('cut-201')).toEqual(recent.answered.slice(first201))
      expect(energies(after.store, 'cut-16')).toEqual([['ended', '500']])
      expect(energies(after.store, 'cut-201')).toEqual([['ended', '400']])
      expect(seqNos(after.store, 'tx-cut')).toEqual(upTo(4))
      await controller.stop()
    } finally {
      await Promise.all([old.close(), recent.close()])
      await site.close()
    }
  })

  it('a start that the back end took before the line broke, and the controller answered after, is one transaction', async () => {
    const site = await openSite(2)
    const { port } = site
    const csms = await site.start(csmsConfig(port))
    const wire = await Wire.open(`ws://127.0.0.1:${port}`)
    const { network: controller } = await site.start(relayConfig('lc', { listen: port + 1, up: wire.port, upNode: 'csms' }), TRUST_CSMS)
    const station = new ScriptedStation(`ws://127.0.0.1:${port + 1}/ocpp`, 'lost-answer', 'ocpp1.6')
    try {
      await station.say('Authorize', { idTag: 'DEADBEEF' })
      // the answer with the transaction id is the frame on which the cable breaks
      wire.alter = ({ direction, text }) => {
        if (direction === 'down' && text.includes('transactionId')) wire.cut()
        return text
      }
      const promised = await chargeOn16(station, 2)
      expect(listTransactions(csms.store, 'lost-answer').map(({ id }) => id)).not.toContain(String(promised))
      wire.alter = undefined
      wire.restore()
      await until(() => controller.overlay.routes.hasUplink && controller.autonomy?.waiting === 0, 'everything to go up')
      expect(energies(csms.store, 'lost-answer')).toEqual([['ended', '200']])
    } finally {
      await station.close()
      await site.close()
      await wire.close()
    }
  })
})

/** Numbers from a seed, so that a round that fails can be played again (mulberry32). */
const seeded = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
}

describe('processes are killed at random moments', () => {
  it.each([1, 2])('seed %i: what was acknowledged is there in the end, once', async (seed) => {
    const random = seeded(seed)
    const dir = newFolder()
    const port = await freePorts(2)
    const configs = [csmsConfig(port), relayConfig('lc', { listen: port + 1, up: port, upNode: 'csms' })] as const
    const nodes = await Promise.all(configs.map((config) => spawnNode(dir, config)))
    const endpoint = `ws://127.0.0.1:${port + 1}/ocpp`
    const old = new ScriptedStation(endpoint, 'kill-16', 'ocpp1.6')
    const recent = new ScriptedStation(endpoint, 'kill-21', 'ocpp2.1')
    await Promise.all([old.say('Authorize', { idTag: 'DEADBEEF' }), recent.say('Heartbeat', {})])

    let isCharging = true
    const charging = Promise.all([chargeOn16(old, 150), chargeOn2x(recent, 'tx-kill', 150)]).finally(() => {
      isCharging = false
    })
    for (let kills = 0; kills < 2 || (isCharging && kills < 4); kills++) {
      await new Promise((resolve) => setTimeout(resolve, random() * 60))
      const victim = Math.floor(random() * 2) as 0 | 1
      await nodes[victim]?.stop('SIGKILL')
      nodes[victim] = await spawnNode(dir, configs[victim])
    }
    await charging
    const api = apiAt(port, TOKEN)
    const isOver = async (id: string): Promise<boolean> =>
      (await api.list(`/transactions?station=${id}`)).some(({ state }) => state === 'ended')
    await until(async () => (await isOver('kill-16')) && (await isOver('kill-21')), 'both sessions to end', 15_000)
    await Promise.all([old.close(), recent.close()])
    expect(await Promise.all(nodes.map((node) => node.stop()))).toEqual([0, 0])
    inStore(dir, (store) => {
      expect(energies(store, 'kill-16')).toEqual([['ended', '15000']])
      expect(energies(store, 'kill-21')).toEqual([['ended', '15000']])
      expect(seqNos(store, 'tx-kill')).toEqual(upTo(150))
    })
  })
})

it('a back end that is killed has every transaction message that it answered', async () => {
  const dir = newFolder()
  const port = await freePorts(1)
  const csms = await spawnNode(dir, csmsConfig(port))
  const stations = Array.from({ length: 4 }, (_, n) => new ScriptedStation(`ws://127.0.0.1:${port}/ocpp`, `sudden-${n}`, 'ocpp2.0.1'))
  const charging = stations.map((station) => chargeOn2x(station, `tx-${station.id}`, 10_000).catch(() => undefined))
  await until(() => stations.every(({ answered }) => answered.length >= 20), 'every station to have said something')
  await csms.stop('SIGKILL')
  const answered = stations.map((station) => station.answered.length)
  inStore(dir, (store) => {
    for (const [n, { id }] of stations.entries()) {
      const kept = seqNos(store, `tx-${id}`)
      expect(kept).toEqual(upTo(kept.length - 1))
      expect(kept.length).toBeGreaterThanOrEqual(answered[n] ?? 0)
    }
  })
  for (const station of stations) station.giveUp()
  await Promise.all(charging)
})
