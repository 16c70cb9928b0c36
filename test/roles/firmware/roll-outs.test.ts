// Roll-outs over a store and a virtual clock: in stages, stopped when stations fail, never ordered twice, and the same after a kill
// at any commit. Stations are scripted: what they do with an order is said by each test.
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../src/base/memory-store.ts'
import type { Json, Store } from '../../../src/base/ports.ts'
import type { DeskEvent } from '../../../src/roles/behaviours/behaviour.ts'
import type { Order } from '../../../src/roles/firmware/orders.ts'
import { type Asked, RollOuts } from '../../../src/roles/firmware/roll-outs.ts'
import { caught, settle, virtualClock } from '../../overlay/support.ts'
import { manufacturer, RELEASE } from './support.ts'

const VERSIONS = ['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1'] as const
type Behaviour = 'good' | 'fails' | 'refuses' | 'silent' | 'old' | 'mute' | 'deaf'

/** `good` installs; `old` says so and boots as before; `mute` obeys and its answer is lost; `deaf` never gets the order. */
const site = (behaviours: Record<string, Behaviour>, { store = memoryStore(), world = manufacturer(), clock = virtualClock() } = {}) => {
  const listeners = new Set<(event: DeskEvent) => void>()
  const orders: string[] = []
  const offline = new Set<string>()
  const busy = new Set<string>()
  const journal: string[] = []
  const tell = (event: DeskEvent) => {
    for (const listener of listeners) listener(event)
  }
  const boot = async (station: string, firmware: string) => {
    const i = Object.keys(behaviours).indexOf(station)
    const about = { id: station, vendorName: RELEASE.vendor, model: RELEASE.model, firmware, protocol: VERSIONS[i % 3] as string }
    await store.commit([{ collection: 'stations', key: station, value: about }])
    tell({ type: 'boot', data: about })
  }
  const status = (station: string, word: string, requestId?: number) =>
    tell({
      type: 'notice',
      data: { station, action: 'FirmwareStatusNotification', payload: { status: word, ...(requestId && { requestId }) } },
    })
  const obey = async (station: string, requestId?: number) => {
    status(station, 'Downloading', requestId)
    if (behaviours[station] === 'fails') return status(station, 'InstallationFailed', requestId)
    status(station, 'Installed', requestId)
    await boot(station, behaviours[station] === 'old' ? '2.3.9' : RELEASE.version)
  }
  const questioned = async (station: string, requestId?: number): Promise<Asked> => {
    if (behaviours[station] === 'mute') await boot(station, RELEASE.version)
    if (behaviours[station] === 'deaf') behaviours[station] = 'good'
    status(station, busy.has(station) ? 'Downloading' : 'Idle', requestId)
    return { answer: { status: 'Accepted' } }
  }
  const ask = async (station: string, _version: string, { action, payload }: Order): Promise<Asked> => {
    const behaviour = behaviours[station]
    const { requestId } = payload as { requestId?: number }
    if (action.endsWith('TriggerMessage')) return questioned(station, requestId)
    orders.push(`${station} ${action}`)
    if (behaviour === 'refuses') return { answer: { status: 'InvalidCertificate' } }
    if (behaviour === 'mute' || behaviour === 'deaf') return { lost: 'link-lost' }
    busy.add(station)
    if (behaviour !== 'silent') clock.after(500, () => void obey(station, requestId))
    return { answer: { status: 'Accepted' } }
  }
  const start = (kept: Store = store) =>
    new RollOuts({
      ...{ store: kept, clock, trust: world.trust, engine: world.engine, ask },
      journal: { write: async ({ text }) => void journal.push(text) as never },
      desk: {
        onEvent: (listener) => {
          listeners.add(listener)
          return () => void listeners.delete(listener)
        },
      },
      isOnline: (station) => !offline.has(station),
      locate: async (station) => `http://127.0.0.1/${station}`,
      told: () => undefined,
      failed: () => undefined,
    })
  const install = async (version = '2.3.9') => {
    for (const station of Object.keys(behaviours)) await boot(station, version)
  }
  return { store, clock, world, orders, offline, journal, boot, status, start, install, stations: Object.keys(behaviours), listeners }
}

const five = (behaviours: Record<string, Behaviour> = {}) => site({ a: 'good', b: 'good', c: 'good', d: 'good', e: 'good', ...behaviours })

const published = async (it: ReturnType<typeof site>, plan: object = {}) => {
  await it.install()
  const rolls = it.start()
  await rolls.publish(it.world.sign() as object as Json)
  const begin = (more: object = {}) =>
    rolls.start({ id: 'spring', release: RELEASE.id, stations: it.stations, stages: [1, '40 %', 'all'], ...plan, ...more })
  const states = () => [...(rolls.find('spring')?.rows.values() ?? [])].map(({ state }) => state)
  const head = () => rolls.find('spring')?.head
  return { rolls, begin, states, head }
}

describe('a roll-out', () => {
  it('goes from stage to stage, waits between them, and ends when every station has booted as the new version', async () => {
    const it = five()
    const { begin, states, head } = await published(it, { waitMs: 60_000 })
    await begin()
    await it.clock.advance(1_000)
    expect([states(), head()?.stage]).toEqual([['installed', 'waiting', 'waiting', 'waiting', 'waiting'], 1])
    await it.clock.advance(58_000)
    expect(it.orders).toHaveLength(1)
    await it.clock.advance(2_000)
    expect([states(), head()?.stage]).toEqual([['installed', 'installed', 'waiting', 'waiting', 'waiting'], 2])
    await it.clock.advance(120_000)
    expect([states(), head()?.state]).toEqual([Array(5).fill('installed'), 'done'])
    expect(it.orders).toEqual(['a UpdateFirmware', 'b UpdateFirmware', 'c UpdateFirmware', 'd UpdateFirmware', 'e UpdateFirmware'])
  })

  it.each([
    ['fails', 'b failed: InstallationFailed'],
    ['refuses', 'b failed: InvalidCertificate'],
    ['old', 'b failed: booted as 2.3.9'],
    ['silent', 'b failed: went silent'],
  ] as const)('stops when a station %s, and goes on when somebody resumes it', async (behaviour, reason) => {
    const it = five({ b: behaviour })
    const { rolls, begin, states, head } = await published(it)
    await begin()
    await it.clock.advance(31 * 60_000)
    expect([head()?.state, head()?.reason]).toEqual(['stopped', reason])
    expect(states()).toEqual(['installed', 'failed', 'waiting', 'waiting', 'waiting'])
    await rolls.command('spring', { kind: 'resume', retry: false })
    await it.clock.advance(60_000)
    expect([states(), head()?.state]).toEqual([['installed', 'failed', 'installed', 'installed', 'installed'], 'done'])
  })

  it('bears as many failures as it was allowed, and tries them again when told to', async () => {
    const it = five({ b: 'fails', c: 'fails' })
    const { rolls, begin, states, head } = await published(it, { stop: { failures: 1 } })
    await begin()
    await it.clock.advance(60_000)
    expect([head()?.state, head()?.reason]).toEqual(['stopped', '2 stations failed, b first: InstallationFailed'])
    await rolls.command('spring', { kind: 'resume', retry: true })
    await it.clock.advance(60_000)
    expect(states().filter((state) => state === 'failed')).toHaveLength(2)
    expect(it.orders.filter((order) => order.startsWith('b'))).toHaveLength(2)
  })

  it('skips who has it, who is newer and who is something else, unless the release may go back', async () => {
    const it = five()
    const { begin, rolls } = await published(it)
    await it.boot('a', RELEASE.version)
    await it.boot('b', '2.10.0')
    await begin()
    await it.clock.advance(60_000)
    const reasons = [...(rolls.find('spring')?.rows.values() ?? [])].map(({ state, reason }) => reason ?? state)
    expect(reasons).toEqual(['it has 2.4.0', 'it has 2.10.0, which is newer', 'installed', 'installed', 'installed'])
    await rolls.publish(it.world.sign({ ...RELEASE, id: 'back', version: '2.3.0', rollback: true }) as object as Json)
    await rolls.start({ id: 'undo', release: 'back', stations: ['b'], stages: ['all'] })
    await settle()
    expect(it.orders.at(-1)).toBe('b UpdateFirmware')
  })

  it('demands the version that has to come first', async () => {
    const it = five()
    const { rolls } = await published(it)
    await rolls.publish(it.world.sign({ ...RELEASE, id: 'step', version: '3.0', from: '2.4' }) as object as Json)
    await rolls.start({ id: 'leap', release: 'step', stations: ['a'], stages: ['all'] })
    expect(rolls.find('leap')?.rows.get('a')).toMatchObject({ state: 'skipped', reason: 'it has 2.3.9, and needs 2.4 first' })
    expect(it.orders).toEqual([])
  })

  it('waits for its time and its window', async () => {
    const it = five()
    const { begin, head } = await published(it)
    const midnight = it.clock.now()
    await begin({ startAt: midnight + 3_600_000, window: { from: '02:00', to: '03:00' } })
    await it.clock.advance(3_599_000)
    expect(head()?.state).toBe('planned')
    await it.clock.advance(3_600_000)
    expect([head()?.state, it.orders]).toEqual(['running', []])
    await it.clock.advance(2_000)
    expect(it.orders[0]).toBe('a UpdateFirmware')
  })

  it('orders no more while it is paused or cancelled, and what is under way goes on', async () => {
    const it = five({ a: 'silent' })
    const { rolls, begin, states, head } = await published(it, { stages: ['all'], atOnce: 1 })
    await begin()
    await rolls.command('spring', { kind: 'pause' })
    await it.boot('a', RELEASE.version)
    await it.clock.advance(60_000)
    expect([states(), it.orders]).toEqual([['installed', 'waiting', 'waiting', 'waiting', 'waiting'], ['a UpdateFirmware']])
    await rolls.command('spring', { kind: 'cancel' })
    expect([head()?.state, states()]).toEqual(['cancelled', ['installed', ...Array(4).fill('withdrawn')]])
    await rolls.command('spring', { kind: 'resume', retry: true })
    await it.clock.advance(60_000)
    expect([head()?.state, it.orders.length]).toEqual(['cancelled', 1])
  })

  it('waits for a station that is away, and gives it up after its patience', async () => {
    const it = five()
    it.offline.add('a')
    const { rolls, begin, states, head } = await published(it, { silentMs: 600_000 })
    await begin()
    await it.clock.advance(599_000)
    expect(it.orders).toEqual([])
    it.offline.delete('a')
    rolls.moved(['a'])
    await it.clock.advance(1)
    it.offline.add('c')
    await it.clock.advance(700_000)
    expect([states()[0], states()[2], head()?.reason]).toEqual(['installed', 'failed', 'c failed: could not be reached'])
  })
})

describe('an order whose answer was lost', () => {
  it('is asked about and not repeated: the station had it', async () => {
    const it = five({ a: 'mute' })
    const { begin, states } = await published(it)
    await begin()
    await it.clock.advance(60_000)
    expect(states()[0]).toBe('installed')
    expect(it.orders.filter((order) => order.startsWith('a'))).toHaveLength(1)
  })

  it('is repeated once the station says that it has none', async () => {
    const it = five({ a: 'deaf' })
    const { begin, states, rolls } = await published(it)
    await begin()
    await it.clock.advance(60_000)
    expect([states()[0], rolls.find('spring')?.rows.get('a')?.requestId]).toEqual(['installed', 1])
    expect(it.orders.filter((order) => order.startsWith('a'))).toHaveLength(2)
  })
})

describe('what nobody vouches for', () => {
  it('is neither published nor rolled out', async () => {
    const it = five()
    const { rolls, begin } = await published(it)
    const forged = { ...it.world.sign(), release: { ...RELEASE, id: 'forged', version: '9.9' } }
    expect(await caught(rolls.publish(forged as object as Json))).toMatchObject({ code: 'refused', data: { rule: 'broken' } })
    const other = it.world.sign({ ...RELEASE, sha256: 'cd'.repeat(32) })
    expect(await caught(rolls.publish(other as object as Json))).toMatchObject({ code: 'refused' })
    it.world.trust.revoke(new Set([it.world.kid]))
    expect(await caught(begin())).toMatchObject({ code: 'refused', data: { rule: 'unknown-key' } })
    expect(it.orders).toEqual([])
  })

  it('is no plan either: a wrong one, or another under the same name', async () => {
    const it = five()
    const { begin } = await published(it)
    expect(await caught(begin({ stages: [] }))).toMatchObject({ code: 'payload-invalid' })
    expect(await caught(begin({ release: 'nothing' }))).toMatchObject({ code: 'refused' })
    await begin()
    expect((await begin()).head.plan.id).toBe('spring')
    expect(await caught(begin({ atOnce: 3 }))).toMatchObject({ code: 'refused' })
  })
})

describe('a kill at any commit', () => {
  /** A store that takes so many commits, and then loses power: nothing is kept any more, and nobody is answered. */
  const dying = (store: Store, commits: number): Store => ({
    ...{ get: store.get.bind(store), list: store.list.bind(store), close: store.close.bind(store) },
    commit: (changes) => (commits-- > 0 ? store.commit(changes) : new Promise(() => undefined)),
  })

  it('leads to the same end, and no station is ordered more often than it says it was not', async () => {
    for (let commits = 0; commits < 40; commits++) {
      const it = five({ b: 'deaf', c: 'mute' })
      const { rolls, begin } = await published(it)
      await begin({ startAt: it.clock.now() + 1_000 })
      rolls.stop()
      const before = it.start(dying(it.store, commits))
      await it.clock.advance(2_000)
      before.stop()
      it.listeners.clear()
      const after = it.start()
      await it.clock.advance(45 * 60_000)
      const { head, rows } = after.find('spring') ?? {}
      const states = [...(rows?.values() ?? [])].map(({ state }) => state)
      expect([commits, head?.state, head?.reason, states]).toEqual([commits, 'done', undefined, Array(5).fill('installed')])
      for (const station of ['a', 'c', 'd', 'e'])
        expect([commits, station, it.orders.filter((order) => order.startsWith(station)).length]).toEqual([commits, station, 1])
      after.stop()
    }
  })
})
