import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Layout, layOut, NODE, route } from '../../apps/web/dashboard/layout.ts'
import type { LinkInfo, NodeInfo } from '../../apps/web/dashboard/model.ts'
import { readLink, readList, readNode, readStation } from '../../apps/web/dashboard/model.ts'
import { fakePark } from './fake-park.ts'

const lists = fakePark().lists() as Record<string, never>
const park = {
  nodes: readList(lists.nodes, readNode),
  links: readList(lists.links, readLink),
  stations: readList(lists.stations, readStation),
}
const at = (layout: Layout, id: string) => layout.nodes.find((node) => node.id === id)
const link = (node: string, peer: string, up = true): LinkInfo => ({
  node,
  peer,
  kind: 'overlay',
  up,
  proven: undefined,
  queued: 1,
  since: 0,
  rate: 2,
  sent: 0,
  received: 0,
})
const node = (id: string, role: string): NodeInfo => ({ id, role, online: true, path: [] })

const overlaps = (layout: Layout): string[] =>
  layout.nodes.flatMap((a, i) =>
    layout.nodes
      .slice(i + 1)
      .flatMap((b) => (Math.abs(a.x - b.x) < NODE.width - 0.01 && Math.abs(a.y - b.y) < NODE.height ? `${a.id}/${b.id}` : [])),
  )

describe('layout of the network', () => {
  it('a link is proven where every end that says so found it proven', () => {
    const nodes = [node('csms', 'csms'), node('lc1', 'local-controller')]
    const drawn = (...ends: (boolean | undefined)[]): boolean | undefined => {
      const links = ends.map((proven, n) => ({ ...(n === 0 ? link('csms', 'lc1') : link('lc1', 'csms')), proven }))
      return layOut({ nodes, links, stations: [] }, 1000).links[0]?.proven
    }
    expect([drawn(true, true), drawn(true, false), drawn(false, true), drawn(true, undefined), drawn(undefined, false)]).toEqual([
      true,
      false,
      false,
      true,
      false,
    ])
    expect(drawn(undefined, undefined)).toBeUndefined()
  })

  it('puts the park into four tiers, parents over their children', () => {
    const layout = layOut(park, 1000)
    expect(layout.nodes).toHaveLength(13)
    expect(['csms', 'gateway', 'lc1', 'cs1'].map((id) => at(layout, id)?.tier)).toEqual([0, 1, 2, 3])
    expect(at(layout, 'grid-operator')?.tier).toBe(0)
    expect(at(layout, 'meter1')?.tier).toBe(3)
    expect(at(layout, 'lc1')?.x).toBeCloseTo(((at(layout, 'cs1')?.x ?? 0) + (at(layout, 'cs3')?.x ?? 0)) / 2)
    expect(overlaps(layout)).toEqual([])
  })

  it('puts the lowest tier into two rows where one does not carry it, and lines to the second pass between the nodes of the first', () => {
    // what the panel has on a screen of 1280 pixels
    const layout = layOut(park, 800)
    const lowest = layout.nodes.filter(({ tier }) => tier === 3).sort((a, b) => a.x - b.x)
    expect(lowest).toHaveLength(8)
    const rows = [...new Set(lowest.map(({ y }) => y))]
    expect(lowest.map(({ y }) => rows.indexOf(y))).toEqual([0, 1, 0, 1, 0, 1, 0, 1])
    expect(overlaps(layout)).toEqual([])
    const crossed = layout.links.flatMap(({ key, line, upper, lower }) =>
      layout.nodes
        .filter((each) => each.id !== upper.id && each.id !== lower.id)
        .filter(({ x, y }) => line.some((point) => Math.abs(point.x - x) < NODE.width / 2 && Math.abs(point.y - y) < NODE.height / 2))
        .map(({ id }) => `${key} over ${id}`),
    )
    expect(crossed).toEqual([])
    expect(layout.height).toBeLessThan(550)
  })

  it('grows downwards where the width does not carry the tiers', () => {
    const layout = layOut(park, 340)
    expect(new Set(layout.nodes.map((each) => each.y)).size).toBe(13)
    expect(Math.max(...layout.nodes.map((each) => each.x + NODE.width / 2))).toBeLessThan(340)
    expect(overlaps(layout)).toEqual([])
  })

  it('never lets nodes overlap or leave the drawing', () => {
    const roles = fc.constantFrom('csms', 'grid-operator', 'gateway', 'local-controller', 'station', 'something-new')
    const some = fc.array(roles, { minLength: 1, maxLength: 14 })
    fc.assert(
      fc.property(
        some,
        fc.array(fc.tuple(fc.nat(13), fc.nat(13)), { maxLength: 20 }),
        fc.integer({ min: 200, max: 1800 }),
        (names, pairs, width) => {
          const nodes = names.map((role, i) => node(`n${i}`, role))
          const links = pairs.filter(([a, b]) => a !== b).map(([a, b]) => link(`n${a}`, `n${b}`))
          const layout = layOut({ nodes, links, stations: [] }, width)
          expect(layout.nodes.map((each) => each.id).sort()).toEqual(nodes.map((each) => each.id).sort())
          expect(overlaps(layout)).toEqual([])
          for (const each of layout.nodes) {
            expect(each.x - NODE.width / 2).toBeGreaterThanOrEqual(0)
            expect(each.y + NODE.height / 2).toBeLessThanOrEqual(layout.height)
          }
        },
      ),
    )
  })

  it('draws a link once though both ends tell it, and as down if either says so', () => {
    const nodes = [node('csms', 'csms'), node('gw', 'gateway')]
    const both = (up: boolean) => layOut({ nodes, links: [link('gw', 'csms'), link('csms', 'gw', up)], stations: [] }, 800).links
    expect(both(true)).toMatchObject([{ up: true, queued: 2, rate: 2 }])
    expect(both(false)).toMatchObject([{ up: false }])
  })

  it('takes a link from the path where nobody tells one', () => {
    const station = { id: 'cs9', protocol: 'ocpp1.6', online: false, vendorName: '', model: '', path: ['gw', 'cs9'], lastSeen: '' }
    const { links } = layOut(
      { nodes: [node('csms', 'csms'), node('gw', 'gateway')], links: [link('gw', 'csms')], stations: [station] },
      800,
    )
    expect(links.find((each) => each.lower.id === 'cs9')).toMatchObject({ upper: { id: 'gw' }, up: false })
  })
})

describe('the way of a message', () => {
  it.each([1000, 340])('follows the links from end to end, width %d', (width) => {
    const layout = layOut(park, width)
    const up = route(['cs1', 'lc1', 'gateway', 'csms'], layout)
    const down = route(['csms', 'gateway', 'lc1', 'cs1'], layout)
    expect(up[0]).toEqual(layout.links.find((each) => each.lower.id === 'cs1')?.line.at(-1))
    expect(up).toEqual([...down].reverse())
    // an answer is seen where it sets out: the rest of its way is over the links, too
    expect(route(['csms', 'cs1'], layout)).toEqual(down)
  })

  it('is empty where fewer than two of its nodes are drawn, or nothing leads from one to the other', () => {
    expect(route(['stranger', 'cs1'], layOut(park, 1000))).toEqual([])
    expect(route(['cs1', 'cs1'], layOut(park, 1000))).toEqual([])
  })
})
