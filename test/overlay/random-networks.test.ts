// Large networks and random ones: whatever is cut, joined, moved and forged, every message finds its way within 5 s, and none goes in a
// circle. EVERY_CUT=1 cuts each of the 393 links of the large one; without it a sample that a seed chose.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Advertisement, announce, type Statement, signStatement } from '../../src/overlay/announcement.ts'
import type { Peer } from '../../src/overlay/peer.ts'
import { build, fourLevels, joinedTo, linksOf, type Network, type Plan, plans, rememberingEngine, tables, walk } from './networks.ts'
import { type Keys, keysOf, makeStation, settle, type TestStation } from './support.ts'

const SAMPLE = 40

/** The same pick each time: a step of 89 through 393 links meets each of them once before it begins again. */
const cutsOf = (plan: Plan): string[] => {
  const links = linksOf(plan)
  if (process.env.EVERY_CUT === '1') return links
  return Array.from({ length: SAMPLE }, (_, i) => links[(i * 89) % links.length] as string)
}

describe('200 nodes in four levels', () => {
  it('find each other again within 5 s of any cut, on the ways of a network that never had that link', async () => {
    const plan = fourLevels()
    const net = await build(plan)
    expect(plan.size).toBe(200)
    makeStation(net.clock, net.at('c7'), 'cs')
    await settle()
    expect(net.at('top').routes.places()).toHaveLength(200)
    // those of each kind that the station's messages go over come first
    for (const cut of new Set(['g2 top', 'd7 g2', 'd7 g3', 'c7 d7', 'c7 d8', ...cutsOf(plan)])) {
      const [low = '', high = ''] = cut.split(' ')
      net.cut(cut)
      await net.clock.advance(5_000)
      const joined = joinedTo(plan, (name) => name === cut)
      const ends = [...['top', 'g0', 'd3', 'c7', 'c31', 'c169', low, high].filter((id) => joined.includes(id)), 'cs']
      const lost = ends.slice(0, -1).flatMap((from) => ends.filter((to) => walk(net, from, to)?.at(-1) !== to).map((to) => [cut, from, to]))
      expect(lost).toEqual([])
      expect(Math.max(...ends.slice(0, -1).map((from) => walk(net, from, 'cs')?.length ?? 99))).toBeLessThanOrEqual(9)
      net.mend(cut)
      await net.clock.advance(5_000)
    }
    net.cut('d7 g2')
    await net.clock.advance(5_000)
    const fresh = await build(plan, { without: new Set(['d7 g2']) })
    makeStation(fresh.clock, fresh.at('c7'), 'cs')
    await settle()
    expect(tables(net)).toEqual(tables(fresh))
  }, 240_000)
})

describe('any network of levels', () => {
  it('has one outcome, whatever was cut and joined in whichever order, also while the news is on its way', async () => {
    await fc.assert(
      fc.asyncProperty(plans(20), fc.array(fc.nat(), { maxLength: 8 }), async (plan, picks) => {
        const net = await build(plan)
        const names = linksOf(plan)
        let last = ''
        for (const pick of picks) {
          if (last !== '') net.mend(last)
          last = names[pick % names.length] as string
          net.cut(last)
          // the next one comes while the news of this one is still on its way, or long after
          if (pick % 2 === 0) await net.clock.advance(pick % 3 === 0 ? 60 : 5_000)
        }
        await net.clock.advance(65_000)
        expect(tables(net)).toEqual(tables(await build(plan, { without: new Set([last]) })))
        expect(lostIn(net, plan, new Set([last]))).toEqual([])
      }),
      { numRuns: 15 },
    )
  }, 20_000)

  it('of up to 60 nodes has no loop and no black hole 5 s after each cut, join and move, and believes no forgery', async () => {
    const steps = fc.array(fc.record({ kind: fc.constantFrom('cut', 'cut', 'join', 'move', 'forge'), pick: fc.nat() }), {
      ...{ minLength: 4, maxLength: 10 },
    })
    await fc.assert(
      fc.asyncProperty(plans(60), fc.nat(), steps, async (plan, evilPick, todo) => {
        const world = await makeWorld(plan, `n${evilPick % plan.size}`)
        for (const step of todo) {
          world.play(step)
          await world.net.clock.advance(5_000)
          expect([step, world.faults()]).toEqual([step, []])
        }
        world.play({ kind: 'join', pick: 0 })
        await world.net.clock.advance(65_000)
        expect(tables(world.net)).toEqual(await world.honestTables())
      }),
      { numRuns: 5 },
    )
  }, 30_000)
})

/** Pairs of nodes with a way up to the top, between which a message does not arrive. */
const lostIn = (net: Network, plan: Plan, cut: ReadonlySet<string>): string[] => {
  const joined = joinedTo(plan, (name) => cut.has(name))
  return joined.flatMap((from) => joined.filter((to) => walk(net, from, to)?.at(-1) !== to).map((to) => `${from} > ${to}`))
}

/** A network with keys, three stations, and one node that lies. */
const makeWorld = async (plan: Plan, evil: string) => {
  const keys = keysOf(Object.fromEntries([...plan.keys()].map((id) => [id, 'gateway'])))
  // whose stations these may be: everybody's but the liar's, who else would have them where nobody knows better
  for (const node of plan.keys()) if (node !== evil) keys.trust.homes.add({ node, stations: ['cs*'] })
  const signing = { keys, engine: rememberingEngine() }
  const net = await build(plan, signing)
  const names = linksOf(plan)
  const cut = new Set<string>()
  const homes = new Map<string, { at: string; station: TestStation }>()
  const put = (id: string, at: string): void => void homes.set(id, { at, station: makeStation(net.clock, net.at(at), id) })
  const others = [...plan.keys()].filter((id) => id !== evil)
  for (const [i, id] of ['cs0', 'cs1', 'cs2'].entries()) put(id, others[(i * 7) % others.length] as string)
  await net.clock.advance(1_000)

  const plays: Record<string, (pick: number) => void> = {
    cut(pick) {
      const name = names[pick % names.length] as string
      if (!cut.has(name)) net.cut(name)
      cut.add(name)
    },
    join() {
      for (const name of cut) net.mend(name)
      cut.clear()
    },
    move(pick) {
      const id = `cs${pick % 3}`
      const to = others[pick % others.length] as string
      const home = homes.get(id)
      if (!home || home.at === to) return
      // its old socket never ended
      home.station.link.cut()
      put(id, to)
    },
    forge: (pick) => forge(net, keys, { evil, victim: `n${pick % plan.size}`, stations: homes, pick }),
  }
  const faults = (): string[] => {
    const joined = joinedTo(plan, (name) => cut.has(name))
    const reached = [...homes].filter(([, { at }]) => joined.includes(at))
    const missed = joined.flatMap((from) =>
      reached.filter(([id, { at }]) => walk(net, from, id)?.at(-2) !== at).map(([id]) => `${from} > ${id}`),
    )
    return [...lostIn(net, plan, cut), ...missed]
  }
  const honestTables = async () => {
    const fresh = await build(plan, { ...signing, without: cut })
    for (const [id, { at }] of homes) makeStation(fresh.clock, fresh.at(at), id)
    await fresh.clock.advance(1_000)
    return tables(fresh)
  }
  return { net, faults, honestTables, play: ({ kind, pick }: { kind: string; pick: number }) => plays[kind]?.(pick) }
}

/** What a node with a good key of its own can say that is not so, said to each of its neighbours. */
const forge = (
  net: Network,
  keys: Keys,
  { evil, victim, stations, pick }: { evil: string; victim: string; stations: ReadonlyMap<string, { at: string }>; pick: number },
): void => {
  const liar = net.at(evil)
  const neighbours = liar.routes.peers.filter(({ kind }) => kind === 'node')
  const all = neighbours.map(({ id }) => id)
  const base = { role: 'gateway', expires: net.clock.now() + 60_000, seq: net.clock.now() * 1_000 + 500_000 + (pick % 1_000) }
  const own = (part: number, ids: readonly string[]): Statement => ({ node: evil, part, ...base, stations: ids.map((id) => ({ id })) })
  const foreign = [...stations].filter(([, { at }]) => at !== evil).map(([id]) => id)
  const signed = (statement: Statement, path: readonly string[]): Advertisement => ({
    ...{ path, statement },
    signature: signStatement(statement, keys.identity(evil)),
  })
  const lies: Advertisement[] = [
    signed(own(90, foreign), [evil]),
    signed(
      own(
        91,
        ['n0', victim].filter((id) => id !== evil),
      ),
      [evil],
    ),
  ]
  if (victim !== evil) {
    const statement: Statement = { node: victim, part: 0, ...base, up: [evil, ...all].slice(0, 16) }
    lies.push({ path: [victim, evil], statement }, signed(statement, [victim, evil]), signed({ ...statement, up: [] }, [victim, evil]))
    // true words of the victim, with a shorter way than they came
    const said = net.at(victim).topology.reachability.get(evil)?.parts.get(0)
    const true0 = liar.topology.reachability.get(victim)?.parts.get(0)
    if (true0 && !true0.statement.up?.includes(evil) && !said?.statement.up?.includes(victim)) lies.push({ path: [victim, evil], ...true0 })
  }
  for (const { id } of neighbours) {
    const from: Peer | undefined = net.at(id).routes.direct(evil)
    if (from) net.at(id).send(announce({ from: evil, to: id, id: '1' }, { reachable: lies, withdrawn: [] }), from)
  }
}
