// Whether a message may go on, and which neighbour it goes to from here, by its destination: a node, the next of a source route, or whoever is nearest of a role.
import { Fault } from '../base/fault.ts'
import type { Envelope } from '../ocpp/frame.ts'
import { checkBare } from './attachments.ts'
import { destinationOf } from './destinations.ts'
import type { Peer } from './peer.ts'
import type { Routes } from './routes.ts'
import type { Topology } from './topology.ts'

interface Here {
  readonly id: string
  readonly routes: Routes
  readonly topology: Topology
}

/** docs/protocol.md §3.5 */
const HOP_LIMIT = 16

/** @throws Fault `hop-limit` */
export const checkPath = (path: readonly string[], self: string): void => {
  if (path.includes(self)) throw new Fault('hop-limit', `the message was here before: ${path.join(' > ')}`)
  if (path.length >= HOP_LIMIT) throw new Fault('hop-limit', `the message went over ${path.length} hops`)
}

/** @throws Fault `unreachable`; `payload-invalid` where it has bytes, and the neighbour takes none */
export const nextHop = ({ destination, path, message }: Envelope, { id, routes, topology }: Here, from?: Peer): Peer => {
  const named = (destination[0] === id ? destination[1] : destination[0]) as string
  const to = destinationOf(named)
  if (to.kind === 'multicast' || to.kind === 'broadcast') throw new Fault('unreachable', `${named} is many: they are told, and not asked`)
  // each hop takes the one that is nearest to it; where none is known, whoever is above may know one
  const next = to.kind === 'anycast' ? (topology.nearest(to.role) ?? named) : named
  const peer = routes.next(next, from, path[0])
  if (!peer) throw new Fault('unreachable', `no route leads to ${next} at the moment`)
  // a station would take for its own what was meant for somebody behind it
  if (peer.kind === 'station' && destination.at(-1) !== peer.id)
    throw new Fault('unreachable', `${peer.id} is a station: no route leads through it`)
  checkBare(message, peer)
  return peer
}
