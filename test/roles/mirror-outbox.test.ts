// What a mirror has still to hear: kept in order, over a restart, within its bounds, and what goes first when there is no room.
import { expect, it } from 'vitest'
import type { Fault } from '../../src/base/fault.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json, Store } from '../../src/base/ports.ts'
import { CALL, type Call, payloadOf, SEND, type Send } from '../../src/ocpp/frame.ts'
import { MirrorOutbox } from '../../src/roles/mirror-outbox.ts'
import { settle, virtualClock } from '../support/virtual-clock.ts'

const call = (id: string, action: string, payload: Json = {}): Call => ({ type: CALL, id, action, payload: payloadOf(payload) })
const open = (store: Store, limit = 4, failed: (fault: Fault) => void = () => undefined, clock = virtualClock()): MirrorOutbox =>
  new MirrorOutbox({ store, name: 'm', clock, limit, failed })

const drain = (outbox: MirrorOutbox, station: string): string[] => {
  const ids: string[] = []
  for (let row = outbox.next(station, 'ocpp1.6'); row; row = outbox.next(station, 'ocpp1.6')) {
    ids.push(row.message.id)
    outbox.done(row.key)
  }
  return ids
}

it('keeps each station’s messages in order, and over a restart', async () => {
  const store = memoryStore()
  const before = open(store)
  before.put('b', 'ocpp1.6', call('1', 'Heartbeat'))
  before.put('a', 'ocpp1.6', call('2', 'StopTransaction', { meterStop: 1.5 }))
  before.put('b', 'ocpp1.6', call('3', 'Heartbeat'))
  before.stop()
  await settle()
  const clock = virtualClock()
  const after = open(store, 4, undefined, clock)
  after.put('b', 'ocpp1.6', call('4', 'Heartbeat'))
  expect([after.waiting, after.next('a', 'ocpp1.6')?.message.payload.text]).toEqual([4, '{"meterStop":1.5}'])
  expect([drain(after, 'b'), drain(after, 'a'), after.waiting, after.dropped]).toEqual([['1', '3', '4'], ['2'], 0, 0])
  expect(store.list('mirror').length).toBe(3)
  await clock.advance(1_000)
  expect([store.list('mirror'), clock.pending]).toEqual([[], 0])
})

it('does not touch another mirror’s', async () => {
  const store = memoryStore()
  const one = open(store)
  one.put('a', 'ocpp1.6', call('1', 'Heartbeat'))
  one.stop()
  await settle()
  expect(open(store).waiting).toBe(1)
  expect(new MirrorOutbox({ store, name: 'other', clock: virtualClock(), limit: 4, failed: () => undefined }).waiting).toBe(0)
})

it('lets the oldest telemetry go first, of whichever station, and counts it', () => {
  const outbox = open(memoryStore())
  outbox.put('a', 'ocpp1.6', call('1', 'StartTransaction'))
  outbox.put('b', 'ocpp1.6', call('2', 'Heartbeat'))
  // a session's energy is no telemetry
  outbox.put('a', 'ocpp1.6', call('3', 'MeterValues', { transactionId: 7 }))
  outbox.put('a', 'ocpp1.6', call('4', 'MeterValues', {}))
  outbox.put('a', 'ocpp1.6', call('5', 'StopTransaction'))
  outbox.put('a', 'ocpp1.6', call('6', 'StopTransaction'))
  // nothing but sessions is left: telemetry itself has to stay away, and only a session's message may end another
  outbox.put('a', 'ocpp1.6', call('7', 'Heartbeat'))
  expect([outbox.dropped, outbox.waiting]).toEqual([3, 4])
  outbox.put('a', 'ocpp1.6', call('8', 'StopTransaction'))
  expect([drain(outbox, 'a'), drain(outbox, 'b'), outbox.dropped]).toEqual([['3', '5', '6', '8'], [], 4])
})

it('is bounded in characters too', async () => {
  const outbox = open(memoryStore(), 1_000)
  const long = 'x'.repeat(200_000)
  for (let i = 0; i < 400; i++) {
    outbox.put('a', 'ocpp1.6', call(`${i}`, 'Heartbeat', { long }))
    if (i % 10 === 0) await settle()
  }
  expect(outbox.waiting).toBe(335)
  expect(outbox.dropped).toBe(65)
})

it('holds SENDs like CALLs, over a restart, as telemetry', async () => {
  const store = memoryStore()
  const before = open(store, 2)
  const send: Send = { type: SEND, id: '1', action: 'NotifyPeriodicEventStream', payload: payloadOf({ id: 1 }) }
  before.put('a', 'ocpp2.1', send)
  before.stop()
  await settle()
  const after = open(store, 2)
  expect(after.next('a', 'ocpp2.1')?.message).toEqual(send)
  after.put('a', 'ocpp2.1', call('2', 'TransactionEvent'))
  after.put('a', 'ocpp2.1', call('3', 'TransactionEvent'))
  expect([after.next('a', 'ocpp2.1')?.message.id, after.dropped]).toEqual(['2', 1])
})

it('drops what was said in another version', () => {
  const outbox = open(memoryStore())
  outbox.put('a', 'ocpp2.1', call('1', 'Heartbeat'))
  outbox.put('a', 'ocpp1.6', call('2', 'Heartbeat'))
  expect([drain(outbox, 'a'), outbox.dropped]).toEqual([['2'], 1])
})

it('a disk that fails costs the copy, and is told; one that hangs costs no memory', async () => {
  const faults: string[] = []
  const broken = memoryStore({
    beforeCommit: () => {
      throw new Error('full')
    },
  })
  const clock = virtualClock()
  const outbox = open(broken, 4, (fault) => faults.push(fault.code), clock)
  outbox.put('a', 'ocpp1.6', call('1', 'Heartbeat'))
  await clock.advance(1_000)
  expect([outbox.waiting, outbox.dropped, faults.length]).toEqual([0, 1, 1])

  const hanging: Store = { ...memoryStore(), list: () => [], get: () => undefined, commit: () => new Promise(() => undefined) }
  const stuck = open(hanging, 1_000_000)
  for (let i = 0; i < 3_000; i++) stuck.put('a', 'ocpp1.6', call(`${i}`, 'Heartbeat'))
  expect([stuck.waiting, stuck.dropped]).toEqual([1_000, 2_000])
})

it('writes what is left after a fifth of a second, all at once, and nothing of what was heard by then', async () => {
  let commits = 0
  const clock = virtualClock()
  const store = memoryStore({ beforeCommit: () => commits++ })
  const outbox = open(store, 1_000, undefined, clock)
  for (let i = 0; i < 50; i++) outbox.put('a', 'ocpp1.6', call(`${i}`, 'Heartbeat'))
  expect(drain(outbox, 'a').length).toBe(50)
  await clock.advance(200)
  expect([commits, store.list('mirror').length]).toEqual([0, 0])
  for (let i = 0; i < 50; i++) outbox.put('a', 'ocpp1.6', call(`${i}`, 'Heartbeat'))
  await clock.advance(199)
  expect(commits).toBe(0)
  await clock.advance(1)
  expect([commits, store.list('mirror').length]).toEqual([1, 50])
})

it('heard while it is being written, it does not stay on disk', async () => {
  const clock = virtualClock()
  const store = memoryStore()
  const outbox = open(store, 1_000, undefined, clock)
  outbox.put('a', 'ocpp1.6', call('1', 'Heartbeat'))
  outbox.flush()
  expect(drain(outbox, 'a')).toEqual(['1'])
  await clock.advance(1_000)
  expect(store.list('mirror')).toEqual([])
})
