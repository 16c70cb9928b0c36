// The node's gatekeeper: signs what the node says, judges what others signed, and decides with the policy whether an order
// is obeyed. Verification fails closed; what was decided is in the journal before anyone is answered.
import { Fault } from '../base/fault.ts'
import type { Change, Clock, Store } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { CALL, type Envelope, ERROR, RESULT, type SignatureObject } from '../ocpp/frame.ts'
import { carriesSignatures } from './custom-data.ts'
import type { AnswerEnvelope, Gatekeeper } from './gatekeeper.ts'
import type { Journal } from './journal.ts'
import type { Peer } from './peer.ts'
import { decide, type Policy } from './policy.ts'
import { admitSequence } from './replay.ts'
import {
  type Identity,
  type Judgement,
  judgeSignature,
  questionHash,
  type Replaces,
  type SignatureFlaw,
  type SignatureState,
  type Stated,
  type Subject,
  signMessage,
} from './signature.ts'
import type { TrustStore } from './trust.ts'

/** How long an order signed here stays valid, in seconds. */
const ORDER_LIFE = 60

export interface GuardParts {
  readonly engine: Engine
  readonly clock: Clock
  readonly store: Store
  readonly trust: TrustStore
  readonly policy: Policy
  readonly journal: Journal
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

/** Flaws that prove a change on the way; the others are for the addressee to judge. */
const TAMPERING: readonly SignatureFlaw[] = ['broken', 'wrong-message', 'wrong-issuer', 'malformed', 'other-question']
/** Flaws of a clock: what was said is still what its origin said. */
const UNTIMELY: readonly SignatureFlaw[] = ['expired', 'not-yet-valid', 'key-expired', 'key-replaced', 'key-not-yet-valid']
/** Each costs a verification, and nobody needs more. */
const MAX_SIGNATURES = 8

export class Guard implements Gatekeeper {
  readonly #parts: GuardParts
  #lastSeq: number

  constructor(parts: GuardParts) {
    this.#parts = parts
    // microseconds, below 2^53 until the year 2255: so it rises over restarts too, as long as the clock does
    this.#lastSeq = parts.clock.now() * 1000
  }

  /** Name of the key that this node signs with now. */
  get kid(): string | undefined {
    return this.#parts.identity?.kid
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
    const revoked = judgements.find((j) => j.state === 'invalid' && j.flaw === 'key-revoked')
    if (revoked?.state === 'invalid') throw this.#refusal('signature-key-revoked', revoked.detail, { envelope, from, flaw: revoked.flaw })
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

  /**
   * Decides whether an order addressed to this node is obeyed; resolves with the rule that allows it once that is durable.
   * @param linkRole the role of whoever is at the other end of a link that this node dialled, where the link itself is the proof
   * @throws Fault `refused` with `rule`, `flaw` and `at`; Fault `store-failed`
   */
  async admit(envelope: Envelope, self: string, linkRole?: string): Promise<string> {
    const { policy, journal, store, trust } = this.#parts
    const { message } = envelope
    if (message.type !== CALL) throw new Fault('internal', 'only a CALL can be an order')
    try {
      // who may have missed a revocation obeys nobody
      if (!trust.fresh) throw refused('keys-fresh', 'no revocations are known that are recent enough')
      const judgements = this.judge(envelope)
      const roles = judgements.map((j) => (j.state === 'valid' ? j.key.role : this.#flawed(j)))
      const shown = linkRole === undefined ? roles : [...roles, linkRole]
      const decision = decide(policy, { action: message.action, payload: message.payload.value, roles: shown })
      if (!decision.accepted) throw refused(decision.rule, decision.reason)
      const issuers = new Set(judgements.map((j) => j.state === 'valid' && j.claims.iss))
      if (issuers.size < judgements.length) throw refused('signature-replayed', 'one node signed the order twice', 'replayed')
      const changes = judgements.map((j) => this.#fresh(j, decision.rule.maxAgeSeconds ?? ORDER_LIFE))
      await store.commit(changes.filter((change) => change !== undefined))
      await journal.write({
        kind: 'order-accepted',
        subject: envelope.path[0] as string,
        text: `${message.action} for ${envelope.destination.at(-1)}`,
        rule: decision.rule.id,
        data: message.payload.value,
      })
      return decision.rule.id
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'refused') throw error
      await journal.write({
        kind: 'order-refused',
        subject: envelope.path[0] as string,
        text: `${message.action}: ${error.message}`,
        rule: String(error.data.rule),
      })
      throw new Fault('refused', error.message, { ...error.data, at: self }, error)
    }
  }

  /** A station whose key is known here judges orders itself; for every other one the last overlay node does. */
  async protect(envelope: Envelope, station: Peer, self: string): Promise<void> {
    const judges = station.protocol !== undefined && carriesSignatures(station.protocol) && this.#parts.trust.knows(station.id)
    if (!judges) await this.admit(envelope, self)
  }

  #flawed(judgement: Judgement & { state: 'invalid' }): never {
    throw refused(`signature-${judgement.flaw}`, judgement.detail, judgement.flaw)
  }

  /** An order must say when it ends, soon, and carry a number that was not used before. */
  #fresh(judgement: Judgement, maxAgeSeconds: number): Change | undefined {
    if (judgement.state !== 'valid') return undefined
    const { iss, aud, iat, exp, seq } = judgement.claims
    if (exp === undefined || exp - iat > maxAgeSeconds)
      throw refused('signature-expired', `an order must end within ${maxAgeSeconds} s`, 'expired')
    if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1)
      throw refused('signature-replayed', 'an order must carry a sequence number', 'replayed')
    const change = admitSequence(this.#parts.store, { iss, aud }, seq)
    if (!change) throw refused('signature-replayed', 'this order was given before', 'replayed')
    return change
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
      j.state === 'valid' ? j.key.node === origin : UNTIMELY.includes(j.flaw) && trust.look(j.kid)?.node === origin
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

const refused = (rule: string, reason: string, flaw?: string): Fault =>
  new Fault('refused', `refused by rule ${rule}: ${reason}`, { rule, ...(flaw && { flaw }) })
