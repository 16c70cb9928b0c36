// Where a station is that signs what it says: with who can bring its own word. Nodes on memory links under a virtual clock.
import { describe, expect, it } from 'vitest'
import { type Call, type Envelope, ERROR, payloadOf, RESULT, type SignatureObject } from '../../src/ocpp/frame.ts'
import { foldedMessage, liftedMessage } from '../../src/overlay/custom-data.ts'
import type { Peer } from '../../src/overlay/peer.ts'
import { readIssuer, signMessage } from '../../src/overlay/signature.ts'
import { questionHash } from '../../src/overlay/signed-text.ts'
import { WordAsker } from '../../src/overlay/word-asker.ts'
import { wordOver, wordPayload } from '../../src/overlay/word-question.ts'
import { build } from './networks.ts'
import {
  callOf,
  caught,
  engine,
  fakePeer,
  join,
  type Keys,
  keysOf,
  makeGuard,
  makeNode,
  makeStation,
  type VirtualClock,
  virtualClock,
} from './support.ts'

const ROLES = { csms: 'csms', gw: 'gateway', lc1: 'local-controller', lc2: 'local-controller', evil: 'local-controller', cs: 'station' }
const PLAN = new Map([
  ['csms', []],
  ['gw', ['csms']],
  ['lc1', ['gw']],
  ['lc2', ['gw']],
  ['evil', ['gw']],
])

const world = async () => {
  const keys = keysOf(ROLES)
  const clock = virtualClock()
  const guarded = (id: string) => ({ gatekeeper: makeGuard(clock, id, { trust: keys.trust, identity: keys.identity(id) }).guard })
  // evil judges nothing
  const net = await build(PLAN, { keys, clock, parts: (id) => (id === 'evil' ? {} : guarded(id)) })
  const via = (id = 'cs', at = 'csms') => net.at(at).routes.place(id)?.via
  const alarms = (id: string) =>
    net.nodes
      .get(id)
      ?.flaws.filter(({ data }) => data.rule !== undefined)
      .map(({ data, message }) => [data.rule, message])
  return { keys, clock, net, via, alarms, guarded }
}

/** A foreign station that signs what it answers, knows nothing of words, and never speaks by itself. */
const quiet = ({ keys, clock }: { keys: Keys; clock: VirtualClock }, answer: 'unknown' | 'refused' = 'unknown', signs = true) => {
  const asked: Call[] = []
  const reply = (call: Call) => {
    const { message: question, signatures = [] } = liftedMessage(call)
    asked.push(question)
    const message =
      answer === 'unknown'
        ? ({ type: RESULT, id: call.id, payload: payloadOf({ status: 'UnknownVendorId' }) } as const)
        : ({ type: ERROR, id: call.id, code: 'SecurityError', description: 'no', details: payloadOf({}) } as const)
    const audience = signatures.map(readIssuer)[0] ?? ''
    const subject = { message, audience, action: question.action, questionHash: questionHash(question, engine) }
    const signature: SignatureObject = signMessage(subject, keys.identity('cs'), { iat: Math.floor(clock.now() / 1_000) })
    return signs && signatures.length > 0 ? foldedMessage(message, [signature], 'ocpp2.1') : message
  }
  return { asked, reply }
}

describe('a station that signs and never speaks by itself', () => {
  it.each(['unknown', 'refused'] as const)('is found within half a second by its signed answer, %s', async (kind) => {
    const { keys, clock, net, via } = await world()
    const { asked, reply } = quiet({ keys, clock }, kind)
    makeStation(clock, net.at('lc1'), 'cs', { answer: reply })
    await clock.advance(200)
    // it could still speak by itself
    expect([asked.length, via()]).toEqual([0, undefined])
    await clock.advance(300)
    expect([via('cs', 'csms'), via('cs', 'gw')]).toEqual(['lc1', 'lc1'])
    expect(asked.map(wordOver)).toEqual(['lc1', 'lc1'])
    expect(net.at('csms').routes.place('cs')?.path).toEqual(['gw', 'lc1', 'cs'])
    // once is enough
    await clock.advance(200_000)
    expect([asked.length, via()]).toEqual([2, 'lc1'])
  })

  it('is found through a firewall that lets nothing else pass, in whichever role who asks', async () => {
    const { keys, clock, net } = await world()
    const stops = { pass: () => Promise.reject(new Error('nothing passes')) as never }
    const { node: wall } = makeNode(clock, 'wall', {
      role: 'gateway',
      trust: keys.trust,
      identity: keys.identity('wall'),
      engine,
      firewall: stops,
    })
    join(clock, wall, net.at('gw'))
    const { asked, reply } = quiet({ keys, clock })
    keys.trust.add({ node: 'wall', role: 'gateway', publicKey: keys.identity('wall').signer.publicKey })
    makeStation(clock, wall, 'cs', { answer: reply })
    await clock.advance(1_000)
    expect(asked.map(wordOver)).toEqual(['wall', 'wall'])
  })

  it('is found again as quickly after a restart of the back end, and at its new place when it moved', async () => {
    const { keys, clock, net, via, guarded } = await world()
    const { reply } = quiet({ keys, clock })
    const at1 = makeStation(clock, net.at('lc1'), 'cs', { answer: reply })
    await clock.advance(1_000)
    net.cut('gw csms')
    const { node: again } = makeNode(clock, 'csms', {
      role: 'csms',
      uplinks: [],
      trust: keys.trust,
      engine,
      identity: keys.identity('csms'),
      ...guarded('csms'),
    })
    join(clock, net.at('gw'), again)
    await clock.advance(500)
    expect(again.routes.place('cs')?.via).toBe('lc1')
    // its old socket never ended
    at1.link.cut()
    makeStation(clock, net.at('lc2'), 'cs', { answer: reply })
    await clock.advance(600)
    expect([again.routes.place('cs')?.via, via('cs', 'gw')]).toEqual(['lc2', 'lc2'])
  })

  it('the twin: without signatures its answer is no word, and whoever is asked over is named in the end', async () => {
    const { keys, clock, net, via, alarms } = await world()
    const { asked, reply } = quiet({ keys, clock }, 'unknown', false)
    makeStation(clock, net.at('lc1'), 'cs', { answer: reply })
    await clock.advance(3_000)
    expect([alarms('csms'), via()]).toEqual([[], undefined])
    await clock.advance(2_000)
    expect(alarms('csms')).toEqual([['word-missing', 'lc1 claims cs, and nobody answers over it in the name of cs']])
    await clock.advance(600_000)
    // ever more seldom, by both who ask
    expect(asked.length).toBeLessThan(40)
    expect(via()).toBeUndefined()
  })
})

describe('a controller that claims a station which is nowhere', () => {
  it('gets no call to it, by its claim, by an answer of its own, by what it caught, or by a false signature beside a good one', async () => {
    const { keys, clock, net, via, alarms } = await world()
    const got: string[] = []
    const request = ({ message }: Envelope) => {
      got.push((message as Call).action)
      return Promise.reject(new Error('silent'))
    }
    net.at('evil').attach(fakePeer('cs', { kind: 'station', protocol: 'ocpp2.1', request }), { role: 'station' })
    const gw = net.at('gw')
    const report = (by: string, iat: number) =>
      signMessage(
        { message: { type: 2, id: 'r', action: 'Heartbeat', payload: payloadOf({}) }, action: 'Heartbeat', audience: 'csms' },
        keys.identity(by),
        { iat },
      )
    const say = (...signatures: SignatureObject[]) =>
      gw.request(
        callOf({ from: ['cs', 'evil'], to: 'csms' }, { id: 'r', action: 'Heartbeat' }, { ocpp: 'ocpp2.1', signatures }),
        gw.routes.direct('evil') as Peer,
      )
    const now = Math.floor(clock.now() / 1_000)
    await say(report('cs', now - 61))
    // nobody verifies what is meant for another, and a countersignature may be false: it is no word of the station's
    const header = {
      alg: 'ES256',
      kid: keys.identity('cs').kid,
      iss: 'cs',
      aud: 'x',
      act: 'Heartbeat',
      mt: 2,
      mid: 'r',
      iat: now,
      as: 'countersigner',
    }
    const bytes = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    await say(report('evil', now), { protected: bytes(header), signature: Buffer.alloc(64).toString('base64url') })
    await clock.advance(20_000)
    expect([via(), via('cs', 'gw')]).toEqual([undefined, undefined])
    // what reached it are questions for the word, and nothing else
    expect(new Set(got)).toEqual(new Set(['DataTransfer']))
    expect((await caught(net.at('csms').ask(callOf({ from: 'csms', to: 'cs' })))).code).toBe('unreachable')
    expect(alarms('csms')?.map(([rule]) => rule)).toContain('word-missing')
    // the real one comes
    makeStation(clock, net.at('lc1'), 'cs', { answer: quiet({ keys, clock }).reply })
    await clock.advance(500)
    expect([via(), via('cs', 'gw')]).toEqual(['lc1', 'lc1'])
  })

  it('does not hold up what is meant for a station that is elsewhere, by being silent when it is asked', async () => {
    const { keys, clock, net, via, guarded } = await world()
    makeStation(clock, net.at('lc1'), 'cs', { answer: quiet({ keys, clock }).reply })
    await clock.advance(1_000)
    const got: Envelope[] = []
    const request = (envelope: Envelope) => {
      got.push(envelope)
      return new Promise<never>(() => undefined)
    }
    net.at('evil').attach(fakePeer('cs', { kind: 'station', protocol: 'ocpp2.1', request }), { role: 'station' })
    await clock.advance(400)
    expect(got).toHaveLength(2)
    const csms = net.at('csms')
    const order = guarded('csms').gatekeeper.sealCall(csms.compose('cs', 'DataTransfer', payloadOf({ vendorId: 'x' }), { ocpp: 'ocpp2.1' }))
    expect((await csms.ask(order)).path).toEqual(['cs', 'lc1', 'gw'])
    expect(via()).toBe('lc1')
  })

  /** The station is at lc3, which evil alone reaches; evil claims it, and hands every question on as `relay` says. */
  const relayed = async (kind: 'unknown' | 'refused', relay: 'to lc3' | 'to lc3, in the name of lc3' | 'to the station') => {
    const { keys, clock, net, via } = await world()
    const { asked, reply } = quiet({ keys, clock }, kind)
    // it knows nobody's key
    const { node: lc3 } = makeNode(clock, 'lc3', { role: 'local-controller' })
    makeStation(clock, lc3, 'cs', { answer: reply })
    const neighbour = fakePeer('evil')
    lc3.attach(neighbour, { role: 'node' })
    const direct = lc3.routes.direct('cs') as Peer
    const request = async (question: Envelope) => {
      const { message } = question
      const payload = relay === 'to lc3, in the name of lc3' ? wordPayload('lc3') : (message as Call).payload
      const changed = { ...question, destination: ['cs'], message: { ...message, payload } } as Envelope
      const answer = await (relay === 'to the station' ? direct.request(changed, 5_000) : lc3.request(changed, neighbour))
      return { ...answer, path: ['cs'] }
    }
    net.at('evil').attach(fakePeer('cs', { kind: 'station', protocol: 'ocpp2.1', request }), { role: 'station' })
    await clock.advance(2_000)
    return { asked: asked.length, via: via(), way: net.at('gw').routes.next('cs', net.at('gw').routes.direct('csms'))?.id }
  }

  it.each(['unknown', 'refused'] as const)('gets no word by putting the question to where the station is, who answers %s', async (kind) => {
    // whoever has it hands on no question that names another
    expect(await relayed(kind, 'to lc3')).toEqual({ asked: 0, via: undefined, way: undefined })
    // and what names him is answered, and is no answer to what was asked
    const changed = await relayed(kind, 'to lc3, in the name of lc3')
    expect(changed).toEqual({ asked: expect.any(Number), via: undefined, way: undefined })
    expect(changed.asked).toBeGreaterThan(0)
    // the twin: who truly reaches it brings its word
    expect(await relayed(kind, 'to the station')).toEqual({ asked: 2, via: 'evil', way: 'evil' })
  })
})

describe('how often is asked', () => {
  it('10,000 stations that come back at once are asked in a bounded pace, and not at all when they speak; who is silent has no more than his share', async () => {
    const clock = virtualClock()
    const asked: string[] = []
    const asker = new WordAsker({
      clock,
      towards: () => 'gw',
      vain: () => undefined,
      ask: ({ node, station }) => {
        asked.push(station)
        if (node === 'evil') return new Promise(() => undefined)
        asker.forget(station, node)
        return Promise.resolve(true)
      },
    })
    for (let i = 0; i < 1_000; i++) asker.expect({ station: `e${i}`, node: 'evil', ocpp: 'ocpp2.1' })
    for (let i = 0; i < 10_000; i++) asker.expect({ station: `s${i}`, node: `lc${i % 20}`, ocpp: 'ocpp2.1' })
    // of 1.6, which cannot be asked
    asker.expect({ station: 'old', node: 'lc0' })
    await clock.advance(299)
    expect(asked).toEqual([])
    // most speak by themselves
    for (let i = 1_000; i < 10_000; i++) asker.forget(`s${i}`, `lc${i % 20}`)
    await clock.advance(1_000)
    expect(asked.length).toBeGreaterThan(100)
    expect(asked.length).toBeLessThanOrEqual(160)
    expect(asked.filter((station) => station.startsWith('e'))).toHaveLength(16)
    await clock.advance(12_000)
    expect(asked.filter((station) => station.startsWith('s'))).toHaveLength(1_000)
    expect(asked).not.toContain('old')
    expect(asker.isOpen('old', 'lc0')).toBe(true)
    asker.stop()
    expect(clock.pending).toBe(0)
  })
})
