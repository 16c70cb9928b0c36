// JSON with one meaning: the canonical text that is signed (RFC 8785), and a reader that refuses what two parsers may
// read differently (I-JSON, RFC 7493 §2). Not a general serialiser: what is not plain JSON data is a fault.
import { Fault } from './fault.ts'
import type { Json } from './ports.ts'
import { readJson, stringEnd } from './read-json.ts'

/** Arrays and objects inside each other, the outermost counted. */
export const MAX_DEPTH = 64

/**
 * The canonical text of a value, RFC 8785: members in the order of their UTF-16 code units, no blanks, numbers as ECMAScript
 * writes them. A member whose value is `undefined` is left out, as JSON.stringify does.
 * @throws Fault `json-malformed` on a lone surrogate, a number that is not finite, nesting deeper than 64, or what is not JSON data
 */
export const canonicalJson = (value: Json): string => write(value, 1)

/**
 * The canonical text of what may be signed. Beyond 2^53 a number may be another than was written (RFC 8785 §3.2.2.3, RFC 7493 §2.2),
 * so two values would have one signature.
 * @throws Fault `json-malformed` as `canonicalJson`, and for such a number
 */
export const exactJson = (value: Json): string => {
  const text = canonicalJson(value)
  if (holdsLost(value)) throw malformed('a number beyond 2^53 may have lost digits: it cannot be signed')
  return text
}

const holdsLost = (value: Json): boolean => {
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER
  return value !== null && typeof value === 'object' && Object.values(value).some(holdsLost)
}

/**
 * Parses JSON as I-JSON: unique member names, no lone surrogates, every number a double without loss of an integer's digits
 * (RFC 7493 §2.1 to §2.3), nesting up to 64. A member named `__proto__` is data like any other.
 * @throws Fault `json-malformed`
 */
export const parseJsonStrict = (text: string): Json => {
  let value: Json
  try {
    value = readJson(text)
  } catch (cause) {
    throw new Fault('json-malformed', 'expected JSON', {}, cause)
  }
  // the slow look only says what is wrong, or that unusual text is right after all
  if (!isPlain(text, value)) scan(text)
  return value
}

/** How many members all objects in the value have; a name that stood twice in the text is one member here. */
export const memberCount = (value: unknown): number => {
  if (value === null || typeof value !== 'object') return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) count += memberCount(item)
  } else {
    for (const name in value) count += 1 + memberCount(value[name as keyof typeof value])
  }
  return count
}

const malformed = (why: string): Fault => new Fault('json-malformed', why)

const write = (value: Json | undefined, depth: number): string => {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
      if (!Number.isFinite(value)) throw malformed(`expected a finite number, got ${value}`)
      return String(value) // RFC 8785 §3.2.2.3: Number::toString; -0 becomes 0
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      if (depth > MAX_DEPTH) throw malformed(`the value nests deeper than ${MAX_DEPTH}`)
      return Array.isArray(value) ? writeArray(value, depth + 1) : writeObject(value as { readonly [key: string]: Json }, depth + 1)
    default:
      throw malformed(`expected JSON data, got ${typeof value}`)
  }
}

const writeArray = (array: readonly Json[], depth: number): string => {
  let text = '['
  for (let i = 0; i < array.length; i++) text += (i === 0 ? '' : ',') + write(array[i], depth)
  return `${text}]`
}

const writeObject = (object: { readonly [key: string]: Json }, depth: number): string => {
  let text = ''
  // without a comparator, sort() is by UTF-16 code unit, which is the order of RFC 8785 §3.2.3
  for (const key of Object.keys(object).sort()) {
    const value = object[key]
    if (value !== undefined) text += `${text === '' ? '' : ','}${quote(key)}:${write(value, depth)}`
  }
  return `{${text}}`
}

/** Text that needs no escape at all: most keys and values there are. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

const quote = (text: string): string => {
  if (PLAIN.test(text)) return `"${text}"`
  if (!text.isWellFormed()) throw malformed('a string holds a lone surrogate')
  return JSON.stringify(text) // its escapes are those of RFC 8785 §3.2.2.2
}

const QUOTE = 0x22
const COLON_SIGN = 0x3a
const MINUS = 0x2d
const BRACES = { open: 0x7b, close: 0x7d }
const BRACKETS = { open: 0x5b, close: 0x5d }

/** So many digits, with point and sign, are never beyond 2^53. */
const SAFE_LENGTH = 15
const hasLost = (decimal: string): boolean => Math.abs(Number(decimal)) > Number.MAX_SAFE_INTEGER

/** Whether text that is known to be valid JSON surely has one meaning: most has no escapes and no exponents. */
const isPlain = (text: string, value: Json): boolean => {
  if (text.includes('\\') || !text.isWellFormed()) return false
  let members = 0
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === QUOTE) i = text.indexOf('"', i + 1)
    else if (c === COLON_SIGN) members++
    else if (c === BRACES.open || c === BRACKETS.open) {
      if (++depth > MAX_DEPTH) return false
    } else if (c === BRACES.close || c === BRACKETS.close) depth--
    else if (c === MINUS || (c >= 0x30 && c <= 0x39)) {
      const end = decimalEnd(text, i)
      if (isExponent(text.charCodeAt(end)) || (end - i > SAFE_LENGTH && hasLost(text.slice(i, end)))) return false
      i = end - 1
    }
  }
  return members === memberCount(value)
}

/** The index after the sign, digits and point that start there. */
const decimalEnd = (text: string, start: number): number => {
  let end = start + 1
  for (let c = text.charCodeAt(end); (c >= 0x30 && c <= 0x39) || c === 0x2e; c = text.charCodeAt(end)) end++
  return end
}

const isExponent = (c: number): boolean => c === 0x45 || c === 0x65

/** Looks for what JSON.parse lets pass. The text is known to be valid JSON. */
const scan = (text: string): void => {
  /** The member names seen so far in each array or object that is open. */
  const open: Set<string>[] = []
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === QUOTE) {
      const end = stringEnd(text, i)
      checkString(text, i, end, open.at(-1))
      i = end - 1
    } else if (c === MINUS || (c >= 0x30 && c <= 0x39)) i = checkNumber(text, i) - 1
    else if (c === BRACES.open || c === BRACKETS.open) {
      if (open.push(new Set()) > MAX_DEPTH) throw malformed(`the text nests deeper than ${MAX_DEPTH}`)
    } else if (c === BRACES.close || c === BRACKETS.close) open.pop()
  }
}

const COLON = /[\t\n\r ]*:/y

const checkString = (text: string, start: number, end: number, names: Set<string> | undefined): void => {
  const quoted = text.slice(start, end)
  const string = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1)
  if (!string.isWellFormed()) throw malformed('a string holds a lone surrogate')
  COLON.lastIndex = end
  if (!COLON.test(text)) return // only a member's name is followed by a colon
  if (names?.has(string)) throw malformed(`the member ${JSON.stringify(string.slice(0, 80))} stands twice in one object`)
  names?.add(string)
}

const NUMBER = /[-+.0-9eE]+/y

/** Returns the index after the number. */
const checkNumber = (text: string, start: number): number => {
  NUMBER.lastIndex = start
  const token = NUMBER.exec(text)?.[0] ?? ''
  const value = Number(token)
  if (!Number.isFinite(value)) throw malformed('a number is beyond the range of a double')
  if (!/[eE]/.test(token) && hasLost(token)) throw malformed('a number is beyond 2^53 and would lose digits')
  return start + token.length
}
