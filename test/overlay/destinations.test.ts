// Messages to a role and to everybody: one answers, each is told once, and nothing goes over a link twice.
import { describe, expect, it } from 'vitest'
import { base64url, utf8 } from '../../src/base/bytes.ts'
import { type Envelope, payloadOf, type SignatureObject } from '../../src/ocpp/frame.ts'
import { anycast, BROADCAST, destinationOf, multicast, SeenMessages } from '../../src/overlay/destinations.ts'
import type { OverlayNode } from '../../src/overlay/node.ts'
import { callOf, caught, echo, engine, type Joint, join, keysOf, makeNode, PING, settle, tapEnvelopes, virtualClock } from './support.ts'

const NEWS = 'TariffNews'

/** Two back ends above two gateways above four controllers; each lower one has two uplinks, so there are many rings. */
const network = async () => {
  const clock = virtualClock()
  const told: string[] = []
  const frames = new Map<string, number>()
  const make = (id: string, role: string, uplinks: string[] = []): OverlayNode =>
    makeNode(clock, id, {
      role,
      uplinks,
      local: {
        call: () => Promise.resolve(payloadOf({ by: id })),
        told: ({ message }) => void ('action' in message && told.push(`${id} ${message.id}`)),
      },
    }).node
  const backends = ['b1', 'b2'].map((id) => make(id, 'csms'))
  const gateways = ['g1', 'g2'].map((id) => make(id, 'gateway', ['b1', 'b2']))
  const controllers = ['c1', 'c2', 'c3', 'c4'].map((id) => make(id, 'local-controller', ['g1', 'g2']))
  const links = new Map<string, Joint>()
  const connect = (below: OverlayNode, above: OverlayNode): void => {
    const joint = join(clock, below, above)
    const name = `${below.id} ${above.id}`
    links.set(name, joint)
    for (const end of [joint.low, joint.high])
      tapEnvelopes(end, (envelope) => {
        if ('action' in envelope.message && envelope.message.action === NEWS) frames.set(name, (frames.get(name) ?? 0) + 1)
        return envelope
      })
  }
  for (const gateway of gateways) for (const backend of backends) connect(gateway, backend)
  for (const controller of controllers) for (const gateway of gateways) connect(controller, gateway)
  await clock.advance(1_000)
  const at = (id: string): OverlayNode => [...backends, ...gateways, ...controllers].find((node) => node.id === id) as OverlayNode
  const ask = async (from: string, to: string) => (await at(from).ask(at(from).compose(to, PING, payloadOf({}), { ocpp: 'ocpp2.1' }))).path
  return { clock, at, ask, links, told, frames }
}

describe('the spelling of destinations', () => {
  it.each([
    ['csms', { kind: 'node' }],
    ['any=csms', { kind: 'node' }],
    ['*any=csms', { kind: 'anycast', role: 'csms' }],
    ['*all=local-controller', { kind: 'multicast', role: 'local-controller' }],
    ['*', { kind: 'broadcast' }],
    ['*x', { kind: 'node' }],
  ])('%s', (id, meaning) => {
    expect(destinationOf(id)).toEqual(meaning)
  })

  it('is what the functions write', () => {
    expect([anycast('a'), multicast('b')].map(destinationOf)).toEqual([
      { kind: 'anycast', role: 'a' },
      { kind: 'multicast', role: 'b' },
    ])
  })
})

describe('a CALL to a role', () => {
  it('is answered by one who plays it, and by another within 5 s when that one is gone', async () => {
    const { ask, links, clock } = await network()
    const [first = ''] = await ask('c1', anycast('csms'))
    expect(['b1', 'b2']).toContain(first)
    for (const gateway of ['g1', 'g2']) links.get(`${gateway} ${first}`)?.low.close(1006, 'gone')
    await clock.advance(5_000)
    const [second = ''] = await ask('c1', anycast('csms'))
    expect([first, second].sort()).toEqual(['b1', 'b2'])
  })

  it('finds those below and beside it too, and says where there are none', async () => {
    const { ask, at } = await network()
    expect((await ask('b1', anycast('local-controller'))).at(0)).toBe('c1')
    expect((await ask('c2', anycast('gateway'))).at(0)).toBe('g1')
    const nobody = await at('b1')
      .ask(callOf({ from: 'b1', to: anycast('nobody') }))
      .catch((fault) => fault)
    expect(nobody.code).toBe('unreachable')
  })

  it('is for nobody who merely says that it plays the role, where keys of that role are known', async () => {
    const clock = virtualClock()
    const keys = keysOf({ csms: 'csms' })
    const signing = (id: string) => ({ trust: keys.trust, identity: keys.identity(id), engine })
    const up = makeNode(clock, 'gw', { role: 'gateway', uplinks: [], ...signing('gw') }).node
    const liar = makeNode(clock, 'liar', { role: 'csms', uplinks: ['gw'], local: echo, ...signing('liar') }).node
    join(clock, liar, up)
    await settle()
    expect((await caught(up.ask(callOf({ from: 'gw', to: anycast('csms') })))).code).toBe('unreachable')
    const csms = makeNode(clock, 'csms', { role: 'csms', uplinks: ['gw'], local: echo, ...signing('csms') }).node
    join(clock, csms, up)
    await settle()
    expect((await up.ask(callOf({ from: 'gw', to: anycast('csms') }))).path).toEqual(['csms'])
  })
})

describe('a SEND to many', () => {
  it('reaches each of a role once, with one copy on a link at the most', async () => {
    const { at, told, frames, clock } = await network()
    for (const from of ['b1', 'c1']) {
      told.length = 0
      frames.clear()
      at(from).tell(multicast('local-controller'), NEWS, {})
      await clock.advance(100)
      expect(told.map((line) => line.split(' ')[0]).sort()).toEqual(['c1', 'c2', 'c3', 'c4'].filter((id) => id !== from))
      expect(Math.max(...frames.values())).toBe(1)
    }
  })

  it('reaches everybody once, over no link more than twice', async () => {
    const { at, told, frames, clock, links } = await network()
    at('c3').tell(BROADCAST, NEWS, {})
    await clock.advance(100)
    expect(told.map((line) => line.split(' ')[0]).sort()).toEqual(['b1', 'b2', 'c1', 'c2', 'c4', 'g1', 'g2'])
    expect([...frames.values()].reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(2 * links.size)
  })

  it.each([BROADCAST, multicast('csms')])('%s cannot be asked', async (to) => {
    const { at } = await network()
    expect((await caught(at('c1').ask(callOf({ from: 'c1', to })))).code).toBe('unreachable')
  })

  it('is remembered by origin and message id, and not for ever', () => {
    const book = new SeenMessages()
    const isNew = (envelope: Envelope): boolean => book.isNew(envelope, engine)
    const [a, b] = [callOf({ from: 'a', to: '*' }), callOf({ from: 'b', to: '*' })]
    expect([a, a, b].map(isNew)).toEqual([true, false, true])
    for (let i = 0; i < 10_000; i++) isNew(callOf({ from: 'a', to: '*' }, { id: String(i + 2) }))
    expect(isNew(b)).toBe(true)
  })

  it('is not kept from anybody by a copy that was altered and came first; what hops add makes no other of it', () => {
    const book = new SeenMessages()
    const signed = (signature: string, header: object) => ({
      protected: base64url(utf8(JSON.stringify({ alg: 'ES256', ...header }))),
      signature,
    })
    const [own, other, hop] = [signed('own', {}), signed('other', {}), signed('hop', { as: 'countersigner' })]
    const said = (
      signatures: SignatureObject[],
      { to = '*', action = PING, ...payload }: { to?: string; action?: string; at?: number } = {},
    ) => book.isNew(callOf({ from: 'a', to }, { action, payload: payloadOf(payload) }, { signatures }), engine)
    const altered = [
      said([own], { at: 1 }),
      said([other]),
      said([own, other]),
      said([own], { to: '*all=x' }),
      said([own], { action: NEWS }),
    ]
    expect([...altered, said([own])]).toEqual([true, true, true, true, true, true])
    expect([said([own]), said([own, hop])]).toEqual([false, false])
  })
})
