// Dials the uplinks of a node: each at its endpoints in turn until one answers, and again whenever a link ends.
import type { FastifyBaseLogger } from 'fastify'
import { asFault } from '../base/fault.ts'
import type { Clock, Store } from '../base/ports.ts'
import { EndpointMemory } from '../overlay/endpoint-memory.ts'
import type { UplinkPreference } from '../overlay/uplinks.ts'
import type { NetworkNode } from '../roles/network-node.ts'
import type { UplinkConfig } from './config.ts'
import { nodeRandom } from './node-crypto.ts'
import { credentials } from './world.ts'
import { connectNode, reconnecting } from './ws-client.ts'

export interface DiallerParts {
  readonly network: NetworkNode
  readonly store: Store
  readonly clock: Clock
  readonly log: FastifyBaseLogger
}

/** Two pings without an answer end a link. With another way at hand it is left within 2 s; the only one gets more time. */
const PING_SECONDS = { alone: 4, oneOfMany: 1 }

export const dialUplinks = (uplinks: readonly UplinkConfig[], parts: DiallerParts): { stop(): void }[] => {
  const pingSeconds = uplinks.length > 1 ? PING_SECONDS.oneOfMany : PING_SECONDS.alone
  return uplinks.map((uplink) => dialUplink({ pingSeconds, ...uplink }, parts))
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

const dialUplink = (uplink: UplinkConfig & { pingSeconds: number }, { network, store, clock, log }: DiallerParts): { stop(): void } => {
  const endpoints = new EndpointMemory(uplink.node, [uplink.url, ...(uplink.urls ?? [])], {
    store,
    clock,
    changed: (url) => log.warn({ node: network.id, uplink: uplink.node }, `now trying ${url}`),
    failed: (error) => log.warn({ node: network.id, uplink: uplink.node }, asFault(error).message),
  })
  const life = reconnecting(
    (signal) => connectNode(endpoints.current, network.id, { signal, pingMs: uplink.pingSeconds * 1_000, ...credentials(uplink) }),
    {
      clock,
      random: nodeRandom,
      minMs: 500,
      maxMs: 30_000,
      onLink(link) {
        endpoints.opened()
        network.uplinkConnected(link, uplink.node)
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
