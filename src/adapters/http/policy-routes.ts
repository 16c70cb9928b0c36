// The routes of the policy: what is in force and what it did, a signed document for this node or for others, and a candidate that
// is only tried. Documents are judged by the node; here is only their shape.
import { Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Json } from '../../base/ports.ts'
import type { Management } from '../management.ts'
import { Deliveries, DeliveryView, Document, PolicyAnswer, PolicyView, Signed } from './policy-views.ts'
import { HttpProblem } from './problem.ts'
import { Problem } from './views.ts'

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
  scope.post('/policy/deliveries', { schema: deliver }, async ({ body }: FastifyRequest<{ Body: Deliveries }>) =>
    policy().deliver(body.nodes, body.document),
  )
}
