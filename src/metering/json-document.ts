// A text that is one JSON document, as containers and formats look at it: read once, strictly, and asked by paths. What a document is,
// is told by what is in it and never by the name of its file.
import { utf8 } from '../base/bytes.ts'
import { compareDecimal, parseDecimal } from '../base/decimal.ts'
import { asFault, Fault } from '../base/fault.ts'
import { type Content, firstOf } from './content.ts'
import { type JsonNode, readJsonText } from './json-text.ts'
import type { UnsignedDetail } from './reading.ts'

/**
 * The object or array that the whole text is; undefined where the text does not begin like one, or cannot be read (`jsonFaultOf` says why).
 * It is read once, however many ask.
 */
export const jsonOf = (content: Content): JsonNode | undefined => {
  const read = documentOf(content)
  return read instanceof Fault ? undefined : read
}

/** Why a text that begins like a JSON document is none: `json-malformed`, `limit-exceeded`. */
export const jsonFaultOf = (content: Content): Fault | undefined => {
  const read = documentOf(content)
  return read instanceof Fault ? read : undefined
}

/** What stands at the end of the path; undefined where there is no such member. Only members of the document itself are found. */
export const nodeAt = (node: JsonNode | undefined, ...path: readonly string[]): JsonNode | undefined =>
  path.reduce<JsonNode | undefined>((at, name) => (at?.type === 'object' ? at.members.get(name) : undefined), node)

/** The same where it is a string, or a number as it is written. */
export const textAt = (node: JsonNode | undefined, ...path: readonly string[]): string | undefined => {
  const found = nodeAt(node, ...path)
  return found?.type === 'string' || found?.type === 'number' ? found.text : undefined
}

/** The items of the array at the end of the path; none where there is no array. */
export const itemsAt = (node: JsonNode | undefined, ...path: readonly string[]): readonly JsonNode[] => {
  const found = nodeAt(node, ...path)
  return found?.type === 'array' ? found.items : []
}

/** A part of the document as a content of its own, with the very characters. */
export const contentAt = ({ text = '' }: Content, { start, end }: JsonNode): Content => contentOfText(text.slice(start, end))

export const contentOfText = (text: string): Content => ({ bytes: utf8(text), text })

/** Texts and numbers in the nodes of these names, with their paths: for what is shown and marked as not signed. Not more than a screen holds. */
export const detailsAt = (node: JsonNode | undefined, ...names: readonly string[]): UnsignedDetail[] =>
  names.flatMap((name) => {
    const found = nodeAt(node, name)
    return found === undefined ? [] : detailsIn(found, name).slice(0, MAX_DETAILS)
  })

const MAX_DETAILS = 24
const MAX_DETAIL = 250

/** Whether two documents say the same, however they are written; the order of members does not count, and a number counts by its value. */
export const sameJson = (a: JsonNode, b: JsonNode): boolean => {
  if (a.type === 'object' && b.type === 'object') {
    const other = b.members
    return a.members.size === other.size && [...a.members].every(([name, child]) => same(child, other.get(name)))
  }
  if (a.type === 'array' && b.type === 'array') {
    const { items } = b
    return a.items.length === items.length && a.items.every((child, index) => same(child, items[index]))
  }
  if (a.type === 'literal' || b.type === 'literal') return a.type === b.type && 'value' in a && 'value' in b && a.value === b.value
  if (a.type === 'number' && b.type === 'number') return sameNumber(a.text, b.text)
  return a.type === 'string' && b.type === 'string' && a.text === b.text
}

const sameNumber = (a: string, b: string): boolean => {
  if (a === b) return true
  try {
    return compareDecimal(parseDecimal(a), parseDecimal(b)) === 0
  } catch (thrown) {
    if (asFault(thrown).code === 'internal') throw thrown
    // too long to be computed with: then only the very digits are the same
    return false
  }
}

const same = (a: JsonNode, b: JsonNode | undefined): boolean => b !== undefined && sameJson(a, b)

const detailsIn = (node: JsonNode, name: string): UnsignedDetail[] => {
  if (node.type === 'object') return [...node.members].flatMap(([key, child]) => detailsIn(child, `${name}.${key}`))
  if (node.type === 'array') return node.items.flatMap((child, index) => detailsIn(child, `${name}[${index}]`))
  return node.type === 'literal' ? [] : [{ name: name.slice(0, MAX_DETAIL), value: node.text.slice(0, MAX_DETAIL) }]
}

/** By content, which lives as long as somebody reads it. */
const known = new WeakMap<Content, JsonNode | Fault>()

const BRACKETS = ['{', '[']

const documentOf = (content: Content): JsonNode | Fault | undefined => {
  const { text } = content
  if (text === undefined || !BRACKETS.includes(firstOf(text))) return undefined
  const document = known.get(content) ?? read(text)
  known.set(content, document)
  return document
}

const read = (text: string): JsonNode | Fault => {
  try {
    const document = readJsonText(text, text.search(/[{[]/))
    if (text.slice(document.end).trim() !== '') throw new Fault('json-malformed', `something follows the JSON document at ${document.end}`)
    return document
  } catch (thrown) {
    return asFault(thrown)
  }
}
