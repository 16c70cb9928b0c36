// A node that was let in, with a good key of its own, claims a thousand stations that are another's, and the back end, over real sockets:
// no way changes, calls arrive where they did, and the alarm names it, once.
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TrustEntry } from '../../src/adapters/config.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { payloadOf } from '../../src/ocpp/frame.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { fakePeer } from '../overlay/support.ts'
import { OcppPeer } from '../support/ocpp-peer.ts'
import { csmsConfig, openSite, relayConfig, type Site } from '../support/site.ts'
import { until } from '../support/until.ts'

const ROLES = { csms: 'csms', gateway: 'gateway', lc: 'local-controller', evil: 'local-controller' } as const
const TRUST: readonly TrustEntry[] = Object.entries(ROLES).map(([node, role]) => ({ node, role, key: `keys/${node}.pem` }))
/** Real sockets for the first, which are asked; the others are stations of the controller all the same. */
const STATIONS = Array.from({ length: 1_000 }, (_, i) => `cs${i}`)
const DIALLED = STATIONS.slice(0, 5)

let site: Site
let honest: Record<'csms' | 'gateway' | 'lc', NetworkNode>
let evil: NetworkNode
const peers = new Map<string, OcppPeer>()

beforeAll(async () => {
  site = await openSite(4)
  const { port } = site
  for (const node of Object.keys(ROLES)) loadIdentity(site.dir, node, nodeEngine())
  const { network: csms } = await site.start(csmsConfig(port), TRUST)
  const { network: gateway } = await site.start(relayConfig('gateway', { listen: port + 1, up: port, upNode: 'csms' }), TRUST)
  const { network: lc } = await site.start(relayConfig('lc', { listen: port + 2, up: port + 1, upNode: 'gateway' }), TRUST)
  honest = { csms, gateway, lc }
  evil = (await site.start(relayConfig('evil', { listen: port + 3, up: port + 1, upNode: 'gateway' }), TRUST)).network
  for (const id of DIALLED) {
    const peer = await OcppPeer.connect(`ws://127.0.0.1:${port + 2}/ocpp/${id}`, 'ocpp1.6')
    peer.answers.set('ClearCache', () => ({ status: 'Accepted' }))
    peers.set(id, peer)
  }
  for (const id of STATIONS.slice(DIALLED.length)) lc.overlay.attach(fakePeer(id, { kind: 'station' }), { role: 'station' })
  await until(() => STATIONS.every((id) => csms.overlay.routes.place(id)?.online), 'every station to be known above')
  await until(() => csms.overlay.routes.place('evil')?.online, 'the fourth node to be known above')
})

afterAll(async () => {
  for (const { socket } of peers.values()) socket.terminate()
  await site.close()
})

/** Over whom each node reaches each station and the back end. */
const ways = () =>
  Object.values(honest).map(({ id, overlay }) => [id, ...[...STATIONS, 'csms'].map((to) => overlay.routes.place(to)?.path.join(' > '))])
const alarms = ({ journal }: NetworkNode) => journal.read(0, 10_000).filter(({ rule }) => rule === 'reachability-forged')

it('takes nothing of anybody, and is named by every node that heard it', async () => {
  const before = ways()
  for (const id of [...STATIONS, 'csms']) evil.overlay.attach(fakePeer(id, { kind: 'station' }), { role: 'station' })
  await until(() => alarms(honest.gateway).length > 0 && alarms(honest.csms).length > 0, 'the alarm')
  // what it claimed has had its time to be believed: the calls below go over several announcements
  for (const id of DIALLED)
    for (let i = 0; i < 20; i++) {
      const { answer } = await honest.csms.ask(id, 'ClearCache', payloadOf({}), { ocpp: 'ocpp1.6' })
      expect(answer.path).toEqual([id, 'lc', 'gateway'])
    }
  expect([...peers.values()].map(({ heard }) => heard.filter(([, , action]) => action === 'ClearCache').length)).toEqual(
    DIALLED.map(() => 20),
  )
  expect(ways()).toEqual(before)
  for (const node of [honest.gateway, honest.csms])
    expect(alarms(node).map(({ kind, subject }) => [kind, subject])).toEqual([['security', 'evil']])
  expect(alarms(honest.csms)[0]?.text).toMatch(/^evil claims /)
})

it('the twin: what nobody else has is the claimant’s', async () => {
  evil.overlay.attach(fakePeer('its-own', { kind: 'station' }), { role: 'station' })
  await until(() => honest.csms.overlay.routes.place('its-own')?.path[1] === 'evil', 'its own station to be known above')
})
