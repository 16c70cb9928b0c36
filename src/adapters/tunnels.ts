// The tunnels of a node as its file wants them: addresses behind it that others may reach, and ports here that lead to addresses behind others.
import type { Fault } from '../base/fault.ts'
import { asFault } from '../base/fault.ts'
import type { NetworkNode } from '../roles/network-node.ts'
import { offerTunnels, openTunnel } from '../roles/tunnel.ts'
import { dialTarget, listenForTunnels } from './tunnel.ts'
import type { Foundation } from './world.ts'

export const tunnelsOf = async (
  foundation: Foundation,
  network: NetworkNode,
): Promise<{ ports: readonly number[]; close(): Promise<void> }> => {
  const { config, clock, trust, world } = foundation
  const { allow, forward = [], ...bounds } = config.tunnel ?? {}
  const { streams } = network.overlay
  const failed = (fault: Fault): void => world.log.warn({ node: config.node }, fault.message)
  if (allow) offerTunnels(streams, { allow, ...bounds }, { clock, trust, journal: network.journal, dial: (target) => dialTarget(target) })
  const doors: Awaited<ReturnType<typeof listenForTunnels>>[] = []
  const close = async (): Promise<void> => void (await Promise.all(doors.map((door) => door.close())))
  try {
    for (const { listen, node, ...target } of forward)
      doors.push(
        await listenForTunnels(listen, (wire) => openTunnel(streams, node, target, wire).catch((thrown) => failed(asFault(thrown)))),
      )
  } catch (error) {
    await close()
    throw error
  }
  return { ports: doors.map(({ port }) => port), close }
}
