// Stations made of bare WebSockets that say what no library lets out: the exact answer to each wrong frame, by OCPP version,
// the same at the back end and behind a controller and a gateway.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json } from '../../src/base/ports.ts'
import { VERSIONS, type Version } from '../../src/ocpp/version.ts'
import { apiAt } from '../support/api.ts'
import { type Frame, OcppPeer } from '../support/ocpp-peer.ts'
import { openTrio, TOKEN, type Trio } from '../support/site.ts'
import { until } from '../support/until.ts'

let trio: Trio
const peers: OcppPeer[] = []

beforeAll(async () => {
  trio = await openTrio()
})

afterAll(async () => {
  for (const { socket } of peers) socket.terminate()
  await trio.site.close()
})

type Way = keyof Trio['endpoints']

const connect = async (way: Way, id: string, version: Version): Promise<OcppPeer> => {
  const peer = await OcppPeer.connect(`${trio.endpoints[way]}/${id}`, version)
  peers.push(peer)
  return peer
}

/** What the peer hears between now and the answer to a Heartbeat that it sends behind: answers come in order. */
const heardAfter = async (peer: OcppPeer, frame: Json | string | Buffer): Promise<Frame[]> => {
  const before = peer.heard.length
  if (Buffer.isBuffer(frame)) peer.socket.send(frame, { binary: true })
  else peer.send(frame)
  const id = peer.nextId()
  await peer.call('Heartbeat', {}, id)
  return peer.heard.slice(before).filter((heard) => heard[1] !== id)
}

/** Type, id and code of an error. */
const brief = (frames: readonly Frame[]): Json[] => frames.map(([type = null, id = null, code = null]) => [type, id, code])

const bomb = `[2,"x","Heartbeat",${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}]`
const mega = JSON.stringify([2, 'x', 'DataTransfer', { vendorId: 'v', data: 'x'.repeat(1_000_000) }])

interface Case {
  readonly what: string
  readonly frame: Json | string | Buffer
  /** Type, id and code heard; `undefined`: nothing. */
  readonly heard: { readonly [version in Version]?: readonly [number, string, string] }
}

const everywhere = (old: readonly [number, string, string], recent: readonly [number, string, string]): Case['heard'] => ({
  'ocpp1.6': old,
  'ocpp2.0.1': recent,
  'ocpp2.1': recent,
})
const recent = (error: readonly [number, string, string]): Case['heard'] => ({ 'ocpp2.0.1': error, 'ocpp2.1': error })
const same = (code: string): Case['heard'] => everywhere([4, 'x', code], [4, 'x', code])

const FRAMES: readonly Case[] = [
  { what: 'no JSON at all', frame: 'hello', heard: recent([4, '-1', 'RpcFrameworkError']) },
  { what: 'half a frame', frame: '[2,"x","Heartbeat",{"a":', heard: everywhere([4, 'x', 'ProtocolError'], [4, 'x', 'RpcFrameworkError']) },
  { what: 'an object', frame: '{}', heard: recent([4, '-1', 'RpcFrameworkError']) },
  { what: 'an empty array', frame: '[]', heard: recent([4, '-1', 'RpcFrameworkError']) },
  { what: 'an id that is a number', frame: [2, 7, 'Heartbeat', {}], heard: recent([4, '-1', 'RpcFrameworkError']) },
  { what: 'no payload', frame: [2, 'x', 'Heartbeat'], heard: everywhere([4, 'x', 'ProtocolError'], [4, 'x', 'RpcFrameworkError']) },
  {
    what: 'a payload that is a list',
    frame: [2, 'x', 'Heartbeat', []],
    heard: everywhere([4, 'x', 'ProtocolError'], [4, 'x', 'RpcFrameworkError']),
  },
  {
    what: 'one member twice',
    frame: '[2,"x","Authorize",{"idTag":"a","idTag":"b"}]',
    heard: everywhere([4, 'x', 'ProtocolError'], [4, 'x', 'RpcFrameworkError']),
  },
  { what: 'a message type of its own', frame: [9, 'x', 'Heartbeat', {}], heard: { 'ocpp2.0.1': [4, 'x', 'MessageTypeNotSupported'] } },
  { what: 'an answer to nothing', frame: [3, 'x', {}], heard: {} },
  { what: 'an error to nothing', frame: [4, 'x', 'GenericError', '', {}], heard: {} },
  { what: 'an error to an answer', frame: [5, 'x', 'GenericError', '', {}], heard: {} },
  { what: 'a SEND that is no SEND', frame: [6, 'x', 'Heartbeat', {}], heard: {} },
  { what: 'a binary frame that holds a call', frame: Buffer.from('[2,"x","Heartbeat",{}]'), heard: {} },
  { what: 'a string of a megabyte', frame: mega, heard: everywhere([4, 'x', 'ProtocolError'], [4, 'x', 'RpcFrameworkError']) },
  { what: 'ten thousand levels', frame: bomb, heard: everywhere([4, 'x', 'ProtocolError'], [4, 'x', 'RpcFrameworkError']) },
  { what: 'an action of no version', frame: [2, 'x', 'MakeCoffee', {}], heard: same('NotImplemented') },
  { what: 'an action called constructor', frame: [2, 'x', 'constructor', {}], heard: same('NotImplemented') },
]

const of16 = (action: string, payload: Json, code: string, what: string) => ({ what, action, payload, code })
const PAYLOADS: { readonly [version in Version]: readonly { what: string; action: string; payload: Json; code: string }[] } = {
  'ocpp1.6': [
    of16('Authorize', {}, 'OccurenceConstraintViolation', 'a member missing'),
    of16('Authorize', { idTag: 'a', more: 1 }, 'FormationViolation', 'a member too many'),
    of16('Authorize', { idTag: 5 }, 'TypeConstraintViolation', 'a wrong type'),
    of16('Authorize', { idTag: 'x'.repeat(21) }, 'PropertyConstraintViolation', 'a value too long'),
    of16('Reset', { type: 'Soft' }, 'NotSupported', 'an order to the back end'),
  ],
  'ocpp2.0.1': [
    of16('Authorize', {}, 'OccurrenceConstraintViolation', 'a member missing'),
    of16('Authorize', { idToken: { idToken: 'a', type: 'Central' }, more: 1 }, 'FormatViolation', 'a member too many'),
    of16('Authorize', { idToken: 5 }, 'TypeConstraintViolation', 'a wrong type'),
    of16('Authorize', { idToken: { idToken: 'a', type: 'Tattoo' } }, 'PropertyConstraintViolation', 'a value of no list'),
    of16('Reset', { type: 'OnIdle' }, 'NotSupported', 'an order to the back end'),
  ],
  'ocpp2.1': [
    of16('Authorize', {}, 'OccurrenceConstraintViolation', 'a member missing'),
    of16('Authorize', { idToken: { idToken: 'a', type: 'Central' }, more: 1 }, 'FormatViolation', 'a member too many'),
    of16('Authorize', { idToken: 5 }, 'TypeConstraintViolation', 'a wrong type'),
    of16('Heartbeat', { customData: {} }, 'OccurrenceConstraintViolation', 'customData of nobody'),
    of16('NotifyPeriodicEventStream', {}, 'NotImplemented', 'a SEND as a call'),
  ],
}

describe.each(['direct', 'relayed'] as const)('a wrong frame, %s,', (way) => {
  it.each(VERSIONS)('gets the exact error code of %s, and the connection lives on', async (version) => {
    const peer = await connect(way, `wrong-${way}-${version}`, version)
    const found: Record<string, Json> = {}
    const expected: Record<string, Json> = {}
    for (const { what, frame, heard } of FRAMES) {
      found[what] = brief(await heardAfter(peer, frame))
      expected[what] = heard[version] ? [heard[version]] : []
    }
    for (const { what, action, payload, code } of PAYLOADS[version]) {
      found[what] = brief(await heardAfter(peer, [2, 'x', action, payload]))
      expected[what] = [[4, 'x', code]]
    }
    expect(found).toEqual(expected)
  })

  it('is never told back what it held', async () => {
    const peer = await connect(way, `secret-${way}`, 'ocpp2.0.1')
    const [error] = await heardAfter(peer, [2, 'x', 'Authorize', { idToken: { idToken: 'my-secret', type: 'my-type' } }])
    expect(JSON.stringify(error)).not.toMatch(/my-(secret|type)/)
    expect(error?.[4]).toMatchObject({ kind: 'property' })
  })

  it('a SEND of OCPP 2.1 arrives and is not answered', async () => {
    const peer = await connect(way, `send-${way}`, 'ocpp2.1')
    const seen: string[] = []
    const stop = trio.csms.watch((event) => {
      if (event.type === 'message' && event.data.type === 'send') seen.push(`${event.data.from} ${event.data.action}`)
    })
    const stream = { id: 1, pending: 0, basetime: '2026-11-02T08:00:00Z', data: [{ t: 0, v: '1' }] }
    expect(await heardAfter(peer, [6, 's1', 'NotifyPeriodicEventStream', stream])).toEqual([])
    await until(() => seen.includes(`send-${way} NotifyPeriodicEventStream`), 'the SEND to arrive')
    stop()
  })

  it('a result that breaks its schema ends as an error for the operator, and in OCPP 2.1 the peer is told', async () => {
    const api = apiAt(trio.site.port, TOKEN)
    for (const version of VERSIONS) {
      const id = `bad-result-${way}-${version}`
      const peer = await connect(way, id, version)
      peer.answers.set('TriggerMessage', () => ({ status: 'Perhaps' }))
      await peer.call('Heartbeat', {})
      const outcome = await api.call(id, 'TriggerMessage', { requestedMessage: 'Heartbeat' })
      expect(outcome).toMatchObject({ status: 'error', at: way === 'direct' ? 'csms' : 'lc' })
      const told = (await heardAfter(peer, [2, 'after', 'Heartbeat', {}])).concat(peer.heard).filter(([type]) => type === 5)
      expect(told.map(([, , code]) => code).slice(0, 1)).toEqual(version === 'ocpp2.1' ? ['PropertyConstraintViolation'] : [])
    }
  })
})
