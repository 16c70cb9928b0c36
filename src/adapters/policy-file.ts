// Policies as they are written: the schema of rules and documents, which configuration files, the API, the command line and
// what comes over the overlay share, and what a schema cannot say.
import { type Static, Type } from '@sinclair/typebox'
import { asFault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import { actionKind } from '../ocpp/actions.ts'
import { VERSIONS } from '../ocpp/version.ts'
import type { Condition as ConditionType } from '../overlay/condition.ts'
import { DIRECTIONS } from '../overlay/passage.ts'
import { type Policy, PolicyBook } from '../overlay/policy.ts'
import { CONSEQUENCES, MESSAGE_KINDS } from '../overlay/signature-policy.ts'
import { CONDITION, Condition, Versions } from './config-rules.ts'
import { checkOf } from './schema-check.ts'

const strict = { additionalProperties: false }
const Id = Type.String({ minLength: 1, maxLength: 64 })
const NodeId = Type.String({ minLength: 1, maxLength: 48 })
const Role = Type.String({ minLength: 1, maxLength: 56 })
const Actions = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1 })
const Names = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 8, uniqueItems: true })
const oneOf = <T extends string>(names: readonly T[]) => Type.Union(names.map((name) => Type.Literal(name)))

export const Rule = Type.Object(
  {
    id: Id,
    role: Type.Union([Role, Type.Array(Role, { minItems: 1 })]),
    actions: Actions,
    versions: Versions,
    where: Type.Optional(Type.Array(Condition)),
    maxAgeSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
  },
  strict,
)

const SignatureRule = Type.Object(
  {
    id: Id,
    priority: Type.Optional(Type.Integer({ minimum: -1000, maximum: 1000 })),
    actions: Actions,
    kind: Type.Optional(oneOf(MESSAGE_KINDS)),
    direction: Type.Optional(oneOf(DIRECTIONS)),
    origin: Type.Optional(Type.Array(NodeId, { minItems: 1 })),
    destination: Type.Optional(Type.Array(NodeId, { minItems: 1 })),
    versions: Versions,
    where: Type.Optional(Type.Array(Condition)),
    signed: Type.Union([
      Type.Object({ all: Names }, strict),
      Type.Object({ any: Names }, strict),
      Type.Object({ of: Type.Integer({ minimum: 1, maximum: 8 }), by: Names }, strict),
    ]),
    at: Type.Optional(Type.Union([Type.Literal('end'), Type.Literal('hop'), Type.Array(NodeId, { minItems: 1 })])),
    otherwise: Type.Optional(oneOf(CONSEQUENCES)),
  },
  strict,
)

export const PolicyFile = Type.Object(
  {
    id: Id,
    version: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    nodes: Type.Array(NodeId, { minItems: 1 }),
    rehearsal: Type.Optional(Type.Boolean()),
    roles: Type.Optional(
      Type.Record(
        Role,
        Type.Object({ nodes: Type.Optional(Type.Array(NodeId)), keys: Type.Optional(Type.Array(Type.String({ maxLength: 64 }))) }, strict),
      ),
    ),
    tokens: Type.Optional(Type.Record(NodeId, Type.Array(Type.String({ minLength: 1, maxLength: 256 })))),
    signatures: Type.Optional(Type.Array(SignatureRule)),
    unsigned: Type.Optional(oneOf(CONSEQUENCES)),
    rules: Type.Array(Rule),
  },
  strict,
)
export type PolicyFile = Static<typeof PolicyFile>

const check = checkOf<PolicyFile>(PolicyFile, { allowUnionTypes: true, schemas: { [CONDITION]: Condition } })

/** Why a value is no policy document that a node can use, or nothing. */
export const policyFlaw = (value: Json): string | undefined => {
  if (!check(value)) {
    const [error] = check.errors ?? []
    return `${error?.instancePath.slice(1).replaceAll('/', '.') || 'the policy'} ${error?.message ?? 'is not one'}`.slice(0, 200)
  }
  const [first] = policySense(value)
  return first && `${first.pointer.slice(1).replaceAll('/', '.')}: ${first.text}`
}

/** Names that decisions of no rule have. */
const RESERVED: readonly string[] = ['deny-by-default', 'unsigned', 'none', 'policy-document']

/** What is wrong with a policy that fits the schema. */
export const policySense = (policy: Policy): { pointer: string; text: string }[] => {
  const { rules, signatures = [] } = policy
  const named = [
    ...signatures.map((rule, i) => ({ ...rule, at: `/signatures/${i}` })),
    ...rules.map((rule, i) => ({ ...rule, at: `/rules/${i}` })),
  ]
  const ids = new Set(RESERVED)
  const found = named.flatMap(({ id, actions, versions, at }) => {
    const taken = ids.has(id)
    ids.add(id)
    return [
      ...(taken ? [{ pointer: `${at}/id`, text: `the id "${id}" is taken: nobody could tell which rule it was` }] : []),
      ...actions.flatMap((action, i) =>
        isAction(action, versions ?? VERSIONS) ? [] : [{ pointer: `${at}/actions/${i}`, text: `there is no action called "${action}"` }],
      ),
    ]
  })
  for (const [i, { signed, where = [] }] of signatures.entries()) {
    if ('of' in signed && signed.of > signed.by.length)
      found.push({ pointer: `/signatures/${i}/signed/of`, text: `${signed.of} of ${signed.by.length} can never be` })
    // where the node cannot tell, the rule would not be meant, and nothing demanded
    if (asksNode(where))
      found.push({ pointer: `/signatures/${i}/where`, text: 'a lookup is for rules that allow, not for those that demand' })
  }
  return found.length > 0 ? found : unreadable(policy).map((text) => ({ pointer: '/rules', text }))
}

const asksNode = (conditions: readonly ConditionType[]): boolean =>
  conditions.some(({ lookup, where = [], either = [] }) => lookup !== undefined || asksNode(where) || either.some(asksNode))

const isAction = (action: string, versions: readonly (typeof VERSIONS)[number][]): boolean =>
  // a name with a dot is a vendor's; of a class the book below knows the members
  action === '*' || action.startsWith('@') || action.includes('.') || versions.some((version) => actionKind(version, action) !== undefined)

/** Why a policy cannot be put together. */
export const unreadable = (policy: Policy): string[] => {
  try {
    new PolicyBook(policy)
    return []
  } catch (error) {
    return [asFault(error).message]
  }
}
