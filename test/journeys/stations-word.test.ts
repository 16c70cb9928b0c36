// A station that signs is with whoever can bring its word, over real sockets: a controller that claims it while it is nowhere gets nothing;
// the station, which never speaks by itself, is found as soon as it is there, and after a restart of the back end. And a gateway that
// writes other paths than messages took is named.
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TrustEntry } from '../../src/adapters/config.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { logger } from '../../src/adapters/log.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import { CALL, type Envelope, type Payload, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import { foldedMessage, liftedMessage } from '../../src/overlay/custom-data.ts'
import type { Peer } from '../../src/overlay/peer.ts'
import { type Identity, readIssuer, signMessage } from '../../src/overlay/signature.ts'
import { questionHash } from '../../src/overlay/signed-text.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { caught, fakePeer } from '../overlay/support.ts'
import { OcppPeer } from '../support/ocpp-peer.ts'
import { csmsConfig, openSite, relayConfig, type Site, TOKEN } from '../support/site.ts'
import { until } from '../support/until.ts'

const engine = nodeEngine()
const ROLES = { csms: 'csms', gateway: 'gateway', lc: 'local-controller', evil: 'local-controller', cs: 'station' } as const
const TRUST: readonly TrustEntry[] = Object.entries(ROLES).map(([node, role]) => ({ node, role, key: `keys/${node}.pem` }))

let site: Site
let running: RunningNode
let gateway: NetworkNode
let evil: NetworkNode
let station: Identity
const peers: OcppPeer[] = []
/** What came to the controller for the station that it has not. */
const got: string[] = []

const startCsms = async (): Promise<void> => {
  const world = { dataDir: site.dir, token: TOKEN, log: logger('silent'), store: {} }
  running = await startNode({ ...csmsConfig(site.port), trust: [...TRUST] }, world)
}
const csms = (): NetworkNode => running.network as NetworkNode
const via = (): string | undefined => csms().overlay.routes.place('cs')?.via
const clear = () => csms().ask('cs', 'ClearCache', payloadOf({}), { ocpp: 'ocpp2.1' })
const entries = (rule: string) =>
  csms()
    .journal.read(0, 1_000)
    .filter((entry) => entry.rule === rule)

/** A foreign station: it signs what it answers, has never heard of words, and says nothing by itself. */
const dial = async (): Promise<OcppPeer> => {
  const peer = await OcppPeer.connect(`ws://127.0.0.1:${site.port + 2}/ocpp/cs`, 'ocpp2.1')
  peers.push(peer)
  for (const [action, status] of [
    ['DataTransfer', 'UnknownVendorId'],
    ['ClearCache', 'Accepted'],
  ] as const)
    peer.answers.set(action, (payload) => {
      const id = String(peer.heard.findLast((frame) => frame[0] === CALL && frame[2] === action)?.[1])
      const { message: question, signatures = [] } = liftedMessage({ type: CALL, id, action, payload: payloadOf(payload) })
      const message = { type: RESULT, id, payload: payloadOf({ status }) } as const
      const subject = { message, action, audience: signatures.map(readIssuer)[0] ?? '', questionHash: questionHash(question, engine) }
      const signature = signMessage(subject, station, { iat: Math.floor(Date.now() / 1_000) })
      return (foldedMessage(message, [signature], 'ocpp2.1') as { payload: Payload }).payload.value as { [name: string]: string }
    })
  return peer
}

beforeAll(async () => {
  site = await openSite(4)
  const { port } = site
  for (const node of Object.keys(ROLES)) loadIdentity(site.dir, node, engine)
  station = loadIdentity(site.dir, 'cs', engine)
  await startCsms()
  gateway = (await site.start(relayConfig('gateway', { listen: port + 1, up: port, upNode: 'csms' }), TRUST)).network
  await site.start(relayConfig('lc', { listen: port + 2, up: port + 1, upNode: 'gateway' }), TRUST)
  evil = (await site.start(relayConfig('evil', { listen: port + 3, up: port + 1, upNode: 'gateway' }), TRUST)).network
  await until(() => ['lc', 'evil'].every((id) => csms().overlay.routes.place(id)?.online), 'the controllers to be known above')
})

afterAll(async () => {
  for (const { socket } of peers) socket.terminate()
  await site.close()
  await running.stop()
})

it('gives no call to who claims a station that is nowhere', async () => {
  const request = ({ message }: Envelope) => {
    got.push((message as { readonly action: string }).action)
    return Promise.reject(new Error('it is not here'))
  }
  evil.overlay.attach(fakePeer('cs', { kind: 'station', protocol: 'ocpp2.1', request }), { role: 'station' })
  await until(() => got.length >= 2, 'both who hear the claim to ask for the word')
  for (let i = 0; i < 5; i++) expect((await caught(clear())).code).toBe('unreachable')
  expect([new Set(got), via(), gateway.overlay.routes.place('cs')?.via]).toEqual([new Set(['DataTransfer']), undefined, undefined])
})

it('finds the station within a second or so of its coming, though it says nothing, and again after a restart of the back end', async () => {
  await dial()
  const from = Date.now()
  await until(() => via() === 'lc', 'the station to be found')
  expect(Date.now() - from).toBeLessThan(2_000)
  expect((await clear()).answer.path).toEqual(['cs', 'lc', 'gateway'])
  await running.stop()
  await startCsms()
  await until(() => csms().overlay.routes.place('lc')?.online, 'the controller to be known again')
  const again = Date.now()
  await until(() => via() === 'lc', 'the station to be found again')
  expect(Date.now() - again).toBeLessThan(2_000)
  expect((await clear()).answer.path).toEqual(['cs', 'lc', 'gateway'])
  expect(new Set(got)).toEqual(new Set(['DataTransfer']))
})

it('names the gateway that writes another path than a message took, and loses no message for it', async () => {
  const plain = await OcppPeer.connect(`ws://127.0.0.1:${site.port + 2}/ocpp/plain`, 'ocpp1.6')
  peers.push(plain)
  await until(() => csms().overlay.routes.place('plain')?.via === 'lc', 'the second station to be known')
  // the twin: as it came
  await plain.result('Heartbeat', {})
  const up = gateway.overlay.routes.uplinks[0] as Peer & { request: Peer['request'] }
  const request = up.request.bind(up)
  up.request = (envelope, ms) => request({ ...envelope, path: envelope.path.filter((id) => id !== 'lc') }, ms)
  await plain.result('Heartbeat', {})
  expect(entries('path-forged')).toEqual([])
  await until(() => entries('path-forged').length > 0, 'the gateway to be named', 8_000)
  expect(entries('path-forged')).toMatchObject([
    {
      kind: 'security',
      subject: 'gateway',
      text: 'gateway brought a message with the path plain > gateway, which cannot be: plain is with lc and not with gateway',
    },
  ])
  expect(csms().overlay.routes.place('plain')?.path).toEqual(['gateway', 'lc', 'plain'])
}, 15_000)
