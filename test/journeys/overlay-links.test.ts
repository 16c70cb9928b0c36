// Links between nodes over real sockets, plain, with TLS and with mutual TLS: on each the node keys are proven first, and it does not
// matter which of the two dials.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashPassword } from '../../src/adapters/admission.ts'
import { type NodeConfig, readConfig } from '../../src/adapters/config.ts'
import { logger } from '../../src/adapters/log.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { makeAuthority } from '../adapters/certificates.ts'
import { OcppPeer } from '../support/ocpp-peer.ts'
import { freePorts } from '../support/ports.ts'
import { csmsConfig, TOKEN } from '../support/site.ts'
import { until } from '../support/until.ts'

const PASSWORD = 'correct-horse-battery'
const CONTROLLERS = ['lc-ws', 'lc-tls', 'lc-mtls', 'lc-dialled'] as const
const TRUST = ['csms', ...CONTROLLERS].map((node) => ({ node, role: node, key: `keys/${node}.pem` }))
let dir: string
let port: number
let csms: NetworkNode
const running: RunningNode[] = []
const peers: OcppPeer[] = []

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

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'chargeproof-links-'))
  port = await freePorts(8)
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
    nodes: { registration: 'open', listed: { 'lc-tls': { password: await hashPassword(PASSWORD) } } },
    downlinks: [{ node: 'lc-dialled', url: `ws://127.0.0.1:${port + 6}/overlay` }],
  })
})

afterAll(async () => {
  for (const { socket } of peers) socket.terminate()
  for (const node of running.reverse()) await node.stop()
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

describe('a link between nodes', () => {
  it.each(LINKS)('over %s has both keys proven, and carries stations', async (name, i, { url, tls, ...more }) => {
    const node = `lc-${name}`
    const uplink = { node: 'csms', url: `${url}://127.0.0.1:${port + i}/overlay`, ...more, ...(tls && { tls }) }
    const lc = await start(controller(node, { listen: [{ port: port + 3 + i, serve: ['ocpp'] }], uplinks: [uplink] }))
    await until(() => csms.overlay.routes.direct(node), `${node} to be let in`)
    // the key files of both are there when both have started; the older one looks for the newer one's every two seconds
    await until(() => proven(csms, node) === true && proven(lc, 'csms') === true, 'both keys to be known')
    expect(await served(port + 3 + i, `cs-${name}`)).toEqual(ACCEPTED)
    expect(csms.overlay.routes.place(`cs-${name}`)?.path).toEqual([node, `cs-${name}`])
  })

  it('that the upper node dials is an uplink all the same', async () => {
    const lc = await start(controller('lc-dialled', { listen: [{ port: port + 6, serve: ['ocpp', 'overlay'] }], awaits: ['csms'] }))
    await until(() => lc.overlay.routes.hasUplink, 'the back end to dial')
    expect(proven(lc, 'csms')).toBe(true)
    expect(await served(port + 6, 'cs-dialled')).toEqual(ACCEPTED)
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
