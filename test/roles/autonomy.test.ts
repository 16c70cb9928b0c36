// A site whose back end comes and goes: what is answered in its name, what is kept, and that everything acknowledged arrives
// there in order, whatever breaks and whenever.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json, Store } from '../../src/base/ports.ts'
import { type Envelope, ERROR, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import type { Version } from '../../src/ocpp/version.ts'
import type { Local } from '../../src/overlay/node.ts'
import type { Screen } from '../../src/overlay/passage.ts'
import type { PeerEvents } from '../../src/overlay/peer.ts'
import { Autonomy } from '../../src/roles/autonomy.ts'
import type { Quota } from '../../src/roles/outbox.ts'
import {
  type Joint,
  type JsonObject,
  join,
  makeNode,
  makeStation,
  openGatekeeper,
  outcomeOf,
  settle,
  type TestStation,
  type VirtualClock,
  virtualClock,
} from '../overlay/support.ts'
import { fixedRandom } from '../support/fixed-random.ts'

const STATUS = { timestamp: '2025-01-01T00:00:00Z', connectorStatus: 'Occupied', evseId: 1, connectorId: 1 }
const BOOT = { reason: 'PowerUp', chargingStation: { model: 'm', vendorName: 'v' } }
const BOOT_ANSWER = { status: 'Accepted', currentTime: '2025-01-01T00:00:00Z', interval: 60 }
const START_16 = { connectorId: 1, idTag: 'DEADBEEF', meterStart: 0, timestamp: '2025-01-01T00:00:00Z' }
const AUTHORIZE = (idToken: string) => ({ idToken: { idToken, type: 'ISO14443' } })

/** A back end that counts everything it sees. */
const makeBackEnd = (clock: VirtualClock) => {
  const seen: Envelope[] = []
  const pace = { slowMs: 0 }
  const answers: Record<string, Json> = { BootNotification: BOOT_ANSWER, Heartbeat: { currentTime: '2025-01-01T00:00:00Z' } }
  const local: Local = {
    async call(envelope) {
      seen.push(envelope)
      const { message } = envelope
      if (pace.slowMs > 0) await new Promise<void>((resolve) => clock.after(pace.slowMs, resolve))
      const answer = 'action' in message ? answers[message.action] : undefined
      if (answer instanceof Fault) throw answer
      return payloadOf(answer ?? {})
    },
  }
  const { node } = makeNode(clock, 'csms', { local })
  return Object.assign(pace, {
    node,
    seen,
    answers,
    ids: (station = 'cs') => seen.filter(({ path }) => path[0] === station).map(({ message }) => message.id),
  })
}

interface Options {
  readonly store?: Store
  readonly quota?: Partial<Quota>
  readonly clock?: VirtualClock
  readonly firewall?: Screen
}
const setUp = ({ clock = virtualClock(), store = memoryStore(), firewall, ...options }: Options = {}) => {
  const csms = makeBackEnd(clock)
  const lc = makeNode(clock, 'lc', firewall && { firewall })
  const failed: Fault[] = []
  const rejected: string[] = []
  const waiting: number[] = []
  const autonomy = new Autonomy({
    node: lc.node,
    store,
    clock,
    random: fixedRandom(3),
    guard: openGatekeeper,
    failed: (fault) => failed.push(fault),
    rejected: (station, fault) => rejected.push(`${station}: ${fault.message}`),
    changed: (count) => waiting.push(count),
    ...options,
  })
  const events: PeerEvents = {
    request: (envelope, from) => autonomy.request(envelope, from),
    refusal: (envelope, fault) => lc.node.refusal(envelope, fault),
    send: (envelope, from) => lc.node.send(envelope, from),
    flaw: (error, from) => lc.node.flaw(error, from),
    closed: (from) => lc.node.closed(from),
  }
  const station = (id = 'cs', version: Version = 'ocpp2.1') => makeStation(clock, lc.node, id, { version, events })
  const connect = () => {
    const joint = join(clock, lc.node, csms.node)
    autonomy.drain()
    return joint
  }
  return { clock, csms, lc, autonomy, station, connect, store, failed, rejected, waiting }
}
const status = (station: TestStation, id: string) => station.ask('StatusNotification', STATUS, id)
const say = async (station: TestStation, action: string, payload: JsonObject) => outcomeOf({ message: await station.ask(action, payload) })

describe('while the back end is there', () => {
  it('everything goes through and nothing is kept', async () => {
    const { station, connect, csms, autonomy } = setUp()
    connect()
    expect(await say(station(), 'BootNotification', BOOT)).toEqual(BOOT_ANSWER)
    expect([csms.seen.length, autonomy.waiting]).toEqual([1, 0])
    expect(csms.seen[0]?.header.answered).toBeUndefined()
  })

  it('its errors are passed on, not papered over', async () => {
    const { station, connect, csms, autonomy } = setUp()
    connect()
    csms.answers.StatusNotification = new Fault('store-failed', 'full') as never
    expect(await status(station(), '1')).toMatchObject({ type: ERROR, code: 'InternalError' })
    expect(autonomy.waiting).toBe(0)
  })
})

describe('while the back end is away', () => {
  it('reports are kept and answered, a heartbeat is only answered, and what is unknown is not', async () => {
    const { station, autonomy, clock, waiting } = setUp()
    const cs = station()
    expect(await status(cs, '1')).toMatchObject({ type: RESULT, payload: { value: {} } })
    expect(await say(cs, 'Heartbeat', {})).toEqual({ currentTime: new Date(clock.now()).toISOString() })
    expect(await say(cs, 'Authorize', AUTHORIZE('NOBODY'))).toMatchObject({ fault: 'unreachable', at: 'lc' })
    expect(await say(cs, 'BootNotification', BOOT)).toMatchObject({ fault: 'unreachable' })
    expect(await say(cs, 'Get15118EVCertificate', { iso15118SchemaVersion: 'x', action: 'Install', exiRequest: 'x' })).toMatchObject({
      fault: 'unreachable',
    })
    expect([autonomy.waiting, waiting]).toEqual([1, [1]])
  })

  it('known people may charge and known stations may boot, as they were told before', async () => {
    const { station, autonomy, connect, csms } = setUp()
    const cs = station()
    const { low } = connect()
    csms.answers.Authorize = { idTokenInfo: { status: 'Accepted' } }
    await say(cs, 'BootNotification', BOOT)
    await say(cs, 'Authorize', AUTHORIZE('deadbeef'))
    csms.answers.Authorize = { idTokenInfo: { status: 'Blocked' } }
    await say(cs, 'Authorize', AUTHORIZE('BLOCKED01'))
    low.close(1006, 'gone')
    await settle()
    expect(await say(cs, 'Authorize', AUTHORIZE('DEADBEEF'))).toEqual({ idTokenInfo: { status: 'Accepted' } })
    expect(await say(cs, 'Authorize', AUTHORIZE('BLOCKED01'))).toEqual({ idTokenInfo: { status: 'Blocked' } })
    expect(await say(cs, 'BootNotification', BOOT)).toMatchObject({ status: 'Accepted', interval: 300 })
    expect(await say(station('cs2'), 'BootNotification', BOOT)).toMatchObject({ fault: 'unreachable' })
    expect(autonomy.waiting).toBe(1)
  })

  it('a 1.6 session starts with a number that the back end is told', async () => {
    const { station, connect, csms, clock } = setUp()
    const cs = station('cs', 'ocpp1.6')
    const { low } = connect()
    csms.answers.Authorize = { idTagInfo: { status: 'Accepted' } }
    await say(cs, 'Authorize', { idTag: 'DEADBEEF' })
    low.close(1006, 'gone')
    await settle()
    const told = await say(cs, 'StartTransaction', START_16)
    expect(told).toMatchObject({ idTagInfo: { status: 'Accepted' } })
    expect(told.transactionId).toBeGreaterThanOrEqual(0x4000_0000)
    expect(told.transactionId).toBeLessThanOrEqual(0x7fff_ffff)
    expect(await say(cs, 'StartTransaction', { ...START_16, idTag: 'STRANGER' })).toMatchObject({ fault: 'unreachable' })
    connect()
    csms.answers.StartTransaction = { idTagInfo: { status: 'Accepted' }, transactionId: 1 }
    await clock.advance(2000)
    expect(csms.seen.at(-1)).toMatchObject({
      path: ['cs', 'lc'],
      header: { answered: told, ocpp: 'ocpp1.6' },
      message: { action: 'StartTransaction' },
    })
  })

  it('no more than the limit of a station is kept, and the next is honestly refused', async () => {
    const { station, autonomy } = setUp({ quota: { stationMessages: 3 } })
    const [one, two] = [station(), station('cs2')]
    for (const id of [1, 2, 3]) expect(await say(one, 'StatusNotification', { ...STATUS, connectorId: id })).toEqual({})
    expect(await say(one, 'StatusNotification', { ...STATUS, connectorId: 4 })).toMatchObject({ fault: 'queue-full', at: 'lc' })
    expect((await status(two, '1')).type).toBe(RESULT)
    expect(autonomy.waiting).toBe(4)
  })

  it('a message that is not on disk is not acknowledged', async () => {
    let full = true
    const store = memoryStore({
      beforeCommit: () => {
        if (full) throw new Error('full')
      },
    })
    const { station, autonomy, connect, csms, clock } = setUp({ store })
    const cs = station()
    expect(outcomeOf({ message: await status(cs, '1') })).toMatchObject({ code: 'InternalError', fault: 'store-failed', at: 'lc' })
    expect(autonomy.waiting).toBe(0)
    full = false
    for (const id of ['1', '2']) expect((await status(cs, id)).type).toBe(RESULT)
    full = true
    expect(outcomeOf({ message: await status(cs, '3') })).toMatchObject({ fault: 'store-failed', at: 'lc' })
    full = false
    connect()
    await clock.advance(2000)
    expect(csms.ids()).toEqual(['1', '2'])
  })

  it('is refused what a node that guards its stations would not let pass, queued or not', async () => {
    const { station, lc, autonomy } = setUp()
    const cs = station()
    await status(cs, '1')
    const inspect = openGatekeeper.inspect
    openGatekeeper.inspect = () => {
      throw new Fault('refused', 'no', { rule: 'r' })
    }
    try {
      expect(outcomeOf({ message: await status(cs, '2') })).toMatchObject({ fault: 'refused', rule: 'r', at: 'lc' })
    } finally {
      openGatekeeper.inspect = inspect
    }
    expect([autonomy.waiting, lc.refused.length]).toEqual([1, 1])
  })
})

describe('when the back end returns', () => {
  it('what waited goes out in order, each once, and what comes meanwhile queues behind', async () => {
    const { station, connect, csms, autonomy, clock, store } = setUp()
    const [one, two] = [station(), station('cs2')]
    for (const id of ['1', '2', '3']) await status(one, id)
    await status(two, '1')
    connect()
    const later = status(one, '4')
    expect((await later).type).toBe(RESULT)
    await clock.advance(3000)
    expect([csms.ids(), csms.ids('cs2'), autonomy.waiting]).toEqual([['1', '2', '3', '4'], ['1'], 0])
    expect(store.list('outbox')).toEqual([])
    await status(one, '5')
    expect(csms.seen.at(-1)?.header.answered).toBeUndefined()
  })

  it('nothing goes out twice, however slow the back end and however often the way is free', async () => {
    const { station, connect, csms, autonomy, clock } = setUp()
    const cs = station()
    for (const id of ['1', '2', '3']) await status(cs, id)
    csms.slowMs = 2500
    connect()
    for (let i = 0; i < 9; i++) {
      autonomy.drain()
      await clock.advance(1000)
      if (i === 1) expect((await status(cs, '4')).type).toBe(RESULT)
    }
    await clock.advance(5000)
    expect([csms.ids(), autonomy.waiting]).toEqual([['1', '2', '3', '4'], 0])
  })

  it('a new process over the same store goes on where the old one was', async () => {
    const before = setUp()
    const cs = before.station()
    for (const id of ['1', '2', '3']) await status(cs, id)
    before.autonomy.stop()
    const after = setUp({ store: before.store, clock: before.clock })
    expect(after.autonomy.waiting).toBe(3)
    const again = after.station()
    await status(again, '4')
    after.connect()
    await after.clock.advance(2000)
    expect(after.csms.ids()).toEqual(['1', '2', '3', '4'])
    expect(before.csms.seen).toEqual([])
  })

  it('a back end that cannot write is asked again; one that refuses for good is written down', async () => {
    const { station, connect, csms, autonomy, clock, rejected } = setUp()
    const cs = station()
    for (const id of ['1', '2']) await status(cs, id)
    csms.answers.StatusNotification = new Fault('store-failed', 'not now') as never
    connect()
    for (const code of ['store-failed', 'unreachable', 'link-lost', 'timeout', 'queue-full'] as const) {
      csms.answers.StatusNotification = new Fault(code, 'not now') as never
      await clock.advance(3000)
      expect([code, autonomy.waiting]).toEqual([code, 2])
    }
    csms.answers.StatusNotification = new Fault('payload-invalid', 'never') as never
    await clock.advance(2000)
    expect([autonomy.waiting, rejected]).toEqual([0, Array(2).fill('cs: a kept StatusNotification was refused: payload-invalid')])
  })

  it('a store that fails at that moment loses nothing', async () => {
    let full = false
    const store = memoryStore({
      beforeCommit: () => {
        if (full) throw new Error('full')
      },
    })
    const { station, connect, csms, autonomy, clock, failed } = setUp({ store })
    const cs = station()
    for (const id of ['1', '2']) await status(cs, id)
    full = true
    connect()
    await clock.advance(2500)
    expect(failed.map(({ code }) => code)).toContain('store-failed')
    expect(new Set(csms.ids())).toEqual(new Set(['1']))
    full = false
    await clock.advance(3000)
    expect([...new Set(csms.ids())]).toEqual(['1', '2'])
    expect(autonomy.waiting).toBe(0)
  })

  it('stops when it is told to, and leaves the rest on disk', async () => {
    const { station, autonomy, clock, store, connect, csms } = setUp()
    const cs = station()
    await status(cs, '1')
    const { low, high } = connect()
    low.cut()
    autonomy.stop()
    await clock.advance(60_000)
    for (const end of [low, high]) end.close(1006, 'gone')
    await settle()
    // it was on its way already, but nothing says that it arrived
    expect([clock.pending, csms.ids(), store.list('outbox').length]).toEqual([0, ['1'], 1])
  })
})

describe('with a second uplink', () => {
  const twoWays = () => {
    const park = setUp()
    const gateways = ['g1', 'g2'].map((id) => makeNode(park.clock, id))
    const [one, two] = gateways.map(({ node }) => ({
      upper: join(park.clock, node, park.csms.node),
      lower: join(park.clock, park.lc.node, node),
    })) as [{ upper: Joint; lower: Joint }, { upper: Joint; lower: Joint }]
    return { ...park, one, two }
  }

  it('what was on the wire when one broke goes over the other at once, and the true answer comes back', async () => {
    const { station, csms, autonomy, lc, one, two } = twoWays()
    csms.answers.Authorize = { idTokenInfo: { status: 'Accepted' } }
    const cs = station()
    const used = lc.node.routes.next('csms', undefined, 'cs')?.id === 'g1' ? one : two
    // the back end hears it, its answer is lost
    used.lower.high.send = () => undefined
    const asked = [say(cs, 'Authorize', AUTHORIZE('NOBODY'))]
    await settle()
    used.lower.low.close(1006, 'dead')
    expect(await Promise.all(asked)).toEqual([{ idTokenInfo: { status: 'Accepted' } }])
    expect([csms.seen.length, new Set(csms.ids()).size, autonomy.waiting]).toEqual([2, 1, 0])
    expect(csms.seen.every(({ header }) => header.answered === undefined)).toBe(true)
  })

  it('a gateway that lost its own way is left, and nothing needs to be kept', async () => {
    const { station, csms, autonomy, lc, one, two } = twoWays()
    const cs = station()
    const used = lc.node.routes.next('csms', undefined, 'cs')?.id === 'g1' ? one : two
    used.upper.low.close(1006, 'gone')
    await settle()
    expect(await status(cs, '1')).toMatchObject({ type: RESULT })
    expect([csms.ids(), autonomy.waiting]).toEqual([['1'], 0])
    // what no table says is repeatable fails as it failed
    two.upper.low.close(1006, 'gone')
    one.upper.low.close(1006, 'gone')
    await settle()
    expect(await say(cs, 'DataTransfer', { vendorId: 'x' })).toMatchObject({ fault: 'unreachable' })
  })
})

describe('a long drain', () => {
  it('goes station by station, never more than 32 at once, and what is said now passes', async () => {
    const { station, connect, csms, autonomy, clock } = setUp()
    const stations = Array.from({ length: 100 }, (_, n) => station(`cs${n}`))
    for (const [n, one] of stations.entries()) for (const id of ['a', 'b']) await status(one, `${n}${id}`)
    expect(autonomy.waiting).toBe(200)
    csms.slowMs = 1_000
    const { up } = connect()
    await clock.advance(100)
    expect(up.waiting).toBe(32)
    const live = say(stations[99] as TestStation, 'Heartbeat', {})
    await clock.advance(1_000)
    expect(await live).toEqual(csms.answers.Heartbeat)
    await clock.advance(20_000)
    expect([autonomy.waiting, csms.seen.length, csms.ids('cs99').filter((id) => id.startsWith('99'))]).toEqual([0, 201, ['99a', '99b']])
  })
})

describe('whatever breaks, and whenever', () => {
  const moment = fc.integer({ min: 0, max: 40_000 })
  const story = fc.record({
    breaks: fc.array(
      fc.record({ at: moment, kind: fc.constantFrom('close', 'cut', 'middle', 'restart', 'disk'), ms: fc.integer({ min: 0, max: 8000 }) }),
      { maxLength: 6 },
    ),
    pauses: fc.array(fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 }),
  })

  it('of each station arrives what it was promised, in order', async () => {
    await fc.assert(
      fc.asyncProperty(story, async ({ breaks, pauses }) => {
        const clock = virtualClock()
        let full = false
        const store = memoryStore({
          beforeCommit: () => {
            if (full) throw new Error('full')
          },
        })
        const csms = makeBackEnd(clock)
        const gateway = makeNode(clock, 'gateway')
        let upper = join(clock, gateway.node, csms.node)
        const boot = () => {
          const lc = makeNode(clock, 'lc')
          const autonomy = new Autonomy({ node: lc.node, store, clock, random: fixedRandom(3), guard: openGatekeeper })
          return { lc, autonomy, lower: join(clock, lc.node, gateway.node) }
        }
        let site = boot()
        const redial = () => {
          site.lower.low.close(1006, 'late')
          site.lower.high.close(1006, 'late')
          site.lower = join(clock, site.lc.node, gateway.node)
          site.autonomy.drain()
        }
        const breakers = {
          close: (ms: number) => {
            site.lower.high.close(1006, 'gone')
            clock.after(ms, redial)
          },
          cut: (ms: number) => {
            site.lower.low.cut()
            clock.after(ms, redial)
          },
          middle: (ms: number) => {
            upper.low.close(1006, 'gone')
            clock.after(ms, () => {
              upper = join(clock, gateway.node, csms.node)
            })
          },
          restart: () => {
            site.autonomy.stop()
            site.lower.low.close(1006, 'off')
            for (const { link } of stations) link.close(1006, 'off')
            site = boot()
            site.autonomy.drain()
            for (const one of stations) one.dial()
          },
          disk: (ms: number) => {
            full = true
            clock.after(ms, () => {
              full = false
            })
          },
        }
        const stations = pauses.map((gaps, s) => {
          const events: PeerEvents = {
            request: (envelope, from) => site.autonomy.request(envelope, from),
            refusal: (envelope, fault) => site.lc.node.refusal(envelope, fault),
            send: () => undefined,
            flaw: () => undefined,
            closed: (from) => site.lc.node.closed(from),
          }
          const dial = () => makeStation(clock, site.lc.node, `cs${s}`, { events })
          let now = dial()
          const acknowledged: string[] = []
          // as a station does: the same message again until it is acknowledged, then the next one
          const say = async (n: number): Promise<void> => {
            if (n === gaps.length) return
            const answer = await status(now, String(n)).catch(() => undefined)
            if (answer?.type === RESULT) acknowledged.push(String(n))
            const wait = answer?.type === RESULT ? (gaps[n] ?? 0) : 500
            clock.after(wait, () => void say(answer?.type === RESULT ? n + 1 : n))
          }
          void say(0)
          return {
            acknowledged,
            dial: () => {
              now = dial()
            },
            get link() {
              return now.link
            },
            count: gaps.length,
            id: `cs${s}`,
          }
        })
        for (const { at, kind, ms } of breaks) clock.after(at, () => breakers[kind](ms))
        await clock.advance(60_000 + 400_000)
        for (const { acknowledged, count, id } of stations) {
          expect(acknowledged).toEqual(Array.from({ length: count }, (_, n) => String(n)))
          expect([...new Set(csms.ids(id))]).toEqual(acknowledged)
        }
        expect(site.autonomy.waiting).toBe(0)
      }),
      { numRuns: 60 },
    )
  })
})

describe('with a firewall', () => {
  /** A wall that lets a heartbeat's answer be dropped, refuses Authorize, and puts another status into every report. */
  const wall = {
    isShut: false,
    pass(envelope: Envelope, { question }: { question?: Envelope }): Envelope {
      const { message } = envelope
      const action = String('action' in message ? message.action : question && 'action' in question.message && question.message.action)
      if (question && action === 'Heartbeat') throw new Fault('dropped', 'dropped by rule h', { at: 'lc', rule: 'h' })
      if (action === 'Authorize' || (wall.isShut && action === 'StatusNotification'))
        throw new Fault('refused', 'refused by rule a', { at: 'lc', rule: 'a' })
      if (action !== 'StatusNotification' || question || !('payload' in message)) return envelope
      return { ...envelope, message: { ...message, payload: payloadOf({ ...STATUS, connectorStatus: 'Faulted' }) } }
    },
  }
  const statuses = (seen: readonly Envelope[]) =>
    seen.map(({ message }) => 'payload' in message && (message.payload.value as { connectorStatus: string }).connectorStatus)

  it('keeps and answers only what that lets pass, in the form in which it passes', async () => {
    const { station, autonomy, connect, csms, clock } = setUp({ firewall: wall })
    const cs = station()
    expect(await status(cs, '1')).toMatchObject({ type: RESULT })
    expect(await status(cs, '2')).toMatchObject({ type: RESULT })
    expect(await say(cs, 'Authorize', AUTHORIZE('X'))).toMatchObject({ fault: 'refused', rule: 'a' })
    expect(autonomy.waiting).toBe(2)
    const silence = say(cs, 'Heartbeat', {}).catch((error: Fault) => error.code)
    await clock.advance(31_000)
    expect(await silence).toBe('timeout')
    connect()
    await clock.advance(2_000)
    expect([statuses(csms.seen), autonomy.waiting]).toEqual([['Faulted', 'Faulted'], 0])
  })

  it('lets a kept message go that may no longer pass, and says so: the others do not wait behind it for ever', async () => {
    const { station, autonomy, connect, csms, clock, rejected } = setUp({ firewall: wall })
    const cs = station()
    await status(cs, '1')
    wall.isShut = true
    connect()
    await clock.advance(2_000)
    wall.isShut = false
    expect([csms.seen, autonomy.waiting, rejected]).toEqual([[], 0, ['cs: a kept StatusNotification was refused: refused']])
  })
})
