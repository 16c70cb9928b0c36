// Messages with bytes: the text frame, and behind it an attachment whose length and SHA-256 stand in the payload, so that whatever signs,
// judges and keeps the payload does so with the bytes. Larger things are streams (docs/protocol.md §11.8).
import { concat, hex, utf8, utf8Text } from '../base/bytes.ts'
import { asFault, Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import {
  type Envelope,
  FRAME_LIMITS,
  type FrameLimits,
  type Message,
  type Payload,
  payloadOf,
  readEnvelope,
  writeEnvelope,
} from '../ocpp/frame.ts'

/** The member of a payload that names the bytes. OCPP has none of the name. */
export const ATTACHMENT = 'org.chargeproof.attachment'
export const ATTACHMENT_LIMIT = 262_144

const VERSION = 1
/** A message's type number in a binary frame is its own and this, apart from those of streams. */
const TYPE_BASE = 0x20
/** Version, type, bytes of the text. */
const HEADER = 6
/** UTF-8 has up to three bytes for a UTF-16 code unit. */
const BYTES_PER_UNIT = 3

/**
 * A payload with bytes beside it.
 * @param bytes 1 to 262,144
 * @throws Fault `limit-exceeded`
 */
export const attach = (value: { readonly [member: string]: Json }, bytes: Uint8Array, engine: Engine): Payload => {
  checkLength(bytes.length)
  const named = { length: bytes.length, sha256: hex(engine.digest('SHA-256', bytes)) }
  return { ...payloadOf({ ...value, [ATTACHMENT]: named }), attachment: bytes }
}

export const attachmentOf = (message: Message): Uint8Array | undefined => contentOf(message).attachment

/** Whether a binary frame is a message, and not a stream's. */
export const isMessageFrame = (bytes: Uint8Array): boolean => bytes[0] === VERSION && ((bytes[1] ?? 0) & 0xf0) === TYPE_BASE

export const writeMessageFrame = (envelope: Envelope, attachment: Uint8Array): Uint8Array => {
  const text = utf8(writeEnvelope(envelope))
  const header = Uint8Array.of(VERSION, TYPE_BASE + envelope.message.type, 0, 0, 0, 0)
  new DataView(header.buffer).setUint32(2, text.length)
  return concat(header, text, attachment)
}

/**
 * Reads a binary message. That the bytes are the ones the payload names is looked at where it ends.
 * @throws Fault as `readEnvelope`
 */
export const readMessageFrame = (bytes: Uint8Array, limits: FrameLimits = FRAME_LIMITS): Envelope => {
  if (bytes.length < HEADER) throw malformed(`expected at least ${HEADER} bytes, got ${bytes.length}`)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(2)
  if (length > limits.length * BYTES_PER_UNIT) throw new Fault('limit-exceeded', `the text has ${length} bytes`)
  if (HEADER + length > bytes.length) throw malformed(`the text has ${length} bytes, and the frame ${bytes.length}`)
  const attachment = bytes.slice(HEADER + length)
  checkLength(attachment.length)
  const envelope = readEnvelope(textOf(bytes.subarray(HEADER, HEADER + length)), limits)
  const { message } = envelope
  if (bytes[1] !== TYPE_BASE + message.type) throw malformed('the type of the frame is not that of the message')
  if (namedIn(contentOf(message))?.length !== attachment.length) throw malformed('the payload does not name the bytes that came with it')
  return { ...envelope, message: carrying(message, attachment) }
}

/**
 * Where a message ends: whether its bytes are there and are the ones that its payload names.
 * @throws Fault `refused` by rule `attachment-intact`
 */
export const checkAttachment = (message: Message, engine: Engine | undefined): void => {
  const content = contentOf(message)
  const { attachment } = content
  const named = namedIn(content)
  if (!attachment && named === undefined) return
  if (!attachment) throw refused('the payload names bytes, and none came with it')
  if (!engine) throw refused('this node cannot look at bytes')
  if (named?.length !== attachment.length || named.sha256 !== hex(engine.digest('SHA-256', attachment)))
    throw refused('the bytes are not the ones that the payload names')
}

/** @throws Fault `payload-invalid` where a neighbour that knows no binary frames would get bytes */
export const checkBare = (message: Message, to: { readonly id: string; readonly kind: string; readonly bare?: boolean }): void => {
  if (attachmentOf(message) && (to.kind === 'station' || to.bare))
    throw new Fault('payload-invalid', `${to.id} takes no messages with bytes`, { flaw: 'property' })
}

const contentOf = (message: Message): Payload => ('payload' in message ? message.payload : message.details)

const carrying = (message: Message, attachment: Uint8Array): Message =>
  'payload' in message
    ? { ...message, payload: { ...message.payload, attachment } }
    : { ...message, details: { ...message.details, attachment } }

const namedIn = ({ value }: Payload): { readonly length?: unknown; readonly sha256?: unknown } | undefined => {
  const named = (value as { readonly [member: string]: Json })[ATTACHMENT]
  if (named === undefined) return undefined
  return named !== null && typeof named === 'object' ? named : {}
}

const checkLength = (length: number): void => {
  if (length === 0) throw malformed('there are no bytes behind the text')
  if (length > ATTACHMENT_LIMIT) throw new Fault('limit-exceeded', `expected at most ${ATTACHMENT_LIMIT} bytes, got ${length}`)
}

const textOf = (bytes: Uint8Array): string => {
  try {
    return utf8Text(bytes)
  } catch (error) {
    throw malformed(asFault(error).message)
  }
}

const malformed = (why: string): Fault => new Fault('frame-malformed', why)

const refused = (why: string): Fault => new Fault('refused', `refused by rule attachment-intact: ${why}`, { rule: 'attachment-intact' })
