// How this node signs what it says: orders, reports and answers. What a signature covers is decided in signature.ts.
import type { Clock } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { CALL, type Envelope, ERROR } from '../ocpp/frame.ts'
import { type Identity, questionHash, type Replaces, type Stated, type Subject, signMessage } from './signature.ts'

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
}

export class Sealer {
  readonly #parts: SealerParts
  #lastSeq: number

  constructor(parts: SealerParts) {
    this.#parts = parts
    // microseconds, below 2^53 until the year 2255: so it rises over restarts too, as long as the clock does
    this.#lastSeq = parts.clock.now() * 1000
  }

  /** Signs an order: it expires, and counts once. */
  sealCall(envelope: Envelope, sealing: Sealing = {}): Envelope {
    const identity = sealing.identity ?? this.#parts.identity
    if (!identity || envelope.message.type !== CALL) return envelope
    const iat = this.#seconds()
    const times = { iat, exp: iat + (sealing.expiresInSeconds ?? ORDER_LIFE), seq: this.#nextSeq(), ...sealing.replaces }
    return this.#signed(
      envelope,
      { audience: sealing.audience ?? (envelope.destination.at(-1) as string), action: envelope.message.action },
      { identity, times },
    )
  }

  /** Signs a statement of fact, which stays true: a station's reports may wait for days in a queue. */
  sealReport(envelope: Envelope, replaces?: Replaces): Envelope {
    const { identity } = this.#parts
    if (!identity || envelope.message.type !== CALL) return envelope
    return this.#signed(
      envelope,
      { audience: envelope.destination.at(-1) as string, action: envelope.message.action },
      { identity, times: { iat: this.#seconds(), ...replaces } },
    )
  }

  sealAnswer(call: Envelope, answer: Envelope, replaces?: Replaces): Envelope {
    const { identity, engine } = this.#parts
    if (!identity || !call.header.signatures?.length || call.message.type !== CALL) return answer
    const subject = { audience: call.path[0] as string, action: call.message.action, questionHash: questionHash(call.message, engine) }
    return this.#signed(answer, subject, { identity, times: { iat: this.#seconds(), ...replaces } })
  }

  #signed(envelope: Envelope, subject: Omit<Subject, 'message'>, by: { identity: Identity; times: Stated }): Envelope {
    // an error travels with what it says about itself; only results and questions are signed
    if (envelope.message.type === ERROR) return envelope
    const signature = signMessage({ ...subject, message: envelope.message }, by.identity, by.times)
    return { ...envelope, header: { ...envelope.header, signatures: [...(envelope.header.signatures ?? []), signature] } }
  }

  /** Counts one by one, so that the window of replay.ts holds as many orders as it has bits. */
  #nextSeq(): number {
    this.#lastSeq++
    return this.#lastSeq
  }

  #seconds(): number {
    return Math.floor(this.#parts.clock.now() / 1000)
  }
}
