// What gives way when the disk has no more room: telemetry first, what is paid for never, and nobody is told otherwise.
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Store } from '../../src/base/ports.ts'
import { payloadOf } from '../../src/ocpp/frame.ts'
import { Outbox, type Quota } from '../../src/roles/outbox.ts'
import { callOf, caught, type JsonObject } from '../overlay/support.ts'

const setUp = (quota: Partial<Quota>, store: Store = memoryStore()) => {
  const told: [string, number, boolean][] = []
  const outbox = new Outbox({ store, quota, dropped: (...news) => told.push(news) })
  let id = 0
  const keep = (action: string, payload: JsonObject, station = 'cs') =>
    outbox.keep(callOf({ from: station, to: 'csms' }, { id: String(++id), action, payload: payloadOf(payload) }))
  const kept = (station = 'cs'): string[] =>
    store.list('outbox', { prefix: `${station}/` }).map(({ value }) => {
      const [, , , , action, payload] = JSON.parse(String(value))
      return [action, payload.connectorId ?? payload.seqNo ?? payload.n].filter((part) => part !== undefined).join(' ')
    })
  const drain = async (station = 'cs'): Promise<void> => {
    for (let head = outbox.head(station); head; head = outbox.head(station)) await outbox.done(head)
  }
  return { outbox, keep, kept, told, drain, store }
}
type Message = readonly [action: string, payload: JsonObject]
const event = (seqNo: number, eventType = 'Updated'): Message => ['TransactionEvent', { seqNo, eventType }]
const status = (connectorId: number): Message => ['StatusNotification', { evseId: 1, connectorId }]
const meter = (n: number): Message => ['MeterValues', { evseId: 1, n }]

describe('an outbox that is full', () => {
  it('gives up what a newer message made superfluous, then telemetry, then states, the oldest first', async () => {
    const { keep, kept, outbox, told } = setUp({ stationMessages: 6 })
    for (const message of [event(0), status(1), meter(1), meter(2), status(2), status(1)]) await keep(...message)
    await keep(...event(1))
    expect(kept()).toEqual([
      'TransactionEvent 0',
      'MeterValues 1',
      'MeterValues 2',
      'StatusNotification 2',
      'StatusNotification 1',
      'TransactionEvent 1',
    ])
    await keep(...event(2))
    await keep(...event(3))
    await keep(...event(4))
    expect(kept()).toEqual(['TransactionEvent 0', 'StatusNotification 1', ...[1, 2, 3, 4].map((n) => `TransactionEvent ${n}`)])
    expect(outbox.dropped).toEqual({ superseded: 1, telemetry: 2, state: 1 })
    expect(told).toEqual([['cs', 1, false]])
  })

  it('never gives up what is paid for: what comes then is refused, the start of a session before anything else', async () => {
    const { keep, kept, outbox } = setUp({ stationMessages: 10 })
    for (let n = 0; n < 9; n++) await keep(...event(n))
    expect(await caught(keep(...event(0, 'Started')))).toMatchObject({ code: 'queue-full' })
    await keep(...event(9))
    for (const message of [event(10), meter(1), status(1)]) expect(await caught(keep(...message))).toMatchObject({ code: 'queue-full' })
    expect([kept().length, outbox.waiting]).toEqual([10, 10])
    expect(outbox.dropped).toEqual({ superseded: 0, telemetry: 0, state: 0 })
  })

  it('of the whole node takes the telemetry of other stations too, and leaves each the first of its queue', async () => {
    const { keep, kept, outbox } = setUp({ nodeBytes: 800 })
    for (const station of ['a', 'b']) for (const n of [1, 2, 3]) await keep(...meter(n), station)
    const message = outbox.bytes / 6
    for (let n = 0; outbox.bytes < 800 - message; n++) await keep(...event(n), 'c')
    await keep('TransactionEvent', { seqNo: 99, eventType: 'Ended' }, 'c')
    await keep('TransactionEvent', { seqNo: 100, eventType: 'Ended' }, 'c')
    expect(outbox.bytes).toBeLessThanOrEqual(800)
    expect([kept('a')[0], kept('b')[0], kept('c').at(-1)]).toEqual(['MeterValues 1', 'MeterValues 1', 'TransactionEvent 100'])
    expect(outbox.dropped.telemetry).toBeGreaterThan(0)
    let refused: unknown
    for (let n = 101; refused === undefined; n++) refused = await keep(...event(n), 'c').catch((fault: unknown) => fault)
    expect(refused).toMatchObject({ code: 'queue-full' })
    expect([kept('a')[0], kept('b')[0], outbox.dropped.state]).toEqual(['MeterValues 1', 'MeterValues 1', 0])
  })

  it('says how many it gave up when the rest has gone out', async () => {
    const { keep, drain, told, outbox } = setUp({ stationMessages: 3 })
    for (const message of [event(0), meter(1), meter(2), event(1), event(2)]) await keep(...message)
    await drain()
    expect(told).toEqual([
      ['cs', 1, false],
      ['cs', 2, true],
    ])
    expect([outbox.waiting, outbox.bytes]).toEqual([0, 0])
  })

  it('gives up nothing for a message that cannot be written', async () => {
    let full = false
    const store = memoryStore({
      beforeCommit: () => {
        if (full) throw new Error('full')
      },
    })
    const { keep, kept, outbox, told } = setUp({ stationMessages: 3 }, store)
    for (const message of [event(0), meter(1), event(1)]) await keep(...message)
    full = true
    expect(await caught(keep(...event(2)))).toMatchObject({ code: 'store-failed' })
    full = false
    expect([kept(), outbox.waiting, told]).toEqual([['TransactionEvent 0', 'MeterValues 1', 'TransactionEvent 1'], 3, []])
    await keep(...event(2))
    expect(kept()).toEqual(['TransactionEvent 0', 'TransactionEvent 1', 'TransactionEvent 2'])
  })

  it('knows after a restart what it holds and what that is worth', async () => {
    const before = setUp({ stationMessages: 4 })
    for (const message of [event(0), status(1), status(1), meter(1)]) await before.keep(...message)
    const after = setUp({ stationMessages: 4 }, before.store)
    expect([after.outbox.waiting, after.outbox.bytes]).toEqual([4, before.outbox.bytes])
    await after.keep(...event(1))
    expect(after.kept()).toEqual(['TransactionEvent 0', 'StatusNotification 1', 'MeterValues 1', 'TransactionEvent 1'])
    expect(after.outbox.dropped.superseded).toBe(1)
  })

  it.each([
    ['MeterValues', { transactionId: 7 }, 'billing'],
    ['MeterValues', {}, 'telemetry'],
    ['StopTransaction', {}, 'billing'],
    ['NotifyEvent', {}, 'telemetry'],
    ['BootNotification', {}, 'state'],
    ['constructor', {}, 'state'],
  ])('%s %j is %s', async (action, payload, worth) => {
    const { keep, outbox } = setUp({})
    await keep(action, payload as JsonObject)
    expect(outbox.head('cs')?.worth).toBe(worth)
  })
})
