// What people are shown of a message's signatures: each with what was judged on its way, and no verification for it.
import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import type { Engine } from '../../src/crypto/engine.ts'
import { type Envelope, payloadOf, SEND } from '../../src/ocpp/frame.ts'
import { Findings } from '../../src/overlay/findings.ts'
import { Inspector } from '../../src/overlay/inspector.ts'
import { sightingOf } from '../../src/overlay/sighting.ts'
import { callOf, engine, fakePeer, keysOf, makeGuard, makeNode, virtualClock } from './support.ts'

const ROLES = { grid: 'grid-operator', gw: 'gateway', cs: 'station' }
const setUp = () => {
  const clock = virtualClock()
  const keys = keysOf(ROLES)
  const guardOf = (node: string, key = node) => makeGuard(clock, node, { trust: keys.trust, identity: keys.identity(node, key) }).guard
  let verified = 0
  const counting: Engine = {
    ...engine,
    verifyEcdsa: (...question) => {
      verified++
      return engine.verifyEcdsa(...question)
    },
  }
  const findings = new Findings()
  const judging = new Inspector({ engine: counting, clock, trust: keys.trust })
  const inspector = {
    inspect: (envelope: Envelope, from: { id: string }, here: boolean) => judging.inspect(envelope, from, here, findings),
  }
  const order = callOf({ from: 'grid', to: 'cs' }, { action: 'SetLimit', payload: payloadOf({ limit: 5 }) })
  const show = (envelope: Envelope) => sightingOf(envelope, { at: 1, node: 'lc', signature: 'valid', findings }).signatures
  return { clock, keys, guardOf, inspector, order, show, verified: () => verified }
}

describe('the signatures of a message', () => {
  it('are shown with node, role and key, the countersigner as one, after one verification each', () => {
    const { guardOf, inspector, order, show, keys, verified } = setUp()
    const passed = guardOf('gw').countersign(guardOf('grid').sealCall(order))
    inspector.inspect(passed, { id: 'gw' }, false)
    expect(show(passed)).toEqual([
      { state: 'valid', node: 'grid', role: 'grid-operator', kid: keys.identity('grid').kid, countersigns: false },
      { state: 'valid', node: 'gw', role: 'gateway', kid: keys.identity('gw').kid, countersigns: true },
    ])
    expect(verified()).toBe(2)
  })

  it('that were held back say why, each in its place, and name a claim only', () => {
    const { guardOf, inspector, order, show } = setUp()
    const sealed = guardOf('gw').countersign(guardOf('grid').sealCall(order))
    const forged = { ...sealed, message: { ...order.message, payload: payloadOf({ limit: 6 }) } as Envelope['message'] }
    expect(() => inspector.inspect(forged, { id: 'gw' }, false)).toThrow(/signature-intact/)
    expect(show(forged)).toMatchObject([
      { state: 'invalid', node: 'grid', flaw: 'broken', detail: 'the message is not what was signed' },
      { state: 'invalid', node: 'gw', flaw: 'broken', countersigns: true },
    ])
    expect(show(forged)[0]).not.toHaveProperty('role')
    const strange = guardOf('grid', 'stranger').sealCall({ ...order, message: { ...order.message } as Envelope['message'] })
    inspector.inspect(strange, { id: 'gw' }, false)
    expect(show(strange)).toMatchObject([{ state: 'invalid', node: 'grid', flaw: 'unknown-key' }])
  })

  it('that nobody judged are said to be so, the own ones apart; what cannot be read names nobody', () => {
    const { guardOf, inspector, order, show, keys } = setUp()
    const sealed = guardOf('grid').sealCall(order)
    expect(show(sealed)).toMatchObject([{ state: 'unjudged', node: 'grid' }])
    inspector.inspect(sealed, { id: 'gw' }, false)
    // the node that tells put its own behind the one that it judged
    const own = makeGuard(virtualClock(), 'lc', { trust: keys.trust, identity: keys.identity('lc') }).guard
    expect(show(own.countersign(sealed))).toMatchObject([{ state: 'valid' }, { state: 'own', node: 'lc', countersigns: true }])
    const odd = { ...order, header: { signatures: [{ protected: '!', signature: '' }, null] as never } }
    expect(show(odd)).toEqual([0, 1].map(() => ({ state: 'unjudged', node: '', kid: '', countersigns: false })))
    expect(show({ ...order, header: { signatures: 'abc' as never } })).toEqual([])
    const long = guardOf('x'.repeat(500)).sealCall(order)
    expect(show(long)[0]?.node).toHaveLength(64)
  })
})

describe('a node', () => {
  it('tells of what it refused itself, a SEND too, with rule and place', async () => {
    const clock = virtualClock()
    const { node, seen } = makeNode(clock, 'lc')
    const inspect = (): never => {
      throw new Fault('refused', 'no', { rule: 'signature-intact' })
    }
    const gatekeeper = { ...makeGuard(clock, 'lc', { trust: keysOf({}).trust }).guard, inspect, sealError: (_: Envelope, e: Envelope) => e }
    const strict = makeNode(clock, 'lc', { gatekeeper: gatekeeper as never })
    const peer = fakePeer('gw')
    await strict.node.request(callOf({ from: 'grid', to: 'lc' }), peer)
    const send = { type: SEND, id: 's', action: 'Told', payload: payloadOf({}) } as const
    strict.node.send({ destination: ['lc'], path: ['grid'], header: {}, message: send }, peer)
    expect(strict.seen).toMatchObject([
      { type: 'call', rule: 'signature-intact', refusedBy: 'lc', node: 'lc' },
      { type: 'error', rule: 'signature-intact', refusedBy: 'lc' },
      { type: 'send', rule: 'signature-intact', refusedBy: 'lc' },
    ])
    // and an honest one names no rule
    await node.request(callOf({ from: 'grid', to: 'lc' }), peer)
    expect(seen.map(({ rule }) => rule)).toEqual([undefined, undefined])
  })
})
