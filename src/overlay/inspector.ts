// What a node finds of the signatures on a message that passes or ends here. Verification fails closed; whether an order is
// obeyed is not decided here (guard.ts).
import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { CALL, type Envelope, RESULT, type SignatureObject } from '../ocpp/frame.ts'
import type { AnswerEnvelope } from './gatekeeper.ts'
import { type Judgement, judgeSignature, questionHash, type SignatureFlaw, type SignatureState, type Subject } from './signature.ts'
import type { TrustStore } from './trust.ts'

export interface InspectorParts {
  readonly engine: Engine
  readonly clock: Clock
  readonly trust: TrustStore
}

/** Flaws that prove a change on the way; the others are for the addressee to judge. */
const TAMPERING: readonly SignatureFlaw[] = ['broken', 'wrong-message', 'wrong-issuer', 'malformed', 'other-question']
/** Flaws of a clock: what was said is still what its origin said. */
const UNTIMELY: readonly SignatureFlaw[] = ['expired', 'not-yet-valid']
/** Each costs a verification, and nobody needs more. */
const MAX_SIGNATURES = 8

export class Inspector {
  readonly #parts: InspectorParts

  constructor(parts: InspectorParts) {
    this.#parts = parts
  }

  inspect(envelope: Envelope | AnswerEnvelope, from: { id: string }, here: boolean): SignatureState {
    const { signatures } = envelope.header
    if (!signatures?.length) {
      this.#checkStripped(envelope, from)
      return 'absent'
    }
    const judgements = this.judge(envelope)
    const tampered = judgements.find((j) => j.state === 'invalid' && TAMPERING.includes(j.flaw))
    if (tampered?.state === 'invalid') {
      throw this.#refusal('signature-intact', `the signature of ${envelope.path[0]} does not fit: ${tampered.detail}`, {
        envelope,
        from,
        flaw: tampered.flaw,
      })
    }
    if (here) this.#checkOrigin(envelope, from, judgements)
    if (judgements.some((j) => j.state === 'invalid' && j.flaw !== 'unknown-key')) return 'invalid'
    return judgements.some((j) => j.state === 'valid') ? 'valid' : 'unchecked'
  }

  /** Every signature of a message, judged against the trust store. An answer is judged together with its question. */
  judge(envelope: Envelope | AnswerEnvelope): Judgement[] {
    const { trust, engine } = this.#parts
    const { signatures = [] } = envelope.header
    // the header comes as the neighbour wrote it
    if (!Array.isArray(signatures)) throw new Fault('frame-malformed', 'the signatures are not a list')
    if (signatures.length > MAX_SIGNATURES)
      throw new Fault('limit-exceeded', `expected at most ${MAX_SIGNATURES} signatures, got ${signatures.length}`)
    const question = 'question' in envelope ? envelope.question : undefined
    const named = question?.message ?? envelope.message
    const subject: Subject = {
      message: envelope.message,
      action: 'action' in named ? named.action : '',
      audience: question ? (question.path[0] as string) : (envelope.destination.at(-1) as string),
      ...(question && { questionHash: questionHash(question.message, engine) }),
    }
    return signatures.map((signature: SignatureObject) =>
      judgeSignature(signature, subject, { trust, engine, nowSeconds: this.#seconds() }),
    )
  }

  /** A node whose key is known here signs what it says. Without its signature somebody took it off, or somebody else speaks. */
  #checkStripped(envelope: Envelope | AnswerEnvelope, from: { id: string }): void {
    const { message, path } = envelope
    const speaks =
      message.type === CALL || (message.type === RESULT && 'question' in envelope && Boolean(envelope.question.header.signatures?.length))
    if (!speaks || !this.#parts.trust.knows(path[0] as string)) return
    throw this.#refusal('signature-present', `${path[0]} signs what it says, and this is not signed`, { envelope, from, flaw: 'stripped' })
  }

  /** Where a message ends, the signature of a known origin must be among those it carries: another's does not stand for it. */
  #checkOrigin(envelope: Envelope, from: { id: string }, judgements: readonly Judgement[]): void {
    const { trust } = this.#parts
    const origin = envelope.path[0] as string
    const isOrigins = (j: Judgement): boolean =>
      j.state === 'valid' ? j.key.node === origin : UNTIMELY.includes(j.flaw) && trust.find(j.kid)?.node === origin
    if (!trust.knows(origin) || judgements.some(isOrigins)) return
    throw this.#refusal('signature-present', `${origin} signs what it says, and none of the signatures is its own`, {
      envelope,
      from,
      flaw: 'stripped',
    })
  }

  #refusal(rule: string, reason: string, found: { envelope: Envelope; from: { id: string }; flaw: string }): Fault {
    const hop = found.from.id
    return new Fault('refused', `refused by rule ${rule}: ${reason}; it came over ${hop}`, {
      rule,
      flaw: found.flaw,
      hop,
      origin: found.envelope.path[0],
    })
  }

  #seconds(): number {
    return Math.floor(this.#parts.clock.now() / 1000)
  }
}
