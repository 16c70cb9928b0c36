// `POST …/convert`: a verdict in another shape. Every shape says what the values are worth.
import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { pdfReport } from '../../report/report.ts'
import { LANGUAGES, type Language, sessionCsv, sessionRows, type Verdict, valueCsv, valueRows } from '../../transparency/index.ts'
import type { VerifyInput } from '../management.ts'
import { software } from '../software.ts'
import { uploadedFiles } from './upload.ts'
import { AS_BYTES, FILES_BODY, type Judging } from './verify-routes.ts'
import { Problem } from './views.ts'

interface Asked {
  readonly inputs: readonly VerifyInput[]
  readonly language: Language
}

type Writer = (verdict: Verdict, asked: Asked) => string | Promise<Uint8Array>

/** What a verdict can be turned into. */
const SHAPES = {
  'values.csv': { type: 'text/csv; charset=utf-8', write: (verdict) => valueCsv(valueRows(verdict)) },
  'values.json': { type: 'application/json; charset=utf-8', write: (verdict) => JSON.stringify(valueRows(verdict)) },
  'sessions.csv': { type: 'text/csv; charset=utf-8', write: (verdict) => sessionCsv(sessionRows('', verdict)) },
  'sessions.json': { type: 'application/json; charset=utf-8', write: (verdict) => JSON.stringify(sessionRows('', verdict)) },
  'report.pdf': {
    type: 'application/pdf',
    write: (verdict, { inputs, language }) => pdfReport(verdict, { language, inputs, software: software(), at: Date.now() }),
  },
} as const satisfies Record<string, { readonly type: string; readonly write: Writer }>

type Shape = keyof typeof SHAPES

const Convert = Type.Object({
  to: Type.Union((Object.keys(SHAPES) as Shape[]).map((shape) => Type.Literal(shape))),
  name: Type.Optional(Type.String({ maxLength: 1000 })),
  lang: Type.Optional(
    Type.Union(
      LANGUAGES.map((language) => Type.Literal(language)),
      { default: 'en', description: 'of the report' },
    ),
  ),
})

/** The scope takes bodies as bytes. */
export const convertRoute = (scope: FastifyInstance, judge: Judging): void => {
  const schema = {
    summary:
      'the same values, whatever the format they came in: a row for each measured value, or for each session; or a report of one page',
    description: 'Each row says what its signature is worth. The body is that of `verify`.',
    ...FILES_BODY,
    querystring: Convert,
    response: {
      200: {
        description: 'as `to` says',
        content: {
          'text/csv': { schema: Type.String() },
          'application/json': { schema: Type.Array(Type.Object({})) },
          'application/pdf': { schema: Type.String() },
        },
      },
      ...Object.fromEntries([400, 401, 413, 429, 503].map((status) => [status, Problem])),
    },
  }
  scope.post(
    '/convert',
    { schema, ...AS_BYTES },
    async (request: FastifyRequest<{ Querystring: Static<typeof Convert> }>, reply): Promise<FastifyReply> => {
      const { to, lang = 'en' } = request.query
      const { type, write } = SHAPES[to as Shape]
      const inputs = await uploadedFiles(request)
      // the judge may take the bytes to another thread
      const kept = inputs.map(({ name, bytes }) => ({ name, bytes: bytes.slice() }))
      const verdict = JSON.parse(await judge(inputs)) as Verdict
      const shaped = await write(verdict, { inputs: kept, language: lang as Language })
      return reply
        .type(type)
        .serializer(asItIs)
        .send(typeof shaped === 'string' ? shaped : Buffer.from(shaped))
    },
  )
}

const asItIs = (payload: unknown): string => payload as string
