// Holds a node's policy: the one in force, kept on disk (policy-shelf.ts), and a candidate that is only tried beside it. Takes a signed document or
// refuses it; counts which rules decide, and lists what was refused and why. Where the one in force is lost, nothing is allowed until the next.
import type { Clock, Json, Store } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import type { Journal } from './journal.ts'
import { type Admission, type Arbiter, type Facts, type Policy, PolicyBook, type Voice } from './policy.ts'
import { judgePolicy, type PolicyDocument, type PolicyFlaw } from './policy-document.ts'
import { type Outcome, outcomeOf, Rehearsal, type RehearsalView, Scores, type ScoresView } from './policy-scores.ts'
import { type Kept, keeping, POLICY_ON_DISK, readShelf, type Said, sayingOf } from './policy-shelf.ts'
import type { Bearing, SignatureRuling } from './signature-policy.ts'
import type { TrustStore } from './trust.ts'

export interface PolicyHolderParts {
  readonly self: string
  readonly engine: Engine
  readonly trust: TrustStore
  readonly store: Store
  readonly journal: Pick<Journal, 'write' | 'writeRefusal' | 'newestOf'>
  readonly clock: Clock
  /** Why a value is no policy document, or nothing. */
  readonly check: (value: Json) => string | undefined
  /** In force until the first signed document was accepted: version 0. */
  readonly initial: Policy
  readonly facts?: Facts
  /** Told when what became of the policy at the start could not be written down. */
  readonly failed?: (error: unknown) => void
}

/** The answer to `org.chargeproof.SetPolicy`: what became of the document, and the version in force now. */
export interface PolicyOutcome {
  readonly status: 'Accepted' | 'Rejected'
  readonly version: number
  readonly flaw?: PolicyFlaw
  readonly reason?: string
}

/** The policy as people see it. */
export interface PolicyState extends ScoresView {
  /** 0 for the node's own configuration file. */
  readonly version: number
  readonly id: string
  /** The administrator who signed it; missing for the node's own file. */
  readonly signer?: string
  /** In force since, milliseconds since 1970; of the node's own file, since it started. */
  readonly since?: number
  readonly policy: Policy
  /** Why the policy that was in force could not be read back: nothing is allowed. Version 0 then, and the policy is empty. */
  readonly lost?: string
  /** Documents that were turned away, oldest first. */
  readonly rejected: readonly Rejection[]
  readonly rehearsal?: RehearsalView
}

export interface Rejection {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly flaw: PolicyFlaw
  readonly reason: string
}

interface Held {
  readonly book: Arbiter
  readonly policy: Policy
  readonly scores: Scores
  readonly version: number
  readonly id: string
  readonly signer?: string
  readonly since?: number
  /** The key that signed it. */
  readonly kid?: string
  /** What the journal says of it; nothing of the node's own file. */
  readonly said?: Said
  readonly lost?: string
}

/** Anybody may send documents. */
const REJECTIONS = 20

export class PolicyHolder implements Arbiter {
  readonly #parts: PolicyHolderParts
  #held: Held
  #rehearsal: Rehearsal | undefined
  #rejected: readonly Rejection[] = []
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: PolicyHolderParts) {
    this.#parts = parts
    this.#held = this.#begin()
    if (this.#held.lost !== undefined) this.#awaitKeys()
  }

  get isSilent(): boolean {
    // what is only tried counts everything that it sees
    return this.#rehearsal === undefined && this.#held.book.isSilent === true
  }

  weigh(message: Bearing, voices: () => readonly Voice[]): SignatureRuling {
    let judged: readonly Voice[] | undefined
    // one verification for both policies
    const once = (): readonly Voice[] => {
      judged ??= voices()
      return judged
    }
    const ruling = this.#held.book.weigh(message, once)
    this.#count(message, outcomeOf(ruling), (book) => outcomeOf(book.weigh(message, once)))
    return ruling
  }

  admit(message: Bearing, voices: readonly Voice[]): Admission {
    const admission = this.#held.book.admit(message, voices)
    this.#count(message, outcomeOf(admission), (book) => outcomeOf(book.admit(message, voices)))
    return admission
  }

  /**
   * Takes a signed document, or refuses it and leaves the old one in force; one after the other.
   * @throws Fault `store-failed`; then the old one stays in force too
   */
  put(value: Json): Promise<PolicyOutcome> {
    const turn = this.#turn.then(() => this.#put(value))
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  /** Tries a document beside the one in force. It need not be signed by anybody: it decides nothing. */
  rehearse(policy: PolicyDocument, signer?: string): void {
    this.#rehearsal = new Rehearsal(policy, new PolicyBook(policy, this.#parts.facts), this.#parts.clock, signer)
  }

  endRehearsal(): void {
    this.#rehearsal = undefined
  }

  state(): PolicyState {
    const { version, id, signer, since, policy, scores, lost } = this.#held
    return {
      ...{ version, id, policy, rejected: this.#rejected },
      ...(lost !== undefined && { lost }),
      ...(since !== undefined && { since }),
      ...(signer !== undefined && { signer }),
      ...scores.view(),
      ...(this.#rehearsal && { rehearsal: this.#rehearsal.view() }),
    }
  }

  async #put(value: Json): Promise<PolicyOutcome> {
    const { self, journal, engine, clock } = this.#parts
    const judgement = judgePolicy(value, { ...this.#parts, version: this.#atLeast })
    if (judgement.state === 'refused') {
      const { flaw, reason } = judgement
      this.#rejected = [...this.#rejected, { at: clock.now(), flaw, reason }].slice(-REJECTIONS)
      await journal.writeRefusal({
        kind: 'policy',
        subject: self,
        rule: 'policy-document',
        text: `a policy was refused (${flaw}): ${reason}`,
      })
      return { status: 'Rejected', version: this.#held.version, flaw, reason }
    }
    const { signed, signer, kid } = judgement
    const { id, version, rehearsal } = signed.policy
    const entry = { kind: 'policy', subject: self, text: `policy ${id}, version ${version}, signed by ${signer}, is ` } as const
    if (rehearsal) {
      this.rehearse(signed.policy, signer)
      await journal.write({ ...entry, text: `${entry.text}only tried` })
    } else {
      const since = clock.now()
      const floor = this.#held.kid === kid ? (this.#held.said?.floor ?? 0) : this.#atLeast
      const said = sayingOf(signed.policy, { floor, kid }, engine)
      // one write for both: what lies on the disk is what the journal says
      await journal.write({ ...entry, text: `${entry.text}in force`, data: { ...said } }, [keeping(signed, { since, said })])
      this.#held = this.#heldAgain({ policy: signed.policy, signer, kid, since, said })
      this.#rehearsal = undefined
    }
    return { status: 'Accepted', version: this.#held.version }
  }

  /** Says once more which policy is in force, or is lost, before an older entry that says so leaves the store. Rejects with Fault `store-failed`. */
  async restate(): Promise<void> {
    const { said, lost } = this.#held
    if (!said) return
    const { journal, self } = this.#parts
    const text = `version ${said.version} of the policy is ${lost === undefined ? 'in force' : 'lost'} still`
    await journal.write({ kind: 'policy', subject: self, text, data: { ...said } })
  }

  /** A document has to be above it. A thief of a key for policies may have used a version that none could follow: revoking the key ends that. */
  get #atLeast(): number {
    const { version, lost, said: { version: was, floor, kid } = { version: 0, floor: 0 } } = this.#held
    if (kid !== undefined && this.#parts.trust.isRevoked(kid)) return floor
    // the one that is lost may be delivered again
    return lost === undefined ? version : Math.max(floor, was - 1)
  }

  /** What was accepted before the restart, judged anew. Nothing stands in for one that is lost: an older one, or the file's, may allow more. */
  #begin(): Held {
    const { initial, clock, journal, self, failed = () => undefined } = this.#parts
    const found = readShelf(this.#parts)
    if (found.state === 'none') return { ...this.#heldOf(initial), version: 0, id: 'configuration', since: clock.now() }
    if (found.state === 'kept') return this.#heldAgain(found.kept)
    const { why, said } = found
    const text = `the policy that was in force is not believed of the own disk: ${why}. Nothing is allowed until one is delivered`
    journal.write({ kind: 'security', subject: self, rule: POLICY_ON_DISK, text, data: { ...said } }).catch(failed)
    return { ...this.#heldOf({ rules: [] }), book: denying(why), version: 0, id: 'none', since: clock.now(), said, lost: why }
  }

  /** A key that vouches for it may be told by the neighbours. */
  #awaitKeys(): void {
    const stop = this.#parts.trust.watch(({ purposes }) => {
      if (this.#held.lost === undefined) return stop()
      const found = purposes.includes('policy') ? readShelf(this.#parts) : undefined
      if (found?.state !== 'kept') return
      stop()
      this.#held = this.#heldAgain(found.kept)
    })
  }

  #heldAgain({ policy, ...about }: Kept): Held {
    return { ...this.#heldOf(policy), version: policy.version, id: policy.id, ...about }
  }

  #heldOf(policy: Policy): Pick<Held, 'book' | 'policy' | 'scores'> {
    return { book: new PolicyBook(policy, this.#parts.facts), policy, scores: new Scores(this.#parts.clock) }
  }

  #count(message: Bearing, outcome: Outcome, tried: (book: PolicyBook) => Outcome): void {
    this.#held.scores.count(message, outcome)
    this.#rehearsal?.compare(message, outcome, tried)
  }
}

/** Control fails closed; what stations report goes on. */
const denying = (why: string): Arbiter => ({
  isSilent: true,
  weigh: () => ({ decision: 'accept' }),
  admit: () => ({ accepted: false, rule: POLICY_ON_DISK, reason: `the policy of this node is lost: ${why}` }),
})
