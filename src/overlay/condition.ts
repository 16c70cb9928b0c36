// A condition on a payload: the one language in which policies, roles and the firewall speak of what a message says. Compiled
// once; its cost is bounded by the size of the payload times that of the condition.
import { segmentsOf, valuesAt } from '../base/json-pointer.ts'
import type { Json } from '../base/ports.ts'
import { decimalOf, inUnit, type Quantity, type Unit } from './quantity.ts'
import { textLike } from './text-like.ts'

export type Scalar = string | number | boolean

/** What only the node knows, by name: whether a value of the payload belongs to whoever asks, or only adds to what is there. */
export const LOOKUPS = ['own-session', 'own-token', 'appends'] as const
export type LookupName = (typeof LOOKUPS)[number]
/** Why the value does not fit what the node knows, or nothing. */
export type Lookup = (value: Json) => string | undefined
export type Lookups = { readonly [name in LookupName]?: Lookup }

/**
 * The pointer is RFC 6901, where a segment `*` stands for every element. All found values must satisfy all that is said, and at least
 * one must be there. Inside `where` and `either` pointers begin at the found value.
 */
export interface Condition {
  readonly pointer: string
  readonly min?: Quantity
  readonly max?: Quantity
  /** In which the payload tells its numbers; the base unit of `min` and `max` where not given. */
  readonly unit?: Unit
  /** The value is text that holds a number, as configuration values are. */
  readonly decimal?: boolean
  readonly equals?: Scalar
  readonly in?: readonly Scalar[]
  /** Text in which `*` stands for any text, the empty one too. */
  readonly like?: string
  /** The value is an object with no other members than these: what a later version adds is not let through unseen. */
  readonly members?: readonly string[]
  /** What else must hold of each found value, all of it. */
  readonly where?: readonly Condition[]
  /** Of these lists one must hold of each found value. */
  readonly either?: readonly (readonly Condition[])[]
  readonly lookup?: LookupName
  /** One of the found values suffices. */
  readonly any?: boolean
  /** Nothing may be found. */
  readonly absent?: boolean
  /** The member may be missing altogether. */
  readonly optional?: boolean
}

/** Why a payload does not meet the first condition that it does not meet, or nothing. */
export const unmet = (conditions: readonly Condition[] | undefined, payload: Json, lookups: Lookups = {}): string | undefined =>
  conditions && compiled(conditions)(payload, lookups)?.()

/** Why the payload does not meet the conditions, told only when asked: most of what fails is never shown. */
export type Check = (payload: Json, lookups: Lookups) => (() => string) | undefined

/** @throws Fault `config-invalid` for a quantity, `json-malformed` for a pointer that cannot be read */
export const compiled = (conditions: readonly Condition[]): Check => {
  const known = cache.get(conditions)
  if (known) return known
  const check = everyOf(conditions.map(checkOf))
  cache.set(conditions, check)
  return check
}

const cache = new WeakMap<readonly Condition[], Check>()

const everyOf =
  (checks: readonly Check[]): Check =>
  (payload, lookups) => {
    for (const check of checks) {
      const failure = check(payload, lookups)
      if (failure) return failure
    }
    return undefined
  }

const checkOf = (condition: Condition): Check => {
  const { pointer, absent, optional, any } = condition
  const segments = segmentsOf(pointer)
  const test = everyOf(testsOf(condition))
  return (payload, lookups) => {
    const found = valuesAt(payload, segments)
    if (absent) return found.length === 0 ? undefined : () => `${pointer} must not be there`
    if (found.length === 0) return optional ? undefined : () => `${pointer} is missing`
    let failure: (() => string) | undefined
    for (const value of found) {
      const failed = test(value, lookups)
      if (any && !failed) return undefined
      if (!any && failed) return failed
      failure ??= failed
    }
    return failure
  }
}

/** One test for each member that the condition has. */
const testsOf = (condition: Condition): Check[] => {
  const { pointer, equals, like, members, where, either, lookup } = condition
  const allowed = condition.in ?? (equals === undefined ? undefined : [equals])
  return [
    ...(allowed ? [inList(pointer, allowed)] : []),
    ...(like === undefined ? [] : [liking(pointer, like)]),
    ...(condition.min === undefined && condition.max === undefined ? [] : [within(condition)]),
    ...(members ? [noOthers(pointer, members)] : []),
    ...(where ? [compiled(where)] : []),
    ...(either ? [eitherOf(pointer, either)] : []),
    ...(lookup ? [known(pointer, lookup)] : []),
  ]
}

const shown = (value: Json): string => JSON.stringify(value).slice(0, 40)

const inList = (pointer: string, allowed: readonly Scalar[]): Check => {
  const set: ReadonlySet<unknown> = new Set(allowed)
  return (value) => (set.has(value) ? undefined : () => `${pointer} is ${shown(value)}, allowed: ${allowed.join(', ')}`)
}

const liking = (pointer: string, like: string): Check => {
  const fits = textLike(like)
  return (value) => (typeof value === 'string' && fits(value) ? undefined : () => `${pointer} is ${shown(value)}, expected ${like}`)
}

const noOthers = (pointer: string, members: readonly string[]): Check => {
  const known = new Set(members)
  return (value) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      return () => `${pointer} is ${shown(value)}, expected an object`
    const other = Object.keys(value).find((name) => !known.has(name))
    return other === undefined ? undefined : () => `${pointer} has ${other.slice(0, 40)}, allowed: ${members.join(', ')}`
  }
}

const within = ({ pointer, min, max, unit, decimal }: Condition): Check => {
  const low = min === undefined ? Number.NEGATIVE_INFINITY : inUnit(min, unit)
  const high = max === undefined ? Number.POSITIVE_INFINITY : inUnit(max, unit)
  return (value) => {
    const number = decimal && typeof value === 'string' ? decimalOf(value) : value
    if (typeof number !== 'number') return () => `${pointer} is ${shown(value)}, expected a number`
    if (number < low) return () => `${pointer} is ${shown(value)}, at least ${min} is allowed`
    return number > high ? () => `${pointer} is ${shown(value)}, at most ${max} is allowed` : undefined
  }
}

const eitherOf = (pointer: string, lists: readonly (readonly Condition[])[]): Check => {
  const checks = lists.map(compiled)
  return (value, lookups) => {
    const failures: (() => string)[] = []
    for (const check of checks) {
      const failure = check(value, lookups)
      if (!failure) return undefined
      failures.push(failure)
    }
    return () => `${pointer} fits none of ${lists.length}: ${failures.map((say) => say()).join('; ')}`.slice(0, 500)
  }
}

/** What a node cannot know is not so: the rule does not hold there. */
const known =
  (pointer: string, name: LookupName): Check =>
  (value, lookups) => {
    const lookup = lookups[name]
    const flaw = lookup ? lookup(value) : `this node cannot tell ${name}`
    return flaw === undefined ? undefined : () => `${pointer}: ${flaw}`
  }
