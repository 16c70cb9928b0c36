// How busy links are: what a node tells of its own, and how far it believes others.
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/base/ports.ts'
import { SEND } from '../../src/ocpp/frame.ts'
import { csmsLocal } from '../../src/roles/csms.ts'
import type { CsmsDesk } from '../../src/roles/csms-desk.ts'
import { LINK_REPORT, LinkReports, type LinkView } from '../../src/roles/link-reports.ts'
import { askedOf, fakePeer, keysOf, makeNode, makeStation, PING, virtualClock } from '../overlay/support.ts'
import { dial, guardedStation, makeNetwork } from './park.ts'

const setUp = () => {
  const clock = virtualClock()
  const { node } = makeNode(clock, 'lc')
  const told: (readonly LinkView[])[] = []
  let queued = 0
  const reports = new LinkReports({
    node,
    clock,
    settings: { uplinks: ['gateway'], backend: 'csms' },
    foreign: () => [],
    queued: () => queued,
    kept: () => ['cs-late'].slice(0, queued),
    isProven: ({ id }) => id === 'gateway',
    told: (views) => told.push(views),
    isWatched: () => true,
  })
  return {
    clock,
    node,
    told,
    reports,
    queue: (n: number) => {
      queued = n
    },
  }
}
const view = (peer: string, more: object = {}) => ({
  node: 'lc',
  peer,
  kind: 'station',
  up: true,
  queued: 0,
  rate: 0,
  sent: 0,
  received: 0,
  ...more,
})

describe('link reports', () => {
  it('count messages a second, and show a configured uplink that is down with what waits for it', async () => {
    const { clock, node, told, reports, queue } = setUp()
    const cs = makeStation(clock, node, 'cs', { backend: 'lc' })
    await clock.advance(1000)
    const since = clock.now()
    expect(told.at(-1)).toEqual([view('gateway', { kind: 'uplink', up: false, since }), view('cs', { since })])
    for (let i = 0; i < 5; i++) await cs.ask(PING, {})
    queue(3)
    await clock.advance(1000)
    expect(told.at(-1)).toEqual([
      view('gateway', { kind: 'uplink', up: false, queued: 3, since }),
      view('cs', { rate: 10, sent: 5, received: 5, since }),
    ])
    const up = fakePeer('gateway')
    node.attach(up, { role: 'gateway', uplink: true })
    expect(reports.all()).toMatchObject([
      { peer: 'gateway', kind: 'uplink', up: true, queued: 3, since: since + 1000 },
      { peer: 'cs', rate: 10, since },
    ])
    await clock.advance(1000)
    expect(told.at(-1)?.[1]).toMatchObject({ peer: 'cs', rate: 0 })
    expect(up.sent.at(-1)).toMatchObject({
      destination: ['csms'],
      path: ['lc'],
      message: { type: SEND, action: LINK_REPORT, payload: { value: { links: [{ peer: 'gateway' }, { peer: 'cs' }], kept: ['cs-late'] } } },
    })
    reports.heard('lc2', { links: [], kept: ['cs', 7] })
    expect(['cs', 'cs-late'].map((id) => reports.keeper(id, [undefined, 'lc2']))).toEqual(['lc2', undefined])
    // who has not got the station keeps nothing of it
    expect(reports.keeper('cs', ['lc', undefined])).toBeUndefined()
    reports.heard('lc2', { links: [] })
    expect(reports.keeper('cs', ['lc2'])).toBeUndefined()
    // and who says no more that it does, does no more
    reports.heard('lc2', { links: [], kept: ['cs'] })
    await clock.advance(9_999)
    expect(reports.keeper('cs', ['lc2'])).toBe('lc2')
    await clock.advance(1)
    expect(reports.keeper('cs', ['lc2'])).toBeUndefined()
  })

  it('fit a frame, the links that carry others first', async () => {
    const { clock, node } = setUp()
    for (let i = 0; i < 1500; i++) node.attach(fakePeer(`station-${i}`.padEnd(48, 'x'), { kind: 'station' }), { role: 'station' })
    const up = fakePeer('gateway')
    node.attach(up, { role: 'gateway', uplink: true })
    await clock.advance(1000)
    const { links } = askedOf<{ links: { peer: string }[] }>({ message: up.sent.at(-1)?.message })
    expect(links).toHaveLength(1000)
    expect(links[0]?.peer).toBe('gateway')
    expect(JSON.stringify(links).length).toBeLessThan(262_000)
  })

  it("are believed of the node's own links, as numbers, and no longer than it is there", () => {
    const { reports, told } = setUp()
    const heard = (links: Json) => reports.heard('gw', { links })
    heard([
      { node: 'someone', peer: 'x', kind: 'overlay', up: true, queued: -4, rate: 'many', sent: 7, received: null, since: 'Monday' },
      null,
      7,
      { peer: 'y', kind: 'odd' },
      { kind: 'uplink' },
    ])
    const expected = { node: 'gw', peer: 'x', kind: 'overlay', up: true, queued: 0, rate: 0, sent: 7, received: 0 }
    expect(told).toEqual([[expected]])
    expect(reports.all()).toContainEqual(expected)
    for (const odd of ['x', { length: 1 }, Array(1001).fill(expected)]) heard(odd as Json)
    expect(reports.all()).toContainEqual(expected)
    reports.gone('gw')
    expect(reports.all()).toContainEqual({ ...expected, up: false })
    reports.gone('nobody')
  })

  it('of endless names do not fill the memory', () => {
    const { reports } = setUp()
    for (let i = 0; i < 10_100; i++) reports.heard(`n${i}`, { links: [view('x', { kind: 'overlay' })] as never })
    expect(reports.all()).toHaveLength(1 + 10_000)
    reports.heard('n7', { links: [] })
    expect(reports.all()).toHaveLength(10_000)
  })

  it('stop when they are told to', async () => {
    const { clock, reports, told } = setUp()
    reports.stop()
    await clock.advance(5000)
    expect([told.length, clock.pending]).toEqual([0, 0])
  })

  it('reach the back end over the overlay itself', async () => {
    const clock = virtualClock()
    const keys = keysOf({})
    const csms: ReturnType<typeof makeNetwork> = makeNetwork(
      clock,
      { id: 'csms' },
      { keys, local: csmsLocal({ desk: {} as CsmsDesk, clock, links: () => csms.links, notes: () => csms.notes, flaw: () => undefined }) },
    )
    const lc = makeNetwork(clock, { id: 'lc', uplinks: ['csms'] }, { keys })
    await dial(lc, csms)
    await guardedStation(clock, lc, { id: 'cs', version: 'ocpp2.1', keys })
    await clock.advance(1000)
    expect(csms.links.all().map(({ node, peer, kind }) => [node, peer, kind])).toEqual([
      ['csms', 'lc', 'overlay'],
      ['lc', 'csms', 'uplink'],
      ['lc', 'cs', 'station'],
    ])
  })
})
