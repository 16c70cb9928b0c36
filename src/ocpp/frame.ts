// OCPP-J frames, plain and overlay: text in, message out, and back. Payload bytes are kept as they came, so that a hop
// forwards what was said and not what it understood. Which actions exist and what a payload may hold is not known here.
// OCPP 2.1 Part 4 §4.2 (plain), docs/protocol.md §2 (overlay).
import { beside } from '../base/beside.ts'
import { memberCount } from '../base/canonical-json.ts'
import { Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import { readJson } from '../base/read-json.ts'
import { isVersion, type Version } from './version.ts'

export const CALL = 2
export const RESULT = 3
export const ERROR = 4
export const RESULT_ERROR = 5
export const SEND = 6

/** A JSON value and the exact text it was read from (or will be written as). */
export interface Payload {
  readonly text: string
  readonly value: Json
  /** Bytes that go along, on overlay links only; `text` names their length and hash. */
  readonly attachment?: Uint8Array
}

export interface Call {
  readonly type: typeof CALL
  readonly id: string
  readonly action: string
  readonly payload: Payload
}

export interface Result {
  readonly type: typeof RESULT
  readonly id: string
  readonly payload: Payload
}

/** CALLERROR, or in OCPP 2.1 CALLRESULTERROR: the answer to a CALLRESULT that could not be used. */
export interface ErrorMessage {
  readonly type: typeof ERROR | typeof RESULT_ERROR
  readonly id: string
  readonly code: string
  readonly description: string
  readonly details: Payload
}

/** OCPP 2.1: a message that is never answered. */
export interface Send {
  readonly type: typeof SEND
  readonly id: string
  readonly action: string
  readonly payload: Payload
}

export type Message = Call | Result | ErrorMessage | Send

/** One JWS signature of a General JSON serialisation with the payload detached (RFC 7515 §7.2.1, appendix F). */
export type SignatureObject = {
  readonly protected: string
  readonly signature: string
}

/** What travels beside an overlay message. Unknown members are passed on untouched. */
export interface Header {
  /** The OCPP version whose schemas the payload follows. */
  readonly ocpp?: Version
  readonly signatures?: readonly SignatureObject[]
  /** How long the origin waits for the answer, in milliseconds. */
  readonly ttl?: number
  /** The answer that a local controller already gave in the destination's name while its uplink was down. */
  readonly answered?: Json
}

/** A message on an overlay link. */
export interface Envelope {
  /** Node id, or the rest of a source route: next hop first, final destination last. Never empty. */
  readonly destination: readonly string[]
  /** Record route: origin first, then every hop that passed it on. Never empty. */
  readonly path: readonly string[]
  readonly header: Header
  readonly message: Message
}

export interface FrameLimits {
  /** UTF-16 code units of a whole frame. */
  readonly length: number
  /** Nesting of arrays and objects, the frame's own array counted. */
  readonly depth: number
}
export const FRAME_LIMITS: FrameLimits = { length: 262_144, depth: 64 }

/** Node ids, station ids: OCPP 2.1 Part 4 §3.1.1 (48 characters, no colon); `*` for every node is allowed as a destination. */
export const isNodeId = (id: unknown): id is string =>
  typeof id === 'string' && /^[A-Za-z0-9*\-_=.|@+]{1,48}$/.test(id) && id !== '.' && id !== '..'

export const payloadOf = (value: Json): Payload => ({ text: JSON.stringify(value), value })

/**
 * Reads a plain frame.
 * @throws Fault `frame-malformed` or `limit-exceeded`; `data.id` is the message id where one could be read, `data.type` the type number
 */
export const readFrame = (text: string, limits: FrameLimits = FRAME_LIMITS): Message => {
  const { values, spans } = readArray(text, limits, 1)
  return readMessage(text, { values, spans, at: 1 })
}

/** Reads an overlay frame: `[type, destination, path, …the plain frame's rest…, header?]`. Throws as `readFrame`. */
export const readEnvelope = (text: string, limits: FrameLimits = FRAME_LIMITS): Envelope => {
  const { values, spans } = readArray(text, limits, 3)
  const message = readMessage(text, { values, spans, at: 3 })
  const at = LENGTH[message.type] + 2
  const header = values.length > at ? values[at] : {}
  if (header === null || typeof header !== 'object' || Array.isArray(header)) throw malformed('the header is not an object', message)
  if ('ocpp' in header && !isVersion(header.ocpp)) throw malformed('the header names no OCPP version', message)
  if (values.length > at) came.keep(header, text.slice(spans[2 * at], spans[2 * at + 1]))
  return { destination: nodeIds(values[1], message), path: nodeIds(values[2], message), header: header as Header, message }
}

export const writeFrame = (message: Message): string => `[${message.type},${rest(message)}]`

/** A header that nobody changed is written as it came: to write it anew costs as much as the rest of the frame. */
export const writeEnvelope = ({ destination, path, header, message }: Envelope): string => {
  const tail = came.of(header) ?? JSON.stringify(header)
  return `[${message.type},${ids(destination)},${ids(path)},${rest(message)}${tail === '{}' ? '' : `,${tail}`}]`
}

/** The text that a header was read from. */
const came = beside<string>()

/** Elements of a plain frame of each type. */
const LENGTH = { [CALL]: 4, [RESULT]: 3, [ERROR]: 5, [RESULT_ERROR]: 5, [SEND]: 4 } as const

interface Elements {
  readonly values: readonly Json[]
  /** Start and end of each element in the text. */
  readonly spans: readonly number[]
  /** Where the message id stands. */
  readonly at: number
}

const readMessage = (text: string, { values, spans, at }: Elements): Message => {
  const type = values[0]
  const id = values[at]
  const known = { type: typeof type === 'number' ? type : undefined, id: isMessageId(id) ? id : undefined }
  if (type !== CALL && type !== RESULT && type !== ERROR && type !== RESULT_ERROR && type !== SEND)
    throw malformed(`message type ${JSON.stringify(type)?.slice(0, 20)} is not one of 2 to 6`, known)
  if (!isMessageId(id)) throw malformed('the message id is not a string of 1 to 36 characters', known)
  if (values.length < LENGTH[type] + at - 1) throw malformed(`expected ${LENGTH[type]} elements, got ${values.length - at + 1}`, known)
  const payload = (index: number): Payload => {
    const value = values[index]
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw malformed('the payload is not an object', known)
    return { text: text.slice(spans[2 * index], spans[2 * index + 1]), value }
  }
  if (type === RESULT) return { type, id, payload: payload(at + 1) }
  const word = values[at + 1]
  if (typeof word !== 'string' || word.length === 0 || word.length > 64)
    throw malformed('the action or error code is not a string of 1 to 64 characters', known)
  if (type === CALL || type === SEND) return { type, id, action: word, payload: payload(at + 2) }
  const description = values[at + 2]
  if (typeof description !== 'string') throw malformed('the error description is not a string', known)
  return { type, id, code: word, description, details: payload(at + 3) }
}

const isMessageId = (id: unknown): id is string => typeof id === 'string' && id.length > 0 && id.length <= 36

const nodeIds = (value: Json | undefined, known: { id: string; type: number }): readonly string[] => {
  const list = typeof value === 'string' ? [value] : value
  if (!Array.isArray(list) || list.length === 0 || list.length > 32 || !list.every(isNodeId))
    throw malformed('destination or path is not a list of 1 to 32 node ids', known)
  return list
}

const ids = (list: readonly string[]): string => JSON.stringify(list.length === 1 ? list[0] : list)

const rest = (message: Message): string => {
  const id = JSON.stringify(message.id)
  switch (message.type) {
    case CALL:
    case SEND:
      return `${id},${JSON.stringify(message.action)},${message.payload.text}`
    case RESULT:
      return `${id},${message.payload.text}`
    case ERROR:
    case RESULT_ERROR:
      return `${id},${JSON.stringify(message.code)},${JSON.stringify(message.description)},${message.details.text}`
  }
}

const malformed = (why: string, known: { id?: string | undefined; type?: number | undefined } = {}): Fault =>
  new Fault('frame-malformed', why, { id: known.id, type: known.type })

/** Parses the frame's array, and finds where each of its elements begins and ends. Limits are checked before anything is parsed. */
const readArray = (text: string, limits: FrameLimits, at: number): { values: Json[]; spans: number[] } => {
  const refusal = (code: 'frame-malformed' | 'limit-exceeded', why: string, cause?: unknown): Fault =>
    new Fault(code, why, { id: at === 1 ? idNear(text) : undefined, type: typeNear(text) }, cause)
  if (text.length > limits.length) throw refusal('limit-exceeded', `the frame has ${text.length} characters, the limit is ${limits.length}`)
  const { spans, members, depth } = scan(text, limits.depth)
  if (depth > limits.depth) throw refusal('limit-exceeded', `the frame nests deeper than ${limits.depth}`)
  let values: unknown
  try {
    values = readJson(text)
  } catch (cause) {
    throw refusal('frame-malformed', 'the frame is not JSON', cause)
  }
  if (!Array.isArray(values)) throw malformed('the frame is not a JSON array')
  // readers disagree on which of two equal names counts (RFC 8259 §4), so what one node judged another could act on differently
  if (memberCount(values) !== members) throw refusal('frame-malformed', 'an object has two members of one name')
  return { values, spans }
}

/** The message id of a plain frame that cannot be parsed, where its first elements still can be read. */
const idNear = (text: string): string | undefined => /^\s*\[\s*\d\s*,\s*"([^"\\]{1,36})"/.exec(text.slice(0, 80))?.[1]
const typeNear = (text: string): number | undefined => {
  const digit = /^\s*\[\s*(\d)\s*,/.exec(text.slice(0, 20))?.[1]
  return digit === undefined ? undefined : Number(digit)
}

interface Scan {
  /** Start and end of each element of the outermost array. */
  readonly spans: number[]
  /** Members of all objects. */
  readonly members: number
  /** The deepest nesting met; the scan ends where it passes the limit. */
  readonly depth: number
}

/** One pass over the text, which need not be valid JSON. */
const scan = (text: string, maxDepth: number): Scan => {
  const spans: number[] = []
  let members = 0
  let depth = 0
  let deepest = 0
  let start = -1
  let end = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) continue
    if (depth === 1 && (c === 0x2c || c === 0x5d)) {
      if (start >= 0) spans.push(start, end)
      start = -1
      if (c === 0x5d) depth = 0
      continue
    }
    if (depth === 1 && start < 0) start = i
    if (c === 0x22) i = stringEnd(text, i)
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > deepest) deepest = depth
      if (depth > maxDepth) break
    } else if (c === 0x5d || c === 0x7d) depth--
    else if (c === 0x3a) members++
    end = i + 1
  }
  return { spans, members, depth: deepest }
}

/** The index of the quote that closes the string opened at `open`, or the text's end. */
const stringEnd = (text: string, open: number): number => {
  for (let i = open + 1; ; i++) {
    i = text.indexOf('"', i)
    if (i < 0) return text.length
    let backslashes = 0
    while (text.charCodeAt(i - 1 - backslashes) === 0x5c) backslashes++
    if (backslashes % 2 === 0) return i
  }
}
