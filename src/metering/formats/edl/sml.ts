// SML version 1 (BSI TR-03109-1 annex IV): the transport around a telegram and its type-length-value trees. Knows lists, octets and
// numbers; what a list means is said in telegram.ts.
import { hasAt, unhex } from '../../../base/bytes.ts'
import { asFault, Fault } from '../../../base/fault.ts'
import type { Content } from '../../content.ts'

export interface SmlLeaf {
  readonly kind: 'octets' | 'bool' | 'int' | 'uint'
  /** Empty for an optional value that is not there. Numbers are big-endian. */
  readonly bytes: Uint8Array
}

export interface SmlList {
  readonly kind: 'list'
  readonly items: readonly SmlNode[]
}

export type SmlNode = SmlLeaf | SmlList

export interface SmlFile {
  /** Top-level messages, in order. */
  readonly messages: readonly SmlNode[]
  /** Whether the transport's CRC-16/X-25 fits. It is no protection, only a sign of a damaged copy. */
  readonly crcFits: boolean
}

/** Telegrams come as bytes, or as their hexadecimal text with any blanks. */
export const isSml = ({ bytes, text }: Content): boolean => hasAt(bytes, START) || (text !== undefined && HEX_START.test(text))

/**
 * The telegrams that stand one behind the other, as bytes, each by itself. What is none stays with the last, which is refused for it.
 * @throws Fault `record-malformed`
 */
export function* telegramsIn(content: Content): Generator<Content> {
  const raw = rawOf(content)
  let from = 0
  for (let end = endOf(raw, from); hasAt(raw, START, end); end = endOf(raw, from)) {
    yield { bytes: raw.subarray(from, end), text: undefined }
    from = end
  }
  yield { bytes: raw.subarray(from), text: undefined }
}

/** @throws Fault `record-malformed` */
export const readSml = (content: Content): SmlFile => {
  const raw = rawOf(content)
  const { payload, padding, end } = unwrapped(raw)
  const crc = (raw[end - 2] ?? 0) | ((raw[end - 1] ?? 0) << 8)
  return { messages: messagesIn(payload.subarray(0, payload.length - padding)), crcFits: crcX25(raw.subarray(0, end - 2)) === crc }
}

/** Unsigned or signed by the kind of the leaf; undefined when it is no number or not there. */
export const numberIn = (node: SmlNode | undefined): bigint | undefined => {
  if (node === undefined || node.kind === 'list' || node.kind === 'octets' || node.bytes.length === 0 || node.bytes.length > 8)
    return undefined
  const value = node.bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return node.kind === 'int' ? BigInt.asIntN(8 * node.bytes.length, value) : value
}

export const octetsIn = (node: SmlNode | undefined): Uint8Array | undefined =>
  node?.kind === 'octets' && node.bytes.length > 0 ? node.bytes : undefined

const ESCAPE: readonly number[] = [0x1b, 0x1b, 0x1b, 0x1b]
const START: readonly number[] = [...ESCAPE, 1, 1, 1, 1]
const HEX_START = /^\s*(?:1b\s*){4}(?:01\s*){4}/i
const END = 0x1a
const MAX_DEPTH = 8
const MAX_NODES = 4_096

const rawOf = ({ bytes, text }: Content): Uint8Array => (text !== undefined && HEX_START.test(text) ? fromHex(text) : bytes)

const fromHex = (text: string): Uint8Array => {
  try {
    return unhex(text.replace(/\s+/g, ''))
  } catch (cause) {
    throw malformed('expected hexadecimal digits', cause)
  }
}

/** Where the telegram that begins here ends, or the next one begins: inside of a telegram the bytes of a start are doubled. */
const endOf = (raw: Uint8Array, from: number): number => {
  for (let at = from + START.length; at + 8 <= raw.length; ) {
    if (!hasAt(raw, ESCAPE, at)) at++
    else if (raw[at + 4] === END) return at + 8
    else if (hasAt(raw, START, at)) return at
    else at += 8
  }
  return raw.length
}

/** What stands between start and end, with doubled escapes made single. */
const unwrapped = (raw: Uint8Array): { payload: Uint8Array; padding: number; end: number } => {
  // one room for all of it: a list of its pieces would weigh many times as much
  const payload = new Uint8Array(raw.length)
  let size = 0
  for (let at = START.length; at + 8 <= raw.length; ) {
    if (!hasAt(raw, ESCAPE, at)) {
      payload[size++] = raw[at++] ?? 0
      continue
    }
    if (raw[at + 4] === END) return ending(raw, payload.subarray(0, size), at)
    if (!hasAt(raw, ESCAPE, at + 4)) throw malformed('an escape sequence that means nothing')
    payload.set(ESCAPE, size)
    size += ESCAPE.length
    at += 8
  }
  throw malformed('the telegram has no end')
}

const ending = (raw: Uint8Array, payload: Uint8Array, at: number): { payload: Uint8Array; padding: number; end: number } => {
  const padding = raw[at + 5] ?? 0
  const end = at + 8
  if (padding > 3 || padding > payload.length) throw malformed(`expected 0 to 3 padding bytes, got ${padding}`)
  // a program that writes lines may have ended one
  if (raw.subarray(end).some((byte) => byte !== 0x0d && byte !== 0x0a))
    throw malformed(`${raw.length - end} bytes behind the end of the telegram`)
  return { payload, padding, end }
}

const messagesIn = (bytes: Uint8Array): SmlNode[] => {
  const reader = new Reader(bytes)
  const messages: SmlNode[] = []
  while (!reader.done) messages.push(reader.node(0))
  return messages
}

class Reader {
  readonly #bytes: Uint8Array
  #at = 0
  #nodes = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  node(depth: number): SmlNode {
    if (depth > MAX_DEPTH || ++this.#nodes > MAX_NODES) throw malformed('the telegram is nested too deeply or too long')
    const { type, length, head } = this.#header()
    if (type === LIST) return { kind: 'list', items: Array.from({ length }, () => this.node(depth + 1)) }
    const kind = KINDS[type]
    // the length counts its own bytes; a zero is the end of a message
    const size = length === 0 && type === 0 ? 0 : length - head
    if (kind === undefined || size < 0 || this.#at + size > this.#bytes.length) throw malformed('a value that ends beyond the telegram')
    const bytes = this.#bytes.subarray(this.#at, this.#at + size)
    this.#at += size
    return { kind, bytes }
  }

  #header(): { type: number; length: number; head: number } {
    let byte = this.#take()
    const type = (byte >> 4) & 7
    let length = byte & 15
    let head = 1
    for (; byte >= 0x80; head++) {
      byte = this.#take()
      length = length * 16 + (byte & 15)
      if (head >= 4) throw malformed('a length of too many bytes')
    }
    if (type === LIST && length > this.#bytes.length - this.#at) throw malformed('a list longer than the telegram')
    return { type, length, head }
  }

  #take(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw malformed('the telegram is cut off')
    return byte
  }
}

const LIST = 7
const KINDS: Readonly<Record<number, SmlLeaf['kind']>> = { 0: 'octets', 4: 'bool', 5: 'int', 6: 'uint' }

/** CRC-16/X-25: reflected 1021h, start and final FFFFh. */
const crcX25 = (bytes: Uint8Array): number => {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1
  }
  return crc ^ 0xffff
}

const malformed = (why: string, cause?: unknown): Fault =>
  new Fault('record-malformed', `the SML telegram cannot be read: ${why}`, {}, cause === undefined ? undefined : asFault(cause))
