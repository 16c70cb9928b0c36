// Who may vouch for whom, asked directly: what a node proved of itself decides, and nothing that it says.
import { expect, it } from 'vitest'
import { GroupAccess } from '../../src/overlay/group-access.ts'
import { Scrutiny } from '../../src/overlay/scrutiny.ts'
import { keysOf, virtualClock } from './support.ts'

it('nobody has a node with a key of its own for a station, whatever he proved of himself', () => {
  const alarms: string[] = []
  const { trust } = keysOf({ cs: 'station', grid: 'grid-operator', gw: 'gateway' })
  const scrutiny = new Scrutiny({ self: 'lc', clock: virtualClock(), trust, alarm: (_by, text) => alarms.push(text) })
  const vouches = (id: string, isNode = false) => scrutiny.mayVouch({ node: 'gw', role: 'gateway', proven: true }, id, isNode)
  expect(['cs', 'unknown', 'grid', 'gw', 'lc'].map((id) => vouches(id))).toEqual([true, true, false, false, false])
  expect(vouches('cs', true)).toBe(false)
  expect(alarms).toHaveLength(4)
})

it('a listed group is for whom its list names, shown by a key', () => {
  const groups = new GroupAccess()
  groups.limit('tariffs', ['csms', 'node:lc'])
  const allows = (node: string, role: string, proven: boolean) => groups.allows('@tariffs', { node, role, proven })
  expect([allows('x', 'csms', true), allows('lc', 'y', true)]).toEqual([true, true])
  expect([allows('x', 'csms', false), allows('lc', 'y', false), allows('x', 'y', true)]).toEqual([false, false, false])
  expect(groups.allows('@others', { node: 'x', role: 'y', proven: false })).toBe(true)
})
