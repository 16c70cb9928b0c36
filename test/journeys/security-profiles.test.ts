// Security profiles 1, 2 and 3 (OCPP 2.1 Part 2 A00) from configuration files: who may connect, who may not, and that the
// journal says who knocked. Node uplinks are held to the same.
import { X509Certificate } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClientOptions } from 'ws'
import { hashPassword } from '../../src/adapters/admission.ts'
import { type CertificateOrder, Authority as OwnAuthority } from '../../src/adapters/authority.ts'
import { systemClock } from '../../src/adapters/clock.ts'
import { type NodeConfig, readConfig } from '../../src/adapters/config.ts'
import { logger } from '../../src/adapters/log.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import { connectStation } from '../../src/adapters/ws-client.ts'
import type { Json } from '../../src/base/ports.ts'
import { payloadOf } from '../../src/ocpp/frame.ts'
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
let authority: OwnAuthority
const running: RunningNode[] = []
const peers: OcppPeer[] = []

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'chargeproof-profiles-'))
  port = await freePorts(8)
  authority = await OwnAuthority.open(join(dir, 'ca'), systemClock)
  await authority.publishList()
  const own = await authority.issue({ name: 'csms', usage: 'server', days: 30, hosts: ['127.0.0.1'] })
  file('own.pem', own.cert)
  file('own.key', own.key)
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
      { port: port + 5, serve: ['ocpp'], profile: 3, tls: { cert: 'own.pem', key: 'own.key', ca: 'ca/ca.pem', crl: 'ca/crl.pem' } },
    ],
    csms: { ...csmsConfig(port).csms, authority: { folder: 'ca', days: 30 } },
    trust: [],
    stations: { registration: 'listed', listed: { alice: { password }, bob: { password }, 'cs-1': {}, 'cs-16': {} } },
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
  const node = await startNode(read, { dataDir: dir, token: TOKEN, log: logger('silent'), revocationMs: 200 })
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

describe('profile 3 with an authority of our own', () => {
  const url = (): string => `wss://127.0.0.1:${port + 5}`
  const client = (order: Partial<CertificateOrder> = {}) => authority.issue({ name: 'alice', usage: 'client', days: 30, ...order })
  const connect = async (pair: { cert: string; key: string }): Promise<string> => attempt(url(), { ca: authority.cert, ...pair })

  it('lets in a station with a certificate from it, until that is taken back', async () => {
    const pair = await client()
    expect(await connect(pair)).toBe('served')
    await authority.revoke(new X509Certificate(pair.cert).serialNumber)
    expect(await connect(pair)).toBe(REFUSED)
    await until(() => knocks().includes('alice: the client certificate was revoked (401)'), 'the line in the journal')
    expect(await connect(await client())).toBe('served')
  })

  it('cuts the connection of a station whose certificate is taken back, and not that of another; a list nobody can use cuts nobody', async () => {
    const [mine, bobs] = await Promise.all([client(), client({ name: 'bob' })])
    const open = (id: string, pair: { cert: string; key: string }) =>
      OcppPeer.connect(`${url()}/ocpp/${id}`, 'ocpp2.0.1', { ca: authority.cert, ...pair })
    const [alice, bob] = await Promise.all([open('alice', mine), open('bob', bobs)])
    peers.push(alice, bob)
    const list = await authority.publishList()
    file('ca/crl.pem', 'no list')
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect([alice, bob].map(({ socket }) => socket.readyState)).toEqual([1, 1])
    file('ca/crl.pem', list)
    await authority.revoke(new X509Certificate(mine.cert).serialNumber)
    expect(await alice.closed).toEqual([1008, 'the client certificate was revoked'])
    expect(knocks()).toContain('alice: the client certificate was revoked while connected (101)')
    expect(await bob.result('Heartbeat', {})).toHaveProperty('currentTime')
    bob.socket.close()
    await bob.closed
  })

  it.each([
    ['an expired one', { days: -0.01 }, 'TLS: CERT_HAS_EXPIRED (0)'],
    ['one that is for servers', { usage: 'server' }, 'TLS: INVALID_PURPOSE (0)'],
    ["another station's", { name: 'bob' }, 'the client certificate names another station (403)'],
  ] as const)('refuses %s, and says why', async (_, order, reason) => {
    expect(await connect(await client(order))).not.toBe('served')
    await until(() => knocks().some((line) => line.endsWith(`: ${reason}`)), 'the line in the journal')
  })

  it('lets nobody in on a list that is out of date, or not its own', async () => {
    const pair = await client()
    const list = await authority.publishList()
    const late = await OwnAuthority.open(join(dir, 'ca'), { now: () => Date.now() - 40 * 86_400_000 })
    await late.publishList()
    expect(await connect(pair)).toBe(REFUSED)
    await until(() => knocks().includes('alice: the revocation list is out of date (401)'), 'the line in the journal')
    const stranger = await OwnAuthority.open(join(dir, 'stranger'), systemClock)
    file('ca/crl.pem', await stranger.publishList())
    expect(await connect(pair)).toBe(REFUSED)
    await until(() => knocks().some((line) => line.startsWith('alice: the revocation list cannot be used')), 'the line in the journal')
    file('ca/crl.pem', list)
    expect(await connect(pair)).toBe('served')
  })

  it.each([
    ['in another name', { hosts: ['192.0.2.1'] }, /altnames/],
    ['that has expired', { days: -0.01 }, /expired/],
    ['that is for clients', { usage: 'client' }, /certificate purpose/],
  ] as const)('a station refuses a server certificate %s', async (_, order, reason) => {
    const pair = await authority.issue({ name: 'csms', usage: 'server', days: 1, hosts: ['127.0.0.1'], ...order })
    const server = createServer(pair)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port: at } = server.address() as AddressInfo
    const dialled = connectStation(`wss://127.0.0.1:${at}/ocpp`, { stationId: 'alice', tls: { ca: authority.cert } })
    await expect(dialled).rejects.toThrow(reason)
    server.close()
  })
})

describe.each([
  ['cs-1', 'ocpp2.1', ['TriggerMessage', 'SignChargingStationCertificate']],
  ['cs-16', 'ocpp1.6', ['ExtendedTriggerMessage', 'SignChargePointCertificate']],
] as const)('a simulated station %s of %s', (id, version, [action, requestedMessage]) => {
  it('asks for a certificate when it is told to, installs it, and comes back with it', async () => {
    const first = await authority.issue({ name: id, usage: 'client', days: 30 })
    file(`${id}.pem`, first.cert)
    file(`${id}.key`, first.key)
    const config: NodeConfig = {
      node: id,
      role: 'station',
      uplinks: [{ node: 'csms', url: `wss://127.0.0.1:${port + 5}/ocpp`, tls: { ca: 'ca/ca.pem', cert: `${id}.pem`, key: `${id}.key` } }],
      station: { version, vendor: 'Chargeproof', model: 'Post', serial: id, evses: 1, maxPowerW: 11_000 },
      policy: [{ id: 'csms-operates', role: 'csms', actions: ['*'] }],
      trust: 'station-trust.yaml',
    }
    file('station-trust.yaml', JSON.stringify([{ node: 'csms', role: 'csms', key: 'keys/csms.pem' }]))
    const node = await startNode(readConfig(file(`${id}.yaml`, JSON.stringify(config))), {
      dataDir: dir,
      token: TOKEN,
      log: logger('silent'),
    })
    running.push(node)
    await until(() => node.station?.online, 'the station to be accepted')
    const link = csms.overlay.routes.direct(id)
    const { answer } = await csms.ask(id, action, payloadOf({ requestedMessage }), { ocpp: version })
    expect(answer.message).toMatchObject({ payload: { value: { status: 'Accepted' } } })
    await until(() => existsSync(join(dir, id, 'tls.pem')), 'the certificate to be installed')
    const { serialNumber, subject } = new X509Certificate(readFileSync(join(dir, id, 'tls.pem')))
    expect(subject).toBe(`CN=${id}`)
    // the one that it was delivered with counts no more: it has to come with the new one
    await authority.revoke(new X509Certificate(first.cert).serialNumber)
    await until(() => node.station?.online && csms.overlay.routes.direct(id) !== link, 'the station to be back')
    expect(authority.issued.some(({ name }) => name === id)).toBe(true)
    expect(serialNumber).not.toBe(new X509Certificate(first.cert).serialNumber)
  })

  it('installs, names and deletes a root, and not the one it was delivered with', async () => {
    const is16 = version === 'ocpp1.6'
    const certificateType = is16 ? 'CentralSystemRootCertificate' : 'CSMSRootCertificate'
    const ask = async (asked: string, payload: { readonly [member: string]: Json }) => {
      const { answer } = await csms.ask(id, asked, payloadOf(payload), { ocpp: version })
      return 'payload' in answer.message ? (answer.message.payload.value as { readonly [member: string]: Json }) : answer.message
    }
    const listed = async (): Promise<Json[]> => {
      const { certificateHashData, certificateHashDataChain } = (await ask('GetInstalledCertificateIds', {
        certificateType: is16 ? certificateType : [certificateType],
      })) as { certificateHashData?: Json[]; certificateHashDataChain?: { certificateHashData: Json }[] }
      return certificateHashData ?? (certificateHashDataChain ?? []).map((each) => each.certificateHashData)
    }
    expect(await listed()).toHaveLength(1)
    expect(await ask('InstallCertificate', { certificateType, certificate: theirs.cert })).toEqual({ status: 'Accepted' })
    expect(await ask('InstallCertificate', { certificateType, certificate: 'no root' })).toEqual({ status: 'Rejected' })
    const [delivered, added] = (await listed()) as [Json, Json]
    expect(await ask('DeleteCertificate', { certificateHashData: added })).toEqual({ status: 'Accepted' })
    expect(await ask('DeleteCertificate', { certificateHashData: added })).toEqual({ status: 'NotFound' })
    expect(await ask('DeleteCertificate', { certificateHashData: delivered })).toEqual({ status: 'Failed' })
    expect(await listed()).toEqual([delivered])
  })
})
