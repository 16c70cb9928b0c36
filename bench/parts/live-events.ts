// Live events over two hops of real sockets: 10,000 a second for as long as the plan says, each of them at the reader and in its order (F30).
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeConfig } from '../../src/adapters/config.ts'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { logger } from '../../src/adapters/log.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import { EventFeed, offerFeeds, readFeed } from '../../src/roles/event-feed.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { type Part, type Plan, type Row, row } from '../part.ts'

export const liveEvents: Part = { name: 'live events', measure: async (plan) => measured(plan) }

const A_SECOND = 10_000
const SLICE_MS = 20

const measured = async ({ liveMs }: Plan): Promise<Row[]> => {
  const { low, high, end } = await openLine()
  try {
    const feed = new EventFeed()
    offerFeeds(low.overlay.streams, { bench: feed })
    const events = await readFeed(high.overlay.streams, 'lc', { feed: 'bench' })
    const counted = count(events, (liveMs / 1000) * A_SECOND)
    await waitFor(() => feed.readers === 1)
    const cpu = process.cpuUsage()
    const told = await tellAll(feed, liveMs)
    const { heard, disorder, missed } = await counted
    const { user, system } = process.cpuUsage(cpu)
    const cost = { what: 'CPU of source, hop and reader together', value: (user + system) / told, unit: 'µs' }
    return [
      row({
        part: 'live events',
        what: 'lost or out of order',
        value: told - heard + disorder + missed,
        unit: 'events',
        target: { of: 'value', most: 0 },
        seen: { told },
      }),
      row({ part: 'live events', ...cost }),
    ]
  } finally {
    await end()
  }
}

/** At their pace by the clock: a slice that came late is made up for by the next. */
const tellAll = async (feed: EventFeed, ms: number): Promise<number> => {
  const begun = performance.now()
  const all = (ms / 1000) * A_SECOND
  for (let told = 0; told < all; ) {
    const due = Math.min(all, Math.floor(((performance.now() - begun) / 1000) * A_SECOND))
    for (; told < due; told++) feed.tell(Date.now(), 'cs', { id: 1, value: String(told), pending: 0 })
    await new Promise((go) => setTimeout(go, SLICE_MS))
  }
  return all
}

const count = async (events: Awaited<ReturnType<typeof readFeed>>, all: number) => {
  let [heard, disorder, missed, last] = [0, 0, 0, 0]
  for await (const record of events) {
    if ('missed' in record) missed += record.missed
    else {
      heard += 1
      if (record.seq <= last) disorder += 1
      last = record.seq
    }
    if (heard + missed >= all) break
  }
  return { heard, disorder, missed }
}

const openLine = async (): Promise<{ low: NetworkNode; high: NetworkNode; end(): Promise<void> }> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'chargeproof-bench-'))
  const world = { dataDir, token: 'bench', log: logger('silent') }
  loadIdentity(dataDir, 'csms', nodeEngine())
  const nodes: RunningNode[] = []
  const open = { stations: { registration: 'open' }, nodes: { registration: 'open' } } as const
  const trust = [{ node: 'csms', role: 'csms', key: 'keys/csms.pem' }]
  const policy = [{ id: 'csms-operates', role: 'csms', actions: ['*'] }]
  let above: { node: string; port: number } | undefined
  for (const [node, role] of [
    ['csms', 'csms'],
    ['gateway', 'gateway'],
    ['lc', 'local-controller'],
  ] as const) {
    const port = await freePort()
    const uplinks = above ? [{ node: above.node, url: `ws://127.0.0.1:${above.port}/overlay` }] : []
    const config: NodeConfig = { ...open, node, role, backend: 'csms', policy, uplinks, listen: [{ port, serve: ['ocpp', 'overlay'] }] }
    nodes.push(await startNode({ ...config, trust }, world))
    above = { node, port }
  }
  const [high, , low] = nodes.map(({ network }) => network) as [NetworkNode, NetworkNode, NetworkNode]
  await waitFor(() => high.overlay.routes.place('lc')?.online === true)
  const end = async (): Promise<void> => {
    for (const node of nodes.reverse()) await node.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
  return { low, high, end }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })

const waitFor = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((go) => setTimeout(go, 10))
}
