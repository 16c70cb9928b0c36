// The management API of a node (docs of it: GET /api/openapi.json) and the folder of its dashboard, over HTTP. Knows the
// node only as `Management`; the caller attaches WebSocket endpoints to `app.server`, and listens.
import type { RequestListener, Server } from 'node:http'
import fastifySwagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { Ajv } from 'ajv'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { EventOptions } from './http/events.ts'
import { guardCaches, guardHeaders, guardHost, guardToken, SECURITY_HEADERS } from './http/guards.ts'
import { answerProblem, answerProblems, nothingHere } from './http/problem.ts'
import { publicRoutes } from './http/public-routes.ts'
import type { Management } from './management.ts'

const BODY_LIMIT = 1024 * 1024
/** For a whole request to arrive, ms. */
const REQUEST_TIMEOUT_MS = 60_000
/** For what is under way to end once the server closes, ms. */
const GRACE_MS = 2000

export interface HttpApiOptions {
  readonly management: Management
  /** What operators show; everything under /api/v1 asks for it. */
  readonly token: string
  /** Absolute path of the built pages; without it only the API is served. */
  readonly webFolder?: string
  /** Names and addresses that this server goes by besides loopback, without port. */
  readonly hosts?: readonly string[]
  readonly log?: FastifyBaseLogger
  readonly events?: EventOptions
  /** Makes the server that `handler` is called from; a plain http server if not given. */
  readonly listener?: (handler: RequestListener) => Server
  /** Without it only /healthz and /metrics are served. */
  readonly withApi?: boolean
  /** Milliseconds, for the rate of wrong tokens. */
  readonly now?: () => number
  /** How long a closing server waits for requests under way, ms. */
  readonly graceMs?: number
}

export const buildHttpApi = (options: HttpApiOptions): FastifyInstance => {
  const { management, token, hosts = [], now = () => performance.now() } = options
  const app: FastifyInstance = fastify({
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: 255 },
    requestTimeout: REQUEST_TIMEOUT_MS,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (error, request, reply) => answerProblem(request, reply.headers(SECURITY_HEADERS), error),
    ...(options.log === undefined ? { logger: false } : { loggerInstance: options.log }),
    ...(options.listener && { serverFactory: options.listener }),
  })
  validateStrictly(app)
  answerProblems(app)
  guardHeaders(app)
  guardHost(app, hosts)
  closeInTime(app, options.graceMs ?? GRACE_MS)
  app.register(fastifySwagger, DOCUMENT)
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

const DOCUMENT: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: { title: 'Chargeproof management API', version: '1', description: 'Errors are `{code, detail}` with the status of the code.' },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    security: [{ token: [] }],
  },
}

/** Text in an address is turned into numbers where a schema says so; a JSON body must be right as it is. */
const validateStrictly = (app: FastifyInstance): void => {
  const settings = { useDefaults: true, allErrors: false, strict: false, validateFormats: false }
  const [body, text] = [new Ajv(settings), new Ajv({ ...settings, coerceTypes: true })]
  app.setValidatorCompiler<object>(({ schema, httpPart }) => (httpPart === 'body' ? body : text).compile(schema))
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
}

/** A client that never ends its request must not keep the node from ending. */
const closeInTime = (app: FastifyInstance, graceMs: number): void => {
  app.addHook('preClose', async () => {
    const cut = setTimeout(() => app.server.closeAllConnections(), graceMs)
    app.server.once('close', () => clearTimeout(cut))
  })
}

const servePages = (app: FastifyInstance, root: string): void => {
  app.register(import('@fastify/static'), { root, index: 'index.html', dotfiles: 'ignore', schemaHide: true })
  app.get('/verify', { schema: { hide: true } }, async (_request, reply) => reply.sendFile('verify.html'))
}
