// Who may ask for what: roles, and the rules of what each of them may do, as data. Rules are read in order; what no rule accepts
// is refused (deny by default). The first that was meant for the message but whose conditions fail is the one a refusal names.
import type { Json } from '../base/ports.ts'
import type { Version } from '../ocpp/version.ts'
import { actionsNamed } from './action-classes.ts'
import { type Check, type Condition, compiled, type Lookups } from './condition.ts'
import { isEncrypted, UNREADABLE } from './encrypted.ts'

export interface Rule {
  readonly id: string
  /** A role, or several of which one must have signed; `anyone`: then no signature is needed. */
  readonly role: string | readonly string[]
  /** OCPP action names, classes such as `@read` (action-classes.ts), or `*`. */
  readonly actions: readonly string[]
  /** Of the message; all where not given. */
  readonly versions?: readonly Version[]
  readonly where?: readonly Condition[]
  /** Longest life of a signed order, in seconds; 60 unless given. */
  readonly maxAgeSeconds?: number
}

/** Who has a role besides those whose key has it in the trust store. */
export interface RoleHolders {
  readonly nodes?: readonly string[]
  /** Thumbprints, RFC 7638. */
  readonly keys?: readonly string[]
}

export interface RolePolicy {
  readonly roles?: Readonly<Record<string, RoleHolders>>
  /** Whose tokens are whose: patterns by node id, for `own-session` and `own-token`. */
  readonly tokens?: Readonly<Record<string, readonly string[]>>
  readonly rules: readonly Rule[]
}

/** One whose valid signature a message carries, or whose link it came over. */
export interface Signer {
  readonly node: string
  /** Missing for a link, which signs nothing. */
  readonly kid?: string
  readonly roles: readonly string[]
  /** What it signed is not known to be this very message. */
  readonly loose?: boolean
}

export interface Order {
  readonly action: string
  readonly version?: Version | undefined
  readonly payload: Json
  readonly signers: readonly Signer[]
  /** Whose facts the lookups of conditions ask for. */
  readonly destination?: string
}

export type Decision =
  | { readonly accepted: true; readonly rule: Rule }
  | { readonly accepted: false; readonly rule: string; readonly reason: string }

/** What the node knows, for whoever asks; see `LOOKUPS`. */
export type Knowledge = (asker: Signer, order: Order) => Lookups

export const ANYONE = 'anyone'
const NOBODY: Signer = { node: '', roles: [ANYONE] }

export class RoleBook {
  /** Action, or `*` for those that no rule names, then role. */
  readonly #index = new Map<string, Map<string, Entry[]>>()
  readonly #knowledge: Knowledge

  /** @throws Fault `config-invalid`, `json-malformed` for a condition that cannot be read */
  constructor({ rules }: Pick<RolePolicy, 'rules'>, knowledge: Knowledge = () => ({})) {
    this.#knowledge = knowledge
    const entries = rules.map((rule, order) => entryOf(rule, order))
    const actions = new Set(['*', ...entries.flatMap(({ actions }) => [...actions])])
    for (const action of actions) this.#index.set(action, byRole(entries.filter((entry) => isFor(entry, action))))
  }

  /** Decides over an order by its action, its payload, and whose valid signatures it carries. */
  decide(order: Order): Decision {
    const { action, version, payload, signers } = order
    const isHidden = isEncrypted(payload)
    let nearest: { rule: string; say: () => string } | undefined
    const known = new Map<Signer, Lookups>()
    const knownTo = (asker: Signer): Lookups => {
      const lookups = known.get(asker) ?? this.#knowledge(asker, order)
      known.set(asker, lookups)
      return lookups
    }
    for (const { rule, roles, check } of this.#meant(action, signers)) {
      if (rule.versions && !(version && rule.versions.includes(version))) continue
      // each asks for itself: what one owns, another may not touch
      for (const asker of roles.has(ANYONE) ? [NOBODY] : signers) {
        if (asker !== NOBODY && !asker.roles.some((role) => roles.has(role))) continue
        const failure = check && (isHidden ? unreadable : check(payload, knownTo(asker)))
        if (!failure) return { accepted: true, rule }
        nearest ??= { rule: rule.id, say: failure }
      }
    }
    if (nearest) return { accepted: false, rule: nearest.rule, reason: nearest.say() }
    return { accepted: false, rule: 'deny-by-default', reason: whyNobody(order) }
  }

  /** Rules for this action and one of these roles, in their order. */
  #meant(action: string, signers: readonly Signer[]): readonly Entry[] {
    const byRole = this.#index.get(action) ?? this.#index.get('*')
    const lists = [...new Set([ANYONE, ...signers.flatMap(({ roles }) => roles)])].flatMap((role) => {
      const list = byRole?.get(role)
      return list ? [list] : []
    })
    const [only = []] = lists
    return lists.length < 2 ? only : [...new Set(lists.flat())].sort((a, b) => a.order - b.order)
  }
}

interface Entry {
  readonly rule: Rule
  readonly order: number
  readonly roles: ReadonlySet<string>
  readonly actions: ReadonlySet<string>
  readonly check: Check | undefined
}

const entryOf = (rule: Rule, order: number): Entry => ({
  rule,
  order,
  roles: new Set([rule.role].flat()),
  actions: new Set(actionsNamed(rule.actions)),
  check: rule.where && compiled(rule.where),
})

const isFor = ({ actions }: Entry, action: string): boolean => actions.has('*') || actions.has(action)

const byRole = (entries: readonly Entry[]): Map<string, Entry[]> => {
  const roles = new Set(entries.flatMap(({ roles }) => [...roles]))
  return new Map([...roles].map((role) => [role, entries.filter((entry) => entry.roles.has(role))]))
}

const unreadable = (): string => UNREADABLE

const whyNobody = ({ action, signers }: Order): string =>
  signers.length === 0
    ? `${action} without a signature is not accepted here`
    : `the role ${[...new Set(signers.flatMap(({ roles }) => roles))].join(', ')} may not ask for ${action}`
