// Which message must be signed by whom, where that is looked at, and what happens otherwise, as data. Only valid signatures are
// counted here; what an invalid one means is the guard's. Nothing is done here, and nothing written down.
import type { Json } from '../base/ports.ts'
import type { Version } from '../ocpp/version.ts'
import { actionsNamed } from './action-classes.ts'
import { type Check, type Condition, compiled } from './condition.ts'
import { destinationOf } from './destinations.ts'
import { isEncrypted, UNREADABLE } from './encrypted.ts'
import type { Direction } from './passage.ts'
import type { Signer } from './roles.ts'

export const MESSAGE_KINDS = ['call', 'result', 'send'] as const
export type MessageKind = (typeof MESSAGE_KINDS)[number]

/** `pass`: it goes on, and is counted and shown. */
export const CONSEQUENCES = ['reject', 'drop', 'pass'] as const
export type Consequence = (typeof CONSEQUENCES)[number]

/** Names of signers: a role, `node:ID` or `key:THUMBPRINT`, with `loose:` before it where less will do. Each is filled by another node's signature. */
export type Demand =
  | { readonly all: readonly string[] }
  | { readonly any: readonly string[] }
  | { readonly of: number; readonly by: readonly string[] }

export interface SignatureRule {
  readonly id: string
  /** The highest is looked at first, and among equals the lowest id by code unit; 0 where not given. */
  readonly priority?: number
  /** OCPP action names, classes, or `*`. */
  readonly actions: readonly string[]
  /** `call` where not given. A result is named after the action that it answers. */
  readonly kind?: MessageKind
  readonly direction?: Direction
  /** Node ids. */
  readonly origin?: readonly string[]
  readonly destination?: readonly string[]
  readonly versions?: readonly Version[]
  readonly where?: readonly Condition[]
  readonly signed: Demand
  /** `end`: where the message ends. `hop`: there, and at every node on its way. Or at these nodes. `end` where not given. */
  readonly at?: 'end' | 'hop' | readonly string[]
  /** `reject` where not given. */
  readonly otherwise?: Consequence
}

export interface SignaturePolicy {
  readonly signatures?: readonly SignatureRule[]
  /** What happens to a message without any valid signature that no rule is meant for; `pass` where not given: of orders the roles decide. */
  readonly unsigned?: Consequence
}

/** A message as signature rules see it, and where it is. */
export interface Bearing {
  readonly kind: MessageKind
  readonly action: string
  readonly version?: Version | undefined
  readonly payload: Json
  readonly origin: string
  readonly destination: string
  readonly direction: Direction
  /** The node that looks at it. */
  readonly here: string
  /** Whether the message ends here. */
  readonly ends: boolean
}

/** `accept`: the signatures suffice, or nothing is demanded here. Everything else is a consequence, with its reason. */
export type SignatureRuling =
  | { readonly decision: 'accept'; readonly rule?: string }
  | { readonly decision: Consequence; readonly rule: string; readonly reason: string }

export class SignatureBook {
  readonly #unsigned: Consequence
  /** Kind and action, or kind and `*` for those that no rule names. */
  readonly #index = new Map<string, readonly Entry[]>()

  /** @throws Fault `config-invalid`, `json-malformed` for a condition that cannot be read */
  constructor({ signatures = [], unsigned = 'pass' }: SignaturePolicy) {
    this.#unsigned = unsigned
    const entries = signatures.map(entryOf).sort(byPriority)
    for (const kind of MESSAGE_KINDS) {
      const ofKind = entries.filter(({ rule }) => (rule.kind ?? 'call') === kind)
      for (const action of new Set(['*', ...ofKind.flatMap(({ actions }) => [...actions])]))
        this.#index.set(
          `${kind} ${action}`,
          ofKind.filter(({ actions }) => actions.has('*') || actions.has(action)),
        )
    }
  }

  /** Whatever is weighed is accepted, and by no rule. */
  get isSilent(): boolean {
    return this.#unsigned === 'pass' && [...this.#index.values()].every(({ length }) => length === 0)
  }

  /**
   * The first rule meant for the message at this place decides: its signatures suffice, or what the rule says happens. Where none is
   * meant, the default does, for what nobody signed.
   * @param signers whose valid signatures the message carries; asked for once a rule is meant, because it costs verifications
   */
  weigh(message: Bearing, signers: () => readonly Signer[]): SignatureRuling {
    const rule = this.#meant(message)
    if (rule?.where && isEncrypted(message.payload)) return { decision: 'reject', rule: rule.id, reason: UNREADABLE }
    if (!rule) {
      if (this.#unsigned === 'pass' || signers().some(({ loose }) => !loose)) return { decision: 'accept' }
      return { decision: this.#unsigned, rule: 'unsigned', reason: `${message.action} is not signed` }
    }
    const present = signers()
    if (isMet(rule.signed, present)) return { decision: 'accept', rule: rule.id }
    return { decision: rule.otherwise ?? 'reject', rule: rule.id, reason: whyUnmet(rule.signed, message, present) }
  }

  #meant(message: Bearing): SignatureRule | undefined {
    const { kind, action } = message
    const entries = this.#index.get(`${kind} ${action}`) ?? this.#index.get(`${kind} *`) ?? []
    return entries.find((entry) => isMeant(entry, message))?.rule
  }
}

/** How many names a demand has, and how many of them must be filled. */
const tally = (demand: Demand): { names: readonly string[]; needed: number } => {
  if ('all' in demand) return { names: demand.all, needed: demand.all.length }
  return 'any' in demand ? { names: demand.any, needed: 1 } : { names: demand.by, needed: demand.of }
}

const isMet = (demand: Demand, signers: readonly Signer[]): boolean => {
  const { names, needed } = tally(demand)
  return filled(names, signers) >= needed
}

/**
 * How many of the names can be filled, each by another node: two names are two pairs of eyes. A matching in a bipartite graph (Kuhn), so
 * that who could fill two names does not take the one that another needs.
 */
const filled = (names: readonly string[], signers: readonly Signer[]): number => {
  const holders = new Map<string, string>()
  const fill = (name: string, tried: Set<string>): boolean => {
    for (const signer of signers) {
      if (tried.has(signer.node) || !answersTo(signer, name)) continue
      tried.add(signer.node)
      const held = holders.get(signer.node)
      if (held !== undefined && !fill(held, tried)) continue
      holders.set(signer.node, name)
      return true
    }
    return false
  }
  return [...new Set(names)].filter((name) => fill(name, new Set())).length
}

/** Before a name: a signature that does not say on which message it stands will do, too. */
const LOOSE = 'loose:'

const answersTo = (signer: Signer, given: string): boolean => {
  const isLoose = given.startsWith(LOOSE)
  if (signer.loose && !isLoose) return false
  const name = isLoose ? given.slice(LOOSE.length) : given
  const { node, kid, roles } = signer
  if (name.startsWith('node:')) return node === name.slice(5)
  if (name.startsWith('key:')) return kid === name.slice(4)
  return roles.includes(name)
}

const whyUnmet = (demand: Demand, { action, kind }: Bearing, signers: readonly Signer[]): string => {
  const { names, needed } = tally(demand)
  const by = signers.length === 0 ? 'nobody' : signers.map(({ node }) => node).join(', ')
  const what = kind === 'result' ? `the answer to ${action}` : action
  return `${what} needs ${needed} of ${names.length} signatures (${names.join(', ')}), has ${filled(names, signers)}: signed by ${by}`
}

interface Entry {
  readonly rule: SignatureRule
  readonly actions: ReadonlySet<string>
  readonly check: Check | undefined
}

const entryOf = (rule: SignatureRule): Entry => ({
  rule,
  actions: new Set(actionsNamed(rule.actions)),
  check: rule.where && compiled(rule.where),
})

const byPriority = ({ rule: a }: Entry, { rule: b }: Entry): number => (b.priority ?? 0) - (a.priority ?? 0) || (a.id < b.id ? -1 : 1)

/** Whoever is named by a role or group is the node where the message ends: no other spelling of it takes a rule off. */
const addresseeOf = ({ destination, ends, here }: Bearing): string =>
  ends && destinationOf(destination).kind !== 'node' ? here : destination

const isMeant = ({ rule, check }: Entry, message: Bearing): boolean => {
  const { at = 'end', direction, origin, destination, versions } = rule
  if (at === 'end' ? !message.ends : at !== 'hop' && !at.includes(message.here)) return false
  if (direction && direction !== message.direction) return false
  if (origin && !origin.includes(message.origin)) return false
  if (destination && !destination.includes(addresseeOf(message))) return false
  // of a message that does not tell its version the rule is meant: a member taken off on the way must not take the rule off
  if (versions && message.version && !versions.includes(message.version)) return false
  // nobody can tell whether it is meant for what it cannot read: then it is, and nothing passes it
  return isEncrypted(message.payload) || check?.(message.payload, {}) === undefined
}
