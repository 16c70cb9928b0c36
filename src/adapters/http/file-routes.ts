// The routes of files: uploads in chunks, and what is done with files of any node. A file is streamed both ways and never held whole.
import { Readable } from 'node:stream'
import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyRequest, FastifySchemaCompiler } from 'fastify'
import { asFault, type FaultCode } from '../../base/fault.ts'
import type { Json } from '../../base/ports.ts'
import { CHUNK_SIZES, MAX_LIST } from '../../overlay/files/content.ts'
import type { Management } from '../management.ts'
import { Content, FileDeleted, FileOnWay, FileView, Sending, Upload, UploadRest } from './file-views.ts'
import { HttpProblem, type ProblemCode } from './problem.ts'
import { Problem } from './views.ts'

const Node = Type.Object({ id: Type.String({ minLength: 1, maxLength: 48 }) })
const Named = Type.Object({ name: Type.String({ minLength: 1, maxLength: 1_024 }) })
const Folder = Type.Object({ folder: Type.String({ maxLength: 1_024, default: '', description: 'of the whole space where not given' }) })
const Deleted = Type.Object({ ...Named.properties, onlyIfHash: Type.Optional(Type.String({ pattern: '^([0-9a-f]{64})?$' })) })
const Chunk = Type.Object({ id: Type.String({ pattern: '^[0-9a-f]{64}$' }), index: Type.Integer({ minimum: 0, maximum: 65_535 }) })

/** What went wrong at another node, or on the way there, as the status of this one's answer. */
const PROBLEMS: Readonly<Partial<Record<FaultCode, ProblemCode>>> = {
  'input-missing': 'not-found',
  refused: 'refused',
  'remote-error': 'refused',
  'payload-invalid': 'request-invalid',
  'frame-malformed': 'request-invalid',
  'bytes-malformed': 'request-invalid',
  'limit-exceeded': 'too-large',
  'queue-full': 'busy',
  unreachable: 'unreachable',
  timeout: 'unreachable',
  'link-lost': 'unreachable',
}

const problemOf = (error: unknown): Error => {
  const fault = asFault(error)
  const code = PROBLEMS[fault.code]
  return code === undefined ? fault : new HttpProblem(code, fault.message, fault)
}

/** Runs what another node may refuse. */
const told = async <T>(run: () => Promise<T>): Promise<T> => {
  try {
    return await run()
  } catch (error) {
    throw problemOf(error)
  }
}

type Files = NonNullable<Management['files']>

const REFUSALS = Object.fromEntries([400, 403, 404, 413, 502, 503].map((status) => [status, Problem]))
const about = (summary: string, answer: object): object => ({ summary, response: { 200: answer, ...REFUSALS } })
const bytes = (description: string, type: string): object => ({ description, content: { [type]: { schema: Type.String() } } })

export const fileRoutes = (scope: FastifyInstance, management: Management): void => {
  const files = (): Files => {
    if (!management.files) throw new HttpProblem('not-found', 'this node keeps no files: its configuration has no section "files"')
    return management.files
  }
  scope.register(async (uploads) => uploadRoutes(uploads, files))
  streamedRoutes(scope, files)
  scope.get('/files', { schema: about('files on their way to this node and from it', Type.Array(FileOnWay)) }, async () =>
    files().onTheirWay(),
  )
  const list = { ...about('the files of a node', Type.Array(FileView)), params: Node, querystring: Folder }
  scope.get('/nodes/:id/files', { schema: list }, ({ params, query }: Asking<{ Querystring: Static<typeof Folder> }>) =>
    told(() => files().list(params.id, query.folder)),
  )
  const remove = { ...about('deletes a file of a node', FileDeleted), params: Node, querystring: Deleted }
  scope.delete('/nodes/:id/files', { schema: remove }, ({ params, query }: Asking<{ Querystring: Static<typeof Deleted> }>) =>
    told(async () => ({ deleted: await files().remove(params.id, query.name, query.onlyIfHash) })),
  )
}

/** A file on its way, from a node and to one. */
const streamedRoutes = (scope: FastifyInstance, files: () => Files): void => {
  const get = {
    ...about('a file of a node', bytes('its bytes, each chunk verified', 'application/octet-stream')),
    params: Node,
    querystring: Named,
  }
  scope.get(
    '/nodes/:id/files/content',
    // a question for the head alone would begin to bring the file
    { schema: get, exposeHeadRoute: false },
    async ({ params, query }: Asking<{ Querystring: Static<typeof Named> }>, reply) => {
      const { file, bytes } = await told(() => files().get(params.id, query.name))
      return reply
        .type('application/octet-stream')
        .header('content-length', file.size)
        .header('content-disposition', 'attachment')
        .header('x-content-sha256', file.sha256)
        .send(Readable.from(bytes))
    },
  )
  const progress = bytes(
    'lines of JSON: {done, total} as it goes on, and {stored: true} or {code, detail} at the end',
    'application/x-ndjson',
  )
  const send = { ...about('sends uploaded content to a node, as a file', progress), params: Node, body: Sending }
  scope.post('/nodes/:id/files', { schema: send }, async ({ params, body }: Asking<{ Body: Static<typeof Sending> }>, reply) =>
    reply.type('application/x-ndjson').send(Readable.from(sent(files(), params.id, body))),
  )
}

type Asking<T extends object> = FastifyRequest<{ Params: Static<typeof Node> } & T>

const uploadRoutes = (scope: FastifyInstance, files: () => Files): void => {
  const limits = { parseAs: 'buffer', bodyLimit: CHUNK_SIZES.max } as const
  scope.addContentTypeParser('application/octet-stream', limits, (_request, body, done) => done(null, body))
  const begin = { ...about('begins an upload, or goes on with one: the list of chunks', Upload), body: Content }
  scope.post('/contents', { schema: begin, bodyLimit: MAX_LIST }, ({ body }: FastifyRequest<{ Body: Json }>) =>
    told(() => files().begin(body)),
  )
  const put = {
    ...about('one chunk of it', UploadRest),
    params: Chunk,
    body: { content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } },
  }
  // the body is bytes here: its schema is for readers
  const compile = scope.validatorCompiler as FastifySchemaCompiler<object>
  const validatorCompiler: FastifySchemaCompiler<object> = (part) => (part.httpPart === 'body' ? () => true : compile(part))
  const options = { schema: put, bodyLimit: CHUNK_SIZES.max, validatorCompiler }
  scope.put('/contents/:id/chunks/:index', options, ({ params, body }: FastifyRequest<{ Params: Static<typeof Chunk>; Body: unknown }>) =>
    told(async () => {
      if (!(body instanceof Uint8Array)) throw new HttpProblem('request-invalid', 'expected the chunk as application/octet-stream')
      return { missing: await files().put(params.id, params.index, new Uint8Array(body)) }
    }),
  )
}

/** What becomes of a file that is sent, line by line. */
const sent = async function* (files: Files, node: string, sending: Static<typeof Sending>): AsyncGenerator<string> {
  const lines: object[] = []
  let wake = (): void => undefined
  const say = (line: object): void => {
    lines.push(line)
    wake()
  }
  let isOver = false
  const over = files
    .send(node, sending, ({ done, total }) => say({ done, total }))
    .then(
      () => say({ stored: true }),
      (error) => {
        const { code, message } = asFault(error)
        say({ code, detail: message })
      },
    )
    .finally(() => {
      isOver = true
      wake()
    })
  while (!isOver || lines.length > 0) {
    const line = lines.shift()
    if (line) yield `${JSON.stringify(line)}\n`
    else
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
  await over
}
