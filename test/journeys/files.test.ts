// Files over real sockets: a back end, a gateway and two controllers, each with a folder of its own.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodeConfig, TrustEntry } from '../../src/adapters/config.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import type { NodeFiles } from '../../src/adapters/node-files.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import { DELETE_FILE, GET_FILE, LIST_FILES, SEND_FILE } from '../../src/overlay/files/file-orders.ts'
import { OPEN_STREAM } from '../../src/overlay/streams/stream.ts'
import { bytesOf, engine, sourceOf } from '../overlay/files/support.ts'
import { csmsConfig, openSite, relayConfig, type Site } from '../support/site.ts'
import { until } from '../support/until.ts'

const NODES = ['csms', 'gateway', 'lc1', 'lc2'] as const
type Name = (typeof NODES)[number]

const trust: TrustEntry[] = NODES.map((node) => ({
  node,
  role: node === 'csms' ? 'csms' : node === 'gateway' ? 'gateway' : 'local-controller',
  key: `keys/${node}.pem`,
}))

/** Who may do what with files, as the policy of each node says it. */
const policy: NodeConfig['policy'] = [
  { id: 'csms-writes', role: 'csms', actions: [SEND_FILE, GET_FILE, DELETE_FILE], where: [{ pointer: '/name', like: 'firmware/*' }] },
  { id: 'csms-lists', role: 'csms', actions: [LIST_FILES] },
  {
    id: 'content',
    role: ['csms', 'gateway', 'local-controller'],
    actions: [OPEN_STREAM],
    where: [{ pointer: '/purpose', equals: 'content' }],
  },
]

let site: Site
const running = new Map<Name, RunningNode>()
const filesOf = (node: Name): NodeFiles => running.get(node)?.files as NodeFiles
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

beforeAll(async () => {
  site = await openSite(4)
  const { port } = site
  // who starts first knows the keys of those that start later
  for (const node of NODES) loadIdentity(site.dir, node, engine)
  const files = { megabytes: 4, cacheMegabytes: 8 }
  const start = async (config: NodeConfig): Promise<void> =>
    void running.set(config.node as Name, await site.start({ ...config, files, policy: policy ?? [] }, trust))
  await start(csmsConfig(port))
  await start(relayConfig('gateway', { listen: port + 1, up: port, upNode: 'csms' }))
  await start(relayConfig('lc1', { listen: port + 2, up: port + 1, upNode: 'gateway' }))
  await start(relayConfig('lc2', { listen: port + 3, up: port + 1, upNode: 'gateway' }))
  const csms = running.get('csms')?.network
  for (const node of NODES) await until(() => node === 'csms' || csms?.overlay.routes.place(node)?.online, `${node} to be known`)
})

afterAll(() => site.close())

const bytes = bytesOf(1_500_000)
const source = sourceOf(bytes, 262_144)
const sending = { name: 'firmware/cs-2.4.bin', content: source.id, size: bytes.length }

describe('files over the network', () => {
  it('are sent over hops that keep them, so that the next controller costs the uplink nothing', async () => {
    const csms = filesOf('csms')
    csms.exchange.publish(source)
    const told: number[] = []
    await csms.service.send('lc1', sending, ({ done }) => told.push(done))
    expect(sha256(readFileSync(join(site.dir, 'lc1', 'files', sending.name)))).toBe(sha256(bytes))
    expect(told.at(-1)).toBe(bytes.length)
    const served = csms.exchange.figures.served
    expect(served).toBe(bytes.length)
    await csms.service.send('lc2', sending)
    expect(csms.exchange.figures.served).toBe(served)
    expect(sha256(readFileSync(join(site.dir, 'lc2', 'files', sending.name)))).toBe(sha256(bytes))
  })
})
