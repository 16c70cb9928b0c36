// The far end of one link, as the overlay sees it: something that can be asked, told, and closed. Whether it speaks plain
// OCPP-J (a station) or overlay frames (another node) is the business of the class behind it.
import type { Fault } from '../base/fault.ts'
import type { Envelope } from '../ocpp/frame.ts'
import type { Version } from '../ocpp/version.ts'
import { carriesSignatures } from './custom-data.ts'
import type { Carrier } from './streams/stream-link.ts'
import type { TrustStore } from './trust.ts'

export interface Peer {
  /** The neighbour's node or station id. */
  readonly id: string
  readonly kind: 'station' | 'node'
  /** What a station negotiated; nodes carry messages of every version. */
  readonly protocol?: Version
  /** The key that a node proved to hold on this link (docs/protocol.md §3.1.1); whether it counts, the trust store says. */
  readonly kid?: string
  /** A station that showed its password or certificate at the door of this node. */
  readonly proven?: boolean
  /** A station that is told everything in this node's own name (docs/protocol.md §4.9): the signatures of who asks end here. */
  readonly deputised?: boolean
  /** Another implementation whose frames have no header: our signatures end here. */
  readonly bare?: boolean
  /** What streams run over; only links between nodes of ours have it. */
  readonly carrier?: Carrier
  /** CALLs that wait for their turn or their answer on this link. */
  readonly waiting: number
  readonly counters: { sent: number; received: number }
  /**
   * Sends a CALL and resolves with its CALLRESULT or CALLERROR. The path must already end with this node.
   * @throws Fault `timeout`, `link-lost`, `queue-full` or `payload-invalid` (the answer broke its schema)
   */
  request(envelope: Envelope, timeoutMs: number): Promise<Envelope>
  /** Sends what is never answered: SEND and CALLRESULTERROR. */
  send(envelope: Envelope): void
  alive(ms: number): Promise<boolean>
  close(code: number, reason: string): void
}

/** Whether a station judges what it is told: it is shown who signed it, and has a key that is known here. For every other one its node does. */
export const judgesItself = (
  { id, protocol, deputised }: Pick<Peer, 'id' | 'protocol' | 'deputised'>,
  trust: Pick<TrustStore, 'knows'> | undefined,
): boolean => protocol !== undefined && carriesSignatures(protocol) && !deputised && trust?.knows(id) === true

/** What a peer tells its node. */
export interface PeerEvents {
  /** A CALL came in. Rejects with a Fault, which the peer turns into a CALLERROR; with `dropped`, it answers nothing. */
  request(envelope: Envelope, from: Peer): Promise<Envelope>
  /** The CALLERROR to a CALL that the link itself refuses; signed for another node, and where the CALL was. */
  refusal(envelope: Envelope, fault: Fault, from?: Peer): Envelope
  /** A SEND came in, or a CALLRESULTERROR. */
  send(envelope: Envelope, from: Peer): void
  /** A binary frame came. */
  binary?(frame: Uint8Array, from: Peer): void
  /** Something was not as it should be, and was dropped or answered with an error. */
  flaw(error: Error, from: Peer): void
  closed(from: Peer, code: number, reason: string): void
}
