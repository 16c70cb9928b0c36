// What a node asks of whoever judges its messages: the face of guard.ts, so that a node needs no keys to be tested.
import type { Envelope } from '../ocpp/frame.ts'
import type { Findings } from './findings.ts'
import type { Passage } from './passage.ts'
import type { Peer } from './peer.ts'
import type { Sealing } from './sealer.ts'
import type { SignatureState } from './signature.ts'

/** What a node asks of the trust that it was given; see guard.ts. */
export interface Gatekeeper {
  /**
   * Judges a message that passes through, or ends `here`: then a SEND counts once. Throws Fault `refused` when a signature that can be checked
   * is broken or missing. What was found of each signature is put into `findings`, whether or not the message is held back.
   */
  inspect(envelope: Envelope | AnswerEnvelope, from: { id: string }, here: boolean, findings?: Findings): SignatureState
  /** Decides over a CALL whose signatures would end here, towards a station that cannot judge them itself. Rejects with Fault `refused`. */
  protect(envelope: Envelope, station: Peer, self: string): Promise<void>
  /** Decides over a CALL that this node itself acts on; resolves with the rule that allows it. Rejects with Fault `refused`. */
  admit(envelope: Envelope, self: string): Promise<string>
  /** Told of the answer to come to a CALL that was passed on, so that what became of an order stands where it was accepted. */
  answered?(question: Envelope, asked: Promise<Envelope>): void
  /** What this node tells, on its way to be encrypted; undefined where it leaves as it is. */
  hide?(envelope: Envelope): Promise<Envelope> | undefined
  /** An answer or error as it leaves this node: encrypted for who asked, where the question was. */
  hideAnswer?(question: Envelope, answer: Envelope): Promise<Envelope>
  /** Signs what this node tells and nobody answers. */
  sealCall(envelope: Envelope, sealing?: Sealing): Envelope
  /** Signs this node's answer or error to a CALL that was signed. */
  sealAnswer(call: Envelope, answer: Envelope): Envelope
  /** Signs an error in any case. */
  sealError(call: Envelope, error: Envelope): Envelope
  /** The message as this node passes it on: countersigned where a rule says so. */
  passOn(envelope: Envelope, passage: () => Passage): Envelope
}

/** What a gatekeeper needs to judge an answer: the answer itself and the question it claims to answer. */
export interface AnswerEnvelope extends Envelope {
  readonly question: Envelope
}
