// Stations made of bare WebSockets whose connections misbehave: doubles, the silent dead, floods, strangers, wrong protocols.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json } from '../../src/base/ports.ts'
import { rawUpgrade } from '../adapters/endpoint.ts'
import { apiAt } from '../support/api.ts'
import { OcppPeer } from '../support/ocpp-peer.ts'
import { freePorts } from '../support/ports.ts'
import { csmsConfig, openTrio, TOKEN, type Trio } from '../support/site.ts'
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

const connect = async (way: keyof Trio['endpoints'], id: string): Promise<OcppPeer> => {
  const peer = await OcppPeer.connect(`${trio.endpoints[way]}/${id}`, 'ocpp2.0.1')
  peers.push(peer)
  return peer
}

const journalOf = (node: Trio['csms'], subject: string): Json[] =>
  node.journal
    .read(0, 1_000)
    .filter((row) => row.subject === subject)
    .map(({ kind, text }) => [kind, text])

describe('a second connection of one id', () => {
  it.each(['direct', 'relayed'] as const)('is refused while the first lives, %s, and that is written down', async (way) => {
    const id = `double-${way}`
    const first = await connect(way, id)
    await first.result('Heartbeat', {})
    const second = await connect(way, id)
    expect(await second.closed).toEqual([1008, 'a live connection of that id exists'])
    expect(await first.result('Heartbeat', {})).toHaveProperty('currentTime')
    const node = way === 'direct' ? trio.csms : trio.controller
    expect(journalOf(node, id)).toContainEqual(['security', 'a second connection of a live id was refused'])
  })

  it('takes the place of one that no longer answers, and nothing late of that one counts', async () => {
    const dead = await connect('relayed', 'silent')
    await dead.result('Heartbeat', {})
    // as if the cable were cut: what comes is not read, so no ping is answered
    dead.socket.pause()
    const rivals = await Promise.all([connect('relayed', 'silent'), connect('relayed', 'silent')])
    const answers = await Promise.allSettled(rivals.map((peer) => peer.result('Heartbeat', {})))
    // of two that come at once one gets the place, the other is told so: neither is left deaf
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const loser = rivals[answers.findIndex(({ status }) => status === 'rejected')]
    expect(await loser?.closed).toEqual([1008, 'a live connection of that id exists'])
    dead.send([2, 'late', 'Heartbeat', {}])
    dead.socket.resume()
    expect((await dead.closed)[0]).toBe(1008)
    expect(dead.heard.some(([, id]) => id === 'late')).toBe(false)
  })
})

it.each(['direct', 'relayed'] as const)(
  'a station that does not answer costs its asker the time limit and nobody else, %s',
  async (way) => {
    const api = apiAt(trio.site.port, TOKEN)
    const station = await connect(way, `mute-${way}`)
    station.isMute = true
    await station.result('Heartbeat', {})
    const order = { action: 'ClearCache', payload: {} }
    const began = performance.now()
    const { body } = await api.post(`/stations/mute-${way}/calls`, { ...order, timeoutMs: 300 })
    expect(body).toMatchObject({ status: 'error', code: 'GenericError' })
    expect(performance.now() - began).toBeLessThan(2_000)

    // the answer that comes too late is not taken for that of the next call
    const [late] = station.heard.filter(([type]) => type === 2)
    station.send([3, late?.[1] ?? '', { status: 'Rejected' }])
    station.isMute = false
    station.answers.set('ClearCache', () => ({ status: 'Accepted' }))
    expect(await api.call(`mute-${way}`, 'ClearCache', {})).toMatchObject({ status: 'result', payload: { status: 'Accepted' } })
  },
)

it('a flood of calls is bounded, and hurts nobody else', async () => {
  const [flood, neighbour] = await Promise.all([connect('relayed', 'flood'), connect('relayed', 'neighbour')])
  for (let n = 0; n < 60; n++) flood.send([2, `f${n}`, 'Heartbeat', {}])
  await until(() => flood.heard.length === 60, 'every call to be answered')
  const refused = flood.heard.filter(([type]) => type === 4)
  expect(refused.length).toBeGreaterThan(0)
  expect(new Set(refused.map(([, , code]) => code))).toEqual(new Set(['GenericError']))
  expect(new Set(flood.heard.map(([, id]) => id)).size).toBe(60)

  for (let n = 0; n < 5_000; n++) flood.send([2, `g${n}`, 'Heartbeat', {}])
  const began = performance.now()
  expect(await neighbour.result('Heartbeat', {})).toHaveProperty('currentTime')
  expect(performance.now() - began).toBeLessThan(2_000)
  expect(await flood.closed).toEqual([1008, 'too many flaws'])
})

it('an unknown station gets 404 where stations are listed, and a listed one is let in', async () => {
  const port = await freePorts(1)
  const config = csmsConfig(port)
  await trio.site.start({ ...config, node: 'strict', stations: { registration: 'listed', listed: { known: {} } } })
  const headers = { 'Sec-WebSocket-Protocol': 'ocpp2.0.1' }
  expect((await rawUpgrade(port, '/ocpp/known', headers)).status).toBe(101)
  expect((await rawUpgrade(port, '/ocpp/stranger', headers)).status).toBe(404)
  expect((await rawUpgrade(port, '/ocpp/constructor', headers)).status).toBe(404)
  expect((await rawUpgrade(port, '/elsewhere/known', headers)).status).toBe(404)
})

it.each([
  ['none', {}],
  ['one that nobody speaks', { 'Sec-WebSocket-Protocol': 'mqtt' }],
] as const)('of subprotocols %s: the handshake is finished without one, then the connection is closed', async (_, headers) => {
  const outcome = await rawUpgrade(trio.site.port, '/ocpp/no-protocol', headers)
  expect(outcome).toMatchObject({ status: 101, protocol: '', code: 1002 })
})

it('of several subprotocols the one the station prefers is taken', async () => {
  const peer = await OcppPeer.connect(`${trio.endpoints.direct}/picky`, ['mqtt', 'ocpp2.1', 'ocpp1.6'])
  peers.push(peer)
  expect(peer.socket.protocol).toBe('ocpp2.1')
})
