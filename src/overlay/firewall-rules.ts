// What may pass a node, as data: rules by action, direction, origin, role, version and payload; the first that is meant for a message
// decides. Total: what no rule is meant for gets the default. Nothing is done here, and nothing written down: see firewall.ts.
import { pointerReplace } from '../base/json-pointer.ts'
import type { Json } from '../base/ports.ts'
import { actionKind } from '../ocpp/actions.ts'
import { validateRequest, validateResponse } from '../ocpp/validate.ts'
import { VERSIONS, type Version } from '../ocpp/version.ts'
import { type Condition, unmet } from './condition.ts'
import { isEncrypted, UNREADABLE } from './encrypted.ts'
import type { Direction, Passage } from './passage.ts'
import { forbiddenUrl, type UrlSettings } from './station-urls.ts'

export const FIREWALL_DECISIONS = ['forward', 'drop', 'reject', 'replace'] as const
export type FirewallDecision = (typeof FIREWALL_DECISIONS)[number]

export interface FirewallRule {
  readonly id: string
  readonly decision: FirewallDecision
  /** OCPP action names; `*` for all, `unknown` for those that the message's version does not have. */
  readonly actions: readonly string[]
  readonly direction?: Direction
  /** Node ids of who said it; `uplink` for what came over one, `station` for what a station said. */
  readonly origin?: readonly string[]
  /** The role of a valid signature, or `nobody`: there is none. */
  readonly role?: string
  readonly versions?: readonly Version[]
  /** Conditions that must all hold. */
  readonly where?: readonly Condition[]
  /** Conditions of which one must not hold. */
  readonly unless?: readonly Condition[]
  /** What `replace` puts where. */
  readonly with?: readonly { readonly pointer: string; readonly value: Json }[]
  /** The rule is about the results of these actions, not about the questions. */
  readonly answers?: boolean
  /** Only written down; the rules after it decide. */
  readonly dryRun?: boolean
}

export interface FirewallSettings {
  readonly rules?: readonly FirewallRule[]
  readonly default?: 'forward' | 'drop' | 'reject'
  readonly urls?: UrlSettings
  /** Everything is forwarded, and what would have happened is written down. */
  readonly dryRun?: boolean
}

/** One message as rules see it. */
export interface Asked {
  readonly action: string
  readonly version: Version | undefined
  readonly payload: Json
  readonly origin: string
  readonly passage: Passage
  /** Looked at only where a rule for this action names a role: it costs a verification. */
  readonly roles: () => readonly string[]
}

export interface Ruling {
  readonly decision: FirewallDecision
  readonly rule: string
  readonly why: string
  /** Of a replacement: the payload as it goes on. */
  readonly payload?: Json
}

export interface Weighed extends Ruling {
  /** What would have happened, had it been meant. */
  readonly rehearsed: readonly Ruling[]
}

type ByAction = {
  readonly named: ReadonlyMap<string, readonly FirewallRule[]>
  readonly known: readonly FirewallRule[]
  readonly unknown: readonly FirewallRule[]
}

export class RuleBook {
  readonly #settings: FirewallSettings
  /** By kind of message and version, so that a message meets only rules that may be meant for it. */
  readonly #index = new Map<string, ByAction>()

  constructor(settings: FirewallSettings) {
    this.#settings = settings
    const { rules = [] } = settings
    for (const version of [...VERSIONS, undefined]) {
      for (const answers of [false, true]) this.#index.set(slot(version, answers), indexOf(rules, version, answers))
    }
  }

  /** The decision over one message. */
  weigh(asked: Asked): Weighed {
    const { urls = {}, dryRun } = this.#settings
    const rehearsed: Ruling[] = []
    let ruling = this.#first(asked, rehearsed)
    const lets = ruling.decision === 'forward' || ruling.decision === 'replace'
    const flaw = lets && !asked.passage.question ? forbiddenUrl(asked.action, ruling.payload ?? asked.payload, urls) : undefined
    if (flaw !== undefined) {
      const stopped: Ruling = { decision: 'reject', rule: 'urls', why: flaw }
      if (urls.dryRun) rehearsed.push(stopped)
      else ruling = stopped
    }
    if (!dryRun || ruling.decision === 'forward') return { ...ruling, rehearsed }
    return { decision: 'forward', rule: 'dry-run', why: 'nothing is held back', rehearsed: [...rehearsed, ruling] }
  }

  #first(asked: Asked, rehearsed: Ruling[]): Ruling {
    const rules = this.#index.get(slot(asked.version, asked.passage.question !== undefined)) as ByAction
    const known = isKnown(asked.version, asked.action) ? rules.known : rules.unknown
    const isHidden = isEncrypted(asked.payload)
    for (const rule of rules.named.get(asked.action) ?? known) {
      if (!isMeant(rule, asked, isHidden)) continue
      const ruling = isHidden && looksInside(rule) ? unread(rule) : outcome(rule, asked)
      if (!rule.dryRun) return ruling
      if (ruling.decision !== 'forward') rehearsed.push(ruling)
    }
    return { decision: this.#settings.default ?? 'forward', rule: 'default', why: `no rule lets ${asked.action} through` }
  }
}

const isKnown = (version: Version | undefined, action: string): boolean =>
  (version ? [version] : VERSIONS).some((one) => actionKind(one, action) !== undefined)

const slot = (version: Version | undefined, answers: boolean): string => `${version ?? 'any'} ${answers}`

const indexOf = (all: readonly FirewallRule[], version: Version | undefined, answers: boolean): ByAction => {
  const rules = all.filter((rule) => (rule.answers ?? false) === answers && isOfVersion(rule, version))
  const general = (...names: string[]): FirewallRule[] => rules.filter(({ actions }) => names.some((name) => actions.includes(name)))
  const named = new Set(rules.flatMap(({ actions }) => actions))
  return {
    named: new Map([...named].map((action) => [action, general('*', action, ...(isKnown(version, action) ? [] : ['unknown']))])),
    known: general('*'),
    unknown: general('*', 'unknown'),
  }
}

/** Who does not say the version gets round no rule that stops, and finds none that lets through. */
const isOfVersion = ({ versions, decision }: FirewallRule, version: Version | undefined): boolean =>
  !versions || (version ? versions.includes(version) : decision !== 'forward')

const isMeant = (rule: FirewallRule, { passage, origin, roles, payload }: Asked, isHidden: boolean): boolean => {
  if (rule.direction && rule.direction !== passage.direction) return false
  if (
    rule.origin &&
    !rule.origin.some((one) => one === origin || (one === 'uplink' && passage.uplink) || (one === 'station' && passage.station))
  )
    return false
  if (rule.role !== undefined && !(rule.role === 'nobody' ? roles().length === 0 : roles().includes(rule.role))) return false
  // nobody can tell whether it is meant for what it cannot read: then it is, and `unread` stops it
  if (isHidden) return true
  if (unmet(rule.where, payload) !== undefined) return false
  return !rule.unless || unmet(rule.unless, payload) !== undefined
}

const looksInside = ({ where, unless, with: replacement }: FirewallRule): boolean =>
  where !== undefined || unless !== undefined || replacement !== undefined

const unread = ({ id }: FirewallRule): Ruling => ({ decision: 'reject', rule: id, why: UNREADABLE })

const outcome = (rule: FirewallRule, asked: Asked): Ruling => {
  const { id, decision, unless } = rule
  const broken = unless && unmet(unless, asked.payload)
  const ruling = { rule: id, why: broken ?? `${asked.action} (${asked.passage.direction}) is not let through` }
  if (decision !== 'replace') return { ...ruling, decision }
  return replacement(rule, asked)
}

/** A replacement changes what is there and stays within the schema; where it cannot, the message is refused. */
const replacement = (rule: FirewallRule, { action, version, payload, passage }: Asked): Ruling => {
  const refusal = (why: string): Ruling => ({ decision: 'reject', rule: rule.id, why })
  let changed = payload
  for (const { pointer, value } of rule.with ?? []) {
    const next = pointerReplace(changed, pointer, value)
    if (next === undefined) return refusal(`${pointer} is missing and cannot be replaced`)
    changed = next
  }
  if (JSON.stringify(changed) === JSON.stringify(payload)) return { decision: 'forward', rule: rule.id, why: 'it says so already' }
  const flaw = version && isKnown(version, action) && (passage.question ? validateResponse : validateRequest)(version, action, changed)
  if (flaw) return refusal(`the replacement breaks the schema of ${action} at ${flaw.path}`)
  return { decision: 'replace', rule: rule.id, why: 'its payload is replaced', payload: changed }
}
