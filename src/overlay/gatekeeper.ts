// What a node asks of whoever judges its messages: the face of guard.ts, so that a node needs no keys to be tested.
import type { Envelope } from '../ocpp/frame.ts'
import type { Peer } from './peer.ts'
import type { SignatureState } from './signature.ts'

/** What a node asks of the trust that it was given; see guard.ts. */
export interface Gatekeeper {
  /** Judges a message that passes through, or ends `here`. Throws Fault `refused` when a signature that can be checked is broken or missing. */
  inspect(envelope: Envelope | AnswerEnvelope, from: { id: string }, here: boolean): SignatureState
  /** Decides over a CALL that would leave the overlay here, towards a station that cannot judge signatures itself. Rejects with Fault `refused`. */
  protect(envelope: Envelope, station: Peer, self: string): Promise<void>
  /** Signs this node's answer to a CALL that was signed. */
  sealAnswer(call: Envelope, answer: Envelope): Envelope
}

/** What a gatekeeper needs to judge an answer: the answer itself and the question it claims to answer. */
export interface AnswerEnvelope extends Envelope {
  readonly question: Envelope
}
