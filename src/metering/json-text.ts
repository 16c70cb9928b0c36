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

export const JSON_TEXT_LIMITS = { depth: 32, length: 1_048_576 }

/**
 * Reads the one value that starts at `start`; what follows it is not looked at. A number keeps its text, a string is unescaped.
 * @throws Fault `json-malformed` (RFC 8259, or a member given twice), `limit-exceeded`
 */
export const readJsonText = (text: string, start: number, limits = JSON_TEXT_LIMITS): JsonNode =>
  readValue({ text, end: Math.min(text.length, start + limits.length), limits }, start, limits.depth)

interface Source {
  readonly text: string
  readonly end: number
  readonly limits: typeof JSON_TEXT_LIMITS
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c

const readValue = (source: Source, start: number, depth: number): JsonNode => {
  if (depth === 0) throw new Fault('limit-exceeded', `the JSON nests deeper than ${source.limits.depth}`, { at: start })
  switch (source.text[start]) {
    case '{':
      return readObject(source, start, depth)
    case '[':
      return readArray(source, start, depth)
    case '"':
      return readString(source, start)
    default:
      return readScalar(source, start)
  }
}

const readObject = (source: Source, start: number, depth: number): JsonNode => {
  const members = new Map<string, JsonNode>()
  let at = blanks(source, start + 1)
  if (source.text[at] === '}') return { type: 'object', members, start, end: at + 1 }
  for (;;) {
    if (source.text.charCodeAt(at) !== QUOTE) throw malformed(source, at, 'a member name')
    const name = readString(source, at)
    at = expect(source, blanks(source, name.end), COLON)
    const value = readValue(source, blanks(source, at), depth - 1)
    if (members.has(name.text))
      throw new Fault('json-malformed', `the member ${JSON.stringify(name.text.slice(0, 40))} comes twice`, { at })
    members.set(name.text, value)
    at = blanks(source, value.end)
    if (source.text[at] === '}') return { type: 'object', members, start, end: at + 1 }
    at = blanks(source, expect(source, at, COMMA))
  }
}

const readArray = (source: Source, start: number, depth: number): JsonNode => {
  const items: JsonNode[] = []
  let at = blanks(source, start + 1)
  if (source.text[at] === ']') return { type: 'array', items, start, end: at + 1 }
  for (;;) {
    const item = readValue(source, at, depth - 1)
    items.push(item)
    at = blanks(source, item.end)
    if (source.text[at] === ']') return { type: 'array', items, start, end: at + 1 }
    at = blanks(source, expect(source, at, COMMA))
  }
}

const readString = (source: Source, start: number): JsonNode & { type: 'string' } => {
  const { text, end } = source
  let escaped = false
  for (let at = start + 1; at < end; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) {
      const raw = text.slice(start + 1, at)
      return { type: 'string', text: escaped ? unescaped(source, start, at + 1) : raw, start, end: at + 1 }
    }
    if (unit < 0x20) throw malformed(source, at, 'a printable character in a string')
    if (unit === BACKSLASH) {
      escaped = true
      at++
    }
  }
  throw malformed(source, end, 'the end of a string')
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
  for (const [word, value] of LITERALS) {
    if (source.text.startsWith(word, start)) return { type: 'literal', value, start, end: start + word.length }
  }
  NUMBER.lastIndex = start
  const text = NUMBER.exec(source.text)?.[0]
  if (text === undefined) throw malformed(source, start, 'a JSON value')
  return { type: 'number', text, start, end: start + text.length }
}

const blanks = ({ text, end }: Source, from: number): number => {
  let at = from
  for (; at < end; at++) {
    const unit = text.charCodeAt(at)
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) break
  }
  return at
}

const expect = (source: Source, at: number, unit: number): number => {
  if (source.text.charCodeAt(at) !== unit) throw malformed(source, at, `"${String.fromCharCode(unit)}"`)
  return at + 1
}

const malformed = ({ text, end, limits }: Source, at: number, expected: string): Fault =>
  at >= end && end < text.length
    ? new Fault('limit-exceeded', `the JSON is longer than ${limits.length} characters`)
    : new Fault('json-malformed', `expected ${expected} at character ${at}`, { at })
