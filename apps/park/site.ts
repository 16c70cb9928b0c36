// What of the park its events and orders need: the nodes, and the line between them.
import type { NetworkNode } from '../../src/roles/network-node.ts'
import type { Station } from '../../src/roles/station.ts'
import type { LastMetre } from './last-metre.ts'
import type { Wire } from './wire.ts'

export interface Site {
  readonly dataDir: string
  /** Of the back end's management API, and what operators show to it. */
  readonly url: string
  readonly token: string
  /** The line between lc1 and the gateway: it leads over somebody else's machine. */
  readonly wire: Wire
  /** Between the door of lc2 and its stations. */
  readonly lastMetre: LastMetre
  readonly stations: readonly Station[]
  /** The port of the back end's machine that leads to the energy meter behind lc2. */
  readonly meterDoor: number
  network(id: string): NetworkNode
}
