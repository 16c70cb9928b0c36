// Starts one node from its configuration: opens its store and keys, puts its role together, serves its endpoints and dials
// its uplinks. Everything that runs was asked for in the file.
import { join } from 'node:path'
import type { Fault } from '../base/fault.ts'
import type { Cancel } from '../base/ports.ts'
import { TrustStore } from '../overlay/trust.ts'
import { csmsLocal, noLocal } from '../roles/csms.ts'
import { CsmsDesk } from '../roles/csms-desk.ts'
import { GridMeter } from '../roles/grid-meter.ts'
import { NetworkNode } from '../roles/network-node.ts'
import type { Quota } from '../roles/outbox.ts'
import { systemClock } from './clock.ts'
import type { NodeConfig, TrustEntry } from './config.ts'
import { type Served, serve } from './endpoints.ts'
import { loadIdentity, loadTrust } from './keys.ts'
import { nodeEngine, nodeRandom } from './node-crypto.ts'
import { operationsOf } from './operations.ts'
import { openStore } from './sqlite-store.ts'
import { startStation } from './station-runtime.ts'
import { dialUplinks, preferencesOf } from './uplink-dialler.ts'
import type { Foundation, RunningNode, World } from './world.ts'

export const startNode = async (config: NodeConfig & { trust: TrustEntry[] }, world: World): Promise<RunningNode> => {
  const engine = nodeEngine()
  const identity = loadIdentity(world.dataDir, config.node, engine)
  const trust = new TrustStore(engine)
  const store = openStore(join(world.dataDir, config.node, 'store.sqlite'), world.store)
  const failed = (fault: Fault): void => world.log.warn({ node: config.node }, fault.message)
  let stopTrust: Cancel = () => undefined
  const foundation: Foundation = { config, world, clock: systemClock, engine, store, trust, identity }
  try {
    stopTrust = loadTrust(config.trust, trust, { dataDir: world.dataDir, clock: systemClock, failed })
    const running = config.role === 'station' ? startStation(foundation) : await startNetworkNode(foundation)
    const stop = async (): Promise<void> => {
      stopTrust()
      await running.stop()
      await store.close()
    }
    return { ...running, stop }
  } catch (error) {
    stopTrust()
    await store.close()
    throw error
  }
}

const startNetworkNode = async (foundation: Foundation): Promise<RunningNode> => {
  const { config, world, clock, engine, store, identity } = foundation
  const desk = config.role === 'csms' ? deskOf(foundation) : undefined
  const network = networkOf(foundation, desk)
  const management = operationsOf({ network, store, engine, ...(desk && { desk }), ...(world.park && { park: world.park }) })
  const served: Served[] = []
  const close = (): Promise<unknown> => Promise.all(served.map((endpoint) => endpoint.close()))
  try {
    for (const listen of config.listen ?? []) served.push(await serve(listen, { config, network, management, world }))
  } catch (error) {
    network.stop()
    await close()
    throw error
  }
  const dialled = dialUplinks(config.uplinks ?? [], { network, store, clock, log: world.log })
  const meter = config.role === 'energy-meter' ? new GridMeter({ network, clock, powerW: world.sitePowerW ?? (() => 1_200) }) : undefined
  const stop = async (): Promise<void> => {
    meter?.stop()
    for (const connection of dialled) connection.stop()
    network.stop()
    await close()
  }
  return { id: config.node, role: config.role, network, store, identity, stop }
}

const networkOf = ({ config, clock, engine, store, trust, identity }: Foundation, desk: CsmsDesk | undefined): NetworkNode => {
  const { node: id, role, backend = id, uplinks = [], policy: rules = [] } = config
  const flaw = (fault: Fault): void => network.overlay.flaw(fault, { id })
  const local = desk ? csmsLocal({ desk, clock, links: () => network.links, flaw }) : noLocal
  const parts = { clock, random: nodeRandom, store, engine, trust, identity, local, policy: { rules } }
  const network: NetworkNode = new NetworkNode(
    { id, role, backend, uplinks: uplinks.map(({ node }) => node), preferences: preferencesOf(uplinks), quota: quotaOf(config) },
    parts,
  )
  return network
}

const MEGABYTE = 1024 * 1024

const quotaOf = ({ autonomy = {} }: NodeConfig): Partial<Quota> => ({
  ...(autonomy.stationMessages !== undefined && { stationMessages: autonomy.stationMessages }),
  ...(autonomy.stationMegabytes !== undefined && { stationBytes: autonomy.stationMegabytes * MEGABYTE }),
  ...(autonomy.nodeMegabytes !== undefined && { nodeBytes: autonomy.nodeMegabytes * MEGABYTE }),
})

const deskOf = ({ config, store, clock }: Foundation): CsmsDesk =>
  new CsmsDesk({
    store,
    clock,
    random: nodeRandom,
    settings: { heartbeatSeconds: config.csms?.heartbeatSeconds ?? 300, tokens: config.csms?.tokens ?? {} },
  })
