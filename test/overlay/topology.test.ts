// Networks that find their ways by themselves: against those who lie about them, and when something moves. The large and the random ones
// are in random-networks.test.ts.
import { describe, expect, it } from 'vitest'
import { CALL, payloadOf } from '../../src/ocpp/frame.ts'
import { announce, type Statement, signStatement } from '../../src/overlay/announcement.ts'
import type { Peer } from '../../src/overlay/peer.ts'
import { Scrutiny } from '../../src/overlay/scrutiny.ts'
import { signMessage } from '../../src/overlay/signature.ts'
import { build, tables } from './networks.ts'
import { callOf, caught, engine, fakePeer, join, keysOf, makeGuard, makeStation, outcomeOf, settle, virtualClock } from './support.ts'

describe('who lies about the network', () => {
  const roles = { csms: 'csms', gw: 'gateway', lc1: 'local-controller', lc2: 'local-controller', evil: 'local-controller' }
  const plan = new Map([
    ['csms', []],
    ['gw', ['csms']],
    ['lc1', ['gw']],
    ['lc2', ['gw']],
    ['evil', ['gw']],
  ])
  const world = async () => {
    const keys = keysOf(roles)
    const net = await build(plan, { keys })
    const alarms = () => [...net.nodes.values()].flatMap(({ flaws }) => flaws.map(({ message }) => message))
    return { net, keys, alarms }
  }

  it('with a good key of its own gets none of 1,000 stations, nor the back end, and is named once', async () => {
    const { net, alarms } = await world()
    const foreign = Array.from({ length: 1_000 }, (_, i) => `cs${i}`)
    for (const id of foreign) makeStation(net.clock, net.at('lc1'), id)
    await net.clock.advance(2_000)
    const honest = ['csms', 'gw', 'lc1', 'lc2']
    const before = honest.map((id) => tables(net)[id])
    expect(net.at('csms').routes.place('cs999')).toMatchObject({
      learned: 'announced',
      via: 'lc1',
      proven: true,
      path: ['gw', 'lc1', 'cs999'],
    })
    for (const id of [...foreign, 'csms']) net.at('evil').attach(fakePeer(id, { kind: 'station' }), { role: 'station' })
    await net.clock.advance(10_000)
    expect(honest.map((id) => tables(net)[id])).toEqual(before)
    expect(alarms().filter((text) => !text.startsWith('evil claims '))).toEqual([])
    for (const id of ['gw', 'csms'])
      expect(net.nodes.get(id)?.flaws.map(({ code, data }) => [code, data.rule])).toEqual([['refused', 'reachability-forged']])
    await net.clock.advance(50_000)
    expect(honest.map((id) => tables(net)[id])).toEqual(before)
  })

  it('with a good key of its own gets none of 1,000 stations that are nowhere at the moment, where their homes are listed', async () => {
    const { net, keys, alarms } = await world()
    keys.trust.homes.add({ node: 'lc1', stations: ['cs*'] })
    const before = tables(net)
    const evil = net.at('evil')
    for (let i = 0; i < 1_000; i++) evil.attach(fakePeer(`cs${i}`, { kind: 'station' }), { role: 'station' })
    const gw = net.at('gw')
    // nor by a message that says it comes from one
    gw.send(callOf({ from: ['cs7', 'evil'], to: 'csms' }, {}, {}), gw.routes.direct('evil') as Peer)
    await net.clock.advance(10_000)
    for (const id of ['csms', 'gw', 'lc1', 'lc2']) expect(tables(net)[id]).toEqual(before[id])
    const named = alarms().filter((text) => text !== 'an answer to nothing that was asked, or too late')
    expect(named).toEqual(Array(2).fill('evil claims cs0, of which it is no home'))
    // the twin: its home has it as soon as it is there, and one without a list is believed of what has no home
    makeStation(net.clock, net.at('lc1'), 'cs7')
    makeStation(net.clock, net.at('evil'), 'x')
    await net.clock.advance(1_000)
    expect(['cs7', 'x'].map((id) => net.at('csms').routes.place(id)?.via)).toEqual(['lc1', 'evil'])
  })

  it('is no back end, neither by the id, nor by the role it states, nor by the name of a destination', async () => {
    const { net, keys } = await world()
    const gw = net.at('gw')
    const evil = gw.routes.direct('evil') as Peer
    const statement = { node: 'evil', role: 'csms', part: 0, seq: net.clock.now() * 2000, expires: net.clock.now() + 60_000, up: ['gw'] }
    const said = { path: ['evil'], statement, signature: signStatement(statement, keys.identity('evil')) }
    gw.send(announce({ from: 'evil', to: 'gw', id: '1' }, { reachable: [said], withdrawn: [] }), evil)
    expect(gw.topology.members('csms')).toEqual(['csms'])
    const { up: _, ...rest } = statement
    for (const [i, id] of ['*any=csms', '*any=nobody', 'csms'].entries()) {
      const claim = { ...rest, part: 9, stations: [{ id }], seq: statement.seq + 1 + i }
      const claimed = { path: ['evil'], statement: claim, signature: signStatement(claim, keys.identity('evil')) }
      gw.send(announce({ from: 'evil', to: 'gw', id: '2' }, { reachable: [claimed], withdrawn: [] }), evil)
      gw.send(callOf({ from: [id, 'evil'], to: 'gw' }), evil)
    }
    await settle()
    expect(outcomeOf(await gw.ask(callOf({ from: 'gw', to: '*any=nobody' })))).toMatchObject({ fault: 'unreachable', at: 'csms' })
    expect(gw.topology.nearest('csms')).toBe('csms')
    expect(gw.routes.place('*any=csms')).toBeUndefined()
    expect(gw.routes.place('csms')?.path).toEqual(['csms'])
  })

  it('where no word is asked for, loses a station that was nowhere else to the one it speaks over, by its own signature, fresh and once', async () => {
    const keys = keysOf({ ...roles, cs: 'station' })
    keys.trust.homes.wordRequired = false
    const clock = virtualClock()
    const net = await build(plan, {
      keys,
      clock,
      parts: (id) => ({ gatekeeper: makeGuard(clock, id, { trust: keys.trust, identity: keys.identity(id) }).guard }),
    })
    const at = () => net.at('csms').routes.place('cs')?.via
    net.at('evil').attach(fakePeer('cs', { kind: 'station' }), { role: 'station' })
    await clock.advance(1_000)
    expect(at()).toBe('evil')
    const cs = makeStation(clock, net.at('lc1'), 'cs')
    await clock.advance(5_000)
    // evil does not look, and says that it is there
    expect(at()).toBe('evil')
    const report = (signedAt: number, by = 'cs') => {
      const message = { type: CALL, id: `r${signedAt}`, action: 'Heartbeat', payload: payloadOf({}) } as const
      const subject = { message, action: 'Heartbeat', audience: 'csms' }
      return { message, signature: signMessage(subject, keys.identity(by), { iat: Math.floor(signedAt / 1000) }) }
    }
    const say = async ({ message, signature }: ReturnType<typeof report>, over: string) => {
      const from = net.at('gw').routes.direct(over) as Peer
      await net
        .at('gw')
        .request({ destination: ['csms'], path: ['cs', over], header: { ocpp: 'ocpp2.1', signatures: [signature] }, message }, from)
      await clock.advance(100)
    }
    await say(report(clock.now() - 61_000), 'lc1')
    await say(report(clock.now(), 'lc1'), 'lc1')
    expect(at()).toBe('evil')
    const good = report(clock.now())
    await say(good, 'lc1')
    expect(at()).toBe('lc1')
    // what was caught does not bring it back
    await say(good, 'evil')
    await clock.advance(60_000)
    expect(at()).toBe('lc1')
    expect(net.nodes.get('csms')?.flaws.map(({ message }) => message)).toContain('evil claims cs, which lc1 has and keeps')
    expect(cs.closed).toEqual([])
  })

  it('where the word of stations is asked for, gets none that signs and is nowhere at the moment; who truly has it does by its first word', async () => {
    const keys = keysOf({ ...roles, cs: 'station' })
    const clock = virtualClock()
    const net = await build(plan, {
      keys,
      clock,
      parts: (id) => ({ gatekeeper: makeGuard(clock, id, { trust: keys.trust, identity: keys.identity(id) }).guard }),
    })
    const via = (id: string) => net.at('csms').routes.place(id)?.via
    for (const id of ['cs', 'no-key']) net.at('evil').attach(fakePeer(id, { kind: 'station' }), { role: 'station' })
    await clock.advance(60_000)
    // of who has no key no word can be had
    expect(['cs', 'no-key'].map(via)).toEqual([undefined, 'evil'])
    const gw = net.at('gw')
    const say = async (over: string, by: string) => {
      const message = { type: CALL, id: `r${clock.now()}`, action: 'Heartbeat', payload: payloadOf({}) } as const
      const signature = signMessage({ message, action: 'Heartbeat', audience: 'csms' }, keys.identity(by), {
        iat: Math.floor(clock.now() / 1000),
      })
      const header = { ocpp: 'ocpp2.1', signatures: [signature] } as const
      await gw.request({ destination: ['csms'], path: ['cs', over], header, message }, gw.routes.direct(over) as Peer)
      await clock.advance(1_000)
    }
    await say('evil', 'evil')
    expect(via('cs')).toBeUndefined()
    makeStation(clock, net.at('lc1'), 'cs')
    await clock.advance(1_000)
    expect(via('cs')).toBeUndefined()
    await say('lc1', 'cs')
    expect(via('cs')).toBe('lc1')
    await clock.advance(200_000)
    expect(via('cs')).toBe('lc1')
    // a listed home needs no word
    keys.trust.homes.add({ node: 'lc2', stations: ['cs2'] })
    keys.trust.add({ node: 'cs2', role: 'station', publicKey: keys.identity('cs2').signer.publicKey })
    makeStation(clock, net.at('lc2'), 'cs2')
    await clock.advance(1_000)
    expect(via('cs2')).toBe('lc2')
  })

  it('cannot speak in the name of another, sign with another key, or put itself on a way', async () => {
    const { net, keys, alarms } = await world()
    const gw = net.at('gw')
    const evil = gw.routes.direct('evil') as Peer
    const now = net.clock.now()
    const before = tables(net)
    const claim = (path: string[], by: string | undefined, parts: object = {}) => {
      const statement = {
        node: path[0] as string,
        role: 'local-controller',
        part: 0,
        seq: now * 2000,
        expires: now + 60_000,
        up: ['evil', 'gw'],
        ...parts,
      }
      const signature = by === undefined ? {} : { signature: signStatement(statement, keys.identity(by)) }
      gw.send(announce({ from: 'evil', to: 'gw', id: '1' }, { reachable: [{ path, statement, ...signature }], withdrawn: [] }), evil)
    }
    claim(['lc1', 'evil'], undefined)
    claim(['lc1', 'evil'], 'evil')
    claim(['lc1', 'evil'], 'stranger')
    claim(['lc1', 'gw', 'evil'], 'lc1')
    claim(['lc1', 'lc2', 'evil'], 'lc1')
    // its own, and none of these counts: too old, too long a life, over somebody who does not name it
    claim(['evil'], 'evil', { expires: now - 1 })
    claim(['evil'], 'evil', { expires: now + 200_000, role: 'x' })
    claim(['evil'], 'evil', { seq: 1 })
    // a true statement of lc1, caught somewhere, does not bring evil closer: lc1 names no such uplink
    claim(['lc1', 'evil'], 'lc1', { up: ['gw'] })
    await net.clock.advance(1_000)
    expect(tables(net)).toEqual(before)
    expect(gw.topology.reachability.ignored).toBe(9)
    expect(alarms()).toEqual(['evil brought a statement of lc1 that lc1 did not sign'])
    // the twin: the very same words by lc1 itself, who says that evil is above it, are believed
    claim(['lc1', 'evil'], 'lc1')
    expect(gw.topology.reachability.get('lc1')?.ways.has(evil)).toBe(true)
  })

  it('costs little: past its share no signature is looked at, and its neighbours do not suffer', async () => {
    const { net, keys } = await world()
    const gw = net.at('gw')
    const evil = gw.routes.direct('evil') as Peer
    let verified = 0
    const counting = {
      ...engine,
      verifyEcdsa: (...args: Parameters<typeof engine.verifyEcdsa>) => {
        verified++
        return engine.verifyEcdsa(...args)
      },
    }
    const scrutiny = new Scrutiny({ self: 'gw', clock: net.clock, trust: keys.trust, engine: counting, alarm: () => undefined })
    const identity = keys.identity('evil')
    const statement = { node: 'evil', role: 'x', part: 0, seq: 1, expires: net.clock.now() + 60_000, up: ['gw'] }
    const said = { path: ['evil'], statement, signature: signStatement(statement, identity) }
    for (let i = 0; i < 5_000; i++) scrutiny.judge(said, undefined, evil)
    expect(verified).toBe(1_000)
    expect(scrutiny.judge(said, undefined, gw.routes.direct('lc1') as Peer)).toEqual({ proven: true, role: 'local-controller' })
    await net.clock.advance(1_000)
    for (let i = 0; i < 5_000; i++) scrutiny.judge(said, undefined, evil)
    expect(verified).toBe(1_101)
  })

  it('changes no more than its share: stations that come and go with each of its statements are not followed for ever', async () => {
    const { net } = await world()
    const evil = net.at('gw').routes.direct('evil') as Peer
    const scrutiny = new Scrutiny({ self: 'gw', clock: net.clock, alarm: () => undefined })
    const said = (n: number) => ({
      ...{ node: 'evil', role: 'x', part: 1, seq: n, expires: net.clock.now() + 60_000 },
      stations: Array.from({ length: 99 }, (_, i) => ({ id: `s${n}-${i}` })),
    })
    const mayChange = (now: Statement, before: Statement | undefined, peer = evil): boolean =>
      scrutiny.judge({ path: ['evil'], statement: now }, before, peer) !== 'later'
    let taken = 0
    for (let n = 0; n < 2_000; n++) if (mayChange(said(n), n > 0 ? said(n - 1) : undefined)) taken++
    // the first brings 99 stations, each of the others takes 99 away and brings 99
    expect(taken).toBe(1 + Math.floor((50_000 - 100) / 199))
    // its neighbour has a share of its own, and so has what changes nothing, for longer
    expect(mayChange(said(0), undefined, net.at('gw').routes.direct('lc1') as Peer)).toBe(true)
    expect(mayChange(said(1), said(1))).toBe(true)
    await net.clock.advance(1_000)
    expect([mayChange(said(1), said(2)), mayChange(said(1), said(2))]).toEqual([true, true])
  })

  it('loses nothing true by it: an honest neighbour with more to say than its share is followed to the end', async () => {
    const { net, keys } = await world()
    const gw = net.at('gw')
    const lc = gw.routes.direct('lc1') as Peer
    const say = (node: string, part: number, by: string) => {
      const statement = { node, role: 'local-controller', part, seq: net.clock.now() * 2_000, expires: net.clock.now() + 60_000 }
      const parts = part === 0 ? { up: ['gw'] } : { stations: [{ id: `${node}-${part}` }] }
      const said = { ...statement, ...parts }
      return { path: [node], statement: said, signature: signStatement(said, keys.identity(by)) }
    }
    // each of a hundred parts anew, fifteen times in a moment
    for (let round = 0; round < 15; round++) {
      const reachable = Array.from({ length: 101 }, (_, part) => say('lc1', part, 'lc1'))
      gw.send(announce({ from: 'lc1', to: 'gw', id: '1' }, { reachable, withdrawn: [] }), lc)
      await net.clock.advance(1)
    }
    await net.clock.advance(2_000)
    const stations = Array.from({ length: 100 }, (_, i) => `lc1-${i + 1}`)
    expect(stations.filter((id) => gw.routes.place(id)?.via !== 'lc1')).toEqual([])
    const newest = [...(gw.topology.reachability.get('lc1')?.parts.values() ?? [])].map(({ statement }) => statement.seq)
    expect([newest.length, new Set(newest).size]).toEqual([101, 1])
    expect(gw.topology.reachability.ignored).toBe(0)
  })

  it('may not be a meter that carries stations', async () => {
    const keys = keysOf({ ...roles, evil: 'energy-meter' })
    const net = await build(plan, { keys })
    makeStation(net.clock, net.at('evil'), 'cs')
    await net.clock.advance(1_000)
    expect(net.at('gw').routes.place('cs')).toBeUndefined()
    expect(net.nodes.get('gw')?.flaws.map(({ message }) => message)).toEqual([
      'evil claims cs, and in its role energy-meter it carries no stations',
    ])
  })
})

describe('what changes', () => {
  const roles = { csms: 'csms', gw: 'gateway', lc1: 'local-controller', lc2: 'local-controller' }
  const plan = new Map([
    ['csms', []],
    ['gw', ['csms']],
    ['lc1', ['gw']],
    ['lc2', ['gw']],
  ])
  const world = async () => ({ ...(await build(plan, { keys: keysOf(roles) })) })

  it('a station that moved is found within 2 s, also where its old socket never ended', async () => {
    const net = await world()
    const old = makeStation(net.clock, net.at('lc1'), 'cs')
    await settle()
    old.link.cut()
    makeStation(net.clock, net.at('lc2'), 'cs')
    await net.clock.advance(2_000)
    expect(net.at('csms').routes.place('cs')).toMatchObject({ via: 'lc2', path: ['gw', 'lc2', 'cs'], online: true })
    expect(net.at('lc1').routes.direct('cs')).toBeUndefined()
    await net.clock.advance(5_000)
    expect([...net.nodes.values()].flatMap(({ flaws }) => flaws)).toEqual([])
  })

  it('what is not said anew expires, and what is stays', async () => {
    const net = await world()
    makeStation(net.clock, net.at('lc1'), 'cs')
    await net.clock.advance(300_000)
    expect(net.at('csms').routes.place('cs')?.online).toBe(true)
    net.links.get('lc1 gw')?.low.cut()
    await net.clock.advance(131_000)
    expect(['cs', 'lc1', 'lc2'].map((id) => net.at('csms').routes.place(id)?.online)).toEqual([false, false, true])
  })

  it('one that moved from the top of the network to below it is found too, and back', async () => {
    const net = await world()
    const old = makeStation(net.clock, net.at('csms'), 'cs')
    await settle()
    old.link.cut()
    const below = makeStation(net.clock, net.at('lc2'), 'cs')
    await net.clock.advance(2_000)
    expect(net.at('csms').routes.place('cs')).toMatchObject({ via: 'lc2', path: ['gw', 'lc2', 'cs'], online: true })
    below.link.cut()
    makeStation(net.clock, net.at('csms'), 'cs')
    await net.clock.advance(2_000)
    expect(['csms', 'lc2'].map((id) => net.at(id).routes.direct('cs')?.id)).toEqual(['cs', undefined])
    await net.clock.advance(60_000)
    expect([...net.nodes.values()].flatMap(({ flaws }) => flaws)).toEqual([])
  })

  it('one that is connected to the top is not drawn away, and who claims it is named', async () => {
    const net = await world()
    makeStation(net.clock, net.at('csms'), 'cs')
    net.at('lc2').attach(fakePeer('cs', { kind: 'station' }), { role: 'station' })
    await net.clock.advance(30_000)
    expect(net.at('csms').routes.place('cs')).toMatchObject({ learned: 'link', path: ['cs'] })
    expect(net.nodes.get('csms')?.flaws.map(({ message }) => message)).toEqual(['lc2 claims cs, which is connected to csms and stays'])
  })

  it('a way that comes and goes all the time is left alone until it stays', async () => {
    const net = await world()
    for (let i = 0; i < 20; i++) {
      net.links.get('lc1 gw')?.low.close(1006, 'flap')
      await settle()
      net.links.set('lc1 gw', join(net.clock, net.at('lc1'), net.at('gw')))
      await settle()
    }
    await net.clock.advance(100)
    expect([net.at('gw').routes.place('lc1')?.online, net.at('csms').routes.place('lc1')?.online]).toEqual([true, false])
    await net.clock.advance(60_000)
    expect(net.at('csms').routes.place('lc1')?.online).toBe(true)
  })

  it('a controller that went is told apart from one that is silent: nobody waits', async () => {
    const net = await world()
    const cs = makeStation(net.clock, net.at('lc1'), 'cs', { answer: () => new Promise(() => undefined) })
    await settle()
    const ask = () => net.at('csms').ask(net.at('csms').compose('cs', 'org.example.Ping', payloadOf({}), { ocpp: 'ocpp2.1' }))
    const asked = ask()
    await settle()
    expect(cs.calls).toHaveLength(1)
    net.links.get('lc1 gw')?.high.close(1006, 'gone')
    expect(outcomeOf(await asked)).toMatchObject({ fault: 'link-lost', at: 'gw' })
    await settle()
    expect((await caught(ask())).code).toBe('unreachable')
  })
})
