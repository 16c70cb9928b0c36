// What the API tells and takes of policies, as JSON Schema and as types at once.
import { type Static, Type } from '@sinclair/typebox'
import type { Json } from '../../base/ports.ts'

const Time = Type.String({ format: 'date-time' })
const Decision = {
  decision: Type.Union([Type.Literal('accept'), Type.Literal('reject'), Type.Literal('drop'), Type.Literal('pass')]),
  rule: Type.String(),
  reason: Type.Optional(Type.String()),
}
const About = { at: Time, action: Type.String(), origin: Type.String(), destination: Type.String() }
const Scores = {
  hits: Type.Record(Type.String(), Type.Integer(), {
    description: 'how often each rule decided, since the policy came into force or the node started',
  }),
  refusals: Type.Array(Type.Object({ ...About, ...Decision }), { description: 'the last 50, oldest first; `pass` went on all the same' }),
}
export const Document = Type.Unsafe<Json>({ type: 'object', description: 'a policy document, docs/policies.md' })

export const RehearsalView = Type.Object({
  ...{ id: Type.String(), version: Type.Integer(), policy: Document, ...Scores },
  signer: Type.Optional(Type.String()),
  seen: Type.Integer({ description: 'decisions since it is tried' }),
  different: Type.Integer({ description: 'how many of them would have been others' }),
  differences: Type.Array(Type.Object({ ...About, ...Decision, inForce: Type.Object(Decision) }), { description: 'the last 50' }),
})
export const PolicyView = Type.Object({
  id: Type.String(),
  version: Type.Integer({ description: '0: the configuration file of the node' }),
  signer: Type.Optional(Type.String({ description: 'the administrator who signed it' })),
  since: Type.Optional(Type.String({ format: 'date-time', description: 'in force since; of version 0, since the node started' })),
  policy: Document,
  lost: Type.Optional(
    Type.String({ description: 'why the policy that was in force could not be read back from the disk: no order is obeyed' }),
  ),
  ...Scores,
  rejected: Type.Array(Type.Object({ at: Time, flaw: Type.String(), reason: Type.String() }), {
    description: 'documents that were turned away, the last 20, oldest first; since the node started',
  }),
  rehearsal: Type.Optional(RehearsalView),
})
export const PolicyAnswer = Type.Object({
  status: Type.Union([Type.Literal('Accepted'), Type.Literal('Rejected')]),
  version: Type.Integer({ description: 'in force now' }),
  flaw: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
})
export const DeliveryView = Type.Object({
  node: Type.String(),
  status: Type.String({ description: 'Accepted, Rejected, or `error`: then `reason` says why there is no answer' }),
  version: Type.Optional(Type.Integer({ description: 'in force there now' })),
  flaw: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
})
export const Signed = Type.Object(
  {
    policy: Document,
    signatures: Type.Array(Type.Object({ protected: Type.String(), signature: Type.String() }), { maxItems: 8 }),
  },
  { additionalProperties: false, description: 'as `chargeproof policy sign` writes it' },
)
export const Deliveries = Type.Object(
  { nodes: Type.Array(Type.String({ minLength: 1, maxLength: 48 }), { minItems: 1, maxItems: 1000 }), document: Signed },
  { additionalProperties: false },
)

export type PolicyView = Static<typeof PolicyView>
export type PolicyAnswer = Static<typeof PolicyAnswer>
export type DeliveryView = Static<typeof DeliveryView>
export type Signed = Static<typeof Signed>

export type Deliveries = Static<typeof Deliveries>
