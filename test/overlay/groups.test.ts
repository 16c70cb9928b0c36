// Groups that nodes subscribe to: each subscriber is told once over whatever network, over no link twice, and nobody else is told.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { payloadOf } from '../../src/ocpp/frame.ts'
import { anycast, destinationOf, group, isGroupName, multicast } from '../../src/overlay/destinations.ts'
import { build, type Network, type Plan, plans, rememberingEngine } from './networks.ts'
import { callOf, caught, keysOf, outcomeOf, PING, tapEnvelopes } from './support.ts'

const NEWS = 'TariffNews'
const TARIFFS = multicast(group('tariffs'))

/** A network that writes down who was told what, and what went over each link in which direction. */
const world = async (plan: Plan, options: { keyed?: boolean; groups?: Readonly<Record<string, readonly string[]>> } = {}) => {
  const told: string[] = []
  const copies = new Map<string, number>()
  const roles = Object.fromEntries([...plan.keys()].map((id) => [id, 'gateway']))
  const net = await build(plan, {
    ...(options.keyed && { keys: keysOf(roles), engine: rememberingEngine() }),
    parts: (id) => ({
      local: {
        call: () => Promise.resolve(payloadOf({ by: id })),
        told: ({ message }) => void ('action' in message && message.action === NEWS && told.push(id)),
      },
    }),
    joined(name, { low, high }) {
      for (const [way, end] of [[`${name} up`, low] as const, [`${name} down`, high] as const])
        tapEnvelopes(end, (envelope) => {
          if ('action' in envelope.message && envelope.message.action === NEWS) copies.set(way, (copies.get(way) ?? 0) + 1)
          return envelope
        })
    },
  })
  const tell = async (from: string, to = TARIFFS) => {
    told.length = 0
    copies.clear()
    net.at(from).tell(to, NEWS, {})
    await net.clock.advance(100)
    return [...told].sort()
  }
  return { net, copies, tell }
}

const subscribe = async ({ at, clock }: Network, ids: readonly string[]): Promise<void> => {
  for (const id of ids) at(id).topology.subscribe('tariffs')
  await clock.advance(1_000)
}

/** top above g1 and g2, each above two controllers */
const SITE: Plan = new Map([
  ['top', []],
  ['g1', ['top']],
  ['g2', ['top']],
  ['c1', ['g1']],
  ['c2', ['g1']],
  ['c3', ['g2']],
  ['c4', ['g2']],
])

describe('a group', () => {
  it('stands where a role stands, with an @ before its name', () => {
    expect([TARIFFS, anycast(group('tariffs'))].map(destinationOf)).toEqual([
      { kind: 'multicast', role: '@tariffs' },
      { kind: 'anycast', role: '@tariffs' },
    ])
    expect(['tariffs', 'a'.repeat(32), '@', 'a'.repeat(33), '', '.', '*', 'a:b', 7].map(isGroupName)).toEqual([
      ...[true, true, true, false, false, false, false, false, false],
    ])
  })

  it.each([false, true])('reaches its four subscribers once each, and shares one copy on a link; keys: %s', async (keyed) => {
    const { net, tell, copies } = await world(SITE, { keyed })
    await subscribe(net, ['top', 'c1', 'c2', 'c3'])
    expect(await tell('c4')).toEqual(['c1', 'c2', 'c3', 'top'])
    expect(Object.fromEntries(copies)).toEqual({
      ...{ 'c4 g2 up': 1, 'g2 top up': 1, 'c3 g2 down': 1 },
      // one copy for both behind g1
      ...{ 'g1 top down': 1, 'c1 g1 down': 1, 'c2 g1 down': 1 },
    })
    expect(await tell('c1')).toEqual(['c2', 'c3', 'top'])
    expect(await tell('c4', multicast(group('other')))).toEqual([])
  })

  it('is left again, and was never entered by one whose role has its name', async () => {
    const { net, tell, copies } = await world(SITE)
    await subscribe(net, ['c1', 'c3'])
    expect(await tell('top')).toEqual(['c1', 'c3'])
    net.at('c1').topology.unsubscribe('tariffs')
    await net.clock.advance(1_000)
    expect(await tell('top')).toEqual(['c3'])
    expect([...copies.keys()]).toEqual(['g2 top down', 'c3 g2 down'])
    expect(await tell('top', multicast('tariffs'))).toEqual([])
    expect(await tell('top', multicast(group('c')))).toEqual([])
  })

  it('is forgotten with a subscriber that is gone, and known again when it is back', async () => {
    const { net, tell } = await world(SITE)
    await subscribe(net, ['c1', 'c3'])
    net.cut('g1 top')
    await net.clock.advance(1_000)
    expect(await tell('top')).toEqual(['c3'])
    net.mend('g1 top')
    await net.clock.advance(1_000)
    expect(await tell('top')).toEqual(['c1', 'c3'])
  })

  it('is asked as a role is: the nearest subscriber answers a CALL, and all at once cannot be asked', async () => {
    const { net } = await world(SITE)
    const ask = (from: string) =>
      net.at(from).ask(net.at(from).compose(anycast(group('tariffs')), PING, payloadOf({}), { ocpp: 'ocpp2.1' }))
    expect(outcomeOf(await ask('c4'))).toMatchObject({ fault: 'unreachable', at: 'top' })
    await subscribe(net, ['g2', 'c1'])
    expect((await ask('c4')).path[0]).toBe('g2')
    expect((await ask('c2')).path[0]).toBe('c1')
    expect((await caught(net.at('c1').ask(callOf({ from: 'c1', to: TARIFFS })))).code).toBe('unreachable')
  })

  it('has bounds: 64 for a node, and names that are names', async () => {
    const { net } = await world(SITE)
    for (let i = 0; i < 64; i++) net.at('c1').topology.subscribe(`g${i}`)
    net.at('c1').topology.subscribe('g0')
    expect(() => net.at('c1').topology.subscribe('g64')).toThrow(expect.objectContaining({ code: 'limit-exceeded' }))
    expect(() => net.at('c2').topology.subscribe('no name')).toThrow(expect.objectContaining({ code: 'config-invalid' }))
    await net.clock.advance(1_000)
    expect(net.at('top').topology.members(group('g63'))).toEqual(['c1'])
  })
})

describe('a group in any network of levels', () => {
  it('reaches each subscriber once, over no link twice in one direction, and nobody who left', async () => {
    const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(plans(30), picks, picks, async (plan, ins, outs) => {
        const { net, tell, copies } = await world(plan)
        const idOf = (pick: number): string => `n${pick % plan.size}`
        await subscribe(net, ins.map(idOf))
        for (const pick of outs) net.at(idOf(pick)).topology.unsubscribe('tariffs')
        await net.clock.advance(1_000)
        const left = new Set(outs.map(idOf))
        const members = [...new Set(ins.map(idOf))].filter((id) => !left.has(id)).sort()
        for (const from of ['n0', idOf(ins[0] as number), `n${plan.size - 1}`]) {
          expect(await tell(from)).toEqual(members.filter((id) => id !== from))
          expect(Math.max(0, ...copies.values())).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 15 },
    )
  }, 20_000)
})

describe('a group with a list of who may be in it', () => {
  it('has the listed ones who subscribe, by role or by id, and nobody else', async () => {
    const keys = keysOf({ top: 'csms', g1: 'gateway', g2: 'gateway', a: 'local-controller', b: 'local-controller', c: 'local-controller' })
    keys.trust.groups.limit('tariffs', ['gateway', 'node:a'])
    const plan: Plan = new Map([
      ['top', []],
      ['g1', ['top']],
      ['g2', ['top']],
      ['a', ['g1']],
      ['b', ['g1']],
      ['c', ['g2']],
    ])
    const net = await build(plan, { keys })
    for (const id of ['g2', 'a', 'b', 'c']) net.at(id).topology.subscribe('tariffs')
    for (const id of ['b', 'c']) net.at(id).topology.subscribe('open')
    await net.clock.advance(1_000)
    const members = (name: string) => net.at('top').topology.members(group(name)).toSorted()
    expect([members('tariffs'), members('open')]).toEqual([
      ['a', 'g2'],
      ['b', 'c'],
    ])
    // by its key alone: a node that nobody listed is in none
    keys.trust.groups.limit('open', ['stranger-role'])
    expect(members('open')).toEqual([])
  })
})
