// The binary frames of streams: bytes in, frame out, and back. A hop looks at the first 26 bytes and moves the rest as it came.
// What a frame does to a stream is not known here (docs/protocol.md §11.2).
import { concat, hex, unhex, utf8, utf8Text } from '../../base/bytes.ts'
import { asFault, FAULTS, Fault, type FaultCode } from '../../base/fault.ts'

export const FRAME_VERSION = 1
/** Version, type, stream id, offset. */
export const HEADER = 26
/** Bytes of a stream in one frame. */
export const CHUNK_LIMIT = 16_384
export const LONGEST_FRAME = HEADER + CHUNK_LIMIT
/** Bytes of the text of a RESET. */
const REASON_LIMIT = 256

export const FRAME_TYPES = { data: 1, credit: 2, reset: 3, fin: 4, linkCredit: 5 } as const
export type FrameType = keyof typeof FRAME_TYPES

export type StreamFrame =
  /** `bytes` is the whole frame: what a hop sends on. */
  | { readonly type: 'data'; readonly id: string; readonly offset: number; readonly chunk: Uint8Array; readonly bytes: Uint8Array }
  /** Up to `taken` the bytes are out of the sender's hands; up to `limit` it may send. */
  | { readonly type: 'credit'; readonly id: string; readonly taken: number; readonly limit: number }
  | { readonly type: 'reset'; readonly id: string; readonly fault: Fault; readonly bytes: Uint8Array }
  | { readonly type: 'fin'; readonly id: string; readonly offset: number; readonly bytes: Uint8Array }
  /** Bytes of DATA and FIN frames that the neighbour has taken since the link is up. */
  | { readonly type: 'linkCredit'; readonly taken: number }

/**
 * Reads a binary frame of the stream layer.
 * @throws Fault `frame-malformed`; `limit-exceeded` for a longer one than there is
 */
export const readStreamFrame = (bytes: Uint8Array): StreamFrame => {
  if (bytes.length > LONGEST_FRAME) throw new Fault('limit-exceeded', `the frame has ${bytes.length} bytes, the limit is ${LONGEST_FRAME}`)
  if (bytes.length < HEADER) throw malformed(`expected at least ${HEADER} bytes, got ${bytes.length}`)
  if (bytes[0] !== FRAME_VERSION) throw malformed(`expected version ${FRAME_VERSION}, got ${bytes[0]}`)
  const type = TYPES.get(bytes[1] as number)
  if (!type) throw malformed(`there is no frame of type ${bytes[1]}`)
  return READERS[type](bytes)
}

/** @param chunk 1 to 16,384 bytes */
export const writeData = (id: string, offset: number, chunk: Uint8Array): Uint8Array => concat(header('data', id, offset), chunk)
/** Makes the beginning of a DATA frame out of room whose chunk is filled in behind it. */
export const beginData = (room: Uint8Array, id: string, offset: number): void => void header('data', id, offset, room)
export const writeFin = (id: string, offset: number): Uint8Array => header('fin', id, offset)
export const writeCredit = (id: string, taken: number, limit: number): Uint8Array => concat(header('credit', id, taken), u64(limit))
export const writeLinkCredit = (taken: number): Uint8Array => header('linkCredit', NO_STREAM, taken)

/** A longer text is cut. */
export const writeReset = (id: string, { code, message }: Pick<Fault, 'code' | 'message'>): Uint8Array =>
  concat(header('reset', id, 0), utf8(`${code} ${[...message].slice(0, REASON_LIMIT / 4 - 8).join('')}`))

const NO_STREAM = '00000000-0000-0000-0000-000000000000'

/** A UUID in lower case, as RFC 9562 §4 writes it, and not that of no stream. */
export const isStreamId = (id: unknown): id is string =>
  typeof id === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) && id !== NO_STREAM

const TYPES = new Map(Object.entries(FRAME_TYPES).map(([name, type]) => [type as number, name as FrameType]))

const READERS: { readonly [type in FrameType]: (bytes: Uint8Array) => StreamFrame } = {
  data(bytes) {
    const chunk = bytes.subarray(HEADER)
    if (chunk.length === 0) throw malformed('there are no bytes in it')
    const offset = numberAt(bytes, 18)
    if (offset + chunk.length > Number.MAX_SAFE_INTEGER - 1) throw malformed('the stream is longer than 2^53 bytes')
    return { type: 'data', id: idOf(bytes), offset, chunk, bytes }
  },
  credit(bytes) {
    exactly(bytes, HEADER + 8)
    return { type: 'credit', id: idOf(bytes), taken: numberAt(bytes, 18), limit: numberAt(bytes, HEADER) }
  },
  reset(bytes) {
    if (bytes.length > HEADER + REASON_LIMIT) throw new Fault('limit-exceeded', `the text of a reset is longer than ${REASON_LIMIT} bytes`)
    if (numberAt(bytes, 18) !== 0) throw malformed('a reset has no offset')
    return { type: 'reset', id: idOf(bytes), fault: faultOf(bytes.subarray(HEADER)), bytes }
  },
  fin(bytes) {
    exactly(bytes, HEADER)
    return { type: 'fin', id: idOf(bytes), offset: numberAt(bytes, 18), bytes }
  },
  linkCredit(bytes) {
    exactly(bytes, HEADER)
    if (textOf(bytes) !== NO_STREAM) throw malformed('credit of a link is of no stream')
    return { type: 'linkCredit', taken: numberAt(bytes, 18) }
  },
}

const header = (type: FrameType, id: string, offset: number, bytes: Uint8Array = new Uint8Array(HEADER)): Uint8Array => {
  bytes[0] = FRAME_VERSION
  bytes[1] = FRAME_TYPES[type]
  bytes.set(unhex(id.replaceAll('-', '')), 2)
  bytes.set(u64(offset), 18)
  return bytes
}

const u64 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, Math.floor(value / 2 ** 32))
  view.setUint32(4, value % 2 ** 32)
  return bytes
}

const numberAt = (bytes: Uint8Array, at: number): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8)
  const value = view.getUint32(0) * 2 ** 32 + view.getUint32(4)
  if (!Number.isSafeInteger(value)) throw malformed('a number is above 2^53')
  return value
}

const textOf = (bytes: Uint8Array): string => {
  const digits = hex(bytes.subarray(2, 18))
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`
}

const idOf = (bytes: Uint8Array): string => {
  const id = textOf(bytes)
  if (id === NO_STREAM) throw malformed('it is of no stream')
  return id
}

const exactly = (bytes: Uint8Array, length: number): void => {
  if (bytes.length !== length) throw malformed(`expected ${length} bytes, got ${bytes.length}`)
}

const faultOf = (text: Uint8Array): Fault => {
  try {
    const [, code = '', message = ''] = /^([a-z-]{1,32}) (.*)$/s.exec(utf8Text(text)) ?? []
    if (code !== '') return new Fault(isCode(code) ? code : 'remote-error', message)
  } catch (error) {
    throw malformed(asFault(error).message)
  }
  throw malformed('a reset says no code')
}

const isCode = (code: string): code is FaultCode => Object.hasOwn(FAULTS, code)

const malformed = (why: string): Fault => new Fault('frame-malformed', why)
