// Security profiles 1, 2 and 3 (OCPP 2.1 Part 2 A00) from configuration files: who may connect, who may not, and that the
// journal says who knocked. Node uplinks are held to the same.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClientOptions } from 'ws'
import { hashPassword } from '../../src/adapters/admission.ts'
import { type NodeConfig, readConfig } from '../../src/adapters/config.ts'
import { logger } from '../../src/adapters/log.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { type Authority, makeAuthority } from '../adapters/certificates.ts'
import { OcppPeer } from '../support/ocpp-peer.ts'
import { freePorts } from '../support/ports.ts'
import { csmsConfig, TOKEN } from '../support/site.ts'
import { until } from '../support/until.ts'

const PASSWORD = 'correct-horse-battery'
let dir: string
let port: number
let ours: Authority
let theirs: Authority
let csms: NetworkNode
const running: RunningNode[] = []
const peers: OcppPeer[] = []

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'chargeproof-profiles-'))
  port = await freePorts(5)
  ours = await makeAuthority('Ours')
  theirs = await makeAuthority('Theirs')
  const server = await ours.server('csms')
  file('server.pem', server.cert)
  file('server.key', server.key)
  file('ca.pem', ours.cert)
  // as seen from the configuration file
  const tls = { cert: 'server.pem', key: 'server.key', ca: 'ca.pem' }
  const password = await hashPassword(PASSWORD)
  csms = await start({
    ...csmsConfig(port),
    listen: [
      { port, serve: ['api'] },
      { port: port + 1, serve: ['ocpp', 'overlay'], profile: 1 },
      { port: port + 2, serve: ['ocpp', 'overlay'], profile: 2, tls },
      { port: port + 3, serve: ['ocpp'], profile: 3, tls },
    ],
    stations: { registration: 'listed', listed: { alice: { password }, bob: { password } } },
    nodes: { registration: 'listed', listed: { lc: { password }, impostor: { password } } },
  })
})

afterAll(async () => {
  for (const { socket } of peers) socket.terminate()
  for (const node of running.reverse()) await node.stop()
  rmSync(dir, { recursive: true, force: true })
})

const file = (name: string, text: string): string => {
  const path = join(dir, name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

const start = async (config: NodeConfig): Promise<NetworkNode> => {
  const read = readConfig(file(`${config.node}.yaml`, JSON.stringify(config)))
  const node = await startNode(read, { dataDir: dir, token: TOKEN, log: logger('silent') })
  running.push(node)
  if (!node.network) throw new Error(`${config.node} is no node of the network`)
  return node.network
}

const basic = (user: string, password: string): ClientOptions => ({
  headers: { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
})

/** Connects as alice and asks something; what stopped it otherwise. */
const attempt = async (url: string, options: ClientOptions = {}): Promise<string> => {
  try {
    const peer = await OcppPeer.connect(`${url}/ocpp/alice`, 'ocpp2.0.1', options)
    peers.push(peer)
    await peer.result('Heartbeat', {})
    peer.socket.close()
    await peer.closed
    await until(() => !csms.overlay.routes.direct('alice'), 'alice to be gone')
    return 'served'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** What the back end's journal says of refused connections, without addresses. */
const knocks = (): string[] =>
  csms.journal
    .read(0, 1_000)
    .filter(({ kind }) => kind === 'security')
    .map(({ subject, text }) => `${subject}: ${text.replace(/, from .*/, '')}`)

const REFUSED = 'Unexpected server response: 401'

describe('profile 1: a password', () => {
  const url = (): string => `ws://127.0.0.1:${port + 1}`

  it('lets in the station that has it', async () => {
    expect(await attempt(url(), basic('alice', PASSWORD))).toBe('served')
  })

  it.each([
    ['no password', {}, 'alice: no password (401)'],
    ['a wrong password', basic('alice', 'wrong-horse-battery'), 'alice: wrong password (401)'],
    ["another station's name", basic('bob', PASSWORD), 'alice: the user name is not the station id (401)'],
  ] as const)('refuses %s and writes it down', async (_, options, line) => {
    expect(await attempt(url(), options)).toBe(REFUSED)
    await until(() => knocks().includes(line), `the line "${line}"`)
  })
})

describe('profile 2: TLS and a password', () => {
  const url = (): string => `wss://127.0.0.1:${port + 2}`

  it('lets in the station that has it and checks the server', async () => {
    expect(await attempt(url(), { ...basic('alice', PASSWORD), ca: ours.cert })).toBe('served')
  })

  it('refuses a wrong password, a plain connection, and TLS below 1.2', async () => {
    expect(await attempt(url(), { ...basic('alice', 'wrong-horse-battery'), ca: ours.cert })).toBe(REFUSED)
    expect(await attempt(url().replace('wss', 'ws'), basic('alice', PASSWORD))).toMatch(/hang up|ECONNRESET/)
    expect(await attempt(url(), { ...basic('alice', PASSWORD), ca: ours.cert, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })).not.toBe(
      'served',
    )
  })

  it("a station does not trust a server of somebody else's authority", async () => {
    expect(await attempt(url(), { ...basic('alice', PASSWORD), ca: theirs.cert })).toMatch(/certificate/)
  })
})

describe('profile 3: a client certificate in the station’s name', () => {
  const url = (): string => `wss://127.0.0.1:${port + 3}`

  it('lets in the station that has one', async () => {
    expect(await attempt(url(), { ca: ours.cert, ...(await ours.client('alice')) })).toBe('served')
  })

  it("refuses another station's, and writes it down", async () => {
    expect(await attempt(url(), { ca: ours.cert, ...(await ours.client('bob')) })).toBe('Unexpected server response: 403')
    await until(() => knocks().includes('alice: the client certificate names another station (403)'), 'the line in the journal')
  })

  it('refuses none, one that has expired, and one of somebody else', async () => {
    expect(await attempt(url(), { ca: ours.cert, ...basic('alice', PASSWORD) })).not.toBe('served')
    expect(await attempt(url(), { ca: ours.cert, ...(await ours.client('alice', { days: -1 })) })).not.toBe('served')
    expect(await attempt(url(), { ca: ours.cert, ...(await theirs.client('alice')) })).not.toBe('served')
  })
})

describe('a node that dials over TLS with a password', () => {
  const uplink = (password: string) => [{ node: 'csms', url: `wss://127.0.0.1:${port + 2}/overlay`, password, tls: { ca: 'ca.pem' } }]
  const controller = (node: string, password: string): NodeConfig => ({
    node,
    role: 'local-controller',
    listen: [{ port: port + 4, serve: ['ocpp'] }],
    uplinks: uplink(password),
    backend: 'csms',
    stations: { registration: 'open' },
    policy: [],
  })

  it('is let in and carries its stations', async () => {
    await start(controller('lc', PASSWORD))
    await until(() => csms.overlay.routes.direct('lc'), 'the controller to be let in')
    const peer = await OcppPeer.connect(`ws://127.0.0.1:${port + 4}/ocpp/carol`, 'ocpp1.6')
    peers.push(peer)
    expect(await peer.result('Authorize', { idTag: 'DEADBEEF' })).toEqual({ idTagInfo: { status: 'Accepted' } })
    expect(csms.overlay.routes.place('carol')?.path).toEqual(['lc', 'carol'])
  })

  it('is not let in with a wrong one, and that is written down', async () => {
    await start({ ...controller('impostor', 'wrong-horse-battery'), listen: [] })
    await until(() => knocks().includes('impostor: wrong password (401)'), 'the line in the journal')
    expect(csms.overlay.routes.direct('impostor')).toBeUndefined()
  })
})
