// `POST …/verify/each`: any number of questions as lines of JSON, and a line of answer for each as it comes. Neither the questions nor the
// answers are ever all in memory: what is not read yet waits in the socket.
import { Readable } from 'node:stream'
import { Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { unbase64 } from '../../base/bytes.ts'
import { asFault, Fault } from '../../base/fault.ts'
import { readJson } from '../../base/read-json.ts'
import type { VerifyInput } from '../management.ts'
import { checkOf } from '../schema-check.ts'
import { text } from './describe.ts'
import { HttpProblem } from './problem.ts'
import type { Guest } from './quotas.ts'
import { bodyUnread } from './server.ts'
import { fileName } from './upload.ts'
import type { Judging } from './verify-routes.ts'
import { Problem } from './views.ts'

/** https://github.com/ndjson/ndjson-spec */
const LINES = 'application/x-ndjson'
/** Characters; a line is read in one piece, and meanwhile nobody else is served. Larger questions are for `verify`. */
const LINE_LIMIT = 8 * 1024 * 1024
/** Questions of one request that are judged, or wait for their turn to be told. */
const AHEAD = 8

const File = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 1000 }), base64: Type.Optional(Type.String()), text: Type.Optional(Type.String()) },
  { additionalProperties: false },
)
const Id = Type.String({ maxLength: 200 })
const QuestionLine = Type.Object(
  { id: Type.Optional(Id), files: Type.Array(File, { minItems: 1, maxItems: 1000 }) },
  { additionalProperties: false, description: 'a line: one question, its files as text or in base64' },
)
interface Line {
  readonly id?: string
  readonly files: readonly { readonly name: string; readonly base64?: string; readonly text?: string }[]
}

const isLine = checkOf<Line>(QuestionLine, { strict: false })
const isNamed = checkOf<{ readonly id: string }>(Type.Object({ id: Id }), { strict: false })

export const eachRoute = (scope: FastifyInstance, judge: Judging, guestOf: (request: FastifyRequest) => Guest): void => {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(LINES, (_request, body, done) => done(null, body))
  const schema = {
    summary: 'a verdict for each line, in the order of the lines, as soon as it is there',
    description:
      'Each line of the body is a question: `{"id", "files": [{"name", "text" or "base64"}]}`. Each line of the answer is `{"id", "verdict"}` or `{"id", "fault": {"code", "detail"}}`; ' +
      'a line that cannot be read has a fault, and the others go on. Read the answer while you send: who does not is not read from either.',
    body: { content: { [LINES]: { schema: QuestionLine } } },
    response: { 200: text('a line for each line', LINES), ...Object.fromEntries([400, 401, 429].map((status) => [status, Problem])) },
  }
  const options = { schema, bodyLimit: Number.MAX_SAFE_INTEGER, validatorCompiler: bodyUnread }
  scope.post('/verify/each', options, async (request, reply) => {
    if (!(request.body instanceof Readable)) throw new HttpProblem('request-invalid', `expected a body of type ${LINES}`)
    const questions = linesOf(request.body, guestOf(request))
    return reply.type(LINES).send(Readable.from(answers(questions, judge)))
  })
}

/** In the order of the questions, with a few of them judged ahead. */
async function* answers(lines: AsyncIterable<string>, judge: Judging): AsyncGenerator<string> {
  const ahead: Promise<string>[] = []
  try {
    for await (const line of lines) {
      if (line.trim() === '') continue
      ahead.push(answer(line, judge))
      if (ahead.length >= AHEAD) yield (await ahead.shift()) as string
    }
  } catch (thrown) {
    ahead.push(Promise.resolve(faultLine(undefined, thrown)))
  }
  for (const one of ahead) yield await one
}

const answer = async (line: string, judge: Judging): Promise<string> => {
  let id: string | undefined
  try {
    const value = parsed(line)
    // whoever sends a question that cannot be understood is told which
    if (isNamed(value)) id = value.id
    if (!isLine(value)) throw new Fault('payload-invalid', 'expected {"id", "files": [{"name", "text" or "base64"}]}')
    const verdict = await judge(value.files.map(inputOf))
    return `{${id === undefined ? '' : `"id":${JSON.stringify(id)},`}"verdict":${verdict}}\n`
  } catch (thrown) {
    return faultLine(id, thrown)
  }
}

const parsed = (line: string): unknown => {
  try {
    return readJson(line)
  } catch (cause) {
    throw new Fault('json-malformed', 'the line is not JSON', {}, cause)
  }
}

const inputOf = ({ name, base64, text: plain }: Line['files'][number]): VerifyInput => {
  if ((base64 === undefined) === (plain === undefined)) throw new Fault('payload-invalid', 'expected either text or base64 of a file')
  return { name: fileName(name), bytes: base64 === undefined ? new TextEncoder().encode(plain) : unbase64(base64) }
}

const faultLine = (id: string | undefined, thrown: unknown): string => {
  const told = thrown instanceof HttpProblem ? { code: thrown.code, message: thrown.message } : asFault(thrown)
  const detail = told.code === 'internal' ? 'the server failed; its log says why' : told.message
  return `${JSON.stringify({ id, fault: { code: told.code, detail } })}\n`
}

/** @throws HttpProblem `too-large` for a line past the limit, `too-many-requests` where the guest has used up its day */
async function* linesOf(body: Readable, guest: Guest): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let pieces: string[] = []
  let length = 0
  // where this ends before the body does, the answer has yet to be sent over the same socket
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    guest.take(chunk.length)
    const [first = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n')
    pieces.push(first)
    length += first.length
    if (length > LINE_LIMIT) throw new HttpProblem('too-large', 'a line is longer than one question may be')
    for (const next of others) {
      yield pieces.join('')
      pieces = [next]
      length = next.length
    }
  }
  yield pieces.join('') + decoder.decode()
}
