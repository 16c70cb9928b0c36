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
  // what one such peer asks of another is nobody's that could have signed it
  const policy = [{ id: 'pings', role: 'anyone', actions: ['org.example.Ping'] }]
  csms = (await site.start({ ...csmsConfig(site.port), policy })).network
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

  it('has calls, errors and SENDs carried to another such peer and back, with its signature objects as they came', async () => {
    const [one, two] = [await connect('/overlay/lc-one', OVERLAY), await connect('/overlay/lc-two', OVERLAY)]
    // whoever is behind the other is learned from what it says
    two.socket.send('[2,"CSMS",["cs-two","lc-two"],"800001","Heartbeat",{}]')
    await until(() => two.frames.length === 1, 'the answer to the back end by its other name')
    expect(JSON.parse(two.frames[0] ?? '')).toEqual([3, 'cs-two', 'csms', '800001', { currentTime: expect.any(String) }])
    const payload = '{"b" : 1.50,"signatures":[{"keyId":"BLR","value":"MEUC","encoding":"base64"}]}'
    one.socket.send(`[2,["csms","cs-two"],"lc-one","800002","org.example.Ping",${payload}]`)
    await until(() => two.frames.length === 2, 'the call on the other side')
    expect(two.frames[1]).toBe(`[2,"cs-two",["lc-one","csms"],"800002","org.example.Ping",${payload}]`)
    two.socket.send(`[4,"lc-one",["cs-two","lc-two"],"800002","Filtered","no",${payload}]`)
    await until(() => one.frames.length === 1, 'the error')
    expect(one.frames[0]).toBe(`[4,"lc-one",["cs-two","lc-two","csms"],"800002","Filtered","no",${payload}]`)
    one.socket.send(`[6,"cs-two","lc-one","800003","org.example.Told",${payload}]`)
    await until(() => two.frames.length === 3, 'the SEND')
    expect(two.frames[2]).toBe(`[6,"cs-two",["lc-one","csms"],"800003","org.example.Told",${payload}]`)
    // an error of ours: the path is a list, also with one id
    one.socket.send('[2,"nobody","lc-one","800004","Heartbeat",{}]')
    await until(() => one.frames.length === 2, 'the refusal')
    expect(JSON.parse(one.frames[1] ?? '').slice(0, 5)).toEqual([4, 'lc-one', ['csms'], '800004', 'GenericError'])
    // an error of theirs whose path is a string
    one.socket.send('[2,"cs-two","lc-one","800005","org.example.Ping",{}]')
    await until(() => two.frames.length === 4, 'the second call')
    two.socket.send('[4,"lc-one","cs-two","800005","NetworkError","",{}]')
    await until(() => one.frames.length === 3, 'its error')
    expect(one.frames[2]).toBe('[4,"lc-one",["cs-two","lc-two","csms"],"800005","NetworkError","",{}]')
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
