// The three routes of every port that ask for no token: whether the node is ready, its figures, and the document of its API.
import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { Json } from '../../base/ports.ts'
import type { Management } from '../management.ts'

/** What anybody who reaches the port may see. */
export const publicRoutes = (scope: FastifyInstance, management: Management): void => {
  const described = { description: 'rules of what a person has to look at, where there is anything; the journal says more' }
  const attention = Type.Optional(Type.Array(Type.String(), described))
  const health = Type.Object({ ready: Type.Boolean(), node: Type.String(), role: Type.String(), attention })
  scope.get(
    '/healthz',
    { schema: { summary: '200 once the node is ready', response: { 200: health, 503: health }, security: [] } },
    async (_request, reply) => {
      const ready = management.ready()
      const wanting = management.attention?.() ?? []
      const { id: node, role } = management.node
      return reply.code(ready ? 200 : 503).send({ ready, node, role, ...(wanting.length > 0 && { attention: [...wanting] }) })
    },
  )
  const metrics = {
    summary: 'figures for Prometheus',
    response: { 200: { description: 'Prometheus text format', content: { 'text/plain': { schema: Type.String() } } } },
    security: [],
  }
  scope.get('/metrics', { schema: metrics }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await management.metrics()),
  )
  const document = { summary: 'this document', response: { 200: Type.Unsafe<Json>({ description: 'OpenAPI 3.1' }) }, security: [] }
  scope.get('/api/openapi.json', { schema: document }, async () => scope.swagger())
}
