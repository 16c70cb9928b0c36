// The firewall where it stands: between a station and its back end, on the way up and down, for questions, answers and what is
// only told; what it writes down, and whose statement a replacement is.
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import { type Envelope, payloadOf, RESULT, SEND } from '../../src/ocpp/frame.ts'
import { Firewall } from '../../src/overlay/firewall.ts'
import type { FirewallRule, FirewallSettings } from '../../src/overlay/firewall-rules.ts'
import type { Journal } from '../../src/overlay/journal.ts'
import type { NodeParts } from '../../src/overlay/node.ts'
import { passageOf } from '../../src/overlay/passage.ts'
import {
  askedOf,
  callOf,
  caught,
  engine,
  fakePeer,
  join,
  keysOf,
  makeGuard,
  makeNode,
  makeStation,
  outcomeOf,
  PING,
  settle,
  tapEnvelopes,
  virtualClock,
} from './support.ts'

const rows = (journal: Journal) => journal.read(0, 999).filter(({ kind }) => kind === 'firewall')
const rule = (decision: FirewallRule['decision'], parts: Partial<FirewallRule> = {}): FirewallRule => ({
  id: 'r',
  decision,
  actions: [PING],
  ...parts,
})

/** station `cs` - lc, with the firewall - csms. The station speaks actions of our own; `known` are nodes whose keys lc has. */
const setUp = async (
  settings: FirewallSettings,
  known: Readonly<Record<string, string>> = { lc: 'local-controller' },
  parts: Partial<NodeParts> = {},
) => {
  const clock = virtualClock()
  const keys = keysOf(known)
  const rules = [{ id: 'all', role: 'anyone', actions: ['*'] }]
  const own = makeGuard(clock, 'lc', { trust: keys.trust, identity: keys.identity('lc'), policy: { rules }, store: memoryStore() })
  const wall = new Firewall(settings, { ...own, self: 'lc', clock, engine, trust: keys.trust, failed: () => undefined })
  const csms = makeNode(clock, 'csms', parts)
  const lc = makeNode(clock, 'lc', { gatekeeper: own.guard, firewall: wall })
  const wire = join(clock, lc.node, csms.node)
  const cs = makeStation(clock, lc.node, 'cs')
  await settle()
  const order = (payload: Parameters<typeof payloadOf>[0] = {}, action = PING) =>
    csms.node.ask(csms.node.compose('cs', action, payloadOf(payload), { ocpp: 'ocpp2.1', timeoutMs: 5000 }))
  return { clock, keys, wall, csms, lc, cs, order, wire, ...own }
}

describe('what is forwarded', () => {
  it('goes on byte for byte both ways, an action that nobody knows too, and nothing is written down', async () => {
    const { cs, csms, order, journal, wire } = await setUp({ rules: [rule('reject', { actions: ['Reset'] })] })
    const odd = '{ "b":1.0,  "a":[1e2,"\\u0041"], "customData": {"vendorId":"x"} }'
    const heard: string[] = []
    tapEnvelopes(wire.low, (envelope) => {
      if ('payload' in envelope.message) heard.push(envelope.message.payload.text)
      return envelope
    })
    cs.link.send(`[2,"1","org.example.New",${odd}]`)
    await settle()
    expect(heard[0]).toBe(odd)
    const question = csms.node.compose('cs', 'org.example.Newer', { text: odd, value: JSON.parse(odd) }, { ocpp: 'ocpp2.1' })
    await csms.node.ask(question)
    expect(cs.calls[0]?.payload.text).toBe(odd)
    expect(outcomeOf(await order())).toEqual({ status: 'Accepted' })
    expect(rows(journal)).toEqual([])
  })
})

describe('what is refused', () => {
  it('on the way down names the node and the rule, and does not reach the station', async () => {
    const { cs, order, journal, lc } = await setUp({ rules: [rule('reject', { direction: 'down', origin: ['uplink'] })] })
    expect(outcomeOf(await order())).toMatchObject({ code: 'SecurityError', at: 'lc', rule: 'r', fault: 'refused' })
    expect(cs.calls).toEqual([])
    expect(rows(journal)).toMatchObject([{ subject: 'csms', rule: 'r', data: { decision: 'reject', direction: 'down', dryRun: false } }])
    // its own row is enough
    expect(lc.refused).toEqual([])
    expect(outcomeOf(await cs.ask(PING, {}).then((message) => ({ message })))).toHaveProperty('asked')
  })

  it('on the way up too, and by what it says', async () => {
    const { cs, journal } = await setUp({
      rules: [rule('reject', { direction: 'up', origin: ['station'], unless: [{ pointer: '/n', max: 3 }] })],
    })
    expect(await cs.ask(PING, { n: 3 })).toMatchObject({ type: RESULT })
    expect(await cs.ask(PING, { n: 4 })).toMatchObject({ code: 'SecurityError', details: { value: { at: 'lc', rule: 'r' } } })
    expect(rows(journal)).toMatchObject([{ subject: 'cs', text: `${PING} was refused: /n is 4, at most 3 is allowed` }])
  })

  it('is an address that is not listed, as soon as there is a firewall', async () => {
    const { cs, order } = await setUp({})
    expect(outcomeOf(await order({ firmware: { location: 'https://x.example/' } }, 'UpdateFirmware'))).toMatchObject({
      rule: 'urls',
      at: 'lc',
    })
    expect(cs.calls).toEqual([])
  })

  it('by the role of a signature, or for want of one', async () => {
    const known = { csms: 'csms', lc: 'local-controller' }
    const { keys, clock, wall } = await setUp({ rules: [rule('reject', { role: 'csms' }), rule('drop', { role: 'nobody' })] }, known)
    const { guard } = makeGuard(clock, 'csms', { trust: keys.trust, identity: keys.identity('csms') })
    const bare = callOf({ from: 'csms', to: 'cs' })
    const through = { direction: 'through', uplink: true, station: false } as const
    expect(() => wall.pass(guard.sealCall(bare), through)).toThrow(expect.objectContaining({ code: 'refused' }))
    expect(() => wall.pass(bare, through)).toThrow(expect.objectContaining({ code: 'dropped' }))
    // who countersigned says only that it passed there: that lends nobody a role
    expect(() => wall.pass(guard.countersign(bare), through)).toThrow(expect.objectContaining({ code: 'dropped' }))
    const { guard: other } = makeGuard(clock, 'csms', { trust: keys.trust, identity: keys.identity('csms', 'lc') })
    expect(() => wall.pass(other.sealCall(bare), through)).toThrow(expect.objectContaining({ code: 'dropped' }))
  })

  it('of this node itself is an answer from itself', async () => {
    const { lc, cs } = await setUp({ rules: [rule('drop', { actions: ['*'] })] })
    const own = lc.node.compose('cs', PING, payloadOf({}), { ocpp: 'ocpp2.1' })
    expect(outcomeOf(await lc.node.ask(own))).toMatchObject({ at: 'lc', rule: 'r', fault: 'dropped' })
    expect(cs.calls).toEqual([])
  })
})

describe('what is dropped', () => {
  it('is answered by nobody: a node waits until its patience ends, a station may go on', async () => {
    const { cs, order, clock, csms } = await setUp({ rules: [rule('drop')] })
    let answered = false
    const waiting = caught(order()).finally(() => {
      answered = true
    })
    await clock.advance(4000)
    expect(answered).toBe(false)
    await clock.advance(2000)
    expect(await waiting).toMatchObject({ code: 'timeout' })
    expect(cs.calls).toEqual([])
    const unheard = caught(cs.ask(PING, {}))
    await clock.advance(31_000)
    expect(await unheard).toMatchObject({ code: 'timeout' })
    expect(csms.seen).toEqual([])
    expect(await cs.ask('org.example.Other', {})).toMatchObject({ type: RESULT })
  })

  it('is counted when it repeats, not written down each time', async () => {
    const { wall, journal, clock } = await setUp({ rules: [rule('drop')] })
    const up = { direction: 'up', uplink: false, station: true } as const
    const drop = (from: string) => expect(() => wall.pass(callOf({ from, to: 'csms' }), up)).toThrow(/dropped by rule r/)
    for (let i = 0; i < 1000; i++) drop('cs')
    drop('cs2')
    expect(rows(journal)).toHaveLength(2)
    await clock.advance(60_000)
    expect(rows(journal)).toMatchObject([
      {},
      {},
      { subject: 'cs', text: expect.stringContaining('; 999 more like it'), data: { more: 999 } },
    ])
    // names that somebody makes up do not fill it either
    for (let i = 0; i < 5000; i++) drop(`made-up-${i}`)
    wall.stop()
    expect(rows(journal).length).toBeLessThan(3 + 110)
  })

  it('may be something told, but never what the network says about itself', async () => {
    const { lc, csms, cs } = await setUp({ default: 'drop' })
    expect(csms.node.routes.place('cs')?.online).toBe(true)
    const told = {
      ...callOf({ from: 'csms', to: 'cs' }),
      message: { type: SEND, id: '1', action: 'NotifyPeriodicEventStream', payload: payloadOf({}) },
    }
    lc.node.send(told as Envelope, fakePeer('csms'))
    await settle()
    expect([cs.sends, lc.flaws]).toEqual([[], []])
  })
})

describe('an answer', () => {
  it('is judged by rules for answers alone', async () => {
    const { order, cs, journal } = await setUp({ rules: [rule('reject', { answers: true, direction: 'up' })] })
    expect(outcomeOf(await order())).toMatchObject({ code: 'SecurityError', at: 'lc', rule: 'r' })
    expect(cs.calls).toHaveLength(1)
    expect(rows(journal)).toMatchObject([{ subject: 'cs', text: expect.stringContaining(`answer to ${PING} was refused`) }])
  })

  it('may be replaced on its way down', async () => {
    const { cs } = await setUp({
      rules: [rule('replace', { answers: true, direction: 'down', with: [{ pointer: '/asked', value: 'other' }] })],
    })
    expect(outcomeOf({ message: await cs.ask(PING, { n: 1 }) })).toMatchObject({ asked: 'other' })
  })
})

describe('a dry run', () => {
  it.each<[string, FirewallSettings]>([
    ['of a rule', { rules: [rule('drop', { dryRun: true })] }],
    ['of all', { rules: [rule('drop')], dryRun: true }],
  ])('%s says what would have happened, and forwards', async (_, settings) => {
    const { order, journal } = await setUp(settings)
    expect(outcomeOf(await order())).toEqual({ status: 'Accepted' })
    expect(rows(journal)).toMatchObject([{ rule: 'r', text: expect.stringContaining('would have been dropped'), data: { dryRun: true } }])
  })
})

describe('a replacement', () => {
  const SOFT = rule('replace', { with: [{ pointer: '/n', value: 2 }] })

  it('is the statement of the node that made it, with the hash of what was there, here and in its journal', async () => {
    const { cs, order, journal, guard, wall } = await setUp({ rules: [SOFT] })
    expect(outcomeOf(await order({ n: 1, m: 1.0 }))).toEqual({ status: 'Accepted' })
    expect(askedOf({ message: cs.calls[0] })).toMatchObject({ n: 2, m: 1, customData: { 'org.chargeproof': {} } })
    const [row] = rows(journal)
    expect(row).toMatchObject({ rule: 'r', data: { decision: 'replace', before: expect.any(String), after: expect.any(String) } })
    const { before: askedHash } = { before: '', ...(row?.data as object) }
    const down = { direction: 'down', uplink: true, station: false } as const
    const foreign = [{ protected: 'x', signature: 'y' }]
    const replaced = wall.pass(callOf({ from: 'csms', to: 'cs' }, { payload: payloadOf({ n: 1, m: 1 }) }, { signatures: foreign }), down)
    expect(guard.judge(replaced)).toMatchObject([{ state: 'valid', key: { node: 'lc' }, claims: { rule: 'r', was: askedHash } }])
    const report = wall.pass(callOf({ from: 'cs', to: 'csms' }, { payload: payloadOf({ n: 1 }) }), {
      direction: 'up',
      uplink: false,
      station: true,
    })
    expect(guard.judge(report)[0]).not.toHaveProperty('claims.exp')
    // one that says so already goes on as it is
    const same = callOf({ from: 'csms', to: 'cs' }, { payload: payloadOf({ n: 2 }) }, { signatures: foreign })
    expect(wall.pass(same, down)).toBe(same)
  })

  it('makes the answer its own, so that the one who asked signed can believe it', async () => {
    const known = { lc: 'local-controller', asker: 'csms' }
    const { lc, keys, clock, guard } = await setUp({ rules: [SOFT] }, known)
    const { guard: asker } = makeGuard(clock, 'asker', { trust: keys.trust, identity: keys.identity('asker') })
    const question = asker.sealCall({
      ...callOf({ from: 'asker', to: 'cs' }, { payload: payloadOf({ n: 1 }) }),
      header: { ocpp: 'ocpp2.1' },
    })
    const answer = await lc.node.request(question, fakePeer('asker'))
    expect(guard.judge({ ...answer, question })).toMatchObject([{ state: 'valid', key: { node: 'lc' } }])
  })

  it('is refused where it could not be believed', async () => {
    const { wall } = await setUp({ rules: [SOFT] }, { csms: 'csms', cs: 'station', lc: 'local-controller' })
    const told = (from: string, to: string, direction: 'up' | 'down' | 'through') => {
      try {
        wall.pass(callOf({ from, to }, { payload: payloadOf({ n: 1 }) }), { direction, uplink: false, station: direction === 'up' })
        return 'replaced'
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(told('csms', 'cs', 'down')).toContain('cs would sign the answer to another question')
    expect(told('csms', 'cs-16', 'down')).toBe('replaced')
    expect(told('csms', 'elsewhere', 'through')).toContain('csms signs what it says')
    expect(told('cs', 'csms', 'up')).toContain('cs signs what it says')
    expect(told('cs-16', 'csms', 'up')).toBe('replaced')
    expect(() =>
      wall.pass(callOf({ from: 'a', to: 'b' }, { payload: payloadOf({ n: 1, s: '\ud800' }) }), {
        direction: 'down',
        uplink: false,
        station: false,
      }),
    ).toThrow(/canonical/)
  })
})

describe('the way of a message', () => {
  it('is seen from this node', async () => {
    const { lc, cs, wire } = await setUp({})
    const { routes } = lc.node
    const way = (from: string, to: string, over?: Parameters<typeof passageOf>[2]) => passageOf(callOf({ from, to }), routes, over)
    expect(way('cs', 'csms', cs.peer)).toEqual({ direction: 'up', uplink: false, station: true })
    expect(way('csms', 'cs', wire.up)).toEqual({ direction: 'down', uplink: true, station: false })
    expect(way('a', 'csms', fakePeer('a'))).toEqual({ direction: 'through', uplink: false, station: false })
    expect(way('lc', 'cs')).toMatchObject({ direction: 'down' })
    expect(passageOf(callOf({ from: ['cs', 'lc'], to: 'csms' }), routes)).toMatchObject({ direction: 'up', station: true })
  })
})
