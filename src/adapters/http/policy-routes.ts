// The routes of the policy: what is in force and what it did, a signed document for this node or for others, and a candidate that
// is only tried. Documents are judged by the node; here is only their shape.
import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Json } from '../../base/ports.ts'
import type { Management } from '../management.ts'
import { HttpProblem } from './problem.ts'
import { Problem } from './views.ts'

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
const Document = Type.Unsafe<Json>({ type: 'object', description: 'a policy document, docs/policies.md' })

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
  policy: Document,
  ...Scores,
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
const Signed = Type.Object(
  {
    policy: Document,
    signatures: Type.Array(Type.Object({ protected: Type.String(), signature: Type.String() }), { maxItems: 8 }),
  },
  { additionalProperties: false, description: 'as `chargeproof policy sign` writes it' },
)
const Deliveries = Type.Object(
  { nodes: Type.Array(Type.String({ minLength: 1, maxLength: 48 }), { minItems: 1, maxItems: 1000 }), document: Signed },
  { additionalProperties: false },
)

export type PolicyView = Static<typeof PolicyView>
export type PolicyAnswer = Static<typeof PolicyAnswer>
export type DeliveryView = Static<typeof DeliveryView>
type Signed = Static<typeof Signed>

export const policyRoutes = (scope: FastifyInstance, management: Management): void => {
  const policy = (): NonNullable<Management['policy']> => {
    if (!management.policy) throw new HttpProblem('not-found', 'this node has no policy')
    return management.policy
  }
  const answers = (answer: object, ...refusals: readonly number[]): object => ({
    response: { 200: answer, ...Object.fromEntries([404, ...refusals].map((status) => [status, Problem])) },
  })
  scope.get('/policy', { schema: { summary: 'the policy in force, and what it did', ...answers(PolicyView) } }, async () =>
    policy().state(),
  )
  const put = { summary: 'a signed policy for this node; 200 also where it is rejected', body: Signed, ...answers(PolicyAnswer, 400) }
  scope.put('/policy', { schema: put }, async ({ body }: FastifyRequest<{ Body: Signed }>) => policy().put(body))
  const rehearse = { summary: 'tries a policy beside the one in force; it need not be signed', body: Document, ...answers(PolicyView, 400) }
  scope.put('/policy/rehearsal', { schema: rehearse }, async ({ body }: FastifyRequest<{ Body: Json }>) => {
    const flaw = policy().rehearse(body)
    if (flaw !== undefined) throw new HttpProblem('request-invalid', `this is no policy: ${flaw}`)
    return policy().state()
  })
  const end = { summary: 'ends the rehearsal', ...answers(PolicyView) }
  scope.delete('/policy/rehearsal', { schema: end }, async () => {
    policy().endRehearsal()
    return policy().state()
  })
  const deliver = {
    summary: 'brings a signed policy to nodes and stations over the network',
    body: Deliveries,
    ...answers(Type.Array(DeliveryView), 400),
  }
  scope.post('/policy/deliveries', { schema: deliver }, async ({ body }: FastifyRequest<{ Body: Static<typeof Deliveries> }>) =>
    policy().deliver(body.nodes, body.document),
  )
}
