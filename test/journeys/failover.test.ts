// A controller with two gateways: whichever one dies or freezes, at whatever moment, the other carries on within three seconds,
// and the back end has every event that a station was answered, once.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodeConfig } from '../../src/adapters/config.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import { getEvents, listTransactions } from '../../src/roles/csms-views.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { endAll, type Running, run } from '../support/process.ts'
import { chargeOn2x, chargeOn16, ScriptedStation } from '../support/scripted-station.ts'
import { csmsConfig, openSite, relayConfig, type Site, TOKEN, TRUST_CSMS } from '../support/site.ts'
import { until } from '../support/until.ts'

const MAX_GAP_MS = 3_000
const EVENTS = 40
const dir = mkdtempSync(join(tmpdir(), 'chargeproof-failover-'))
const gateways = new Map<string, Running>()
const configs = new Map<string, NodeConfig>()
let site: Site
let csms: RunningNode & { readonly network: NetworkNode }
let controller: NetworkNode

const startGateway = async (id: string): Promise<void> => {
  const file = join(dir, `${id}.yaml`)
  writeFileSync(file, JSON.stringify({ ...configs.get(id), trust: TRUST_CSMS }))
  const node = run(['node', file, '--data', dir, '--token', TOKEN], { env: { CHARGEPROOF_LOG: 'silent' } })
  gateways.set(id, node)
  await node.ready()
}

beforeAll(async () => {
  site = await openSite(4)
  const { port } = site
  csms = await site.start(csmsConfig(port))
  for (const [n, id] of ['gateway', 'gateway2'].entries()) {
    configs.set(id, { ...relayConfig(id, { listen: port + 1 + n, up: port, upNode: 'csms' }), role: 'gateway' })
    await startGateway(id)
  }
  const config = relayConfig('lc', { listen: port + 3, up: port + 1, upNode: 'gateway' })
  const uplinks = [
    { node: 'gateway', url: `ws://127.0.0.1:${port + 1}/overlay`, priority: 0, stableSeconds: 1 },
    { node: 'gateway2', url: `ws://127.0.0.1:${port + 2}/overlay`, priority: 1, stableSeconds: 1 },
  ]
  controller = (await site.start({ ...config, uplinks }, TRUST_CSMS)).network
  await bothUp()
}, 60_000)

afterAll(async () => {
  // a frozen process would not hear that it is to end
  endAll()
  await site.close()
  rmSync(dir, { recursive: true, force: true })
})

const bothUp = (): Promise<void> => until(() => controller.overlay.routes.uplinks.length === 2, 'both gateways to be reached', 40_000)
const inUse = (): string => controller.overlay.routes.next('csms', undefined, 'any')?.id ?? ''
const seqNos = (id: string): number[] => getEvents(csms.store, id).map(({ seqNo }) => Number(seqNo))

/** The longest silence at the back end while something is done. */
const longestGap = async (work: Promise<unknown>): Promise<number> => {
  let last = performance.now()
  let longest = 0
  const stop = csms.network.watch((event) => {
    if (event.type !== 'message' || event.data.type !== 'call') return
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  })
  await work
  stop()
  return longest
}

/** Charges slowly enough for something to happen meanwhile. */
const paced = (station: ScriptedStation, ms: number): ScriptedStation => {
  const say = station.say.bind(station)
  station.say = async (...message) => {
    await new Promise((resolve) => setTimeout(resolve, ms))
    return say(...message)
  }
  return station
}

const blow = {
  SIGKILL: (id: string) => gateways.get(id)?.stop('SIGKILL'),
  SIGSTOP: (id: string) => process.kill(gateways.get(id)?.pid ?? 0, 'SIGSTOP'),
}
const heal = {
  SIGKILL: startGateway,
  SIGSTOP: async (id: string) => void process.kill(gateways.get(id)?.pid ?? 0, 'SIGCONT'),
}

// at random moments, and more often: failover-chaos.test.ts
describe('the gateway in use dies in the middle of sessions', () => {
  it.each([
    ['SIGKILL', 150],
    ['SIGSTOP', 320],
  ] as const)(
    '%s after %i ms: nothing lost, nothing doubled, the gap is short',
    async (signal, afterMs) => {
      const name = `${signal}-${afterMs}`
      const endpoint = `ws://127.0.0.1:${site.port + 3}/ocpp`
      const recent = paced(new ScriptedStation(endpoint, `new-${name}`, 'ocpp2.1'), 20)
      const old = paced(new ScriptedStation(endpoint, `old-${name}`, 'ocpp1.6'), 20)
      await old.say('Authorize', { idTag: 'DEADBEEF' })
      const victim = inUse()
      const charging = Promise.all([chargeOn2x(recent, `tx-${name}`, EVENTS), chargeOn16(old, EVENTS)])
      const gap = longestGap(charging)
      await new Promise((resolve) => setTimeout(resolve, afterMs))
      await blow[signal](victim)
      await charging
      await until(() => controller.autonomy?.waiting === 0, 'what waited to go up')
      expect(inUse()).not.toBe(victim)
      expect(await gap).toBeLessThan(MAX_GAP_MS)
      const isOver = ({ id }: ScriptedStation): boolean => listTransactions(csms.store, id).every(({ state }) => state === 'ended')
      await until(() => isOver(recent) && isOver(old), 'both sessions to end')
      expect(seqNos(`tx-${name}`)).toEqual(Array.from({ length: EVENTS + 1 }, (_, n) => n))
      expect(recent.answered).toHaveLength(EVENTS + 1)
      for (const { id } of [recent, old])
        expect(listTransactions(csms.store, id)).toMatchObject([{ state: 'ended', energyWh: String(EVENTS * 100) }])
      // the back end reaches the station over the one that is left
      await until(() => csms.network.overlay.routes.place(recent.id)?.path[0] !== victim, 'the back end to know the way')
      await heal[signal](victim)
      await bothUp()
      if (victim === 'gateway') await until(() => inUse() === 'gateway', 'the preferred gateway to be used again', 10_000)
      await recent.say('Heartbeat', {})
      await Promise.all([recent.close(), old.close()])
    },
    60_000,
  )
})
