// A policy: which messages must be signed by whom, and who may ask for what. Whoever holds one asks it about a message on its
// way, and about an order where it ends; nothing is done here, and nothing written down.
import type { Json } from '../base/ports.ts'
import type { Lookups } from './condition.ts'
import { type Decision, RoleBook, type RolePolicy, type Signer } from './roles.ts'
import { type Bearing, SignatureBook, type SignaturePolicy, type SignatureRuling } from './signature-policy.ts'
import { textLike } from './text-like.ts'

export interface Policy extends RolePolicy, SignaturePolicy {}

/** A key whose valid signature a message carries, or the role of the link that it came over: such has no `kid`. */
export interface Voice {
  readonly node: string
  readonly role: string
  readonly kid?: string
  /** It is not known to be about this very message (docs/protocol.md §4.9). */
  readonly loose?: boolean
}

/** Of an order that may be obeyed `flaw` is what a rule that lets it pass all the same found. */
export type Admission = Decision & { readonly flaw?: SignatureRuling }

/** Whoever decides over messages: a policy, or one who holds it and may get another. */
export interface Arbiter {
  /** No signature is demanded of anything, so that there is nothing to weigh; most policies are such, and most messages met by one. */
  readonly isSilent?: boolean
  /** A message on its way, or a report or an answer where it ends. */
  weigh(message: Bearing, voices: () => readonly Voice[]): SignatureRuling
  /** An order where it ends: its signatures suffice, and a rule lets one of those who signed ask for it. */
  admit(message: Bearing, voices: readonly Voice[]): Admission
}

/** What the node knows of the world, for the lookups of conditions. A node that knows nothing refuses what asks for it. */
export interface Facts {
  /** The token that a running session of a station was begun with. */
  readonly sessionToken?: (station: string, transaction: string) => string | undefined
  /** The text that a variable has now; of what OCPP calls SetVariableData, or ChangeConfiguration's payload. */
  readonly variable?: (station: string, named: Json) => string | undefined
}

export class PolicyBook implements Arbiter {
  readonly #policy: Policy
  readonly #signatures: SignatureBook
  readonly #roles: RoleBook
  readonly #facts: Facts
  readonly isSilent: boolean

  /** @throws Fault `config-invalid`, `json-malformed` for a condition that cannot be read */
  constructor(policy: Policy, facts: Facts = {}) {
    this.#policy = policy
    this.#facts = facts
    this.#signatures = new SignatureBook(policy)
    this.isSilent = this.#signatures.isSilent
    this.#roles = new RoleBook(policy, (asker, order) => this.#lookups(asker, order.destination ?? ''))
  }

  weigh(message: Bearing, voices: () => readonly Voice[]): SignatureRuling {
    return this.#signatures.weigh(message, () => voices().flatMap((voice) => (voice.kid === undefined ? [] : [this.#signer(voice)])))
  }

  admit(message: Bearing, voices: readonly Voice[]): Admission {
    const flaw = this.weigh(message, () => voices)
    if (flaw.decision === 'reject' || flaw.decision === 'drop') return { accepted: false, rule: flaw.rule, reason: flaw.reason, flaw }
    const decision = this.#roles.decide({ ...message, signers: voices.map((voice) => this.#signer(voice)) })
    return flaw.decision === 'pass' ? { ...decision, flaw } : decision
  }

  /** Roles come from the trust store and from the policy, and from nothing that a message says. */
  #signer({ node, role, kid, loose }: Voice): Signer {
    const given = Object.entries(this.#policy.roles ?? {})
    const about = { node, ...(loose && { loose }) }
    if (kid === undefined || given.length === 0) return { ...about, roles: [role], ...(kid !== undefined && { kid }) }
    const more = given.filter(([, { nodes = [], keys = [] }]) => nodes.includes(node) || keys.includes(kid)).map(([name]) => name)
    return { ...about, kid, roles: [role, ...more] }
  }

  #lookups({ node }: Signer, station: string): Lookups {
    const { tokens = {} } = this.#policy
    const { sessionToken, variable } = this.#facts
    const patterns = Object.hasOwn(tokens, node) ? (tokens[node] ?? []) : []
    const ownToken = (token: Json): string | undefined =>
      typeof token === 'string' && patterns.some((pattern) => textLike(pattern)(token)) ? undefined : `this is no token of ${node}`
    return {
      'own-token': ownToken,
      ...(sessionToken && {
        'own-session': (id) => {
          const token = sessionToken(station, String(id))
          return token === undefined || ownToken(token) !== undefined ? `this is no session of ${node}` : undefined
        },
      }),
      ...(variable && { appends: (named) => whyNotAppended(named, variable(station, named)) }),
    }
  }
}

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const whyNotAppended = (named: Json, now: string | undefined): string | undefined => {
  const next = isObject(named) ? (named.attributeValue ?? named.value) : undefined
  if (now === undefined || typeof next !== 'string') return 'nothing is known of its value now'
  return next.startsWith(now) ? undefined : 'more may be added, nothing changed'
}
