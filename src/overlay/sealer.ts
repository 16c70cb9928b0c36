// How this node signs what it says: orders, SENDs, reports, answers and errors; and what others said that it passes on. What a signature covers is decided in signature.ts.
import type { Clock } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { CALL, type Envelope, ERROR, RESULT } from '../ocpp/frame.ts'
import type { Challenge } from './challenge.ts'
import type { Count } from './count.ts'
import { type Identity, type Replaces, type Stated, type Subject, signMessage } from './signature.ts'
import { answeredHash, questionHash, signaturesHash } from './signed-text.ts'

/** How long an order signed here stays valid, in seconds. */
export const ORDER_LIFE = 60

export interface SealerParts {
  readonly engine: Engine
  readonly clock: Clock
  /** Who this node signs as; a node without a key says nothing signed. */
  readonly identity?: Identity
}

/** How an order is signed when it differs from the usual: another key or lifetime (rehearsals, tests, the incident). */
export interface Sealing {
  readonly identity?: Identity
  readonly audience?: string
  readonly expiresInSeconds?: number
  readonly replaces?: Replaces
  /** How far this node has come with what it says, and when it speaks next. */
  readonly cnt?: Count
  /** The order is signed again, because its judge asked for that. */
  readonly challenge?: Challenge
}

/** What a report says besides. */
export interface Reporting {
  readonly replaces?: Replaces
  readonly cnt?: Count
}

export class Sealer {
  readonly #parts: SealerParts
  #lastSeq: number

  constructor(parts: SealerParts) {
    this.#parts = parts
    this.#lastSeq = this.#firstSeq()
  }

  /** The clock was set: numbers from before are of a time that judges may not have seen, or will only see in years. */
  restart(): void {
    this.#lastSeq = this.#firstSeq()
  }

  /** Microseconds, below 2^53 until the year 2255: so it rises over restarts too, as long as the clock does. */
  #firstSeq(): number {
    return this.#parts.clock.now() * 1000
  }

  /** Signs an order, or what is told and never answered (SEND, CALLRESULTERROR): it expires, and counts once. */
  sealCall(envelope: Envelope, sealing: Sealing = {}): Envelope {
    const identity = sealing.identity ?? this.#parts.identity
    const { type } = envelope.message
    if (!identity || type === RESULT || type === ERROR) return envelope
    const iat = this.#seconds()
    const { expiresInSeconds = ORDER_LIFE, challenge, replaces, cnt } = sealing
    const times = { iat, exp: iat + expiresInSeconds, ...this.#count(challenge), ...replaces, ...(cnt && { cnt }) }
    const subject = subjectOf(envelope)
    return this.#signed(envelope, { ...subject, audience: sealing.audience ?? subject.audience }, { identity, times })
  }

  /** Signs a statement of fact, which stays true: a station's reports may wait for days in a queue. */
  sealReport(envelope: Envelope, { replaces, cnt }: Reporting = {}): Envelope {
    const { identity } = this.#parts
    if (envelope.message.type !== CALL) return this.sealCall(envelope, replaces && { replaces })
    const times = { iat: this.#seconds(), ...replaces, ...(cnt && { cnt }) }
    return identity ? this.#signed(envelope, subjectOf(envelope), { identity, times }) : envelope
  }

  /** Signs an answer or an error to a CALL that was signed. */
  sealAnswer(call: Envelope, answer: Envelope, replaces?: Replaces): Envelope {
    return call.header.signatures?.length ? this.sealError(call, answer, replaces) : answer
  }

  /** Signs an answer to any CALL: who took its signature off must not be able to take off that of the refusal too. */
  sealError(call: Envelope, answer: Envelope, replaces?: Replaces): Envelope {
    const { identity, engine } = this.#parts
    if (!identity) return answer
    return this.#signed(answer, answerTo(call, engine), { identity, times: { iat: this.#seconds(), ...replaces } })
  }

  /** Adds that this node passed the message on, with the signatures and the `answered` that it carries. Never in the origin's place. */
  countersign(envelope: Envelope, question?: Envelope): Envelope {
    const { identity, engine } = this.#parts
    if (!identity) return envelope
    const { signatures = [], answered } = envelope.header
    const ans = answeredHash(answered, engine)
    const times = { iat: this.#seconds(), as: 'countersigner', ovr: signaturesHash(signatures, engine), ...(ans && { ans }) } as const
    return this.#signed(envelope, question ? answerTo(question, engine) : subjectOf(envelope), { identity, times })
  }

  #signed(envelope: Envelope, subject: Omit<Subject, 'message'>, by: { identity: Identity; times: Stated }): Envelope {
    const signature = signMessage({ ...subject, message: envelope.message }, by.identity, by.times)
    return { ...envelope, header: { ...envelope.header, signatures: [...(envelope.header.signatures ?? []), signature] } }
  }

  /** A second signing repeats the number of the first. Else counts one by one, so that the window of replay.ts holds as many orders as it has bits. */
  #count(challenge: Challenge | undefined): Pick<Stated, 'seq' | 'chal'> {
    return challenge ? { seq: challenge.seq, chal: challenge.nonce } : { seq: this.#nextSeq() }
  }

  #nextSeq(): number {
    this.#lastSeq++
    return this.#lastSeq
  }

  #seconds(): number {
    return Math.floor(this.#parts.clock.now() / 1000)
  }
}

type Named = Omit<Subject, 'message'>

const subjectOf = ({ destination, message }: Envelope): Named => ({
  audience: destination.at(-1) as string,
  action: 'action' in message ? message.action : '',
})

/** An answer is bound to its question, and meant for who asked. */
const answerTo = ({ path, message }: Envelope, engine: Engine): Named => ({
  audience: path[0] as string,
  action: 'action' in message ? message.action : '',
  questionHash: questionHash(message, engine),
})
