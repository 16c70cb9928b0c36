// The path of a message against what nodes signed: what a node in the middle of a chain can write there, and what honest networks write
// while they move. Nodes on memory links under a virtual clock.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/ocpp/frame.ts'
import type { NodeLink } from '../../src/overlay/node-link.ts'
import { build, linksOf, type Network, plans, rememberingEngine } from './networks.ts'
import { callOf, keysOf, makeStation, PING, type TestStation, tapEnvelopes } from './support.ts'

const CHAIN = new Map([
  ['csms', []],
  ['gw', ['csms']],
  ['district', ['gw']],
  ['lc', ['district']],
  ['lc2', ['district']],
])
const ROLES = Object.fromEntries([...CHAIN.keys()].map((id) => [id, 'gateway']))

const chain = async (keys = keysOf(ROLES)) => {
  const net = await build(CHAIN, { keys })
  const station = makeStation(net.clock, net.at('lc'), 'cs', { version: 'ocpp2.1' })
  await net.clock.advance(1_000)
  return { net, station, says: (id: string) => forged(net, id) }
}

/** What a node reported of paths, and of nothing else. */
const forged = ({ nodes }: Network, id: string) =>
  nodes
    .get(id)
    ?.flaws.filter(({ data }) => data.rule === 'path-forged')
    .map(({ message }) => message) ?? []

/** Every message that `gw` hands up has this path. */
const lies = (net: Network, path: (path: readonly string[]) => readonly string[]): void => {
  const low = net.links.get('gw csms')?.low
  if (low)
    tapEnvelopes(low, (envelope) =>
      envelope.path.length < 2 || isNews(envelope) ? envelope : { ...envelope, path: [...path(envelope.path.slice(0, -1)), 'gw'] },
    )
}
const isNews = ({ message }: Envelope): boolean => 'action' in message && message.action === 'org.chargeproof.Reachability'

/** Nobody waits for the answer: of what was altered on its way there may be none. */
const say = (station: TestStation): void => void station.ask(PING, {}).catch(() => undefined)

describe('a gateway between a controller and the back end', () => {
  it.each<[string, (path: readonly string[]) => readonly string[], string]>([
    ['leaves a node out', ([cs = '', lc = '']) => [cs, lc], 'lc has no link to gw'],
    ['leaves all out', ([cs = '']) => [cs], 'cs is with lc and not with gw'],
    ['puts in a node that there is not', ([cs = '', lc = '', ...rest]) => [cs, lc, 'ghost', ...rest], 'lc has no link to ghost'],
    ['puts in a node that there is', ([cs = '', ...rest]) => [cs, 'lc2', ...rest], 'lc2 has no link to lc'],
    ['puts a node in at the end', (path) => [...path, 'lc2'], 'lc2 has no link to gw'],
    ['exchanges the controller', ([cs = '', , ...rest]) => [cs, 'lc2', ...rest], 'cs is with lc and not with lc2'],
    [
      'exchanges the controller for one that there is not',
      ([cs = '', , ...rest]) => [cs, 'ghost', ...rest],
      'cs is with lc and not with ghost',
    ],
    ['turns the order round', ([cs = '', lc = '', district = '']) => [cs, district, lc], 'lc has no link to gw'],
    ['writes a node twice', ([cs = '', lc = '', district = '']) => [cs, lc, district, district], 'district has no link to district'],
    ['writes a part twice', ([cs = '', lc = '', district = '']) => [cs, lc, district, lc, district], 'district has no link to lc'],
  ])('%s, and is named by who gets the message, which is answered all the same', async (_name, path, flaw) => {
    const { net, station, says } = await chain()
    const before = net
      .at('csms')
      .routes.places()
      .map(({ id, path: way }) => [id, way])
    lies(net, path)
    const seen = net.nodes.get('csms')?.seen.length ?? 0
    say(station)
    await net.clock.advance(4_000)
    expect([net.nodes.get('csms')?.seen.length, says('csms')]).toEqual([seen + 2, []])
    await net.clock.advance(1_100)
    expect(says('csms')).toHaveLength(1)
    expect(says('csms')[0]).toMatch(/^gw brought a message with the path .* > gw, which cannot be: /)
    expect(says('csms')[0]?.endsWith(flaw)).toBe(true)
    // nothing was learned of it, and who tells it again is named once a minute
    expect(
      net
        .at('csms')
        .routes.places()
        .map(({ id, path: way }) => [id, way]),
    ).toEqual(before)
    for (let i = 0; i < 5; i++) {
      say(station)
      await net.clock.advance(6_000)
    }
    expect(says('csms')).toHaveLength(1)
    await net.clock.advance(30_000)
    say(station)
    await net.clock.advance(6_000)
    expect(says('csms')).toHaveLength(2)
  })

  it('the twin: left as it is, nobody is named, whoever speaks, upwards, downwards and in an answer', async () => {
    const { net, station } = await chain()
    say(station)
    const asks = [
      ['csms', 'lc'],
      ['lc', 'csms'],
      ['lc', 'lc2'],
      ['lc2', 'cs'],
      ['csms', 'cs'],
    ] as const
    for (const [from, to] of asks) void net.at(from).ask(callOf({ from, to }, { id: `${from}${to}` }))
    await net.clock.advance(10_000)
    expect([...net.nodes.keys()].flatMap((id) => forged(net, id))).toEqual([])
  })

  it('of an answer too, and downwards what the node above it cannot have said', async () => {
    const { net, says } = await chain()
    lies(net, (path) => path.filter((id) => id !== 'district'))
    await net.at('csms').ask(callOf({ from: 'csms', to: 'lc' }))
    const down = net.links.get('gw csms')?.high
    if (down) tapEnvelopes(down, (envelope) => (isNews(envelope) ? envelope : { ...envelope, path: ['lc2', 'csms'] }))
    const inner = net.links.get('district gw')?.high
    if (inner) tapEnvelopes(inner, (envelope) => (isNews(envelope) ? envelope : { ...envelope, path: ['csms', 'lc2', 'gw'] }))
    net
      .at('csms')
      .ask(callOf({ from: 'csms', to: 'lc' }, { id: '2' }))
      .catch(() => undefined)
    await net.clock.advance(6_000)
    expect(says('csms')[0]).toContain('lc > gw, which cannot be: lc has no link to gw')
    expect(says('district')[0]).toContain('csms > lc2 > gw, which cannot be: lc2 has no link to gw')
  })
})

describe('what an honest network writes while it moves', () => {
  it('is a path that counts: a message that overtakes the news, one that was on its way when its link ended, one that was kept', async () => {
    const { net, station, says } = await chain()
    // the news of a new link of lc is held back for 3 s
    net.cut('lc district')
    await net.clock.advance(1_000)
    const held: (() => void)[] = []
    const low = net.links.get('gw csms')?.low
    const send = low?.send.bind(low)
    let isHeld = true
    if (low && send)
      low.send = (frame) =>
        isHeld && typeof frame === 'string' && frame.includes('Reachability') ? void held.push(() => send(frame)) : send(frame)
    net.mend('lc district')
    await net.clock.advance(100)
    say(station)
    await net.clock.advance(3_000)
    isHeld = false
    for (const say of held) say()
    say(station)
    // it moves while what it said is under way
    const csms = net.at('csms')
    const gw = csms.routes.direct('gw') as NodeLink
    station.link.cut()
    net.at('lc').routes.direct('cs')?.close(1001, 'gone')
    makeStation(net.clock, net.at('lc2'), 'cs')
    await net.clock.advance(1_000)
    await csms.request(callOf({ from: ['cs', 'lc', 'district', 'gw'], to: 'csms' }), gw)
    await net.clock.advance(120_000)
    // and hours later its old controller brings what it kept
    await csms.request(callOf({ from: ['cs', 'lc', 'district', 'gw'], to: 'csms' }, {}, { answered: {} }), gw)
    await net.clock.advance(10_000)
    expect(says('csms')).toEqual([])
    // the twin: the same without a word of an answer
    await csms.request(callOf({ from: ['cs', 'lc', 'district', 'gw'], to: 'csms' }), gw)
    await net.clock.advance(10_000)
    expect(says('csms')).toHaveLength(1)
  })

  it('is open where nobody signed anything of it: nodes without a key, and ids that nobody announced', async () => {
    const { net, says } = await chain(keysOf({ csms: 'csms' }))
    lies(net, ([cs = '']) => [cs])
    const csms = net.at('csms')
    await csms.request(callOf({ from: ['x', 'y', 'gw'], to: 'csms' }), csms.routes.direct('gw') as NodeLink)
    await net.clock.advance(10_000)
    expect(says('csms')).toEqual([])
  })

  it('names nobody in any network, whatever is cut, joined and moved while everybody speaks', async () => {
    const steps = fc.array(fc.record({ kind: fc.constantFrom('cut', 'join', 'move', 'wait'), pick: fc.nat() }), {
      minLength: 4,
      maxLength: 12,
    })
    const engine = rememberingEngine()
    await fc.assert(
      fc.asyncProperty(plans(14), steps, async (plan, todo) => {
        const ids = [...plan.keys()]
        const keys = keysOf(Object.fromEntries(ids.map((id) => [id, 'gateway'])))
        const net = await build(plan, { keys, engine })
        const names = linksOf(plan)
        let station = makeStation(net.clock, net.at('n1'), 'cs', { backend: 'n0' })
        const cut = new Set<string>()
        const speak = (pick: number) => {
          say(station)
          for (const [i, from] of ids.entries()) {
            const to = [...ids, 'cs'][(pick + 7 * i) % (ids.length + 1)] as string
            net
              .at(from)
              .ask(callOf({ from, to }, { id: `${net.clock.now()} ${i}` }))
              .catch(() => undefined)
          }
        }
        for (const { kind, pick } of todo) {
          const name = names[pick % names.length] as string
          if (kind === 'cut' && !cut.has(name)) net.cut(name)
          if (kind === 'cut') cut.add(name)
          if (kind === 'join') for (const each of cut) net.mend(each)
          if (kind === 'join') cut.clear()
          if (kind === 'move') {
            station.link.cut()
            station = makeStation(net.clock, net.at(ids[pick % ids.length] as string), 'cs', { backend: 'n0' })
          }
          speak(pick)
          await net.clock.advance(pick % 2 === 0 ? 30 : 2_000)
          speak(pick + 1)
        }
        await net.clock.advance(10_000)
        expect(ids.flatMap((id) => forged(net, id))).toEqual([])
      }),
      { numRuns: 12 },
    )
  }, 30_000)
})

it('costs less than three microseconds for a message, whose path was judged before', async () => {
  const { net } = await chain()
  const { paths } = net.at('csms').topology
  const envelope = callOf({ from: ['cs', 'lc', 'district', 'gw'], to: 'csms' })
  const copies = Array.from({ length: 16 }, () => ({ ...envelope, path: [...envelope.path] }))
  const from = process.cpuUsage()
  for (let i = 0; i < 1_000_000; i++) paths.hold(copies[i % 16] as Envelope)
  const { user, system } = process.cpuUsage(from)
  expect((user + system) / 1_000_000).toBeLessThan(3)
})
