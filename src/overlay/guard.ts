// The node's gatekeeper: signs what the node says (sealer.ts), judges what others signed (inspector.ts), and decides with the
// policy whether an order is obeyed. What was decided is in the journal before anyone is answered.
import { Fault } from '../base/fault.ts'
import type { Change, Clock, Random, Store } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { CALL, type Envelope } from '../ocpp/frame.ts'
import { bearingOf } from './bearing.ts'
import { Challenges, checkChallenge } from './challenge.ts'
import { ClockQuality, type TimeSource } from './clock-quality.ts'
import { type CountersignRule, isCountersigned } from './countersigning.ts'
import { isUnknownAnswer } from './error-answer.ts'
import { Evidence } from './evidence.ts'
import type { Findings } from './findings.ts'
import type { AnswerEnvelope, Gatekeeper } from './gatekeeper.ts'
import { Inspector } from './inspector.ts'
import type { Journal } from './journal.ts'
import { CLOCK_SLACK_MS } from './journal-heads.ts'
import type { Passage } from './passage.ts'
import { judgesItself, type Peer } from './peer.ts'
import { type Admission, type Arbiter, type Policy, PolicyBook, type Voice } from './policy.ts'
import type { PowerKeeper } from './power-keeper.ts'
import { admitSequence, isSequence } from './replay.ts'
import { ORDER_LIFE, type Reporting, Sealer, type Sealing } from './sealer.ts'
import { isSecret, type Secrecy } from './secrecy.ts'
import type { Claims, Identity, Judgement, Replaces, SignatureState } from './signature.ts'
import type { TrustStore } from './trust.ts'

export interface GuardParts {
  readonly engine: Engine
  readonly clock: Clock
  /** Without it no order is obeyed while the clock is not to be trusted. */
  readonly random?: Random
  /** The one that the journal is in. */
  readonly store: Store
  readonly trust: TrustStore
  /** The policy itself, or one who holds it and may get another. */
  readonly policy: Policy | Arbiter
  readonly journal: Journal
  /** What this node countersigns when it passes it on; nothing where it is missing. */
  readonly countersign?: readonly CountersignRule[]
  /** Who this node signs as; a node without a key says nothing signed. */
  readonly identity?: Identity
  /** Who vouches for the clock; without it nobody does. */
  readonly source?: TimeSource
  /** Opens what is encrypted for this node, and refuses what should be. */
  readonly secrecy?: Secrecy
  /** Told of what arrives here with a count in it, signed by its origin. */
  readonly arrived?: (claims: Claims, path: readonly string[]) => void
  /** Keeps what was measured around orders to limit power. */
  readonly power?: PowerKeeper
  /** Told when the answer to an order could not be written down. */
  readonly failed?: (fault: Fault) => void
}

export class Guard implements Gatekeeper {
  readonly #parts: GuardParts
  readonly #sealer: Sealer
  readonly #inspector: Inspector
  readonly #arbiter: Arbiter
  readonly #evidence: Evidence
  /** What this node's clock is good for. */
  readonly quality: ClockQuality
  readonly #challenges: Challenges | undefined
  /** Orders signed before that do not count, seconds since 1970. */
  #notBefore: number

  constructor(parts: GuardParts) {
    this.#parts = parts
    this.#arbiter = 'admit' in parts.policy ? parts.policy : new PolicyBook(parts.policy)
    this.#sealer = new Sealer(parts)
    this.#inspector = new Inspector(parts)
    this.#evidence = new Evidence(parts.journal, parts.failed)
    // a store that was set back knows windows of before: what was signed while another process judged is left to that one
    this.quality = new ClockQuality(parts.clock, parts.journal.lastAt(), parts.source)
    this.#notBefore = this.#beginning()
    this.#challenges = parts.random && new Challenges(parts.clock, parts.random)
  }

  /** Name of the key that this node signs with now. */
  get kid(): string | undefined {
    return this.#parts.identity?.kid
  }

  /** Signs an order, or what is told and never answered: it expires, and counts once. */
  sealCall(envelope: Envelope, sealing?: Sealing): Envelope {
    return this.#sealer.sealCall(envelope, sealing)
  }

  /** Signs a statement of fact, which stays true: a station's reports may wait for days in a queue. */
  sealReport(envelope: Envelope, reporting?: Reporting): Envelope {
    return this.#sealer.sealReport(envelope, reporting)
  }

  /** Signs an answer or an error to a CALL that was signed. */
  sealAnswer(call: Envelope, answer: Envelope, replaces?: Replaces): Envelope {
    return this.#sealer.sealAnswer(call, answer, replaces)
  }

  sealError(call: Envelope, error: Envelope): Envelope {
    return this.#sealer.sealError(call, error)
  }

  /** Adds that this node passed the message on as it is. An answer is countersigned together with its question. */
  countersign(envelope: Envelope, question?: Envelope): Envelope {
    return this.#sealer.countersign(envelope, question)
  }

  passOn(envelope: Envelope, passage: () => Passage): Envelope {
    const { countersign: rules, identity } = this.#parts
    if (!rules?.length || !identity) return envelope
    const known = passage()
    return isCountersigned(rules, envelope, known) ? this.countersign(envelope, known.question) : envelope
  }

  inspect(envelope: Envelope | AnswerEnvelope, from: { id: string }, here: boolean, findings?: Findings): SignatureState {
    const state = this.#inspector.inspect(envelope, from, here, findings)
    this.passed(envelope)
    return state
  }

  /** A message went by that nobody inspects, for those who keep evidence. */
  passed(envelope: Envelope | AnswerEnvelope): void {
    this.#parts.power?.passed(envelope)
  }

  /**
   * Whether an answer leaves open if the question was acted on: it says so, or it is an error about another question, so that the right one
   * may have gone on all the same.
   */
  leavesOpen(question: Envelope, answer: Envelope): boolean {
    return isUnknownAnswer(answer) || this.#inspector.leavesOpen(question, answer)
  }

  /**
   * Every signature of a message, judged against the trust store. An answer is judged together with its question.
   * @param isTimely false leaves open whether it comes in its time
   */
  judge(envelope: Envelope | AnswerEnvelope, isTimely = true): Judgement[] {
    return this.#inspector.judge(envelope, isTimely)
  }

  /**
   * Decides whether an order addressed to this node is obeyed; resolves with the rule that allows it once that is durable.
   * @param linkRole the role of whoever is at the other end of a link that this node dialled, where the link itself is the proof
   * @throws Fault `refused` with `rule`, `flaw` and `at`; Fault `store-failed`
   */
  async admit(given: Envelope, self: string, linkRole?: string): Promise<string> {
    const { trust, secrecy } = this.#parts
    const envelope = secrecy?.sent(given) ?? given
    const { message } = envelope
    if (message.type !== CALL) throw new Fault('internal', 'only a CALL can be an order')
    let judgements: Judgement[] = []
    const isTimely = this.#isTimely()
    try {
      // who may have missed a revocation obeys nobody
      if (!trust.fresh) throw refused('keys-fresh', 'no revocations are known that are recent enough')
      if (!isTimely && trust.ages) throw refused('keys-fresh', 'without the time nobody can tell whether the revocations are recent enough')
      judgements = this.judge(envelope, isTimely).filter((j) => !this.#isPassing(j))
      const voices: Voice[] = judgements.map((j) => (j.state === 'valid' ? j.key : this.#flawed(j)))
      if (linkRole !== undefined) voices.push({ node: envelope.path[0] as string, role: linkRole })
      const read = await this.#read(envelope, self)
      const decision = this.#arbiter.admit(bearingOf(read, { here: self, direction: 'down', ends: true }), voices)
      if (!decision.accepted) throw refusal(decision)
      const issuers = new Set(judgements.map((j) => j.state === 'valid' && j.claims.iss))
      if (issuers.size < judgements.length) throw refused('signature-replayed', 'one node signed the order twice', 'replayed')
      if (!isTimely) checkChallenge(judgements, this.#challenges)
      const maxAge = isTimely ? (decision.rule.maxAgeSeconds ?? ORDER_LIFE) : undefined
      const changes = judgements.map((j) => this.#fresh(j, maxAge))
      // one write for both: an order that is in the journal has its number used up, and the other way round
      await this.#evidence.accepted(
        { envelope, read, rule: decision.rule.id, judgements },
        changes.filter((change) => change !== undefined),
      )
      return decision.rule.id
    } catch (error) {
      if (!(error instanceof Fault) || (error.code !== 'refused' && error.code !== 'dropped')) throw error
      await this.#evidence.refused(envelope, error, judgements)
      throw new Fault(error.code, error.message, { ...error.data, at: self }, error)
    }
  }

  /** Nothing that was signed before that moment counts, ms: this node was already there then, by its own word. */
  notBefore(ms: number): void {
    this.quality.seen(ms)
    this.#notBefore = Math.max(this.#notBefore, Math.floor(ms / 1000))
  }

  /** The clock was set: what was counted from the old time begins anew. What was signed until now does not count. */
  clockStepped(): void {
    this.#notBefore = this.#beginning()
    this.#sealer.restart()
    this.#inspector.restart()
  }

  /** An order that was admitted as it can be read. */
  plain(order: Envelope): Envelope {
    return this.#parts.secrecy?.plain(order) ?? order
  }

  /** A message of this node's own on its way to be encrypted; undefined where it leaves as it is. Rejects as `Secrecy.hide`. */
  hide(envelope: Envelope): Promise<Envelope> | undefined {
    const { secrecy } = this.#parts
    return secrecy?.hides(envelope) ? secrecy.hide(envelope) : undefined
  }

  /** A message for this node as it can be read; an answer with its question. Rejects as `Secrecy.open`. */
  async open(envelope: Envelope, question?: Envelope): Promise<Envelope> {
    return this.#parts.secrecy?.open(envelope, question) ?? envelope
  }

  /** An answer or error as it leaves: encrypted for who asked, where the question was. */
  async hideAnswer(question: Envelope, answer: Envelope): Promise<Envelope> {
    return this.#parts.secrecy?.hideAnswer(question, answer) ?? answer
  }

  /** A station whose key is known here judges orders itself, where it is shown who signed them; for every other one the last overlay node does. */
  async protect(envelope: Envelope, station: Peer, self: string): Promise<void> {
    const { id, protocol, deputised = false } = station
    // what is encrypted nobody can say in its own name
    const judges = judgesItself({ id, ...(protocol && { protocol }), deputised: deputised && !isSecret(envelope) }, this.#parts.trust)
    if (!judges) await this.admit(envelope, self)
  }

  answered(question: Envelope, asked: Promise<Envelope>): void {
    this.#evidence.answered(question, asked)
  }

  /** Who countersigned passed the order on and does not give it: that lends no role, and is no reason to refuse unless it is false. */
  #isPassing(judgement: Judgement): boolean {
    if (!judgement.countersigns) return false
    if (judgement.state === 'invalid' && judgement.flaw !== 'unknown-key') this.#flawed(judgement)
    return true
  }

  /** Who decides in another's place cannot read what is encrypted for that one, and lets nothing pass unseen. */
  async #read(envelope: Envelope, self: string): Promise<Envelope> {
    const { secrecy } = this.#parts
    if (envelope.destination.at(-1) === self && secrecy) return secrecy.open(envelope)
    if (!isSecret(envelope)) return envelope
    throw refused('encryption-key', 'it is encrypted, and this node cannot read it')
  }

  #flawed(judgement: Judgement & { state: 'invalid' }): never {
    throw refused(`signature-${judgement.flaw}`, judgement.detail, judgement.flaw)
  }

  /** An order must say when it ends, soon (where that can be judged), and carry a number that was not used before. */
  #fresh(judgement: Judgement, maxAgeSeconds: number | undefined): Change | undefined {
    if (judgement.state !== 'valid') return undefined
    const { iss, aud, iat, exp, seq } = judgement.claims
    if (maxAgeSeconds !== undefined && (exp === undefined || exp - iat > maxAgeSeconds))
      throw refused('signature-expired', `an order must end within ${maxAgeSeconds} s`, 'expired')
    if (maxAgeSeconds !== undefined && iat < this.#notBefore)
      throw refused('signature-expired', 'it was signed before this node was started, which may have obeyed it then', 'expired')
    if (!isSequence(seq)) throw refused('signature-replayed', 'an order must carry a sequence number', 'replayed')
    const change = admitSequence(this.#parts.store, { iss, aud }, seq)
    if (!change) throw refused('signature-replayed', 'this order was given before', 'replayed')
    return change
  }

  /** Whether times can be judged now. Where they could not before, what was signed until now is left to those who could. */
  #isTimely(): boolean {
    const { clock, trust } = this.#parts
    // a clock that was set back would make old news of revocations fresh
    const isTrusted = this.quality.isTrusted && clock.now() >= trust.issuedAt - CLOCK_SLACK_MS
    if (!isTrusted) this.#notBefore = Number.POSITIVE_INFINITY
    else if (this.#notBefore === Number.POSITIVE_INFINITY) this.#notBefore = this.#seconds()
    return isTrusted
  }

  #beginning(): number {
    return this.quality.isTrusted ? this.#seconds() : Number.POSITIVE_INFINITY
  }

  #seconds(): number {
    return Math.floor(this.#parts.clock.now() / 1000)
  }
}

/** What a rule drops, nobody is told of. */
const refusal = ({ rule, reason, flaw }: Admission & { accepted: false }): Fault =>
  flaw?.decision === 'drop' ? new Fault('dropped', `dropped by rule ${rule}: ${reason}`, { rule }) : refused(rule, reason)

const refused = (rule: string, reason: string, flaw?: string): Fault =>
  new Fault('refused', `refused by rule ${rule}: ${reason}`, { rule, ...(flaw && { flaw }) })
