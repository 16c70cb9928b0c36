// The rules of a configuration file: conditions, which policy and firewall share, and the section `firewall` with what its
// schema cannot say.
import { type Static, Type } from '@sinclair/typebox'
import type { Json } from '../base/ports.ts'
import { actionKind } from '../ocpp/actions.ts'
import { VERSIONS, type Version } from '../ocpp/version.ts'
import { type Condition as ConditionType, LOOKUPS } from '../overlay/condition.ts'
import { DIRECTIONS } from '../overlay/passage.ts'
import { UNIT_NAMES } from '../overlay/quantity.ts'

const strict = { additionalProperties: false }
const Pointer = Type.String({ pattern: '^(/[^/]*)*$' })
const Id = Type.String({ minLength: 1, maxLength: 64 })

export const Versions = Type.Optional(Type.Array(Type.Union(VERSIONS.map((version) => Type.Literal(version))), { minItems: 1 }))
const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()])
/** A number, or one with its unit. */
const Bound = Type.Union([Type.Number(), Type.String({ maxLength: 32 })])
const Unit = Type.Union(UNIT_NAMES.map((name) => Type.Literal(name)))

/** Conditions below a found value are such conditions again: whoever compiles a schema with them adds `Condition` under this name. */
export const CONDITION = 'condition'
const Nested = Type.Unsafe<ConditionType>({ $ref: CONDITION })
/** What this node countersigns when it passes it on. */
export const Countersign = Type.Object(
  {
    actions: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
    direction: Type.Optional(Type.Array(Type.Union(DIRECTIONS.map((direction) => Type.Literal(direction))), { minItems: 1 })),
    answers: Type.Optional(Type.Boolean()),
  },
  strict,
)

export const Condition = Type.Object(
  {
    pointer: Pointer,
    min: Type.Optional(Bound),
    max: Type.Optional(Bound),
    unit: Type.Optional(Unit),
    decimal: Type.Optional(Type.Boolean()),
    equals: Type.Optional(Scalar),
    in: Type.Optional(Type.Array(Scalar, { minItems: 1 })),
    like: Type.Optional(Type.String({ maxLength: 256 })),
    members: Type.Optional(Type.Array(Type.String({ maxLength: 64 }))),
    where: Type.Optional(Type.Array(Nested, { minItems: 1 })),
    either: Type.Optional(Type.Array(Type.Array(Nested, { minItems: 1 }), { minItems: 1 })),
    lookup: Type.Optional(Type.Union(LOOKUPS.map((name) => Type.Literal(name)))),
    any: Type.Optional(Type.Boolean()),
    absent: Type.Optional(Type.Boolean()),
    optional: Type.Optional(Type.Boolean()),
  },
  strict,
)

const FirewallRule = Type.Object(
  {
    id: Id,
    decision: Type.Union([Type.Literal('forward'), Type.Literal('drop'), Type.Literal('reject'), Type.Literal('replace')]),
    actions: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1 }),
    direction: Type.Optional(Type.Union([Type.Literal('up'), Type.Literal('down'), Type.Literal('through')])),
    origin: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 48 }), { minItems: 1 })),
    role: Type.Optional(Type.String({ minLength: 1, maxLength: 32 })),
    versions: Versions,
    where: Type.Optional(Type.Array(Condition)),
    unless: Type.Optional(Type.Array(Condition, { minItems: 1 })),
    with: Type.Optional(Type.Array(Type.Object({ pointer: Pointer, value: Type.Unsafe<Json>({}) }, strict), { minItems: 1 })),
    answers: Type.Optional(Type.Boolean()),
    dryRun: Type.Optional(Type.Boolean()),
  },
  strict,
)

const Urls = Type.Object(
  {
    schemes: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z][a-z0-9+.-]*$' }))),
    hosts: Type.Optional(Type.Array(Type.String({ pattern: '^(\\*\\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$|^\\[[0-9a-f:]+\\]$' }))),
    ports: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }), { minItems: 1 })),
    credentials: Type.Optional(Type.Boolean()),
    dryRun: Type.Optional(Type.Boolean()),
  },
  strict,
)

export const FirewallSection = Type.Object(
  {
    default: Type.Optional(Type.Union([Type.Literal('forward'), Type.Literal('drop'), Type.Literal('reject')])),
    dryRun: Type.Optional(Type.Boolean()),
    urls: Type.Optional(Urls),
    rules: Type.Optional(Type.Array(FirewallRule)),
  },
  strict,
)
export type FirewallSection = Static<typeof FirewallSection>
type FirewallRule = Static<typeof FirewallRule>

/** Names that the journal has for decisions of no rule. */
const RESERVED: readonly string[] = ['default', 'urls', 'dry-run', 'deny-by-default']

/** What is wrong with rules that fit the schema; `taken` are the ids of the policy. */
export const firewallSense = ({ rules = [] }: FirewallSection, taken: readonly string[]): { pointer: string; text: string }[] => {
  const ids = new Set([...RESERVED, ...taken])
  return rules.flatMap((rule, i) => {
    const at = `/firewall/rules/${i}`
    const found = [...actionSense(rule, at), ...replacementSense(rule, at)]
    if (ids.has(rule.id))
      found.push({ pointer: `${at}/id`, text: `the id "${rule.id}" is taken: the journal could not tell which rule it was` })
    ids.add(rule.id)
    return found
  })
}

const actionSense = ({ actions, versions = [...VERSIONS] }: FirewallRule, at: string): { pointer: string; text: string }[] =>
  actions.flatMap((action, i) => {
    // a name with a dot is a vendor's
    const isName = action === '*' || action === 'unknown' || action.includes('.')
    if (isName || versions.some((version: Version) => actionKind(version, action) !== undefined)) return []
    return [{ pointer: `${at}/actions/${i}`, text: `${versions.join(', ')} has no action called "${action}"` }]
  })

const replacementSense = ({ decision, with: values }: FirewallRule, at: string): { pointer: string; text: string }[] => {
  if (decision === 'replace' && !values) return [{ pointer: `${at}/decision`, text: 'to replace, say "with" what' }]
  if (decision !== 'replace' && values)
    return [{ pointer: `${at}/with`, text: `"with" is for the decision "replace", not for "${decision}"` }]
  return []
}
