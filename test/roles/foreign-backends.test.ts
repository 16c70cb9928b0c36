// A node with foreign back ends: a mirror beside the overlay, what a mirror may ask a station there, and what people are shown.
import { expect, it } from 'vitest'
import type { Link } from '../../src/base/ports.ts'
import type { ForeignDoor } from '../../src/roles/foreign-door.ts'
import type { NodeEvent } from '../../src/roles/network-node.ts'
import { memoryLinks, settle, stationOn, virtualClock } from '../overlay/support.ts'
import { makeNetwork } from './park.ts'

/** A back end that takes every connection at once; `dialled` has its ends. */
const backend = (name: string) => {
  const heard: string[] = []
  const dialled: Link[] = []
  const door: ForeignDoor = {
    name,
    dial(_, { up }) {
      const [near, far] = memoryLinks()
      far.open({ text: (frame) => void heard.push(frame), binary: () => undefined, closed: () => undefined })
      dialled.push(far)
      up(near)
      return () => undefined
    },
  }
  return { door, heard, dialled }
}

const setUp = async (isStandard: boolean) => {
  const clock = virtualClock()
  const first = backend('old')
  const mirror = backend('m')
  const standard = { door: first.door, validate: 'strict' } as const
  const policy = { rules: [{ id: 'reads', role: 'mirror:m', actions: ['ClearCache'] }] }
  const mirrors = [{ door: mirror.door, outbox: 10 }]
  const node = makeNetwork(clock, { id: 'csms' }, { policy, foreign: isStandard ? { standard, mirrors } : { mirrors } })
  const events: NodeEvent[] = []
  node.watch((event) => events.push(event))
  const [near, far] = memoryLinks()
  const station = stationOn(clock, near, { version: 'ocpp2.1' })
  await node.stationConnected(far, { stationId: 'cs', version: 'ocpp2.1' })
  await settle()
  return { node, station, first, mirror, events, near, clock }
}

it('a mirror beside the overlay hears a copy, and commands what its rule allows', async () => {
  const { node, station, mirror, first } = await setUp(false)
  await station.ask('org.example.Ping', {}, 'p')
  await settle()
  expect([mirror.heard, first.heard]).toEqual([['[2,"p","org.example.Ping",{}]'], []])
  mirror.dialled[0]?.send('[2,"1","ClearCache",{}]')
  await settle()
  mirror.dialled[0]?.send('[2,"2","Reset",{"type":"OnIdle"}]')
  await settle()
  expect(mirror.heard[1]).toBe('[3,"1",{"status":"Accepted"}]')
  expect(JSON.parse(mirror.heard[2] ?? '').slice(0, 3)).toEqual([4, '2', 'SecurityError'])
  // under an id of our own: another back end may be using the mirror's
  expect(station.calls.map(({ action, id }) => [action, id === '1'])).toEqual([['ClearCache', false]])
  expect(node.foreign.views()).toMatchObject([{ peer: 'm', up: true, queued: 1 }])
})

it('what passes to and from a standard back end is shown, and both ends go together', async () => {
  const { node, station, first, mirror, events, near } = await setUp(true)
  void station.ask('org.example.Ping', {}, 'p').catch(() => undefined)
  await settle()
  first.dialled[0]?.send('[3,"p",{"x":1}]')
  first.dialled[0]?.send('[2,"r","Reset",{"type":"OnIdle"}]')
  await settle()
  expect(first.heard[0]).toBe('[2,"p","org.example.Ping",{}]')
  // no rule is for uplink:old
  expect(JSON.parse(first.heard[1] ?? '').slice(0, 3)).toEqual([4, 'r', 'SecurityError'])
  const shown = events.flatMap((event) => (event.type === 'message' ? [event.data] : []))
  expect(shown.map(({ from, to, type, action }) => [from, to, type, action])).toEqual([
    ['cs', 'old', 'call', 'org.example.Ping'],
    ['old', 'cs', 'result', 'org.example.Ping'],
  ])
  expect(node.foreign.views()).toMatchObject([
    { peer: 'old', kind: 'uplink', up: true, sent: 1, received: 1 },
    { peer: 'm', kind: 'uplink', up: true },
  ])
  near.close(1000, '')
  await settle()
  expect(node.foreign.views().map(({ up }) => up)).toEqual([false, false])
  expect(node.overlay.routes.peers).toEqual([])
  expect(mirror.dialled.length).toBe(1)
})
