// Bytes and their text forms. Decoders are strict: any character outside the alphabet, a wrong length or stray bits is a fault.
import { Fault } from './fault.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Encodes as UTF-8; a lone surrogate becomes U+FFFD, so refuse those before (canonical-json.ts does). */
export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text) as Uint8Array<ArrayBuffer>

/** Decodes UTF-8; a byte order mark is kept as a character. Throws `bytes-malformed` on anything that is not UTF-8. */
export const utf8Text = (bytes: Uint8Array): string => {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new Fault('bytes-malformed', 'expected UTF-8', {}, cause)
  }
}

export const concat = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => concatAll(parts)

/** The same of a list that may be long: no function takes a hundred thousand arguments. */
export const concatAll = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Whether these bytes stand at that place. */
export const hasAt = (bytes: Uint8Array, wanted: readonly number[], at = 0): boolean => {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false
  return true
}

/** Compares without an early exit, so that the time taken does not tell where two secrets differ. */
export const equal = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}

/** The two digits of each byte, side by side in memory as they are in a text. */
const HEX_DIGITS = new Uint16Array(
  encoder.encode(Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0')).join('')).slice().buffer,
)

/** Where most texts are put together: memory outside the heap costs as much as the digits. */
const HEX_ROOM = new Uint16Array(2048)

export const hex = (bytes: Uint8Array): string => {
  const text = bytes.length <= HEX_ROOM.length ? HEX_ROOM : new Uint16Array(bytes.length)
  for (let i = 0; i < bytes.length; i++) text[i] = HEX_DIGITS[bytes[i] as number] as number
  return decoder.decode(new Uint8Array(text.buffer, 0, 2 * bytes.length))
}

/** RFC 4648 §8, upper and lower case. Throws `bytes-malformed`. */
export const unhex = (text: string): Uint8Array<ArrayBuffer> => {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw new Fault('bytes-malformed', 'expected an even number of hex digits')
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = (nibble(text.charCodeAt(2 * i)) << 4) | nibble(text.charCodeAt(2 * i + 1))
  return bytes
}

/** The value of a hex digit: a letter's low four bits count from 1 for A and for a. */
const nibble = (digit: number): number => (digit & 15) + (digit > 0x39 ? 9 : 0)

/** One alphabet of RFC 4648: how many bits a character carries, and how many characters make a block (1 where nothing is padded). */
interface Alphabet {
  readonly name: string
  /** The ASCII code of each character. */
  readonly codes: Uint8Array
  readonly bits: 5 | 6
  readonly block: 1 | 4 | 8
  /** The value of each ASCII character, -1 outside the alphabet. */
  readonly values: Int8Array
}

const alphabet = (name: string, characters: string, bits: 5 | 6, block: 1 | 4 | 8): Alphabet => {
  const values = new Int8Array(128).fill(-1)
  for (let i = 0; i < characters.length; i++) values[characters.charCodeAt(i)] = i
  return { name, codes: encoder.encode(characters), bits, block, values }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const ALPHANUMERICS = `${LETTERS}${LETTERS.toLowerCase()}0123456789`
const BASE64 = alphabet('base64', `${ALPHANUMERICS}+/`, 6, 4)
const BASE64URL = alphabet('base64url', `${ALPHANUMERICS}-_`, 6, 1)
const BASE32 = alphabet('base32', `${LETTERS}234567`, 5, 8)

const PADDING = 0x3d

const encode = (alphabet: Alphabet, bytes: Uint8Array): string => {
  const { bits, block } = alphabet
  const length = Math.ceil((bytes.length * 8) / bits)
  const text = new Uint8Array(Math.ceil(length / block) * block).fill(PADDING, length)
  write(alphabet, bytes, text)
  return decoder.decode(text)
}

/** Writes the characters, without padding, and returns how many they are. */
const write = ({ codes, bits }: Alphabet, bytes: Uint8Array, text: Uint8Array, start = 0): number => {
  const mask = (1 << bits) - 1
  const triples = bits === 6 ? bytes.length - (bytes.length % 3) : 0
  let at = start
  for (let i = 0; i < triples; i += 3) {
    const four = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number)
    text[at++] = codes[four >> 18] as number
    text[at++] = codes[(four >> 12) & 63] as number
    text[at++] = codes[(four >> 6) & 63] as number
    text[at++] = codes[four & 63] as number
  }
  let buffer = 0
  let held = 0
  for (let i = triples; i < bytes.length; i++) {
    buffer = ((buffer << 8) | (bytes[i] as number)) & 0xffff
    for (held += 8; held >= bits; ) {
      held -= bits
      text[at++] = codes[(buffer >> held) & mask] as number
    }
  }
  if (held > 0) text[at++] = codes[(buffer << (bits - held)) & mask] as number
  return at - start
}

type Room = (length: number) => Uint8Array<ArrayBuffer>

const newRoom: Room = (length) => new Uint8Array(length)

/** For bytes that are read at once: memory outside the heap costs as much as the decoding. */
const lent = new Uint8Array(4096)
const lentRoom: Room = (length) => (length <= lent.length ? lent.subarray(0, length) : newRoom(length))

const decode = ({ name, bits, block, values }: Alphabet, text: string, room = newRoom): Uint8Array<ArrayBuffer> => {
  const padding = text.indexOf('=')
  const bare = padding < 0 ? text : text.slice(0, padding)
  let right = padding < 0 || bare.padEnd(Math.ceil(bare.length / block) * block, '=') === text
  const bytes = room(Math.floor((bare.length * bits) / 8))
  let at = bits === 6 ? decodeQuads(values, bare, bytes) : 0
  let buffer = 0
  let held = 0
  for (let i = (at / 3) * 4; i < bare.length && right; i++) {
    const value = values[bare.charCodeAt(i)] ?? -1
    right = value >= 0
    buffer = ((buffer << bits) | value) & 0xffff
    held += bits
    if (held >= 8) {
      held -= 8
      bytes[at++] = buffer >> held
    }
  }
  // a lone character, or bits left over that are not zero, means the text was cut or made by hand (RFC 4648 §3.5)
  if (!right || held >= bits || (buffer & ((1 << held) - 1)) !== 0) throw new Fault('bytes-malformed', `expected ${name}`)
  return bytes
}

/**
 * Four characters of six bits at a time, three times as fast as one by one. Returns how many bytes it wrote: it stops before the first four
 * that are not whole or hold a character outside the alphabet, about which the slow way says what is wrong.
 */
const decodeQuads = (values: Int8Array, text: string, bytes: Uint8Array): number => {
  let at = 0
  for (let i = 0; i + 4 <= text.length; i += 4) {
    const bits =
      (valueAt(values, text, i) << 18) |
      (valueAt(values, text, i + 1) << 12) |
      (valueAt(values, text, i + 2) << 6) |
      valueAt(values, text, i + 3)
    if (bits < 0) return at
    bytes[at++] = bits >> 16
    bytes[at++] = bits >> 8
    bytes[at++] = bits
  }
  return at
}

/** -1 outside the alphabet. */
const valueAt = (values: Int8Array, text: string, at: number): number => values[text.charCodeAt(at)] ?? -1

export const base64 = (bytes: Uint8Array): string => encode(BASE64, bytes)
/** RFC 4648 §4; padding may be absent altogether, but not be wrong. */
export const unbase64 = (text: string): Uint8Array<ArrayBuffer> => decode(BASE64, text)
export const base64url = (bytes: Uint8Array): string => encode(BASE64URL, bytes)
/**
 * `head` and the bytes in base64url as UTF-8, in memory that is lent: for whoever reads it at once, before the next call of this function.
 */
export const headedBase64url = (head: string, bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
  const most = head.length * 3 + Math.ceil((bytes.length * 4) / 3)
  const room = most <= headed.length ? headed : new Uint8Array(most)
  const { written } = encoder.encodeInto(head, room)
  return room.subarray(0, written + write(BASE64URL, bytes, room, written))
}
const headed = new Uint8Array(16_384)
/** RFC 4648 §5 without padding, as JOSE demands (RFC 7515 §2). */
export const unbase64url = (text: string): Uint8Array<ArrayBuffer> => decode(BASE64URL, text)
/** The text whose UTF-8 that is, as `utf8Text` of `unbase64url`, without bytes of its own on the way. */
export const base64urlText = (text: string): string => utf8Text(decode(BASE64URL, text, lentRoom))
export const base32 = (bytes: Uint8Array): string => encode(BASE32, bytes)
/** RFC 4648 §6, upper case; padding as in `unbase64`. */
export const unbase32 = (text: string): Uint8Array<ArrayBuffer> => decode(BASE32, text)
