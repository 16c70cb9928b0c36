// What the management API tells of files, as JSON Schema; see views.ts.
import { Type } from '@sinclair/typebox'

const Hash = (description: string) => Type.String({ pattern: '^[0-9a-f]{64}$', description })
const Bytes = Type.Integer({ minimum: 0, description: 'bytes' })

export const FileView = Type.Object({
  name: Type.String({ description: 'parts with / between them' }),
  size: Bytes,
  modified: Type.Integer({ description: 'milliseconds since 1970' }),
  origin: Type.Optional(Type.String({ description: 'the node that put it there' })),
})

export const FileOnWay = Type.Object({
  direction: Type.Union([Type.Literal('in'), Type.Literal('out')], { description: 'to this node, or from it' }),
  node: Type.String({ description: 'the node at the other end' }),
  name: Type.String(),
  done: Bytes,
  total: Bytes,
})

export const FileDeleted = Type.Object({ deleted: Type.Boolean({ description: 'whether there was one' }) })

/** docs/protocol.md §12.1; what else must hold of it the node says. */
export const Content = Type.Object({
  size: Bytes,
  chunkSize: Type.Integer({ minimum: 1 }),
  sha256: Hash('SHA-256 of the whole'),
  chunks: Type.String({ description: 'SHA-256 of each chunk, 32 bytes each, one after the other, base64url' }),
})

const Run = Type.Tuple([Type.Integer(), Type.Integer()], { description: 'the first of some chunks in a row, and how many' })
export const Upload = Type.Object({
  content: Hash('id of the content'),
  missing: Type.Array(Run, { description: 'chunks that are still wanted, up to 256 runs; ask again after those' }),
})
export const UploadRest = Type.Object({ missing: Type.Integer({ description: 'how many chunks are still wanted' }) })

export const Sending = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 1_024 }),
  content: Hash('id of the content'),
  size: Bytes,
  onlyIfHash: Type.Optional(Type.String({ pattern: '^([0-9a-f]{64})?$', description: 'only in the place of that file; empty: of none' })),
})
