// The routing table: what is learned, what wins, what is forgotten, and what nobody can fill it with.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Homes } from '../../src/overlay/homes.ts'
import type { Peer } from '../../src/overlay/peer.ts'
import { Routes } from '../../src/overlay/routes.ts'
import { Uplinks } from '../../src/overlay/uplinks.ts'
import { fixedRandom } from '../support/fixed-random.ts'
import { fakePeer, virtualClock } from './support.ts'

/** What reachability.ts hands over: `via` said so, in its statement 1. */
const over = (peer: Peer, path: readonly string[], proven = false) => ({ peer, path, via: 'lc', proven, seq: 1, expires: 9, now: 1 })

const NOW = { now: 1 }
const ODD_IDS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '-', '0']

describe('routes', () => {
  it('are learned from the record route, every hop of it', () => {
    const routes = new Routes('me')
    const peer = fakePeer('p')
    routes.learn(['cs', 'lc', 'p'], peer, { role: 'station', protocol: 'ocpp1.6', now: 5 })
    expect(routes.place('cs')).toEqual({
      id: 'cs',
      role: 'station',
      protocol: 'ocpp1.6',
      online: true,
      path: ['p', 'lc', 'cs'],
      lastSeen: 5,
      learned: 'traffic',
    })
    expect(routes.place('lc')).toMatchObject({ role: 'node', path: ['p', 'lc'] })
    expect(routes.next('cs')).toBe(peer)
    expect(routes.next('nobody')).toBeUndefined()
  })

  it('follow one who moved, through the same neighbour too', () => {
    const routes = new Routes('me')
    const [one, two] = [fakePeer('p1'), fakePeer('p2')]
    routes.learn(['cs', 'lc1', 'p1'], one, NOW)
    routes.learn(['cs', 'lc2', 'p1'], one, NOW)
    expect(routes.place('cs')?.path).toEqual(['p1', 'lc2', 'cs'])
    routes.learn(['cs', 'p2'], two, NOW)
    expect(routes.next('cs')).toBe(two)
    expect(routes.detach(one, 2).sort()).toEqual(['lc1', 'lc2', 'p1'])
    expect(routes.place('cs')?.online).toBe(true)
  })

  it('note when a neighbour was last heard, and what it says of itself that is new', () => {
    const routes = new Routes('me')
    const [near, other] = [fakePeer('cs', { kind: 'station' }), fakePeer('other')]
    routes.attach(near, { role: 'station', uplink: false }, 1)
    routes.learn(['cs'], near, { role: 'station', now: 7 })
    expect(routes.place('cs')).toEqual({ id: 'cs', role: 'station', online: true, path: ['cs'], lastSeen: 7, learned: 'link' })
    routes.learn(['cs'], near, { role: 'station', protocol: 'ocpp2.1', now: 8 })
    expect(routes.place('cs')).toMatchObject({ protocol: 'ocpp2.1', lastSeen: 8 })
    // a link of the same name that is not the one attached
    routes.learn(['cs'], fakePeer('cs', { kind: 'station' }), { role: 'station', now: 9 })
    routes.learn(['cs', 'other'], other, { role: 'station', now: 9 })
    expect(routes.place('cs')?.lastSeen).toBe(8)
  })

  it('lose to a direct link, whatever is said of its id', () => {
    const routes = new Routes('me')
    const [near, liar] = [fakePeer('cs', { kind: 'station' }), fakePeer('liar')]
    routes.learn(['cs', 'liar'], liar, NOW)
    routes.attach(near, { role: 'station', uplink: false }, 1)
    routes.learn(['cs', 'liar'], liar, NOW)
    routes.announced('cs', over(liar, ['liar', 'cs']), { role: 'csms' })
    expect(routes.next('cs')).toBe(near)
    expect(routes.place('cs')).toMatchObject({ role: 'station', path: ['cs'] })
    routes.withdrawn('cs', 2)
    expect(routes.next('cs')).toBe(near)
    // the liar goes, and takes nothing along that was never its own
    expect(routes.detach(liar, 2)).toEqual(['liar'])
    expect(routes.place('cs')?.online).toBe(true)
  })

  it('cannot be bent by a path that names the neighbour or this node twice', () => {
    const routes = new Routes('me')
    const peer = fakePeer('p')
    routes.attach(peer, { role: 'node', uplink: false }, 1)
    routes.learn(['p', 'x', 'p'], peer, NOW)
    expect(routes.place('p')?.path).toEqual(['p'])
    routes.announced('me', over(peer, ['p', 'me']), { role: 'node' })
    routes.announced('z', over(peer, ['p', 'me', 'z']), { role: 'node' })
    expect([routes.place('me'), routes.place('z')]).toEqual([undefined, undefined])
  })

  it('that were announced stand until they are withdrawn: no message bends them', () => {
    const routes = new Routes('me')
    const [p, q] = [fakePeer('p'), fakePeer('q')]
    routes.announced('cs', over(p, ['p', 'lc', 'cs'], true), { role: 'station' })
    expect(routes.place('cs')).toMatchObject({ learned: 'announced', via: 'lc', proven: true, seq: 1, expires: 9 })
    routes.learn(['cs', 'q'], q, NOW)
    expect(routes.next('cs')).toBe(p)
    routes.withdrawn('cs', 2)
    expect(routes.place('cs')).toEqual({ id: 'cs', role: 'station', online: false, path: [], lastSeen: 2, learned: 'announced' })
    routes.learn(['cs', 'q'], q, NOW)
    expect([routes.next('cs'), routes.place('cs')?.learned]).toEqual([q, 'traffic'])
    // what a message taught is not withdrawn by announcements
    routes.withdrawn('cs', 3)
    expect(routes.next('cs')).toBe(q)
  })

  it('of one whose key is known are taught by what it signed alone, and of one whose homes are known by announcements', () => {
    const homes = new Homes()
    homes.add({ node: 'lc1', stations: ['home'] })
    const routes = new Routes('me', { trust: { knows: (id) => id === 'csms', homes } })
    const evil = fakePeer('evil')
    routes.learn(['csms', 'evil'], evil, NOW)
    routes.learn(['home', 'evil'], evil, NOW)
    expect(routes.next('home')).toBeUndefined()
    routes.learn(['cs', 'csms', 'evil'], evil, { now: 1, word: () => 1 })
    expect([routes.next('csms'), routes.next('cs')]).toEqual([undefined, evil])
    routes.learn(['csms', 'evil'], evil, { now: 1, word: () => 1 })
    expect(routes.next('csms')).toBe(evil)
  })

  it('lead to no destination that is many, whoever says that it is one', () => {
    const routes = new Routes('me')
    for (const id of ['*', '*any=csms']) routes.learn([id, 'p'], fakePeer('p'), NOW)
    expect(routes.places().map(({ id }) => id)).toEqual(['p'])
  })

  it('go up by default, never back, and never from one uplink to another', () => {
    const preferences = { u1: { priority: 1 }, u2: { priority: 2 } }
    const choice = new Uplinks({ clock: virtualClock(), random: fixedRandom(1), preferences })
    const routes = new Routes('me', { choice })
    const [up1, up2, down] = [fakePeer('u1'), fakePeer('u2'), fakePeer('d')]
    for (const up of [up1, up2]) routes.attach(up, { role: 'gateway', uplink: true }, 1)
    routes.attach(down, { role: 'node', uplink: false }, 1)
    expect(routes.next('x')).toBe(up1)
    expect(routes.next('x', down)).toBe(up1)
    expect(routes.next('x', up1)).toBeUndefined()
    expect(routes.next('d', down)).toBeUndefined()
    // whoever carried the last answer: what lies above is reached over the preferred one
    routes.learn(['x', 'u2'], up2, NOW)
    expect(routes.next('x')).toBe(up1)
    // one that leads on goes before one that does not, whatever their order; where none is known to, the order decides
    routes.preferUplinks((uplink) => uplink === up2)
    expect(routes.next('x')).toBe(up2)
    routes.preferUplinks(() => false)
    expect(routes.next('x')).toBe(up1)
    routes.doubt(up1)
    expect(routes.next('x')).toBe(up2)
    routes.detach(up1, 2)
    expect([routes.next('x'), routes.hasUplink]).toEqual([up2, true])
    routes.detach(up2, 2)
    expect([routes.next('x'), routes.hasUplink]).toEqual([undefined, false])
  })

  it('of what is announced above go over the preferred uplink that leads there', () => {
    const ways = new Map([
      ['u1', ['gw', 'csms']],
      ['u2', ['csms']],
    ])
    const preferences = { u1: { priority: 2 }, u2: { priority: 1 } }
    const choice = new Uplinks({ clock: virtualClock(), random: fixedRandom(1), preferences })
    const routes = new Routes('me', { choice, leadsTo: ({ id }, node) => ways.get(id)?.includes(node) ?? false })
    const [up1, up2] = [fakePeer('u1'), fakePeer('u2')]
    for (const up of [up1, up2]) routes.attach(up, { role: 'gateway', uplink: true }, 1)
    routes.announced('csms', { ...over(up1, ['u1', 'csms']), via: 'csms' }, { role: 'csms' })
    routes.announced('meter', { ...over(up1, ['u1', 'gw', 'meter']), via: 'gw' }, { role: 'station' })
    // whichever way was announced as the best
    expect([routes.next('csms'), routes.next('meter'), routes.next('x')]).toEqual([up2, up1, up2])
  })

  it('a replaced link that goes late takes nothing along', () => {
    const routes = new Routes('me')
    const [old, young] = [fakePeer('cs'), fakePeer('cs')]
    routes.attach(old, { role: 'station', uplink: false }, 1)
    routes.attach(young, { role: 'station', uplink: false }, 2)
    expect(routes.detach(old, 3)).toEqual([])
    expect(routes.next('cs')).toBe(young)
  })

  it.each(ODD_IDS)('take %s for a name like any other', (id) => {
    const routes = new Routes('me')
    const peer = fakePeer('p')
    expect([routes.next(id), routes.place(id), routes.direct(id)]).toEqual([undefined, undefined, undefined])
    routes.learn([id, 'p'], peer, NOW)
    expect([routes.next(id), routes.place(id)?.path]).toEqual([peer, ['p', id]])
    const direct = fakePeer(id)
    routes.attach(direct, { role: 'node', uplink: false }, 2)
    expect(routes.direct(id)).toBe(direct)
    expect(routes.detach(direct, 3)).toEqual([id])
    expect(routes.next(id)).toBeUndefined()
  })

  it('one neighbour fills 10000 rows and no more, also by taking over and by coming and going', () => {
    const routes = new Routes('me')
    const [greedy, modest] = [fakePeer('g'), fakePeer('m')]
    const claim = (peer: typeof greedy, from: number, count: number) => {
      for (let i = from; i < from + count; i++) routes.announced(`x${i}`, over(peer, [peer.id, `x${i}`]), { role: 'station' })
    }
    claim(modest, 0, 3000)
    claim(greedy, 0, 10_500)
    const owned = (peer: typeof greedy) => routes.places().filter(({ id }) => routes.next(id) === peer).length
    expect(owned(greedy)).toBe(10_000)
    claim(modest, 20_000, 3000)
    expect(owned(modest)).toBe(3000)
    // what it gave up it may fill again, and no more than that
    for (let i = 0; i < 100; i++) routes.withdrawn(`x${i + 3000}`, 2)
    claim(greedy, 30_000, 200)
    expect(owned(greedy)).toBe(10_000)
    // who comes and goes for ever leaves no more than 10000 names behind
    for (let round = 0; round < 3; round++) {
      claim(greedy, 100_000 * (round + 1), 10_000)
      routes.detach(greedy, 3)
    }
    expect(routes.places().filter((place) => !place.online)).toHaveLength(10_000)
    expect(routes.place('x309999')?.online).toBe(false)
  })

  it('hold no route through a neighbour that is gone, whatever happened before', () => {
    const peers: Peer[] = ['a', 'b', 'c'].map((id) => fakePeer(id))
    const ids = fc.constantFrom('a', 'b', 'c', 's', 't', '__proto__', 'me')
    const step = fc.record({
      peer: fc.integer({ min: 0, max: 2 }),
      kind: fc.constantFrom('attach', 'detach', 'learn', 'announce', 'withdraw'),
      id: ids,
      via: ids,
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const routes = new Routes('me')
        const up = new Set<Peer>()
        for (const { peer: at, kind, id, via } of steps) {
          const peer = peers[at] as Peer
          if (kind === 'attach') {
            up.add(peer)
            routes.attach(peer, { role: 'node', uplink: false }, 1)
          } else if (kind === 'detach') {
            up.delete(peer)
            routes.detach(peer, 1)
          } else if (!up.has(peer)) continue
          else if (kind === 'learn') routes.learn([id, via, peer.id], peer, NOW)
          else if (kind === 'announce') routes.announced(id, over(peer, [peer.id, via, id]), { role: 'node' })
          else routes.withdrawn(id, 1)
        }
        for (const place of routes.places()) {
          const next = routes.next(place.id)
          expect(place.online).toBe(next !== undefined)
          expect(next === undefined || up.has(next)).toBe(true)
          expect(place.path[0]).toBe(next?.id)
          expect(place.id).not.toBe('me')
          expect(place.path).not.toContain('me')
        }
        for (const peer of up) expect(routes.next(peer.id)).toBe(peer)
      }),
    )
  })
})
