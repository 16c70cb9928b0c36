// The answers of the API that are not 2xx: one shape, `{code, detail}`. Nothing of a request is repeated in them, and
// nothing of an internal error is told; the log has it.
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Fault, type FaultCode } from '../../base/fault.ts'

const PROBLEMS = {
  'request-invalid': 400,
  unauthorized: 401,
  refused: 403,
  'not-found': 404,
  'too-large': 413,
  'host-refused': 421,
  'too-many-requests': 429,
  internal: 500,
  unreachable: 502,
  busy: 503,
} as const satisfies Record<string, number>

export type ProblemCode = keyof typeof PROBLEMS

/** Thrown in a handler, answered by `answerProblems`. */
export class HttpProblem extends Error {
  readonly code: ProblemCode

  /** @param detail for people; holds nothing of the request */
  constructor(code: ProblemCode, detail: string, cause?: unknown) {
    super(detail, { cause })
    this.code = code
  }
}

/** Makes every error of this server an answer in the one shape. */
export const answerProblems = (app: FastifyInstance): void => {
  app.setErrorHandler((thrown: FastifyError | Error, request, reply) => answerProblem(request, reply, thrown))
  app.setNotFoundHandler(nothingHere)
}

/** @param asked where the address itself is unknown, and not what it names */
export const nothingHere = (asked?: FastifyRequest): never => {
  const path = asked?.url.replace(/\?.*/, '') ?? ''
  const taken = asked === undefined ? [] : METHODS.filter((method) => asked.server.hasRoute({ method, url: path }))
  const detail = taken.length === 0 ? 'there is nothing at this address' : `this address takes ${taken.join(' and ')} alone`
  throw new HttpProblem('not-found', detail)
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const

export const answerProblem = (request: FastifyRequest, reply: FastifyReply, thrown: FastifyError | Error): FastifyReply => {
  const { code, message } = problemOf(thrown, request)
  if (code === 'internal') request.log.error(thrown)
  return reply.code(PROBLEMS[code]).type('application/json').send({ code, detail: message })
}

/** Faults that the sender of a request can mend; every other one is ours. */
const OF_FAULT: Readonly<Partial<Record<FaultCode, ProblemCode>>> = { 'limit-exceeded': 'too-large', 'queue-full': 'busy' }

const problemOf = (thrown: FastifyError | Error, request: FastifyRequest): HttpProblem => {
  if (thrown instanceof HttpProblem) return thrown
  if (thrown instanceof Fault) {
    const code = OF_FAULT[thrown.code]
    return code === undefined ? internal(thrown) : new HttpProblem(code, thrown.message, thrown)
  }
  if ('validation' in thrown && thrown.validation !== undefined) return new HttpProblem('request-invalid', validationDetail(thrown), thrown)
  if ('statusCode' in thrown && thrown.statusCode === 413)
    return new HttpProblem('too-large', 'the body is larger than this address takes', thrown)
  if ('statusCode' in thrown && thrown.statusCode !== undefined && thrown.statusCode < 500)
    return new HttpProblem('request-invalid', clientDetail(thrown, request), thrown)
  return internal(thrown)
}

const internal = (cause: Error): HttpProblem => new HttpProblem('internal', 'the server failed; its log says why', cause)

/** ajv's sentence about the first flaw: it names our members and limits, never what was sent. */
const validationDetail = ({ validation = [], validationContext }: FastifyError): string => {
  const [flaw] = validation
  const where = `${validationContext ?? 'request'}${flaw?.instancePath ?? ''}`
  // a value that is none of some is told once for each of them
  const choices = validation.filter(({ keyword, instancePath }) => keyword === 'const' && instancePath === flaw?.instancePath)
  if (choices.length > 1) return `${where} must be one of ${choices.map(({ params }) => params.allowedValue).join(', ')}`
  return `${where} ${flaw?.message ?? 'is not as it should be'}`
}

const clientDetail = ({ code }: FastifyError, { server }: FastifyRequest): string => {
  if (code !== 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return 'the request is malformed'
  const taken = TYPES.filter((type) => server.hasContentTypeParser(type))
  return taken.length === 0 ? 'the content type is malformed (RFC 9110 §8.3.1)' : `the content type must be ${taken.join(' or ')}`
}

/** Those that a route here may be alone to take; where every type is taken, only one that is none is refused. */
const TYPES = ['application/json', 'application/x-ndjson'] as const
