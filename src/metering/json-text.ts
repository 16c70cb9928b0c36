// Reads JSON and keeps what JSON.parse drops: where each value stands, the exact text of numbers, and that a member came twice.
// Signed JSON is judged by its text, so a document that means two things is refused. It stops where the value ends.
import { Fault } from '../base/fault.ts'

export type JsonNode =
  | ({ readonly type: 'object'; readonly members: ReadonlyMap<string, JsonNode> } & Span)
  | ({ readonly type: 'array'; readonly items: readonly JsonNode[] } & Span)
  | ({ readonly type: 'string' | 'number'; readonly text: string } & Span)
  | ({ readonly type: 'literal'; readonly value: true | false | null } & Span)

/** First character, and the one after the last, in the text that was read. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** What a document may cost is not in its length but in its values: an object or an array takes some 200 bytes, any other value half of that. */
export const JSON_TEXT_LIMITS = { depth: 32, cost: 1_300_000 }

/**
 * Reads the one value that starts at `start`; what follows it is not looked at. A number keeps its text, a string is unescaped.
 * @throws Fault `json-malformed` (RFC 8259, or a member given twice), `limit-exceeded`
 */
export const readJsonText = (text: string, start: number, limits = JSON_TEXT_LIMITS): JsonNode =>
  readValue({ text, limits, left: limits.cost, names: new Map() }, start, limits.depth)

interface Source {
  readonly text: string
  readonly limits: typeof JSON_TEXT_LIMITS
  /** Of the cost, as far as it was not read yet. */
  left: number
  /** Names come again and again: one text for all. */
  readonly names: Map<string, string>
}

/** Counted before it is made. @throws Fault `limit-exceeded` */
const spend = (source: Source, cost: number): void => {
  source.left -= cost
  if (source.left < 0) throw new Fault('limit-exceeded', `the JSON has more values than ${source.limits.cost} in all`)
}

const VALUE = 1
const NEST = 3

const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c

const readValue = (source: Source, start: number, depth: number): JsonNode => {
  if (depth === 0) throw new Fault('limit-exceeded', `the JSON nests deeper than ${source.limits.depth}`, { at: start })
  switch (source.text.charCodeAt(start)) {
    case OPEN_BRACE:
      return readObject(source, start, depth)
    case OPEN_BRACKET:
      return readArray(source, start, depth)
    case QUOTE:
      spend(source, VALUE)
      return readString(source, start)
    default:
      return readScalar(source, start)
  }
}

const readObject = (source: Source, start: number, depth: number): JsonNode => {
  spend(source, NEST)
  const members = new Map<string, JsonNode>()
  let at = skipBlanks(source.text, start + 1)
  if (source.text.charCodeAt(at) === CLOSE_BRACE) return { type: 'object', members, start, end: at + 1 }
  for (;;) {
    if (source.text.charCodeAt(at) !== QUOTE) throw malformed(at, 'a member name')
    const name = readString(source, at)
    at = expect(source, skipBlanks(source.text, name.end), COLON)
    const value = readValue(source, skipBlanks(source.text, at), depth - 1)
    const before = members.size
    members.set(nameIn(source, name.text), value)
    if (members.size === before)
      throw new Fault('json-malformed', `the member ${JSON.stringify(name.text.slice(0, 40))} comes twice`, { at })
    at = skipBlanks(source.text, value.end)
    if (source.text.charCodeAt(at) === CLOSE_BRACE) return { type: 'object', members, start, end: at + 1 }
    at = skipBlanks(source.text, expect(source, at, COMMA))
  }
}

const nameIn = ({ names, limits, left }: Source, name: string): string => {
  if (limits.cost - left < SMALL) return name
  const known = names.get(name)
  if (known === undefined && names.size < MAX_NAMES) names.set(name, name)
  return known ?? name
}

/** Documents have a few dozen. */
const MAX_NAMES = 1000
/** In a document that costs less, no name comes often enough to be looked up. */
const SMALL = 256

const readArray = (source: Source, start: number, depth: number): JsonNode => {
  spend(source, NEST)
  const items: JsonNode[] = []
  let at = skipBlanks(source.text, start + 1)
  if (source.text.charCodeAt(at) === CLOSE_BRACKET) return { type: 'array', items, start, end: at + 1 }
  for (;;) {
    const item = readValue(source, at, depth - 1)
    items.push(item)
    at = skipBlanks(source.text, item.end)
    if (source.text.charCodeAt(at) === CLOSE_BRACKET) return { type: 'array', items, start, end: at + 1 }
    at = skipBlanks(source.text, expect(source, at, COMMA))
  }
}

const readString = (source: Source, start: number): JsonNode & { type: 'string' } => {
  const { text } = source
  let escaped = false
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) {
      const raw = text.slice(start + 1, at)
      return { type: 'string', text: escaped ? unescaped(source, start, at + 1) : raw, start, end: at + 1 }
    }
    if (unit < 0x20) throw malformed(at, 'a printable character in a string')
    if (unit === BACKSLASH) {
      escaped = true
      at++
    }
  }
  throw malformed(text.length, 'the end of a string')
}

const unescaped = (source: Source, start: number, end: number): string => {
  try {
    return JSON.parse(source.text.slice(start, end)) as string
  } catch (cause) {
    throw new Fault('json-malformed', `expected a JSON string at character ${start}`, { at: start }, cause)
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const LITERALS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const

const readScalar = (source: Source, start: number): JsonNode => {
  spend(source, VALUE)
  for (const [word, value] of LITERALS) {
    if (source.text.startsWith(word, start)) return { type: 'literal', value, start, end: start + word.length }
  }
  NUMBER.lastIndex = start
  const text = NUMBER.exec(source.text)?.[0]
  if (text === undefined) throw malformed(start, 'a JSON value')
  return { type: 'number', text, start, end: start + text.length }
}

/** Where the blanks of JSON that begin there end (RFC 8259 §2). */
export const skipBlanks = (text: string, from: number): number => {
  let at = from
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) break
  }
  return at
}

const expect = (source: Source, at: number, unit: number): number => {
  if (source.text.charCodeAt(at) !== unit) throw malformed(at, `"${String.fromCharCode(unit)}"`)
  return at + 1
}

const malformed = (at: number, expected: string): Fault => new Fault('json-malformed', `expected ${expected} at character ${at}`, { at })
