// The body of a verification: one file as it is, or several as multipart/form-data. Only takes the parts apart; what they are
// is the verifier's question.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { VerifyInput } from '../management.ts'
import { HttpProblem } from './problem.ts'

export const UPLOAD_LIMIT = 64 * 1024 * 1024
/** As many as an archive may have members. */
const FILES = 1000

/** Lets the routes of this scope take a body of any content type, as bytes. */
export const takeAnyBody = (scope: FastifyInstance): void => {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: UPLOAD_LIMIT }, (_request, body, done) => done(null, body))
}

/** @throws HttpProblem `request-invalid` for an empty body, or a multipart body that cannot be taken apart */
export const uploadedFiles = async (request: FastifyRequest<{ Querystring: { name?: string } }>): Promise<VerifyInput[]> => {
  const body = request.body
  if (!(body instanceof Uint8Array) || body.length === 0)
    throw new HttpProblem('request-invalid', 'expected a file as the body, or several as multipart/form-data')
  const type = request.headers['content-type'] ?? ''
  if (/^multipart\/form-data\b/i.test(type)) return partsOf(body, type)
  return [{ name: fileName(request.query.name ?? dispositionName(request.headers['content-disposition'])), bytes: body }]
}

const partsOf = async (body: Uint8Array, type: string): Promise<VerifyInput[]> => {
  const form = await new Response(body as Uint8Array<ArrayBuffer>, { headers: { 'content-type': type } })
    .formData()
    .catch((cause: unknown) => {
      throw new HttpProblem('request-invalid', 'the multipart body is malformed (RFC 7578)', cause)
    })
  const parts = [...form.entries()]
  if (parts.length === 0) throw new HttpProblem('request-invalid', 'the multipart body holds no file')
  if (parts.length > FILES) throw new HttpProblem('too-large', `expected at most ${FILES} files, got ${parts.length}`)
  return Promise.all(
    parts.map(async ([field, part]) =>
      typeof part === 'string'
        ? { name: fileName(field), bytes: new TextEncoder().encode(part) }
        : { name: fileName(part.name), bytes: new Uint8Array(await part.arrayBuffer()) },
    ),
  )
}

/** RFC 6266: `filename*` (RFC 8187, UTF-8) is preferred to `filename`. */
const dispositionName = (header: string | undefined): string | undefined => {
  const extended = /;\s*filename\*=utf-8'[^']*'([^;\s]+)/i.exec(header ?? '')?.[1]
  try {
    if (extended !== undefined) return decodeURIComponent(extended)
  } catch (cause) {
    throw new HttpProblem('request-invalid', 'the file name in Content-Disposition is not percent-encoded UTF-8', cause)
  }
  const plain = /;\s*filename=(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header ?? '')
  return plain?.[1]?.replace(/\\(.)/g, '$1') ?? plain?.[2]
}

/** The last part of a path, printable and of bounded length. */
export const fileName = (name: string | undefined): string => {
  const last = (name ?? '').split(/[/\\]/).at(-1) ?? ''
  const printable = last.replace(/\p{Cc}/gu, '').slice(0, 200)
  return printable === '' ? 'input' : printable
}
