// The management API of a node (docs of it: GET /api/openapi.json) and the folder of its dashboard, over HTTP. Knows the
// node only as `Management`; the caller attaches WebSocket endpoints to `app.server`, and listens.
import type { FastifyInstance } from 'fastify'
import type { EventOptions } from './http/events.ts'
import { guardCaches, guardToken } from './http/guards.ts'
import { nothingHere } from './http/problem.ts'
import { publicRoutes } from './http/public-routes.ts'
import { type HttpServerOptions, httpServer } from './http/server.ts'
import type { Management } from './management.ts'

export interface HttpApiOptions extends Omit<HttpServerOptions, 'title'> {
  readonly management: Management
  /** What operators show; everything under /api/v1 asks for it. */
  readonly token: string
  /** Absolute path of the built pages; without it only the API is served. */
  readonly webFolder?: string
  readonly events?: EventOptions
  /** Without it only /healthz and /metrics are served. */
  readonly withApi?: boolean
  /** Milliseconds, for the rate of wrong tokens. */
  readonly now?: () => number
}

export const buildHttpApi = (options: HttpApiOptions): FastifyInstance => {
  const { management, token, now = () => performance.now() } = options
  const app = httpServer({ ...options, title: 'Chargeproof management API' })
  app.register(async (scope) => {
    guardCaches(scope)
    publicRoutes(scope, management)
  })
  if (options.withApi === false) return app
  app.register(
    async (scope) => {
      guardCaches(scope)
      guardToken(scope, { token, now })
      // an unknown address below asks for the token too, and tells nothing of what is there
      scope.setNotFoundHandler(nothingHere)
      const { operatorRoutes } = await import('./http/routes.ts')
      operatorRoutes(scope, management, options.events ?? {})
    },
    { prefix: '/api/v1' },
  )
  if (options.webFolder !== undefined) servePages(app, options.webFolder)
  return app
}

const servePages = (app: FastifyInstance, root: string): void => {
  app.register(import('@fastify/static'), { root, index: 'index.html', dotfiles: 'ignore', schemaHide: true })
  app.get('/verify', { schema: { hide: true } }, async (_request, reply) => reply.sendFile('verify.html'))
}
