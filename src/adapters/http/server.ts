// What every HTTP server of ours has: strict validation, one shape of errors, security headers, only hosts that are its own, its own
// description, and an end in time.
import type { RequestListener, Server } from 'node:http'
import fastifySwagger from '@fastify/swagger'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { checkOf } from '../schema-check.ts'
import { guardHeaders, guardHost, SECURITY_HEADERS } from './guards.ts'
import { answerProblem, answerProblems } from './problem.ts'

const BODY_LIMIT = 1024 * 1024
/** For a whole request to arrive, ms. */
const REQUEST_TIMEOUT_MS = 60_000
/** For what is under way to end once the server closes, ms. */
const GRACE_MS = 2000

export interface HttpServerOptions {
  /** Of the OpenAPI document. */
  readonly title: string
  /** Names and addresses that this server goes by besides loopback, without port. */
  readonly hosts?: readonly string[]
  readonly log?: FastifyBaseLogger
  /** Makes the server that `handler` is called from; a plain http server if not given. */
  readonly listener?: (handler: RequestListener) => Server
  /** How long a closing server waits for requests under way, ms. */
  readonly graceMs?: number
  /** For a whole request to arrive, ms; 0 is without end. */
  readonly requestTimeoutMs?: number
}

export const httpServer = (options: HttpServerOptions): FastifyInstance => {
  const app: FastifyInstance = fastify({
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: 255 },
    requestTimeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (error, request, reply) => answerProblem(request, reply.headers(SECURITY_HEADERS), error),
    ...(options.log === undefined ? { logger: false } : { loggerInstance: options.log }),
    ...(options.listener && { serverFactory: options.listener }),
  })
  validateStrictly(app)
  answerProblems(app)
  guardHeaders(app)
  guardHost(app, options.hosts ?? [])
  closeInTime(app, options.graceMs ?? GRACE_MS)
  app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: options.title, version: '1', description: 'Errors are `{code, detail}` with the status of the code.' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
  })
  return app
}

const BODY = { useDefaults: true, strict: false, validateFormats: false }
const TEXT = { ...BODY, coerceTypes: true }

/** Text in an address is turned into numbers where a schema says so; a JSON body must be right as it is. */
const validateStrictly = (app: FastifyInstance): void => {
  app.setValidatorCompiler<object>(({ schema, httpPart }) => checkOf(schema, httpPart === 'body' ? BODY : TEXT))
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
}

/** For a route whose body is no JSON: its schema is for readers, those of its address hold. */
export const bodyUnread = ({ schema, httpPart }: { schema: object; httpPart?: string }) =>
  httpPart === 'body' ? () => true : checkOf(schema, TEXT)

/** A client that never ends its request must not keep the node from ending. */
const closeInTime = (app: FastifyInstance, graceMs: number): void => {
  app.addHook('preClose', async () => {
    // of a server that is the caller's own, and closing already, the caller sees to the end
    if (!app.server.listening) return
    const cut = setTimeout(() => app.server.closeAllConnections(), graceMs)
    app.server.once('close', () => clearTimeout(cut))
  })
}
