// A node whose clock is wrong, and one whose clock is right: asked with a nonce, answered signed, read with an offset; never an order
// obeyed at the wrong time. Three machines with clocks of their own.
import { describe, expect, it } from 'vitest'
import { CALL, type Envelope, payloadOf, RESULT, readEnvelope, writeEnvelope } from '../../src/ocpp/frame.ts'
import { refusalOf } from '../../src/overlay/error-answer.ts'
import { SteeredClock } from '../../src/overlay/steered-clock.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { type JsonObject, type Keys, keysOf, memoryLinks, PING, settle, stationOn, tap, virtualClock } from '../overlay/support.ts'
import { dial, makeNetwork, statusOf } from './park.ts'

const ROLES = { 'grid-operator': 'grid-operator', lc: 'local-controller' }
const DAY = 86_400_000
const YEARS = 3_652 * DAY
const NOW = Date.UTC(2026, 5, 1)

/** An operator whose machine's clock is vouched for, and a controller whose clock is wrong by so much. */
const setUp = async (wrongBy: number, parts: { keys?: Keys; bound?: number; dialled?: boolean } = {}) => {
  const { keys = keysOf(ROLES), bound = 100 } = parts
  const right = virtualClock(NOW)
  const machine = virtualClock(NOW)
  machine.shift(wrongBy)
  const clock = new SteeredClock(machine)
  const source = { bound }
  const operator = makeNetwork(right, { id: 'grid-operator' }, { keys, source })
  const settings = { id: 'lc', uplinks: ['grid-operator'], backend: 'grid-operator' }
  // the parts of a node read the steered clock; its timers are the machine's
  const lc = makeNetwork(machine, settings, { keys, clock, source: clock, time: { clock, from: ['grid-operator'] } })
  const [near, far] = memoryLinks()
  const station = stationOn(machine, near, { version: 'ocpp1.6' })
  await lc.stationConnected(far, { stationId: 'cs', version: 'ocpp1.6' })
  const connect = () => dial(lc, operator)
  const wires = parts.dialled === false ? undefined : await connect()
  await settle()
  const order = async (limit = 5_000) => (await operator.ask('cs', 'SetLimit', payloadOf({ limit }), { ocpp: 'ocpp1.6' })).answer
  const pass = async (ms: number) => {
    await right.advance(ms)
    await machine.advance(ms)
  }
  return { source, keys, right, machine, clock, operator, lc, station, wires, connect, order, pass }
}
const stepsOf = ({ journal }: NetworkNode) => journal.read(0, 99).flatMap(({ rule, text }) => (rule === 'clock-stepped' ? [text] : []))

describe.each([
  ['a day ahead', DAY],
  ['a day behind', -DAY],
  ['at 1970', -NOW],
  ['ten years ahead', YEARS],
  ['right', 0],
])('a controller whose clock is %s', (_name, wrongBy) => {
  it('asks, reads its clock with an offset, and obeys at once what is signed from then on', async () => {
    const { lc, clock, machine, right, order, station, operator } = await setUp(wrongBy)
    expect(lc.guard.quality.state).toBe('trusted')
    expect(Math.abs(clock.now() - right.now())).toBeLessThanOrEqual(lc.guard.quality.bound ?? 0)
    expect(machine.now() - NOW).toBe(wrongBy)
    expect(Math.round(clock.offset)).toBe(0 - wrongBy)
    expect(stepsOf(lc).length).toBe(wrongBy === 0 ? 0 : 1)
    await station.ask(PING, {})
    expect([statusOf(await order()), station.calls.length]).toEqual(['Accepted', 1])
    // what was signed too long ago is late by the right clock
    const late = await operator.ask('cs', 'SetLimit', payloadOf({ limit: 5_000 }), { ocpp: 'ocpp1.6', sealing: { expiresInSeconds: -1 } })
    expect(refusalOf(late.answer).rule).toBe('signature-expired')
  })

  it('without an answer judges no times: it challenges, and obeys what is signed with that', async () => {
    const { lc, order, station } = await setUp(wrongBy, { bound: 60_000 })
    expect(lc.guard.quality.state).toBe('untrusted')
    await station.ask(PING, {})
    expect([statusOf(await order()), station.calls.length]).toEqual(['Accepted', 1])
    const rules = lc.journal.read(0, 99).flatMap(({ kind, rule }) => (kind === 'order-refused' ? [rule] : []))
    expect(rules).toEqual(['clock-untrusted'])
  })
})

it('an order that was held back is not obeyed by a clock that was set back, whatever it says', async () => {
  const { right, operator, machine, lc, pass, station } = await setUp(0)
  await station.ask(PING, {})
  const held = operator.guard.sealCall(operator.overlay.compose('cs', 'SetLimit', payloadOf({ limit: 5_000 }), { ocpp: 'ocpp1.6' }))
  await pass(120_000)
  machine.shift(-110_000)
  expect([lc.guard.quality.state, station.calls.length]).toEqual(['untrusted', 0])
  expect(refusalOf(await operator.overlay.ask(held)).rule).toBe('clock-untrusted')
  // the jump is noticed within ten seconds, and asked about; the order is late by then
  await pass(10_000)
  expect([lc.guard.quality.state, station.calls.length]).toEqual(['trusted', 0])
  expect(right.now() - NOW).toBe(130_000)
  expect(refusalOf(await operator.overlay.ask(held)).rule).toBe('signature-expired')
})

it('a bound grows while nobody answers, and shrinks with the next answer', async () => {
  const { lc, pass, wires, connect, source } = await setUp(DAY, { bound: 1_995 })
  expect(lc.guard.quality.state).toBe('trusted')
  wires?.low.close(1001, 'cut')
  await settle()
  await pass(60_000)
  expect([lc.guard.quality.state, lc.guard.quality.bound]).toEqual(['free-running', 2_007])
  source.bound = 10
  await connect()
  await pass(10_000)
  expect([lc.guard.quality.state, (lc.guard.quality.bound ?? 0) < 20]).toEqual(['trusted', true])
})

describe('an answer is not believed', () => {
  type Told = { readonly statement: JsonObject; readonly signature: JsonObject }
  /** The source's answers altered, and signed again with its own key as messages: the statement must hold by itself. */
  const altered = async (alter: (told: Told) => JsonObject) => {
    const park = await setUp(DAY, { dialled: false })
    const [low, high] = memoryLinks()
    let asked: Envelope | undefined
    const overlay = (frame: string, change: (envelope: Envelope) => Envelope): string =>
      frame.startsWith('["') ? frame : writeEnvelope(change(readEnvelope(frame)))
    tap(low, (frame) =>
      overlay(frame, (envelope) => {
        if (envelope.message.type === CALL) asked = envelope
        return envelope
      }),
    )
    tap(high, (frame) =>
      overlay(frame, (envelope) => {
        const { message } = envelope
        if (message.type !== RESULT || !asked || !frame.includes('statement')) return envelope
        const payload = payloadOf(alter(message.payload.value as Told))
        return park.operator.guard.sealError(asked, { ...envelope, header: {}, message: { ...message, payload } })
      }),
    )
    await Promise.all([park.operator.nodeConnected(high, { nodeId: 'lc' }), park.lc.uplinkConnected(low, 'grid-operator')])
    await settle()
    return park
  }

  it.each<[string, (told: Told) => JsonObject]>([
    ['with another time', ({ statement, ...rest }) => ({ ...rest, statement: { ...statement, time: NOW - DAY } })],
    ['with another nonce', ({ statement, ...rest }) => ({ ...rest, statement: { ...statement, nonce: 'A'.repeat(43) } })],
    ['of another node', ({ statement, ...rest }) => ({ ...rest, statement: { ...statement, node: 'lc' } })],
    ['with a smaller bound', ({ statement, ...rest }) => ({ ...rest, statement: { ...statement, bound: 0 } })],
    ['without a signature', ({ statement }) => ({ statement })],
    ['with no time', ({ signature }) => ({ signature, statement: {} })],
  ])('%s', async (_name, alter) => {
    const { lc, clock } = await altered(alter)
    expect([lc.guard.quality.state, clock.offset]).toEqual(['untrusted', 0])
    expect(lc.journal.read(0, 99).map(({ rule }) => rule)).toContain('time-statement')
  })

  it('by a key that was revoked', async () => {
    const keys = keysOf(ROLES)
    keys.trust.revoke(new Set([keys.identity('grid-operator').kid]))
    const { lc, clock } = await setUp(DAY, { keys, dialled: false })
    expect([lc.guard.quality.state, clock.offset]).toEqual(['untrusted', 0])
  })

  it('that took too long', async () => {
    const { lc, clock, machine } = await setUp(DAY, { dialled: false })
    const [low, high] = memoryLinks()
    const send = high.send.bind(high)
    let held: (() => void) | undefined
    high.send = (frame) => {
      if (typeof frame === 'string' && frame.includes('"statement"')) held = () => send(frame)
      else send(frame)
    }
    const operator = makeNetwork(virtualClock(NOW), { id: 'grid-operator' }, { keys: keysOf(ROLES), source: { bound: 1 } })
    await Promise.all([operator.nodeConnected(high, { nodeId: 'lc' }), lc.uplinkConnected(low, 'grid-operator')])
    await settle()
    await machine.advance(2_500)
    held?.()
    await settle()
    expect([held === undefined, lc.guard.quality.state, clock.offset]).toEqual([false, 'untrusted', 0])
  })

  it('where nobody vouches for the clock of the one who is asked: it says so', async () => {
    const keys = keysOf(ROLES)
    const operator = makeNetwork(virtualClock(NOW), { id: 'grid-operator' }, { keys })
    const lc = makeNetwork(virtualClock(NOW), { id: 'lc', uplinks: ['grid-operator'] }, { keys })
    await dial(lc, operator)
    const question = lc.overlay.compose('grid-operator', 'org.chargeproof.Time', payloadOf({ nonce: 'A'.repeat(43) }), { ocpp: 'ocpp2.1' })
    expect(refusalOf(await lc.overlay.ask(lc.guard.sealCall(question))).rule).toBe('time-unknown')
    expect(operator.guard.quality.state).toBe('free-running')
  })
})

describe('of three sources', () => {
  const site = async (lies: readonly number[], more: { agree?: number } = {}) => {
    const ids = ['t1', 't2', 't3']
    const keys = keysOf({ lc: 'local-controller', t1: 'gateway', t2: 'gateway', t3: 'gateway' })
    const machine = virtualClock(NOW)
    machine.shift(DAY)
    const clock = new SteeredClock(machine)
    const lc = makeNetwork(machine, { id: 'lc', uplinks: ids }, { keys, clock, source: clock, time: { clock, from: ids, ...more } })
    for (const [i, id] of ids.entries()) {
      const lie = lies[i]
      if (lie === undefined) continue
      const right = virtualClock(NOW + lie)
      await dial(lc, makeNetwork(right, { id }, { keys, source: { bound: 100 } }))
    }
    await settle()
    await machine.advance(10_000)
    await settle()
    const named = lc.journal.read(0, 99).flatMap(({ rule, text }) => (rule === 'time-disagrees' ? [text] : []))
    return { lc, named, late: Math.round((clock.now() - machine.now() + DAY) / 1_000), state: lc.guard.quality.state }
  }

  it('one that lies, or whose key is stolen, moves nothing, and is named', async () => {
    for (const lie of [-30 * DAY, 30 * DAY, -60_000]) {
      const { late, state, named } = await site([0, lie, 0])
      expect([late, state]).toEqual([0, 'trusted'])
      expect(named.at(-1)).toContain('t2 tells another time than t1, t3')
    }
  })

  it('that all say another time nothing is believed', async () => {
    const { state, named } = await site([0, -DAY, DAY])
    expect(state).toBe('untrusted')
    expect(named.at(-1)).toContain('do not agree on the time')
  })

  it('two are enough, and one is not', async () => {
    expect((await site([0, 0])).state).toBe('trusted')
    expect((await site([0])).state).toBe('untrusted')
    expect((await site([0], { agree: 1 })).state).toBe('trusted')
  })
})
