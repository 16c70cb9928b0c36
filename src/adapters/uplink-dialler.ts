// Dials the neighbours of a node: each at its endpoints in turn until one answers, and again whenever a link ends.
import { asFault } from '../base/fault.ts'
import type { Clock, Link, Store } from '../base/ports.ts'
import { EndpointMemory } from '../overlay/endpoint-memory.ts'
import type { UplinkPreference } from '../overlay/uplinks.ts'
import type { NetworkNode } from '../roles/network-node.ts'
import type { UplinkConfig } from './config.ts'
import { nodeRandom } from './node-crypto.ts'
import { credentials, type World } from './world.ts'
import { connectNode, reconnecting } from './ws-client.ts'
import { OVERLAY_PING_MS } from './ws-link.ts'

export interface DiallerParts {
  readonly network: NetworkNode
  readonly store: Store
  readonly clock: Clock
  readonly world: Pick<World, 'log' | 'pingMs'>
}

/** Two pings without an answer end a link: with another way at hand it is left within 2 s. */
const ONE_OF_MANY_PING_MS = 1_000

export const dialUplinks = (uplinks: readonly UplinkConfig[], parts: DiallerParts): { stop(): void }[] => {
  const usualMs = parts.world.pingMs ?? (uplinks.length > 1 ? ONE_OF_MANY_PING_MS : OVERLAY_PING_MS)
  const take = (link: Link, node: string): Promise<void> => parts.network.uplinkConnected(link, node)
  return uplinks.map((uplink) =>
    dialNeighbour({ ...uplink, pingMs: uplink.pingSeconds === undefined ? usualMs : uplink.pingSeconds * 1_000 }, parts, take),
  )
}

/** Nodes below this one, which cannot dial it. */
export const dialDownlinks = (downlinks: readonly UplinkConfig[], parts: DiallerParts): { stop(): void }[] => {
  const take = (link: Link, node: string): Promise<void> => parts.network.downlinkConnected(link, node)
  return downlinks.map((downlink) => dialNeighbour({ ...downlink, pingMs: parts.world.pingMs ?? OVERLAY_PING_MS }, parts, take))
}

/** How the uplinks' entries say which one is used, by node id. */
export const preferencesOf = (uplinks: readonly UplinkConfig[]): Record<string, UplinkPreference> =>
  Object.fromEntries(
    uplinks.map(({ node, priority, weight, stableSeconds }) => [
      node,
      {
        ...(priority !== undefined && { priority }),
        ...(weight !== undefined && { weight }),
        ...(stableSeconds !== undefined && { stableMs: stableSeconds * 1_000 }),
      },
    ]),
  )

const dialNeighbour = (
  uplink: UplinkConfig & { pingMs: number },
  { network, store, clock, world }: DiallerParts,
  take: (link: Link, node: string) => Promise<void>,
): { stop(): void } => {
  const { log } = world
  const endpoints = new EndpointMemory(uplink.node, [uplink.url, ...(uplink.urls ?? [])], {
    store,
    clock,
    changed: (url) => log.warn({ node: network.id, uplink: uplink.node }, `now trying ${url}`),
    failed: (error) => log.warn({ node: network.id, uplink: uplink.node }, asFault(error).message),
  })
  const { pingMs, channelBinding = 'required' } = uplink
  const life = reconnecting(
    (signal) => connectNode(endpoints.current, network.id, { signal, pingMs, channelBinding, ...credentials(uplink) }),
    {
      clock,
      random: nodeRandom,
      minMs: 500,
      maxMs: 30_000,
      async onLink(link) {
        await take(link, uplink.node)
        // an endpoint where another answers is none that works
        endpoints.opened()
      },
      onEnd: () => endpoints.ended(),
      onFailure(fault, waitMs) {
        log.warn({ node: network.id, uplink: uplink.node, url: endpoints.current, waitMs }, fault.message)
        endpoints.failed()
      },
    },
  )
  const stop = (): void => {
    endpoints.stop()
    life.stop()
  }
  return { stop }
}
