// Networks of many nodes that find their ways by themselves: after cuts, at random, and against those who lie about them.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { payloadOf } from '../../src/ocpp/frame.ts'
import { announce, signStatement } from '../../src/overlay/announcement.ts'
import type { OverlayNode } from '../../src/overlay/node.ts'
import type { Peer } from '../../src/overlay/peer.ts'
import { Scrutiny } from '../../src/overlay/scrutiny.ts'
import {
  caught,
  engine,
  fakePeer,
  type Joint,
  join,
  type Keys,
  keysOf,
  makeNode,
  makeStation,
  outcomeOf,
  settle,
  type TestNode,
  type VirtualClock,
  virtualClock,
} from './support.ts'

interface Network {
  readonly clock: VirtualClock
  readonly nodes: ReadonlyMap<string, TestNode>
  readonly links: Map<string, Joint>
  at(id: string): OverlayNode
}

/** Each node with the uplinks it dials; one that has none is the top. */
const build = async (
  plan: ReadonlyMap<string, readonly string[]>,
  { without = '', keys }: { without?: string; keys?: Keys } = {},
): Promise<Network> => {
  const clock = virtualClock()
  const nodes = new Map<string, TestNode>()
  for (const [id, uplinks] of plan) {
    const parts = { uplinks, role: id[0] as string, ...(keys && { trust: keys.trust, identity: keys.identity(id), engine }) }
    nodes.set(id, makeNode(clock, id, parts))
  }
  const at = (id: string): OverlayNode => (nodes.get(id) as TestNode).node
  const links = new Map<string, Joint>()
  for (const [id, uplinks] of plan)
    for (const uplink of uplinks) if (`${id} ${uplink}` !== without) links.set(`${id} ${uplink}`, join(clock, at(id), at(uplink)))
  await clock.advance(2_000)
  return { clock, nodes, links, at }
}

/** The nodes a message goes over, hop by hop, as each of them decides; undefined where one knows no way. */
const walk = ({ nodes, at }: Network, from: string, to: string): string[] | undefined => {
  const way = [from]
  let came: Peer | undefined
  for (let here = from; here !== to; here = way.at(-1) as string) {
    const next = at(here).routes.next(to, came)
    if (!next || way.includes(next.id)) return undefined
    way.push(next.id)
    if (!nodes.has(next.id)) return next.id === to ? way : undefined
    came = at(next.id).routes.direct(here)
  }
  return way
}

/** Who is where, as every node knows it. */
const tables = ({ nodes }: Network) =>
  Object.fromEntries(
    [...nodes].map(([id, { node }]) => {
      const known = node.routes.places().filter(({ online }) => online)
      return [
        id,
        Object.fromEntries(known.map((place) => [place.id, place.path.join(' > ')]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1))),
      ]
    }),
  )

/** 1 top, 5 gateways, 24 districts and 170 controllers; below the top each has two uplinks. */
const fourLevels = (): Map<string, string[]> => {
  const level = (letter: string, count: number, above: readonly string[]) =>
    Array.from({ length: count }, (_, i): [string, string[]] => {
      const first = above[i % above.length] as string
      const second = above[(i + 1) % above.length] as string
      return [`${letter}${i}`, first === second ? [first] : [first, second]]
    })
  const ids = (entries: [string, string[]][]) => entries.map(([id]) => id)
  const gateways = level('g', 5, ['top'])
  const districts = level('d', 24, ids(gateways))
  return new Map([['top', []], ...gateways, ...districts, ...level('c', 170, ids(districts))])
}

describe('200 nodes in four levels', () => {
  it('find each other again within 5 s of any cut, on the ways of a network that never had that link', async () => {
    const plan = fourLevels()
    const net = await build(plan)
    expect(plan.size).toBe(200)
    makeStation(net.clock, net.at('c7'), 'cs')
    await settle()
    expect(net.at('top').routes.places()).toHaveLength(200)
    const ends = ['top', 'g0', 'd3', 'c7', 'c31', 'c169', 'cs']
    // one link of each kind, of those that the station's messages go over, and of those that they do not
    for (const cut of ['g2 top', 'd7 g2', 'd7 g3', 'c7 d7', 'c7 d8', 'c100 d4']) {
      const [low = '', high = ''] = cut.split(' ')
      net.links.get(cut)?.low.close(1006, 'cut')
      await net.clock.advance(5_000)
      for (const from of ends.slice(0, -1))
        for (const to of ends) expect([cut, from, to, walk(net, from, to)?.at(-1)]).toEqual([cut, from, to, to])
      expect(Math.max(...ends.slice(0, -1).map((from) => walk(net, from, 'cs')?.length ?? 99))).toBeLessThanOrEqual(9)
      net.links.set(cut, join(net.clock, net.at(low), net.at(high)))
      await net.clock.advance(5_000)
    }
    net.links.get('d7 g2')?.low.close(1006, 'cut')
    await net.clock.advance(5_000)
    const fresh = await build(plan, { without: 'd7 g2' })
    makeStation(fresh.clock, fresh.at('c7'), 'cs')
    await settle()
    expect(tables(net)).toEqual(tables(fresh))
  }, 20_000)
})

describe('any network of levels', () => {
  /** Node n has up to three uplinks among the nodes before it, so there is no circle of uplinks; node 0 is the top. */
  const plans = fc
    .array(fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 14 })
    .map(
      (picks) =>
        new Map([
          ['n0', []],
          ...picks.map((pick, i): [string, string[]] => [`n${i + 1}`, [...new Set(pick.map((n) => `n${n % (i + 1)}`))]]),
        ]),
    )

  it('has no loop, no black hole and one outcome, whatever was cut and joined in whichever order', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.array(fc.nat(), { maxLength: 8 }), async (plan, cuts) => {
        const net = await build(plan)
        const names = [...net.links.keys()]
        let last = ''
        for (const pick of cuts) {
          if (last !== '') net.links.set(last, join(net.clock, net.at(last.split(' ')[0] ?? ''), net.at(last.split(' ')[1] ?? '')))
          last = names[pick % names.length] as string
          net.links.get(last)?.low.close(1006, 'cut')
          // the next one comes while the news of this one is still on its way, or long after
          if (pick % 2 === 0) await net.clock.advance(pick % 3 === 0 ? 60 : 5_000)
        }
        await net.clock.advance(65_000)
        const fresh = await build(plan, { without: last })
        expect(tables(net)).toEqual(tables(fresh))
        const up = (id: string): Set<string> =>
          new Set([id, ...(plan.get(id) ?? []).filter((above) => `${id} ${above}` !== last).flatMap((above) => [...up(above)])])
        const joined = [...plan.keys()].filter((id) => up(id).has('n0'))
        for (const from of joined) for (const to of joined) expect([from, to, walk(net, from, to)?.at(-1)]).toEqual([from, to, to])
      }),
      { numRuns: 25 },
    )
  }, 20_000)
})

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
    for (let i = 0; i < 5_000; i++) scrutiny.judge(said, evil)
    expect(verified).toBe(1_000)
    expect(scrutiny.judge(said, gw.routes.direct('lc1') as Peer)).toEqual({ proven: true, role: 'local-controller' })
    await net.clock.advance(1_000)
    for (let i = 0; i < 5_000; i++) scrutiny.judge(said, evil)
    expect(verified).toBe(1_501)
  })

  it('changes no more than its share: stations that come and go with each of its statements are not followed for ever', async () => {
    const { net } = await world()
    const evil = net.at('gw').routes.direct('evil') as Peer
    const scrutiny = new Scrutiny({ self: 'gw', clock: net.clock, alarm: () => undefined })
    const said = (n: number) => ({
      ...{ node: 'evil', role: 'x', part: 1, seq: n, expires: net.clock.now() + 60_000 },
      stations: Array.from({ length: 99 }, (_, i) => ({ id: `s${n}-${i}` })),
    })
    let taken = 0
    for (let n = 0; n < 2_000; n++) if (scrutiny.mayChange(said(n), n > 0 ? said(n - 1) : undefined, evil)) taken++
    // the first brings 99 stations, each of the others takes 99 away and brings 99
    expect(taken).toBe(1 + Math.floor((50_000 - 100) / 199))
    // its neighbour has a share of its own, and so has what changes nothing, for longer
    expect(scrutiny.mayChange(said(0), undefined, net.at('gw').routes.direct('lc1') as Peer)).toBe(true)
    expect(scrutiny.mayChange(said(1), said(1), evil)).toBe(true)
    await net.clock.advance(1_000)
    expect([scrutiny.mayChange(said(1), said(2), evil), scrutiny.mayChange(said(1), said(2), evil)]).toEqual([true, true])
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
