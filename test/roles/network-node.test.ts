// A node with all its parts: who may take a place in it, what it writes down, and what people who watch it are told.
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import { payloadOf, SEND } from '../../src/ocpp/frame.ts'
import type { NetworkNode, NodeEvent } from '../../src/roles/network-node.ts'
import { echo, keysOf, memoryLinks, outcomeOf, PING, settle, stationOn, virtualClock } from '../overlay/support.ts'
import { decisions, dial, makeNetwork, signedPark } from './park.ts'

const CS = { stationId: 'cs', version: 'ocpp2.1' } as const

const setUp = (uplinks: string[] = []) => {
  const clock = virtualClock()
  let full = false
  const store = memoryStore({
    beforeCommit: () => {
      if (full) throw new Error('full')
    },
  })
  const lc = makeNetwork(clock, { id: 'lc', uplinks }, { store })
  const connect = async () => {
    const [near, far] = memoryLinks()
    const station = stationOn(clock, near, CS)
    const done = lc.stationConnected(far, CS)
    return { ...station, far, done }
  }
  const events: NodeEvent[] = []
  lc.watch((event) => events.push(event))
  return {
    clock,
    lc,
    connect,
    events,
    store,
    fill: (is: boolean) => {
      full = is
    },
  }
}
const texts = ({ lc }: ReturnType<typeof setUp>) => decisions(lc.journal).map(({ kind, subject, text }) => `${kind} ${subject}: ${text}`)

describe('a place in a node', () => {
  it('is not given to a second socket of a live id, and that is written down', async () => {
    const park = setUp()
    const first = await park.connect()
    await first.done
    const second = await park.connect()
    await second.done
    await settle()
    expect([first.closed, second.closed]).toEqual([[], [1008]])
    expect(texts(park)).toEqual(['security cs: a second connection of a live id was refused'])
    const answer = await park.lc.ask('cs', PING, payloadOf({}), { ocpp: 'ocpp2.1' })
    expect([outcomeOf(answer.answer).status, first.calls.length]).toEqual(['Accepted', 1])
  })

  it('is given to a newcomer when the old socket is dead, and nothing late of the old one counts', async () => {
    const park = setUp()
    const first = await park.connect()
    await first.done
    first.link.cut()
    const second = await park.connect()
    await second.done
    expect(texts(park)).toEqual([])
    await park.lc.ask('cs', PING, payloadOf({}), { ocpp: 'ocpp2.1' })
    expect([first.calls.length, second.calls.length]).toEqual([0, 1])
    await settle()
    expect(park.lc.overlay.routes.place('cs')?.online).toBe(true)
  })

  it('is given to one of two who come at once', async () => {
    for (const dead of [false, true]) {
      const park = setUp()
      if (dead) {
        const old = await park.connect()
        await old.done
        old.link.cut()
      }
      const both = [await park.connect(), await park.connect()]
      await Promise.all(both.map(({ done }) => done))
      await settle()
      expect(both.map(({ closed }) => closed)).toEqual([[], [1008]])
      expect(park.lc.overlay.routes.peers).toHaveLength(1)
    }
  })

  it('is held by nodes in the same way', async () => {
    const { clock, lc } = setUp()
    const sub = makeNetwork(clock, { id: 'sub', uplinks: ['lc'] })
    const { low } = await dial(sub, lc)
    const second = makeNetwork(clock, { id: 'sub', uplinks: ['lc'] })
    const { low: near } = await dial(second, lc)
    await settle()
    expect(second.overlay.routes.uplinks).toEqual([])
    expect(lc.journal.read(0, 9).at(-1)?.text).toBe('a second connection of a live id was refused')
    near.cut()
    low.cut()
    await dial(sub, lc)
    expect(lc.overlay.routes.peers).toHaveLength(1)
    expect((await lc.ask('sub', PING, payloadOf({}), { ocpp: 'ocpp2.1' })).answer.path).toEqual(['sub'])
  })

  it('is taken from a node whose socket stalls: what still comes over that one is nobody’s word', async () => {
    const { clock, lc } = setUp()
    const [first, again] = [makeNetwork(clock, { id: 'sub', uplinks: ['lc'] }), makeNetwork(clock, { id: 'sub', uplinks: ['lc'] })]
    const { high, low } = await dial(first, lc)
    // open, and nothing answers: no ping comes back
    high.alive = () => Promise.resolve(false)
    const answered: string[] = []
    const asked = first.ask('lc', PING, payloadOf({}), { ocpp: 'ocpp2.1' }).then(
      () => answered.push('before'),
      () => undefined,
    )
    await asked
    await dial(again, lc)
    const [present] = lc.overlay.routes.peers
    low.send('[2,"lc","sub","late","org.example.Ping",{},{"ocpp":"ocpp2.1"}]')
    await settle()
    expect([answered, first.overlay.routes.uplinks, present?.counters.received]).toEqual([['before'], [], present?.counters.received])
    expect(lc.overlay.routes.peers).toEqual([present])
    expect((await lc.ask('sub', PING, payloadOf({}), { ocpp: 'ocpp2.1' })).answer.path).toEqual(['sub'])
    expect(decisions(lc.journal)).toEqual([])
  })

  it('stays with the present one even if the journal cannot be written', async () => {
    const park = setUp()
    await (await park.connect()).done
    park.fill(true)
    const second = await park.connect()
    await expect(second.done).rejects.toMatchObject({ code: 'store-failed' })
    await settle()
    expect(second.closed).toEqual([1008])
  })
})

describe('who dials whom', () => {
  const pair = async (roles: Readonly<Record<string, string>> = { gateway: 'gateway' }) => {
    const clock = virtualClock()
    const keys = keysOf(roles)
    const lc = makeNetwork(clock, { id: 'lc', uplinks: ['gateway'], awaits: ['gateway'] }, { keys })
    const gateway = makeNetwork(clock, { id: 'gateway', backend: 'gateway' }, { keys })
    const meet = async () => {
      const [near, far] = memoryLinks()
      await Promise.allSettled([gateway.downlinkConnected(near, 'lc'), lc.nodeConnected(far, { nodeId: 'gateway' })])
      await settle()
    }
    return { clock, lc, gateway, meet }
  }

  it('does not matter for who is above: a node that is dialled by its uplink announces its stations there', async () => {
    const { clock, lc, gateway, meet } = await pair()
    await meet()
    expect(lc.overlay.routes.uplinks.map(({ id }) => id)).toEqual(['gateway'])
    expect(gateway.overlay.routes.uplinks).toEqual([])
    const [near, far] = memoryLinks()
    stationOn(clock, near, CS)
    await lc.stationConnected(far, CS)
    await settle()
    expect(gateway.overlay.routes.place('cs')?.path).toEqual(['lc', 'cs'])
  })

  it('but an uplink that dials in has to prove a key that is listed for it', async () => {
    const { lc, meet } = await pair({})
    await meet()
    expect(lc.overlay.routes.peers).toEqual([])
  })

  it('and a live link is not replaced by another that the uplink dials', async () => {
    const { lc, gateway, meet } = await pair()
    await meet()
    const [first] = lc.overlay.routes.uplinks
    await meet()
    expect(lc.overlay.routes.uplinks).toEqual([first])
    expect(gateway.overlay.routes.peers).toHaveLength(1)
  })
})

describe('a neighbour', () => {
  const pair = async (roles: Readonly<Record<string, string>>) => {
    const clock = virtualClock()
    const keys = keysOf(roles)
    const lc = makeNetwork(clock, { id: 'lc' }, { keys })
    const sub = makeNetwork(clock, { id: 'sub', uplinks: ['lc'] }, { keys })
    return { clock, keys, lc, sub }
  }
  const shown = (node: NetworkNode) => node.links.all().map(({ peer, proven }) => [peer, proven])

  it('that proved a listed key is shown so, another not', async () => {
    const { lc, sub } = await pair({ sub: 'local-controller' })
    await dial(sub, lc)
    expect([shown(lc), shown(sub)]).toEqual([[['sub', true]], [['lc', false]]])
  })

  it('that cannot prove its key is not attached, and the journal says so', async () => {
    const { clock, keys, lc } = await pair({ sub: 'local-controller' })
    const thief = makeNetwork(clock, { id: 'sub', uplinks: ['lc'] }, { keys, identity: keys.identity('sub', 'thief') })
    await expect(dial(thief, lc)).rejects.toMatchObject({ code: 'refused', data: { rule: 'link-proof' } })
    await settle()
    expect(lc.overlay.routes.peers).toEqual([])
    expect(thief.overlay.routes.uplinks).toEqual([])
    const [near] = memoryLinks()
    const dialling = thief.uplinkConnected(near, 'lc')
    dialling.catch(() => undefined)
    await clock.advance(10_001)
    await expect(dialling).rejects.toMatchObject({ code: 'refused' })
    expect(thief.journal.read(0, 9).at(-1)).toMatchObject({ kind: 'security', subject: 'lc', rule: 'link-proof' })
  })

  it('loses its link the moment its key is revoked; a neighbour whose key counts keeps its own', async () => {
    const { clock, keys, lc, sub } = await pair({ sub: 'local-controller', other: 'local-controller' })
    const other = makeNetwork(clock, { id: 'other', uplinks: ['lc'] }, { keys })
    await dial(sub, lc)
    await dial(other, lc)
    keys.trust.revoke(new Set([keys.identity('sub').kid]))
    await settle()
    expect(shown(lc)).toEqual([['other', true]])
    expect(decisions(lc.journal).at(-1)).toMatchObject({ kind: 'security', subject: 'sub', rule: 'link-proof' })
  })

  it('has to hold the key that comes to be listed for it', async () => {
    for (const holder of ['sub', 'thief']) {
      const { clock, keys, lc } = await pair({})
      const sub = makeNetwork(clock, { id: 'sub', uplinks: ['lc'] }, { keys: keysOf({}), identity: keys.identity('sub', holder) })
      await dial(sub, lc)
      expect(shown(lc)).toEqual([['sub', false]])
      keys.trust.add({ node: 'sub', role: 'local-controller', publicKey: keys.identity('sub').signer.publicKey })
      await settle()
      expect(shown(lc)).toEqual(holder === 'sub' ? [['sub', true]] : [])
      lc.stop()
    }
  })
})

describe('a node', () => {
  it('replaces its own uplink when it dialled anew', async () => {
    const { clock, lc, connect } = setUp(['gateway'])
    const gateway = makeNetwork(clock, { id: 'gateway' })
    const { low } = await dial(lc, gateway)
    await (await connect()).done
    low.cut()
    await dial(lc, gateway)
    expect(lc.overlay.routes.uplinks).toHaveLength(1)
    expect(gateway.overlay.routes.place('cs')?.path).toEqual(['lc', 'cs'])
  })

  it('writes down once who claims stations that are elsewhere, and follows nobody there', async () => {
    const clock = virtualClock()
    const keys = keysOf({ gateway: 'gateway', lc: 'local-controller', evil: 'local-controller', csms: 'csms' })
    const make = (id: string, uplinks: string[]) => makeNetwork(clock, { id, uplinks }, { keys })
    const [gateway, lc, evil] = [make('gateway', []), make('lc', ['gateway']), make('evil', ['gateway'])]
    for (const below of [lc, evil]) await dial(below, gateway)
    const occupy = async (node: typeof lc, stationId: string) => {
      const [near, far] = memoryLinks()
      stationOn(clock, near, { version: 'ocpp2.1' })
      await node.stationConnected(far, { stationId, version: 'ocpp2.1' })
    }
    for (const id of ['cs1', 'cs2']) await occupy(lc, id)
    await clock.advance(1_000)
    for (const id of ['cs1', 'cs2']) await occupy(evil, id)
    await clock.advance(10_000)
    expect(gateway.overlay.routes.place('cs1')).toMatchObject({ learned: 'announced', via: 'lc', proven: true, path: ['lc', 'cs1'] })
    await occupy(evil, 'csms')
    await clock.advance(10_000)
    expect(gateway.overlay.routes.place('csms')).toBeUndefined()
    expect(decisions(gateway.journal).map(({ kind, subject, rule, text }) => [kind, subject, rule, text])).toEqual([
      ['security', 'evil', 'reachability-forged', 'evil claims cs1 and 1 more, which lc has and keeps'],
    ])
  })

  it('writes down who was turned away at the door, and no noise', async () => {
    const park = setUp()
    const knock = (id: string, status: number) => park.lc.refusedAtDoor({ id, status, reason: 'wrong password', remoteAddress: '10.0.0.7' })
    knock('cs', 401)
    knock('', 401)
    knock('cs', 404)
    await settle()
    expect(texts(park)).toEqual(['security cs: wrong password (401), from 10.0.0.7'])
  })

  it('counts what it cannot write down', async () => {
    const park = setUp()
    park.fill(true)
    park.lc.refusedAtDoor({ id: 'cs', status: 401, reason: 'x', remoteAddress: 'y' })
    await settle()
    expect(park.lc.figures.flaws.entries).toEqual([['store-failed', 1]])
    expect(texts(park)).toEqual([])
  })

  it('writes down a station that plays the router', async () => {
    const park = setUp()
    const cs = await park.connect()
    await cs.done
    cs.connection.send({ type: SEND, id: '1', action: 'org.chargeproof.Reachability', payload: payloadOf({ online: [] }) })
    await settle()
    expect(texts(park)).toEqual(['security cs: cs is a station: it has nobody behind it to announce'])
  })

  it('tells its watchers of messages, moves and journal rows until they turn away', async () => {
    const { connect, events, lc } = setUp()
    const seen: string[] = []
    const stop = lc.watch(({ type }) => seen.push(type))
    const rows: string[] = []
    lc.watch(({ type }) => rows.push(type), ['journal'])
    const cs = await connect()
    await cs.done
    await cs.ask(PING, {})
    expect(new Set(seen)).toEqual(new Set(['message', 'moved', 'journal']))
    expect(new Set(rows)).toEqual(new Set(['journal']))
    const before = seen.length
    stop()
    await (await connect()).done
    expect(seen).toHaveLength(before)
    // its coming, and the second one of its name that was turned away
    expect(events.filter(({ type }) => type === 'journal')).toHaveLength(2)
  })

  it('shows the signature of each message as it was judged', async () => {
    const { gateway, lc, order, cs, keys } = await signedPark({ version: 'ocpp2.1' })
    const states: string[] = []
    for (const node of [gateway, lc])
      node.watch((event) => event.type === 'message' && states.push(`${node.id} ${event.data.type} ${event.data.signature}`))
    await order()
    expect(states.sort()).toEqual(['gateway call valid', 'gateway result valid', 'lc call valid', 'lc result valid'])
    states.length = 0
    await order({ identity: keys.identity('grid-operator', 'stranger') })
    expect(states.sort()).toEqual(['gateway call unchecked', 'gateway error valid', 'lc call unchecked', 'lc error valid'])
    states.length = 0
    await cs.ask({})
    expect(states.sort()).toEqual(['gateway call valid', 'gateway result valid', 'lc call valid', 'lc result valid'])
  })

  it('closes every link and every timer when it stops', async () => {
    const { clock, lc, connect } = setUp(['gateway'])
    const gateway = makeNetwork(clock, { id: 'gateway', uplinks: [] }, { local: { ...echo, call: () => new Promise(() => undefined) } })
    await dial(lc, gateway)
    const cs = await connect()
    await cs.done
    lc.stop()
    gateway.stop()
    await settle()
    expect(cs.closed).toEqual([1001])
    await clock.advance(60_000)
    expect([lc.overlay.routes.peers.length, clock.pending]).toEqual([0, 0])
  })
})
