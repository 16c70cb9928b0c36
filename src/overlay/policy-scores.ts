// What a policy did: how often each rule decided, what was refused last and why, and, of a policy that is only tried, where it would
// have decided otherwise. Figures for people; nothing rests on them.
import type { Clock } from '../base/ports.ts'
import type { Admission, Policy, PolicyBook } from './policy.ts'
import type { Bearing, SignatureRuling } from './signature-policy.ts'

/** A decision in short. `pass`: a rule found a flaw and let it through. */
export interface Outcome {
  readonly decision: 'accept' | 'reject' | 'drop' | 'pass'
  readonly rule: string
  readonly reason?: string
}

export interface Refusal extends Outcome {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly action: string
  readonly origin: string
  readonly destination: string
}

export interface ScoresView {
  readonly hits: Readonly<Record<string, number>>
  /** Oldest first. */
  readonly refusals: readonly Refusal[]
}

export interface Difference extends Refusal {
  /** What the policy in force decided. */
  readonly inForce: Outcome
}

export interface RehearsalView extends ScoresView {
  readonly id: string
  readonly version: number
  readonly signer?: string
  readonly policy: Policy
  /** Decisions seen, and how many of them would have been others. */
  readonly seen: number
  readonly different: number
  readonly differences: readonly Difference[]
}

/** Rulings of the signature rules, and decisions over orders, in one form. */
export const outcomeOf = (decided: SignatureRuling | Admission): Outcome => {
  if ('accepted' in decided) {
    if (decided.accepted) return { decision: decided.flaw ? 'pass' : 'accept', rule: decided.rule.id }
    return { decision: decided.flaw?.decision === 'drop' ? 'drop' : 'reject', rule: decided.rule, reason: decided.reason }
  }
  if (decided.decision === 'accept') return { decision: 'accept', rule: decided.rule ?? 'none' }
  return { decision: decided.decision, rule: decided.rule, reason: decided.reason }
}

const KEPT = 50

export class Scores {
  readonly #clock: Clock
  /** Ids of rules, and the few names of decisions of none: as many as the policy is long. */
  readonly #hits = new Map<string, number>()
  readonly #refusals: Refusal[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  count({ action, origin, destination }: Bearing, outcome: Outcome): void {
    // what no signature rule was meant for is most of the traffic, and no decision
    if (outcome.rule === 'none') return
    this.#hits.set(outcome.rule, (this.#hits.get(outcome.rule) ?? 0) + 1)
    if (outcome.decision === 'accept') return
    keep(this.#refusals, { at: this.#clock.now(), action: action.slice(0, 64), origin, destination, ...outcome })
  }

  view(): ScoresView {
    return { hits: Object.fromEntries(this.#hits), refusals: [...this.#refusals] }
  }
}

/** A policy beside the one in force. */
export class Rehearsal {
  readonly #policy: Policy & { readonly id: string; readonly version: number }
  readonly #book: PolicyBook
  readonly #clock: Clock
  readonly #signer: string | undefined
  readonly #scores: Scores
  readonly #differences: Difference[] = []
  #seen = 0
  #different = 0

  constructor(policy: Policy & { readonly id: string; readonly version: number }, book: PolicyBook, clock: Clock, signer?: string) {
    this.#policy = policy
    this.#book = book
    this.#clock = clock
    this.#signer = signer
    this.#scores = new Scores(clock)
  }

  compare(message: Bearing, inForce: Outcome, tried: (book: PolicyBook) => Outcome): void {
    const outcome = tried(this.#book)
    this.#scores.count(message, outcome)
    if (inForce.rule === 'none' && outcome.rule === 'none') return
    this.#seen++
    if (outcome.decision === inForce.decision) return
    this.#different++
    const { action, origin, destination } = message
    keep(this.#differences, { at: this.#clock.now(), action: action.slice(0, 64), origin, destination, ...outcome, inForce })
  }

  view(): RehearsalView {
    const { id, version } = this.#policy
    return {
      ...{ id, version, policy: this.#policy, seen: this.#seen, different: this.#different, differences: [...this.#differences] },
      ...(this.#signer !== undefined && { signer: this.#signer }),
      ...this.#scores.view(),
    }
  }
}

const keep = <T>(list: T[], entry: T): void => {
  list.push(entry)
  if (list.length > KEPT) list.shift()
}
