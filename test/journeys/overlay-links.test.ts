// Links between nodes over real sockets, plain, with TLS and with mutual TLS: on each the node keys are proven first, and it does not
// matter which of the two dials.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { hashPassword } from '../../src/adapters/admission.ts'
import { systemClock } from '../../src/adapters/clock.ts'
import { type NodeConfig, readConfig } from '../../src/adapters/config.ts'
import { logger } from '../../src/adapters/log.ts'
import { generateSigner, nodeEngine, nodeRandom } from '../../src/adapters/node-crypto.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import { wsLink } from '../../src/adapters/ws-link.ts'
import { OVERLAY_PROTOCOL } from '../../src/adapters/ws-server.ts'
import type { Link } from '../../src/base/ports.ts'
import { thumbprint } from '../../src/crypto/key.ts'
import { group } from '../../src/overlay/destinations.ts'
import { proveLink } from '../../src/overlay/handshake.ts'
import { TrustStore } from '../../src/overlay/trust.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { makeAuthority } from '../adapters/certificates.ts'
import { OcppPeer } from '../support/ocpp-peer.ts'
import { freePorts } from '../support/ports.ts'
import { csmsConfig, TOKEN } from '../support/site.ts'
import { until } from '../support/until.ts'

const PASSWORD = 'correct-horse-battery'
const CONTROLLERS = ['lc-ws', 'lc-tls', 'lc-mtls', 'lc-dialled', 'lc-between'] as const
const TRUST = ['csms', ...CONTROLLERS].map((node) => ({ node, role: node, key: `keys/${node}.pem` }))
let dir: string
let port: number
let csms: NetworkNode
const running: RunningNode[] = []
const peers: OcppPeer[] = []
const servers: Server[] = []

const file = (name: string, text: string): string => {
  const path = join(dir, name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

const start = async (config: NodeConfig, dataDir = dir): Promise<NetworkNode> => {
  const read = readConfig(file(`${config.node}.yaml`, JSON.stringify(config)))
  const node = await startNode(read, { dataDir, token: TOKEN, log: logger('silent') })
  running.push(node)
  if (!node.network) throw new Error(`${config.node} is no node of the network`)
  return node.network
}

const controller = (node: string, more: Partial<NodeConfig>): NodeConfig => ({
  node,
  role: 'local-controller',
  backend: 'csms',
  stations: { registration: 'open' },
  nodes: { registration: 'open' },
  policy: [],
  trust: TRUST,
  ...more,
})

const listed = async (...nodes: string[]) => {
  const password = await hashPassword(PASSWORD)
  return Object.fromEntries(nodes.map((node) => [node, { password }]))
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'chargeproof-links-'))
  port = await freePorts(9)
  const authority = await makeAuthority('Ours')
  const server = await authority.server('csms')
  const client = await authority.client('lc-mtls')
  file('server.pem', server.cert)
  file('server.key', server.key)
  file('ca.pem', authority.cert)
  file('client.pem', client.cert)
  file('client.key', client.key)
  const tls = { cert: 'server.pem', key: 'server.key', ca: 'ca.pem' }
  csms = await start({
    ...csmsConfig(port),
    trust: TRUST,
    listen: [
      { port, serve: ['overlay'] },
      { port: port + 1, serve: ['overlay'], profile: 2, tls },
      { port: port + 2, serve: ['overlay'], profile: 3, tls },
    ],
    nodes: { registration: 'open', listed: await listed('lc-tls', 'lc-between') },
    downlinks: [{ node: 'lc-dialled', url: `ws://127.0.0.1:${port + 6}/overlay` }],
  })
})

afterAll(async () => {
  for (const { socket } of peers) socket.terminate()
  for (const node of running.reverse()) await node.stop()
  for (const server of servers) server.close()
  rmSync(dir, { recursive: true, force: true })
})

const ca = { ca: 'ca.pem' }
const LINKS = [
  ['ws', 0, { url: 'ws', tls: undefined }],
  ['tls', 1, { url: 'wss', tls: ca, password: PASSWORD }],
  ['mtls', 2, { url: 'wss', tls: { ...ca, cert: 'client.pem', key: 'client.key' } }],
] as const

const proven = (node: NetworkNode, peer: string): unknown => node.links.all().find((view) => view.peer === peer)?.proven
const served = async (at: number, station: string): Promise<unknown> => {
  const peer = await OcppPeer.connect(`ws://127.0.0.1:${at}/ocpp/${station}`, 'ocpp1.6')
  peers.push(peer)
  return peer.result('Authorize', { idTag: 'DEADBEEF' })
}
const ACCEPTED = { idTagInfo: { status: 'Accepted' } }

/** One who has the back end's certificate and key: ends TLS, and passes on every frame of both sides as it is. */
const between = async (to: number) => {
  const read = (name: string): string => readFileSync(join(dir, name), 'utf8')
  const server = createServer({ cert: read('server.pem'), key: read('server.key') })
  let passed = 0
  const pass = (from: WebSocket, onto: WebSocket, opened: Promise<unknown>): void => {
    from.on('message', async (data) => {
      await opened
      passed++
      onto.send(String(data))
    })
    from.on('close', () => onto.terminate())
    from.on('error', () => undefined)
  }
  new WebSocketServer({ server }).on('connection', (near, { url, headers: { authorization } }) => {
    const far = new WebSocket(`wss://127.0.0.1:${to}${url}`, near.protocol, { ca: read('ca.pem'), headers: { authorization } })
    pass(near, far, new Promise((resolve) => far.once('open', resolve)))
    pass(far, near, Promise.resolve())
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, passed: () => passed }
}

describe('a link between nodes', () => {
  it.each(LINKS)('over %s has both keys proven, and carries stations', async (name, i, { url, tls, ...more }) => {
    const node = `lc-${name}`
    const uplink = { node: 'csms', url: `${url}://127.0.0.1:${port + i}/overlay`, ...more, ...(tls && { tls }) }
    const lc = await start(controller(node, { listen: [{ port: port + 3 + i, serve: ['ocpp'] }], uplinks: [uplink], groups: [name] }))
    await until(() => csms.overlay.routes.direct(node), `${node} to be let in`)
    // the key files of both are there when both have started; the older one looks for the newer one's every two seconds
    await until(() => proven(csms, node) === true && proven(lc, 'csms') === true, 'both keys to be known')
    expect(await served(port + 3 + i, `cs-${name}`)).toEqual(ACCEPTED)
    expect(csms.overlay.routes.place(`cs-${name}`)?.path).toEqual([node, `cs-${name}`])
    expect(csms.overlay.topology.members(group(name))).toEqual([node])
  })

  it('that the upper node dials is an uplink all the same', async () => {
    const lc = await start(controller('lc-dialled', { listen: [{ port: port + 6, serve: ['ocpp', 'overlay'] }], awaits: ['csms'] }))
    await until(() => lc.overlay.routes.hasUplink, 'the back end to dial')
    expect(proven(lc, 'csms')).toBe(true)
    expect(await served(port + 6, 'cs-dialled')).toEqual(ACCEPTED)
  })

  it('of an id that lives is not given to a second socket, and of one that stalls it is, whose late frames are nobody’s', async () => {
    const engine = nodeEngine()
    const signer = generateSigner('secp256r1')
    const identity = { node: 'lc-stalled', signer, kid: thumbprint(signer.publicKey, engine) }
    const come = async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/overlay/lc-stalled`, OVERLAY_PROTOCOL)
      const closed = new Promise<number>((resolve) => socket.once('close', resolve))
      const link = await new Promise<Link>((resolve) => socket.once('open', () => resolve(wsLink(socket, 'csms'))))
      const parts = { clock: systemClock, random: nodeRandom, engine, trust: new TrustStore(engine), identity }
      const proven = await proveLink(link, { peer: 'csms', as: 'dialler' }, parts)
      const heard: string[] = []
      proven.link.open({ text: (frame) => heard.push(frame), binary: () => undefined, closed: () => undefined })
      const ask = (id: string) => proven.link.send(`[2,"csms","lc-stalled","${id}","Heartbeat",{},{"ocpp":"ocpp2.1"}]`)
      return { socket, closed, heard, ask }
    }
    const isAnswered = ({ heard }: { heard: readonly string[] }, id: string) => heard.some((frame) => frame.includes(`"${id}"`))
    const first = await come()
    first.ask('one')
    await until(() => isAnswered(first, 'one'), 'the first to be served')
    const second = await come()
    expect(await second.closed).toBe(1008)
    const refused = csms.journal.read(0, 100).filter(({ subject }) => subject === 'lc-stalled')
    expect(refused.map(({ text }) => text)).toContain('a second connection of a live id was refused')
    // as if the machine froze: the connection stands, and nothing is read
    first.socket.pause()
    const third = await come()
    third.ask('three')
    await until(() => isAnswered(third, 'three'), 'the third to have its place')
    first.ask('late')
    first.socket.resume()
    expect(await first.closed).toBe(1008)
    third.ask('four')
    await until(() => isAnswered(third, 'four'), 'the third to be served')
    expect([isAnswered(first, 'late'), isAnswered(third, 'late')]).toEqual([false, false])
    third.socket.terminate()
  })

  it('over TLS is refused where somebody with a stolen certificate ends TLS between the two and passes their proofs on', async () => {
    const thief = await between(port + 1)
    const uplink = { node: 'csms', url: `wss://127.0.0.1:${thief.port}/overlay`, tls: ca, password: PASSWORD }
    const lc = await start(controller('lc-between', { uplinks: [uplink] }))
    const refusals = (node: NetworkNode, subject: string) =>
      node.journal.read(0, 100).filter((row) => row.subject === subject && row.rule === 'link-proof')
    await until(() => refusals(csms, 'lc-between').length > 0 && refusals(lc, 'csms').length > 0, 'both to refuse')
    expect(refusals(csms, 'lc-between')[0]?.text).toBe('lc-between did not prove its key: its proof was not made by its key for this link')
    expect([csms.overlay.routes.direct('lc-between'), lc.overlay.routes.hasUplink]).toEqual([undefined, false])
    expect(thief.passed()).toBeGreaterThanOrEqual(3)
  })

  it('over TLS passes such a place where both ends are configured for one, and not where one is', async () => {
    const tls = { cert: 'server.pem', key: 'server.key' }
    const nodes = { registration: 'open', listed: await listed('lc-off', 'lc-on'), channelBinding: 'off' } as const
    const behind = await start({
      ...csmsConfig(port),
      node: 'behind',
      listen: [{ port: port + 8, serve: ['overlay'], profile: 2, tls }],
      nodes,
    })
    const proxy = await between(port + 8)
    const uplink = { node: 'behind', url: `wss://127.0.0.1:${proxy.port}/overlay`, tls: ca, password: PASSWORD }
    const off = await start(controller('lc-off', { uplinks: [{ ...uplink, channelBinding: 'off' }] }))
    await until(() => off.overlay.routes.hasUplink && behind.overlay.routes.direct('lc-off'), 'the link over the proxy')
    const on = await start(controller('lc-on', { uplinks: [uplink] }))
    await until(
      () => on.journal.read(0, 100).some(({ rule, text }) => rule === 'link-proof' && text.includes('does not bind')),
      'the refusal',
    )
    expect(on.overlay.routes.hasUplink).toBe(false)
  })

  it('is refused to one who has the id, the certificate and another key', async () => {
    await until(() => proven(csms, 'lc-mtls') === true, 'the true one to be known')
    await running.find(({ id }) => id === 'lc-mtls')?.stop()
    await until(() => !csms.overlay.routes.direct('lc-mtls'), 'the true one to be gone')
    const tls = { ca: 'ca.pem', cert: 'client.pem', key: 'client.key' }
    const uplinks = [{ node: 'csms', url: `wss://127.0.0.1:${port + 2}/overlay`, tls }]
    await start(controller('lc-mtls', { uplinks, trust: [] }), join(dir, 'elsewhere'))
    const refused = () => csms.journal.read(0, 100).find(({ subject, rule }) => subject === 'lc-mtls' && rule === 'link-proof')
    await until(refused, 'the line in the journal')
    expect(refused()?.text).toBe('lc-mtls did not prove its key: its key is not the one that is listed for it')
    expect(csms.overlay.routes.direct('lc-mtls')).toBeUndefined()
  })
})
