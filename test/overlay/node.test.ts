// A chain of nodes, from a station to its back end and back: where messages go, who speaks when something is wrong, and
// what each node learns on the way.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import { type Envelope, ERROR, payloadOf, RESULT, SEND, writeEnvelope } from '../../src/ocpp/frame.ts'
import { announce, REACHABILITY, readAnnouncement } from '../../src/overlay/announcement.ts'
import type { NodeParts } from '../../src/overlay/node.ts'
import {
  askedOf,
  callOf,
  caught,
  echo,
  fakePeer,
  join,
  makeNode,
  makeStation,
  openGatekeeper,
  outcomeOf,
  PING,
  settle,
  tapEnvelopes,
  virtualClock,
} from './support.ts'

/** station `cs` - lc - gateway - csms */
const chain = (parts: { csms?: Partial<NodeParts>; lc?: Partial<NodeParts>; callTimeoutMs?: number } = {}) => {
  const clock = virtualClock()
  const csms = makeNode(clock, 'csms', { role: 'csms', ...parts.csms })
  const gateway = makeNode(clock, 'gateway', { role: 'gateway' })
  const lc = makeNode(clock, 'lc', { role: 'lc', ...parts.lc })
  const gatewayUp = join(clock, gateway.node, csms.node)
  const lcUp = join(clock, lc.node, gateway.node)
  const cs = makeStation(clock, lc.node, 'cs', parts.callTimeoutMs === undefined ? {} : { callTimeoutMs: parts.callTimeoutMs })
  const order = (to: string, timeoutMs?: number) =>
    csms.node.ask(csms.node.compose(to, PING, payloadOf({}), { ocpp: 'ocpp2.1', ...(timeoutMs && { timeoutMs }) }))
  return { clock, csms, gateway, lc, cs, gatewayUp, lcUp, order }
}
type Chain = ReturnType<typeof chain>
const isReachability = ({ message }: Envelope): boolean => 'action' in message && message.action === REACHABILITY

describe('a chain of nodes', () => {
  it('carries a CALL up and its answer down, with the record route', async () => {
    const { cs, csms } = chain()
    const answer = await cs.ask(PING, { n: 1 })
    expect(outcomeOf({ message: answer })).toEqual({ asked: { n: 1 }, path: ['cs', 'lc', 'gateway'] })
    expect(csms.seen.map(({ type, from, to, action }) => [type, from, to, action])).toEqual([
      ['call', 'cs', 'csms', PING],
      ['result', 'csms', 'cs', PING],
    ])
  })

  it('lets the back end call the station without a route ever being configured', async () => {
    const { cs, csms, order } = chain()
    await settle()
    const answer = await order('cs')
    expect(answer.path).toEqual(['cs', 'lc', 'gateway'])
    expect(cs.calls).toHaveLength(1)
    expect(csms.node.routes.place('cs')).toMatchObject({
      role: 'station',
      protocol: 'ocpp2.1',
      online: true,
      path: ['gateway', 'lc', 'cs'],
    })
  })

  it('learns a station from its messages alone', async () => {
    const { cs, csms, lcUp, gatewayUp } = chain()
    for (const { low } of [lcUp, gatewayUp]) tapEnvelopes(low, (envelope) => (isReachability(envelope) ? undefined : envelope))
    expect(csms.node.routes.place('cs')?.online).not.toBe(true)
    await cs.ask(PING, {})
    expect(csms.node.routes.place('cs')?.path).toEqual(['gateway', 'lc', 'cs'])
  })

  it('follows a source route hop by hop, and never through a station', async () => {
    const { csms, lc, cs, clock } = chain()
    makeStation(clock, lc.node, 'cs2')
    await settle()
    const source = (to: string[]) => csms.node.ask(callOf({ from: 'csms', to }))
    expect((await source(['gateway', 'lc', 'cs'])).path).toEqual(['cs', 'lc', 'gateway'])
    expect(outcomeOf(await source(['lc', 'cs', 'cs2']))).toMatchObject({ fault: 'unreachable', at: 'lc' })
    expect(cs.calls).toHaveLength(1)
  })

  it('brings errors back like answers, with the node that spoke', async () => {
    const csms = { local: { call: () => Promise.reject(new Fault('refused', 'refused by rule x', { rule: 'x' })) } }
    const { cs } = chain({ csms })
    const answer = await cs.ask(PING, {})
    expect(outcomeOf({ message: answer })).toEqual({ code: 'SecurityError', at: 'csms', fault: 'refused', rule: 'x' })
  })

  it("brings a station's own error back as it was said", async () => {
    const { clock, lc, order } = chain()
    const said = { type: ERROR, code: 'NotSupported', description: 'not I', details: payloadOf({ why: 'small' }) } as const
    makeStation(clock, lc.node, 'cs2', { answer: ({ id }) => ({ ...said, id }) })
    await settle()
    const answer = await order('cs2')
    expect([answer.path, answer.message]).toMatchObject([['cs2', 'lc', 'gateway'], { code: 'NotSupported', description: 'not I' }])
  })

  it('gives two stations with the same message id at the same moment each its own answer', async () => {
    const { cs, lc, clock } = chain()
    const twin = makeStation(clock, lc.node, 'cs2')
    const [one, two] = await Promise.all([cs.ask(PING, { who: 1 }, '1'), twin.ask(PING, { who: 2 }, '1')])
    expect([one, two].map((message) => outcomeOf({ message }).asked)).toEqual([{ who: 1 }, { who: 2 }])
  })

  it('misroutes nothing: any number of stations, all ids 1 to 5, any delays', async () => {
    const delays = fc.array(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(delays, async (stations) => {
        const clock = virtualClock()
        const slow: NodeParts['local'] = {
          async call(envelope) {
            const { s, n } = askedOf<{ s: number; n: number }>(envelope)
            await new Promise<void>((resolve) => clock.after(stations[s]?.[n] ?? 0, resolve))
            return echo.call(envelope)
          },
        }
        const csms = makeNode(clock, 'csms', { local: slow })
        const lcs = ['lc1', 'lc2'].map((id) => makeNode(clock, id))
        for (const { node } of lcs) join(clock, node, csms.node)
        const asked = stations.flatMap((times, s) => {
          const { ask } = makeStation(clock, (lcs[s % 2] as (typeof lcs)[0]).node, `cs${s}`)
          return times.map((_, n) => ask(PING, { s, n }, String(n + 1)).then((message) => outcomeOf({ message })))
        })
        await clock.advance(10_000)
        const answers = await Promise.all(asked)
        for (const [i, { asked: got, path }] of answers.entries()) {
          expect(got).toEqual({ s: Math.floor(i / 5), n: i % 5 })
          expect((path as string[])[0]).toBe(`cs${Math.floor(i / 5)}`)
        }
        expect(lcs.flatMap(({ flaws }) => flaws)).toEqual([])
      }),
      { numRuns: 30 },
    )
  })
})

describe('when something is wrong on the way', () => {
  const silent = { local: { call: () => new Promise<never>(() => undefined) } }

  it('the node nearest to the silence names the timeout', async () => {
    const { cs, clock } = chain({ csms: silent, callTimeoutMs: 60_000 })
    const asked = cs.ask(PING, {})
    await clock.advance(30_000)
    expect(outcomeOf({ message: await asked })).toMatchObject({ code: 'GenericError', fault: 'timeout', at: 'gateway' })
  })

  it('and towards a station, its controller does, within the time the origin set', async () => {
    const { clock, lc, order } = chain()
    makeStation(clock, lc.node, 'mute', { answer: () => new Promise<never>(() => undefined) })
    await settle()
    const asked = order('mute', 5000)
    await clock.advance(5000)
    expect(outcomeOf(await asked)).toMatchObject({ fault: 'timeout', at: 'lc' })
  })

  it('a link lost in the middle of a call says so at once', async () => {
    const { cs, gatewayUp } = chain({ csms: silent })
    const asked = cs.ask(PING, {})
    await settle()
    gatewayUp.high.close(1006, 'gone')
    expect(outcomeOf({ message: await asked })).toMatchObject({ fault: 'link-lost', at: 'gateway' })
  })

  it('a link that is down already is told from one that broke', async () => {
    const { cs, lcUp, csms, order } = chain()
    await settle()
    lcUp.low.close(1006, 'gone')
    await settle()
    expect(outcomeOf({ message: await cs.ask(PING, {}) })).toMatchObject({ fault: 'unreachable', at: 'lc' })
    expect((await caught(order('cs'))).code).toBe('unreachable')
    expect(outcomeOf(await csms.node.ask(callOf({ from: 'csms', to: ['gateway', 'cs'] })))).toMatchObject({
      fault: 'unreachable',
      at: 'gateway',
    })
  })

  it('refuses a station of another OCPP version than the message', async () => {
    const { csms, cs } = chain()
    await settle()
    const answer = await csms.node.ask(csms.node.compose('cs', PING, payloadOf({}), { ocpp: 'ocpp1.6' }))
    expect(outcomeOf(answer)).toMatchObject({ fault: 'payload-invalid', at: 'lc' })
    expect(cs.calls).toEqual([])
  })

  it('refuses loops, and paths longer than 16, but not of 15', async () => {
    const { node } = makeNode(virtualClock(), 'me')
    const peer = fakePeer('x')
    const hops = (n: number) => [...Array.from({ length: n - 1 }, (_, i) => `h${i}`), 'x']
    const faultOf = async (path: string[]) => outcomeOf(await node.request(callOf({ from: path, to: 'me' }), peer)).fault
    expect(await faultOf(['a', 'me', 'x'])).toBe('hop-limit')
    expect(await faultOf(hops(16))).toBe('hop-limit')
    expect(await faultOf(hops(15))).toBeUndefined()
  })

  it('refuses an answer that was here before', async () => {
    const { node } = makeNode(virtualClock(), 'me')
    const answer = (path: string[]): Envelope => ({
      destination: ['me'],
      path,
      header: {},
      message: { type: RESULT, id: '1', payload: payloadOf({}) },
    })
    let path = ['y', 'me', 'x']
    node.attach(fakePeer('x', { request: async () => answer(path) }), { role: 'node' })
    expect((await caught(node.ask(callOf({ from: 'me', to: 'x' })))).code).toBe('hop-limit')
    path = ['y', 'x']
    expect((await node.ask(callOf({ from: 'me', to: 'x' }))).path).toEqual(path)
  })

  it('never sends a message back to where it came from, nor from one uplink to the next', async () => {
    const { node } = makeNode(virtualClock(), 'lc')
    const [one, two, below] = [fakePeer('gw1'), fakePeer('gw2'), fakePeer('sub')]
    for (const uplink of [one, two]) node.attach(uplink, { role: 'gateway', uplink: true })
    node.attach(below, { role: 'node' })
    const faultOf = async (peer: typeof one) => outcomeOf(await node.request(callOf({ from: ['far', peer.id], to: 'nowhere' }), peer)).fault
    expect(await faultOf(one)).toBe('unreachable')
    expect(await faultOf(below)).toBe('timeout') // it went up, and the fake did not answer
  })
})

describe('announcements', () => {
  const online = ({ csms }: Chain) =>
    csms.node.routes
      .places()
      .filter((place) => place.online)
      .map((place) => place.id)
      .sort()

  it('tell the back end who came, with roles and ways, and who went', async () => {
    const net = chain()
    await settle()
    expect(online(net)).toEqual(['cs', 'gateway', 'lc'])
    expect(net.csms.node.routes.place('lc')).toMatchObject({ role: 'lc', path: ['gateway', 'lc'] })
    net.cs.link.close(1000, 'bye')
    await settle()
    expect(online(net)).toEqual(['gateway', 'lc'])
    expect(net.csms.node.routes.place('cs')).toMatchObject({ online: false, path: [], protocol: 'ocpp2.1' })
    expect(net.csms.moved.filter((id) => id === 'cs')).toHaveLength(2)
  })

  it('a controller that is detached takes its stations along, and brings them back', async () => {
    const net = chain()
    await settle()
    net.lcUp.high.close(1006, 'gone')
    await settle()
    expect(online(net)).toEqual(['gateway'])
    makeStation(net.clock, net.lc.node, 'late', { version: 'ocpp1.6' })
    join(net.clock, net.lc.node, net.gateway.node)
    await settle()
    expect(online(net)).toEqual(['cs', 'gateway', 'late', 'lc'])
    expect(net.csms.node.routes.place('late')).toMatchObject({ protocol: 'ocpp1.6', path: ['gateway', 'lc', 'late'] })
    expect((await net.order('cs')).path).toEqual(['cs', 'lc', 'gateway'])
  })

  it('a whole branch comes back after the uplink of its gateway did', async () => {
    const net = chain()
    await settle()
    net.gatewayUp.low.close(1006, 'gone')
    await settle()
    expect(online(net)).toEqual([])
    join(net.clock, net.gateway.node, net.csms.node)
    await settle()
    expect(online(net)).toEqual(['cs', 'gateway', 'lc'])
    expect(net.csms.node.routes.place('cs')?.path).toEqual(['gateway', 'lc', 'cs'])
  })

  it('a station that moved is not taken away by the late news of the controller it left', async () => {
    const net = chain()
    const lc2 = makeNode(net.clock, 'lc2')
    join(net.clock, lc2.node, net.gateway.node)
    makeStation(net.clock, lc2.node, 'cs')
    await settle()
    expect(net.csms.node.routes.place('cs')?.path).toEqual(['gateway', 'lc2', 'cs'])
    net.cs.link.close(1006, 'the old socket')
    await settle()
    expect(net.csms.node.routes.place('cs')).toMatchObject({ online: true, path: ['gateway', 'lc2', 'cs'] })
    expect((await net.order('cs')).path).toEqual(['cs', 'lc2', 'gateway'])
  })

  it('do not come from stations', async () => {
    const net = chain()
    await settle()
    const statement = { node: 'cs', role: 'csms', part: 1, seq: 1, expires: net.clock.now() + 60_000, stations: [{ id: 'csms' }] }
    const { message } = announce({ from: 'cs', to: 'lc', id: '1' }, { reachable: [{ path: ['cs'], statement }], withdrawn: [] })
    if (message.type === SEND) net.cs.connection.send(message)
    await settle()
    expect(net.lc.flaws.map(({ code }) => code)).toEqual(['refused'])
    expect(net.lc.node.routes.next('csms')?.id).toBe('gateway')
  })

  it('fit into frames, however many stations there are, and speak of nobody above', async () => {
    const net = chain()
    const many = Array.from({ length: 1500 }, (_, i) => `station-with-a-name-as-long-as-ids-may-be-${i}`)
    const busy = makeNode(net.clock, 'busy')
    for (const id of many) busy.node.attach(fakePeer(id, { kind: 'station', protocol: 'ocpp1.6' }), { role: 'station' })
    const { low, up } = join(net.clock, busy.node, net.gateway.node)
    await settle()
    expect(many.every((id) => net.csms.node.routes.place(id)?.online)).toBe(true)
    const second = fakePeer('gw2')
    busy.node.attach(second, { role: 'gateway', uplink: true })
    await settle()
    const told = second.sent.map(({ message }) => readAnnouncement(message))
    expect(told.length).toBeGreaterThan(1)
    expect(Math.max(...second.sent.map((envelope) => writeEnvelope(envelope).length))).toBeLessThan(262_144)
    expect([...new Set(told.flatMap(({ reachable }) => reachable.map(({ statement }) => statement.node)))]).toEqual(['busy'])
    low.close(1006, 'gone')
    await settle()
    // that an uplink is gone is no news to the other, besides that the node names one less
    const later = second.sent.slice(told.length).map(({ message }) => readAnnouncement(message))
    expect(later.flatMap(({ reachable }) => reachable.map(({ statement }) => statement.up))).toEqual([['gw2']])
    expect(later.flatMap(({ withdrawn }) => withdrawn)).toEqual([])
    expect(busy.node.routes.uplinks).toEqual([second])
    expect(up.waiting).toBe(0)
    expect(online(net)).toEqual(['cs', 'gateway', 'lc'])
  })

  it('that say nothing sensible are flaws', async () => {
    const net = chain()
    const bad = (payload: object): Envelope => ({
      ...callOf({ from: 'lc', to: 'gateway' }),
      message: { type: SEND, id: '1', action: 'org.chargeproof.Reachability', payload: payloadOf(payload as never) },
    })
    await settle()
    net.lcUp.up.send(bad({ reachable: [{ path: ['a b'] }] }))
    net.lcUp.up.send(bad({ withdrawn: 7 }))
    await settle()
    expect(net.gateway.flaws.map(({ code }) => code)).toEqual(['frame-malformed', 'frame-malformed'])
    expect(online(net)).toEqual(['cs', 'gateway', 'lc'])
  })
})

describe('what people are shown', () => {
  it('says of every message what its inspection said', async () => {
    const state = { call: 'unchecked', answer: 'invalid' } as const
    const gatekeeper = { ...openGatekeeper, inspect: (envelope: Envelope) => ('question' in envelope ? state.answer : state.call) }
    const { cs, lc } = chain({ lc: { gatekeeper } })
    await cs.ask(PING, {})
    expect(lc.seen.map(({ type, signature }) => [type, signature])).toEqual([
      ['call', 'unchecked'],
      ['result', 'invalid'],
    ])
  })

  it('says of what was turned away only what was looked at', async () => {
    const signatures = [{ protected: 'a', signature: 'b' }]
    const state = async (gatekeeper: NodeParts['gatekeeper'], envelope: Envelope) => {
      const { node, seen } = makeNode(virtualClock(), 'me', { gatekeeper })
      await node.request(envelope, fakePeer('x'))
      return seen.map(({ signature, type }) => [type, signature])
    }
    const refusing = {
      ...openGatekeeper,
      inspect: () => {
        throw new Fault('refused', 'no')
      },
    }
    expect(await state(refusing, callOf({ from: 'x', to: 'me' }, {}, { signatures }))).toEqual([
      ['call', 'invalid'],
      ['error', 'absent'],
    ])
    expect(await state(refusing, callOf({ from: 'x', to: 'me' }))).toEqual([
      ['call', 'absent'],
      ['error', 'absent'],
    ])
    expect(await state(refusing, callOf({ from: ['me', 'x'], to: 'me' }, {}, { signatures }))).toEqual([
      ['call', 'unchecked'],
      ['error', 'absent'],
    ])
    const valid = { ...openGatekeeper, inspect: () => 'valid' as const }
    expect(await state(valid, callOf({ from: 'x', to: 'nowhere' }, {}, { signatures }))).toEqual([
      ['call', 'valid'],
      ['error', 'absent'],
    ])
  })

  it('shows SENDs, and tells them to whom they are for', async () => {
    const told: string[] = []
    const { cs, csms } = chain({ csms: { local: { ...echo, told: ({ path }) => void told.push(path.join()) } } })
    cs.connection.send({ type: SEND, id: '1', action: PING, payload: payloadOf({}) })
    await settle()
    expect(told).toEqual(['cs,lc,gateway'])
    expect(csms.seen.map(({ type, signature }) => [type, signature])).toEqual([['send', 'absent']])
  })
})
