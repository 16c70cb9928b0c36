// What is asked for with the CALL that opens a stream, and what is answered: read strictly, written once (docs/protocol.md §11.1).
import { Fault } from '../../base/fault.ts'
import type { Json } from '../../base/ports.ts'
import { isStreamId } from './frame.ts'
import { STREAM_CLASSES, type StreamClass, type StreamRequest } from './stream.ts'

const PURPOSE_LIMIT = 64

export interface OpenRequest extends Omit<StreamRequest, 'sealed'> {
  readonly id: string
  /** A key that was made for this stream, where it is sealed. */
  readonly share?: string
  /** Up to where the asking end has received everything. */
  readonly received: number
  /** The stream stands already, and its way is gone. */
  readonly resume: boolean
}

export interface OpenAnswer {
  readonly received: number
  readonly details: { readonly [member: string]: Json }
  /** The other end's, where there is one in the request. */
  readonly share?: string
}

export const writeOpenRequest = ({ id, purpose, class: rank, details, received, resume, share }: OpenRequest): Json => ({
  ...{ id, purpose, class: rank, details, received },
  ...(resume && { resume }),
  ...(share !== undefined && { share }),
})

/** @throws Fault `payload-invalid` */
export const readOpenRequest = (value: Json): OpenRequest => {
  const { id, purpose, class: rank, details = {}, received = 0, resume = false, share } = membersOf(value)
  if (!isStreamId(id)) throw invalid('id', 'a UUID in lower case')
  if (typeof purpose !== 'string' || purpose === '' || purpose.length > PURPOSE_LIMIT) throw invalid('purpose', 'a short text')
  if (!isClass(rank)) throw invalid('class', `one of ${STREAM_CLASSES.join(', ')}`)
  if (typeof resume !== 'boolean') throw invalid('resume', 'true or false')
  return { id, purpose, class: rank, details: objectOf('details', details), received: offsetOf(received), resume, ...shareOf(share) }
}

export const writeOpenAnswer = ({ received, details, share }: OpenAnswer): Json => ({
  ...{ received, details },
  ...(share !== undefined && { share }),
})

/** @throws Fault `payload-invalid` */
export const readOpenAnswer = (value: Json): OpenAnswer => {
  const { received = 0, details = {}, share } = membersOf(value)
  return { received: offsetOf(received), details: objectOf('details', details), ...shareOf(share) }
}

type Members = { readonly [member: string]: Json | undefined }

const membersOf = (value: Json): Members => objectOf('payload', value)

const objectOf = (name: string, value: Json | undefined): { readonly [member: string]: Json } => {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw invalid(name, 'an object')
  return value as { readonly [member: string]: Json }
}

const shareOf = (share: Json | undefined): { share?: string } => {
  if (share === undefined) return {}
  if (typeof share !== 'string') throw invalid('share', 'base64url')
  return { share }
}

const offsetOf = (value: Json | undefined): number => {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw invalid('received', 'a number of bytes')
  return value as number
}

const isClass = (rank: Json | undefined): rank is StreamClass => STREAM_CLASSES.some((each) => each === rank)

const invalid = (member: string, wanted: string): Fault => new Fault('payload-invalid', `expected ${wanted} as ${member} of the stream`)
