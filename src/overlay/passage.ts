// How a message passes this node: which way, and where from. What firewall rules call direction and origin.
import type { Envelope } from '../ocpp/frame.ts'
import type { Peer } from './peer.ts'
import type { Routes } from './routes.ts'

/** `up`: from a station that is connected here. `down`: to one. `through`: everything else, from node to node. */
export const DIRECTIONS = ['up', 'down', 'through'] as const
export type Direction = (typeof DIRECTIONS)[number]

export interface Passage {
  readonly direction: Direction
  /** It came over an uplink. */
  readonly uplink: boolean
  /** A station said it, connected here or announced by a node below. */
  readonly station: boolean
  /** Of an answer: what it answers. */
  readonly question?: Envelope
}

/** What a node asks of its firewall; see firewall.ts. */
export interface Screen {
  /** The message as it may go on. Throws Fault `refused`, or `dropped`: then nobody is answered. Both name this node in `at`. */
  pass(envelope: Envelope, passage: Passage): Envelope
}

/** `from` is missing where this node itself sends the message: its own, or a station's that waited here. */
export const passageOf = (envelope: Envelope, routes: Routes, from?: Peer, question?: Envelope): Passage => {
  const up = from ? from.kind === 'station' : envelope.path.length > 1
  const down = !up && routes.direct(envelope.destination.at(-1) as string)?.kind === 'station'
  return {
    direction: up ? 'up' : down ? 'down' : 'through',
    uplink: from !== undefined && routes.uplinks.includes(from),
    station: up || routes.place(envelope.path[0] as string)?.role === 'station',
    ...(question && { question }),
  }
}
