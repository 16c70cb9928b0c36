// `POST …/verify`, wherever it is served: the body is one question, and whoever judges answers it as JSON text.
import { Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { VerifyInput } from '../management.ts'
import { about } from './describe.ts'
import { bodyUnread } from './server.ts'
import { takeAnyBody, UPLOAD_LIMIT, uploadedFiles } from './upload.ts'
import { Verdict } from './views.ts'

/** The verdict on all inputs as one question, as JSON text. Rejects with Fault `limit-exceeded` or `queue-full`. */
export type Judging = (inputs: readonly VerifyInput[]) => Promise<string>

const FILE = { schema: { type: 'string', format: 'binary' } }

/** A body of one file as it is, or of several as multipart/form-data. */
export const FILES_BODY = {
  querystring: Type.Object({ name: Type.Optional(Type.String({ maxLength: 1000 })) }),
  body: {
    content: {
      'application/octet-stream': FILE,
      'multipart/form-data': { schema: { type: 'object', additionalProperties: FILE.schema } },
    },
  },
}

export const AS_BYTES = { bodyLimit: UPLOAD_LIMIT, validatorCompiler: bodyUnread }

/** Makes this scope one whose bodies are bytes. */
export const verifyRoute = (scope: FastifyInstance, judge: Judging, refusals: readonly number[] = []): void => {
  takeAnyBody(scope)
  const schema = {
    ...about('the verdict on the file, or the files, of the body as one question', Verdict, [400, 413, 503, ...refusals]),
    description: 'The name of a single file comes from `name`, or from Content-Disposition.',
    ...FILES_BODY,
  }
  scope.post(
    '/verify',
    { schema, ...AS_BYTES },
    async (request: FastifyRequest<{ Querystring: { name?: string } }>, reply): Promise<FastifyReply> =>
      sendJson(reply, await judge(await uploadedFiles(request))),
  )
}

/** What is JSON text already. */
export const sendJson = (reply: FastifyReply, json: string): FastifyReply =>
  reply.type('application/json; charset=utf-8').serializer(asItIs).send(json)

const asItIs = (payload: unknown): string => payload as string
