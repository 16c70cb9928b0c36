// Holds a node's policy: the one in force, kept on disk, and a candidate that is only tried beside it. Takes a signed document or
// refuses it; counts which rules decide, and lists what was refused and why.
import type { Clock, Json, Store } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import type { Journal } from './journal.ts'
import { type Admission, type Arbiter, type Facts, type Policy, PolicyBook, type Voice } from './policy.ts'
import { judgePolicy, type PolicyDocument, type PolicyFlaw, type SignedPolicy } from './policy-document.ts'
import { type Outcome, outcomeOf, Rehearsal, type RehearsalView, Scores, type ScoresView } from './policy-scores.ts'
import type { Bearing, SignatureRuling } from './signature-policy.ts'
import type { TrustStore } from './trust.ts'

export interface PolicyHolderParts {
  readonly self: string
  readonly engine: Engine
  readonly trust: TrustStore
  readonly store: Store
  readonly journal: Pick<Journal, 'write' | 'writeRefusal'>
  readonly clock: Clock
  /** Why a value is no policy document, or nothing. */
  readonly check: (value: Json) => string | undefined
  /** In force until the first signed document was accepted: version 0. */
  readonly initial: Policy
  readonly facts?: Facts
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
  readonly book: PolicyBook
  readonly policy: Policy
  readonly scores: Scores
  readonly version: number
  readonly id: string
  readonly signer?: string
  readonly since?: number
  /** The key that signed it, and the highest version that was in force by another: what is left of the number once that key is revoked. */
  readonly kid?: string
  readonly floor?: number
}

/** Anybody may send documents. */
const REJECTIONS = 20
const COLLECTION = 'policy'
const KEY = 'in-force'

export class PolicyHolder implements Arbiter {
  readonly #parts: PolicyHolderParts
  #held: Held
  #rehearsal: Rehearsal | undefined
  #rejected: readonly Rejection[] = []
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: PolicyHolderParts) {
    this.#parts = parts
    this.#held = this.#kept() ?? { ...this.#heldOf(parts.initial), version: 0, id: 'configuration', since: parts.clock.now() }
  }

  get isSilent(): boolean {
    // what is only tried counts everything that it sees
    return this.#rehearsal === undefined && this.#held.book.isSilent
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
    const { version, id, signer, since, policy, scores } = this.#held
    return {
      ...{ version, id, policy, rejected: this.#rejected },
      ...(since !== undefined && { since }),
      ...(signer !== undefined && { signer }),
      ...scores.view(),
      ...(this.#rehearsal && { rehearsal: this.#rehearsal.view() }),
    }
  }

  async #put(value: Json): Promise<PolicyOutcome> {
    const { self, journal, store, clock } = this.#parts
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
    if (rehearsal) this.rehearse(signed.policy, signer)
    else {
      const since = clock.now()
      const floor = this.#held.kid === kid ? (this.#held.floor ?? 0) : this.#atLeast
      const held = { ...this.#heldOf(signed.policy), ...{ version, id, signer, since, kid, floor } }
      await store.commit([{ collection: COLLECTION, key: KEY, value: { ...(signed as object), signer, since, kid, floor } as Json }])
      this.#held = held
      this.#rehearsal = undefined
    }
    const text = `policy ${id}, version ${version}, signed by ${signer}, is ${rehearsal ? 'only tried' : 'in force'}`
    await journal.write({ kind: 'policy', subject: self, text })
    return { status: 'Accepted', version: this.#held.version }
  }

  /** A document has to be above it. A thief of a key for policies may have used a version that none could follow: revoking the key ends that. */
  get #atLeast(): number {
    const { version, kid, floor = 0 } = this.#held
    return kid !== undefined && this.#parts.trust.isRevoked(kid) ? floor : version
  }

  /** What was accepted before the restart. It was judged then: the key that signed it may be gone by now. */
  #kept(): Held | undefined {
    const kept = this.#parts.store.get(COLLECTION, KEY) as
      | (SignedPolicy & { readonly signer: string } & Pick<Held, 'since' | 'kid' | 'floor'>)
      | undefined
    if (!kept) return undefined
    const { policy, signatures: _, ...about } = kept
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
