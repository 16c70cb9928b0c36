// A peer of the other overlay implementation over a real socket: it asks by an HTTP header, on either endpoint, and gets its frames.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { payloadOf } from '../../src/ocpp/frame.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { csmsConfig, openSite, type Site } from '../support/site.ts'
import { until } from '../support/until.ts'

let site: Site
let csms: NetworkNode
const sockets: WebSocket[] = []
beforeAll(async () => {
  site = await openSite(1)
  csms = (await site.start(csmsConfig(site.port))).network
})
afterAll(async () => {
  for (const socket of sockets) socket.terminate()
  await site.close()
})

const connect = async (path: string, headers: Record<string, string>, protocol = 'ocpp2.1') => {
  const socket = new WebSocket(`ws://127.0.0.1:${site.port}${path}`, protocol, { headers })
  sockets.push(socket)
  const frames: string[] = []
  const mode = new Promise((resolve) => socket.once('upgrade', ({ headers: said }) => resolve(said['x-ocpp-networkingmode'])))
  socket.on('message', (data) => frames.push(String(data)))
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return { socket, frames, mode: await mode }
}
const OVERLAY = { 'X-OCPP-NetworkingMode': 'OverlayNetwork' }

describe('a peer that asks for overlay frames by header', () => {
  it.each(['ocpp', 'overlay'])('is served on /%s', async (endpoint) => {
    const id = `lc-${endpoint}`
    const { socket, frames, mode } = await connect(`/${endpoint}/${id}`, OVERLAY)
    expect(mode).toBe('OverlayNetwork')
    socket.send(`[2,"csms",["cs-${endpoint}","${id}"],"800001","Heartbeat",{}]`)
    await until(() => frames.length === 1, 'the answer')
    expect(JSON.parse(frames[0] ?? '')).toEqual([3, `cs-${endpoint}`, 'csms', '800001', { currentTime: expect.any(String) }])
    const asked = csms.ask(`cs-${endpoint}`, 'ClearCache', payloadOf({}), { ocpp: 'ocpp2.1' })
    await until(() => frames.length === 2, 'the order')
    const [type, destination, path, message, action, payload, ...more] = JSON.parse(frames[1] ?? '')
    expect([type, destination, path, action, payload, more]).toEqual([2, `cs-${endpoint}`, 'csms', 'ClearCache', {}, []])
    const signed = '{"status" : "Accepted","signatures":[{"keyId":"BLR","value":"MEUC"}],"n":1.0}'
    socket.send(`[3,"csms",["cs-${endpoint}","${id}"],"${message}",${signed}]`)
    const { answer } = await asked
    expect('payload' in answer.message && answer.message.payload.text).toBe(signed)
  })

  it('gets no connection on another subprotocol, and no overlay frames without the header', async () => {
    const { socket } = await connect('/ocpp/cs-plain', { 'X-OCPP-NetworkingMode': 'Standard' })
    const frames: string[] = []
    socket.on('message', (data) => frames.push(String(data)))
    socket.send('[2,"1","Heartbeat",{}]')
    await until(() => frames.length === 1, 'the plain answer')
    expect(frames[0]).toMatch(/^\[3,"1",\{/)
    await expect(connect('/overlay/lc-16', OVERLAY, 'ocpp1.6')).rejects.toThrow('Server sent no subprotocol')
  })
})
