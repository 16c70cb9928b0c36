// What of the park its events and orders need: the nodes, and the line between them.
import type { NetworkNode } from '../../src/roles/network-node.ts'
import type { Station } from '../../src/roles/station.ts'
import type { Wire } from './wire.ts'

export interface Site {
  readonly dataDir: string
  /** The line between lc1 and the gateway: it leads over somebody else's machine. */
  readonly wire: Wire
  readonly stations: readonly Station[]
  network(id: string): NetworkNode
}
