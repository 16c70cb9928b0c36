// What a node finds of the signatures on a message that passes or ends here. Verification fails closed; whether an order is
// obeyed is not decided here (guard.ts).
import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { CALL, type Envelope, ERROR, RESULT, RESULT_ERROR, SEND, type SignatureObject } from '../ocpp/frame.ts'
import { REACHABILITY } from './announcement.ts'
import { destinationOf } from './destinations.ts'
import type { Findings } from './findings.ts'
import type { AnswerEnvelope } from './gatekeeper.ts'
import { Proofs } from './proofs.ts'
import { Hearsay } from './replay.ts'
import { SELF_VOUCHED } from './self-vouched.ts'
import {
  type Claims,
  isOnThis,
  type Judgement,
  judgeSignature,
  readIssuer,
  readTime,
  type SignatureFlaw,
  type SignatureState,
  type Subject,
} from './signature.ts'
import { questionHash } from './signed-text.ts'
import { judgeStranger } from './stranger.ts'
import type { TrustStore } from './trust.ts'

export interface InspectorParts {
  readonly engine: Engine
  readonly clock: Clock
  readonly trust: TrustStore
  /** Told of what arrives here with a count in it, signed by its origin. */
  readonly arrived?: (claims: Claims, path: readonly string[]) => void
}

/** Flaws that prove a change on the way; the others are for the addressee to judge. */
const TAMPERING: readonly SignatureFlaw[] = ['broken', 'wrong-message', 'wrong-issuer', 'malformed', 'other-question', 'other-signatures']
/** Flaws of a clock: what was said is still what its origin said. */
const UNTIMELY: readonly SignatureFlaw[] = ['expired', 'not-yet-valid', 'key-expired', 'key-replaced', 'key-not-yet-valid']
/** A report may have waited; an answer is made now, and no key makes one after its end. */
const ENDED: readonly SignatureFlaw[] = ['key-expired', 'key-replaced']
/** Why news does not count that is what its origin said. */
const UNHEARD = {
  expired: 'it does not say when it ends, or is from before this node was started',
  replayed: 'it has no number that was not told before',
}
/** Each costs a verification, and nobody needs more. */
const MAX_SIGNATURES = 8

type Inspected = Envelope | AnswerEnvelope
interface Found {
  readonly envelope: Inspected
  readonly from: { readonly id: string }
}

export class Inspector {
  readonly #parts: InspectorParts
  #hearsay: Hearsay
  readonly #proofs = new Proofs()

  constructor(parts: InspectorParts) {
    this.#parts = parts
    this.#hearsay = new Hearsay(this.#seconds())
  }

  /** The clock was set: what was told until now is not heard again. */
  restart(): void {
    this.#hearsay = new Hearsay(this.#seconds())
  }

  /** As `Gatekeeper.inspect`. */
  inspect(envelope: Inspected, from: { id: string }, here: boolean, findings?: Findings): SignatureState {
    const found = { envelope, from }
    const { signatures } = envelope.header
    if (!signatures?.length) {
      this.#checkStripped(found)
      if (here) this.#checkVouched(found, [])
      return 'absent'
    }
    const judgements = this.judge(envelope)
    findings?.note(signatures, judgements)
    const tampered = judgements.find((j) => j.state === 'invalid' && TAMPERING.includes(j.flaw))
    if (tampered?.state === 'invalid')
      throw refusal('signature-intact', `the signature of ${envelope.path[0]} does not fit: ${tampered.detail}`, found, tampered.flaw)
    const revoked = judgements.find((j) => j.state === 'invalid' && j.flaw === 'key-revoked')
    if (revoked?.state === 'invalid') throw refusal('signature-key-revoked', revoked.detail, found, revoked.flaw)
    if (here) {
      this.#checkOrigin(found, judgements)
      this.#checkVouched(found, judgements)
      this.#checkHeard(found, judgements)
      this.#countArrival(envelope, judgements)
    }
    // who countersigned says nothing of the origin
    const own = judgements.filter((j) => !j.countersigns)
    if (own.length === 0) return 'absent'
    if (own.some((j) => j.state === 'invalid' && j.flaw !== 'unknown-key')) return 'invalid'
    return own.some(isOnThis) ? 'valid' : 'unchecked'
  }

  /** As `Guard.judge`. */
  judge(envelope: Inspected, isTimely = true): Judgement[] {
    const { trust, engine } = this.#parts
    const { signatures = [] } = envelope.header
    // the header comes as the neighbour wrote it
    if (!Array.isArray(signatures)) throw new Fault('frame-malformed', 'the signatures are not a list')
    if (signatures.length > MAX_SIGNATURES)
      throw new Fault('limit-exceeded', `expected at most ${MAX_SIGNATURES} signatures, got ${signatures.length}`)
    let subject: Subject | undefined
    return signatures.map((signature: SignatureObject, i: number) => {
      const stranger = judgeStranger(signature, trust)
      if (stranger) return stranger
      subject ??= this.#subjectOf(envelope)
      const nowSeconds = isTimely ? this.#seconds() : readTime(signature)
      return judgeSignature(signature, { ...subject, before: signatures.slice(0, i) }, { trust, engine, nowSeconds, proofs: this.#proofs })
    })
  }

  #subjectOf(envelope: Inspected): Subject {
    const { answered } = envelope.header
    const question = questionOf(envelope)
    const named = question?.message ?? envelope.message
    // who refuses a question that was altered on the way can only refuse what it got: see `leavesOpen`
    const isError = envelope.message.type === ERROR
    return {
      message: envelope.message,
      ...(!isError && { action: 'action' in named ? named.action : '' }),
      audience: question ? (question.path[0] as string) : (envelope.destination.at(-1) as string),
      ...(question && { askers: askersOf(question) }),
      ...(question && !isError && { questionHash: questionHash(question.message, this.#parts.engine) }),
      ...(answered !== undefined && { answered }),
    }
  }

  /** Whether an error leaves open what became of the question: it is about another one, which somebody made of it on the way. */
  leavesOpen(question: Envelope, answer: Envelope): boolean {
    if (answer.message.type !== ERROR || !answer.header.signatures?.length) return false
    const req = questionHash(question.message, this.#parts.engine)
    return this.judge({ ...answer, question }).some((j) => j.state === 'valid' && !j.countersigns && j.claims.req !== req)
  }

  /** A node whose key is known here signs what it says. Without its signature somebody took it off, or somebody else speaks. */
  #checkStripped(found: Found): void {
    const { message, path } = found.envelope
    const question = questionOf(found.envelope)
    const isAnswer = message.type === RESULT || message.type === ERROR
    const speaks = isAnswer ? Boolean(question?.header.signatures?.length) : !('action' in message) || message.action !== REACHABILITY
    if (!speaks || !this.#parts.trust.knows(path[0] as string)) return
    throw refusal('signature-present', `${path[0]} signs what it says, and this is not signed`, found, 'stripped')
  }

  /** Where a message ends, the signature of a known origin must be among those it carries: another's does not stand for it. */
  #checkOrigin(found: Found, judgements: readonly Judgement[]): void {
    const { trust } = this.#parts
    const origin = found.envelope.path[0] as string
    const isAnswer = questionOf(found.envelope) !== undefined
    const isOrigins = (j: Judgement): boolean =>
      // a station may know no more than the standard; whom stations ask for permission must name the question
      !j.countersigns &&
      (j.state === 'valid'
        ? j.key.node === origin && (isOnThis(j) || j.key.role === 'station')
        : UNTIMELY.includes(j.flaw) && !(isAnswer && ENDED.includes(j.flaw)) && trust.look(j.kid)?.node === origin)
    if (!trust.knows(origin) || judgements.some(isOrigins)) return
    throw refusal(
      'signature-present',
      `${origin} signs what it says, and no signature here is its own and for this addressee`,
      found,
      'stripped',
    )
  }

  /** What stands in the place of the word of a node that signs: an answer that is not its own, or an `answered` that nobody stands for. */
  #checkVouched(found: Found, judgements: readonly Judgement[]): void {
    const { trust } = this.#parts
    const { message, path, header } = found.envelope
    const [origin, keeper] = path as [string, string?]
    const question = questionOf(found.envelope)
    const asked = question?.header.signatures?.length ? (question.destination.at(-1) as string) : undefined
    // an error may be a hop's, in its own name; a result is the addressee's, or its back end's controller's (docs/protocol.md §5)
    if (asked !== undefined && this.#signs(asked) && !(message.type === ERROR ? trust.knows(origin) : this.#isMeant(origin, asked)))
      throw refusal('answer-vouched', `${asked} signs its answers, and this one is ${origin}'s`, found, 'stripped')
    if (message.type !== CALL || header.answered === undefined) return
    const stands = judgements.some((j) => j.state === 'valid' && j.claims.ans !== undefined && j.key.node === keeper)
    if (stands || (!trust.hasRole('local-controller') && !(keeper && trust.knows(keeper)))) return
    throw refusal('answered-vouched', `${keeper ?? 'nobody'} does not stand for what was answered meanwhile`, found, 'stripped')
  }

  /** What is told and never answered has no other place where its number could be looked at. */
  #checkHeard(found: Found, judgements: readonly Judgement[]): void {
    const { message } = found.envelope
    if (message.type !== SEND && message.type !== RESULT_ERROR) return
    if (message.type === SEND && SELF_VOUCHED.includes(message.action)) return
    for (const judgement of judgements) {
      if (judgement.countersigns) continue
      if (judgement.state === 'invalid' && UNTIMELY.includes(judgement.flaw))
        throw refusal(`signature-${judgement.flaw}`, judgement.detail, found, judgement.flaw)
      const flaw = judgement.state === 'valid' ? this.#hearsay.flawOf(judgement.claims) : undefined
      if (flaw) throw refusal(`signature-${flaw}`, UNHEARD[flaw], found, flaw)
    }
  }

  /** Last, because only what is let in has arrived. */
  #countArrival({ path }: Inspected, judgements: readonly Judgement[]): void {
    const { arrived } = this.#parts
    const own = arrived && judgements.find((j) => j.state === 'valid' && !j.countersigns && j.key.node === path[0])
    if (own?.state === 'valid' && own.claims.cnt !== undefined) arrived?.(own.claims, path)
  }

  #signs(destination: string): boolean {
    const { trust } = this.#parts
    const to = destinationOf(destination)
    return to.kind === 'anycast' ? trust.hasRole(to.role) : trust.knows(destination)
  }

  #isMeant(node: string, destination: string): boolean {
    const { trust } = this.#parts
    const to = destinationOf(destination)
    if (to.kind === 'anycast') return trust.roleOf(node) === to.role
    return node === destination || (trust.roleOf(node) === 'local-controller' && trust.roleOf(destination) === 'csms')
  }

  #seconds(): number {
    return Math.floor(this.#parts.clock.now() / 1000)
  }
}

const askersOf = ({ header }: Envelope): readonly string[] => {
  const { signatures } = header
  return Array.isArray(signatures) ? signatures.map(readIssuer).filter((issuer) => issuer !== undefined) : []
}

const questionOf = (envelope: Inspected): Envelope | undefined => ('question' in envelope ? envelope.question : undefined)

const refusal = (rule: string, reason: string, { envelope, from }: Found, flaw: string): Fault =>
  new Fault('refused', `refused by rule ${rule}: ${reason}; it came over ${from.id}`, {
    rule,
    flaw,
    hop: from.id,
    origin: envelope.path[0],
  })
