// A few nodes in this process, each from its configuration, over real sockets and real stores in a folder of their own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeConfig, TrustEntry } from '../../src/adapters/config.ts'
import { logger } from '../../src/adapters/log.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import type { StoreOptions } from '../../src/adapters/sqlite-store.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import type { Store } from '../../src/base/ports.ts'
import type { NetworkNode } from '../../src/roles/network-node.ts'
import { freePorts } from './ports.ts'
import { until } from './until.ts'

export const TOKEN = 'test-token'

export interface Site {
  readonly dir: string
  /** The first of the site's neighbouring ports. */
  readonly port: number
  start(config: NodeConfig, trust?: readonly TrustEntry[], store?: StoreOptions): Promise<RunningNode & { readonly network: NetworkNode }>
  close(): Promise<void>
}

/** @param pingMs how often every link of the site is pinged */
export const openSite = async (ports: number, pingMs?: number): Promise<Site> => {
  const dir = mkdtempSync(join(tmpdir(), 'chargeproof-test-'))
  const nodes: RunningNode[] = []
  return {
    dir,
    port: await freePorts(ports),
    async start(config, trust = [], store = {}) {
      const world = { dataDir: dir, token: TOKEN, log: logger('silent'), store, ...(pingMs !== undefined && { pingMs }) }
      const node = await startNode({ ...config, trust: [...trust] }, world)
      nodes.push(node)
      if (!node.network) throw new Error(`${config.node} is not a node of the network`)
      return { ...node, network: node.network }
    },
    async close() {
      for (const node of nodes.reverse()) await node.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

const open = { stations: { registration: 'open' }, nodes: { registration: 'open' } } as const
const operates = [{ id: 'csms-operates', role: 'csms', actions: ['*'] }]

/** The files of examples/park in short: a back end, and a node between it and the stations. Anybody may connect. */
export const csmsConfig = (port: number): NodeConfig => ({
  node: 'csms',
  role: 'csms',
  listen: [{ port, serve: ['ocpp', 'overlay', 'api'] }],
  ...open,
  csms: { heartbeatSeconds: 60, tokens: { DEADBEEF: 'Accepted', BLOCKED01: 'Blocked' } },
})

export const relayConfig = (node: string, ports: { listen: number; up: number; upNode: string }): NodeConfig => ({
  node,
  role: node === 'gateway' ? 'gateway' : 'local-controller',
  listen: [{ port: ports.listen, serve: ['ocpp', 'overlay', 'api'] }],
  uplinks: [{ node: ports.upNode, url: `ws://127.0.0.1:${ports.up}/overlay` }],
  backend: 'csms',
  ...open,
  policy: operates,
})

/** Everybody trusts the back end's orders, so that a station that cannot judge them gets them. */
export const TRUST_CSMS: readonly TrustEntry[] = [{ node: 'csms', role: 'csms', key: 'keys/csms.pem' }]

export interface Trio {
  readonly site: Site
  readonly csms: NetworkNode
  /** The back end's. */
  readonly store: Store
  readonly gateway: NetworkNode
  readonly controller: NetworkNode
  /** Where stations dial: the back end itself, or the controller `lc` behind the gateway. */
  readonly endpoints: { readonly direct: string; readonly relayed: string }
}

/** A back end, a gateway and a local controller, connected. */
export const openTrio = async (): Promise<Trio> => {
  const site = await openSite(3)
  const { port } = site
  const { network: csms, store } = await site.start(csmsConfig(port))
  const { network: gateway } = await site.start(relayConfig('gateway', { listen: port + 1, up: port, upNode: 'csms' }))
  const { network: controller } = await site.start(relayConfig('lc', { listen: port + 2, up: port + 1, upNode: 'gateway' }), TRUST_CSMS)
  await until(() => csms.overlay.routes.place('lc')?.online, 'the controller to be known to the back end')
  const endpoint = (at: number): string => `ws://127.0.0.1:${at}/ocpp`
  return { site, csms, store, gateway, controller, endpoints: { direct: endpoint(port), relayed: endpoint(port + 2) } }
}
