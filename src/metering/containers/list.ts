// Several documents in one text, as back ends and logs hand them out: a JSON array, or one JSON document on each line. Each is read as an
// input of its own. docs/formats/list.md.
import { utf8 } from '../../base/bytes.ts'
import type { Container, Part } from '../container.ts'
import { type Content, linesOf } from '../content.ts'
import { contentOfText, jsonFaultOf, jsonOf } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import type { Budget } from '../limits.ts'

export const list: Container = {
  name: 'list',
  recognise: (content) => isArray(content) || isLines(content),
  open: (content, budget) => {
    const document = jsonOf(content)
    if (document?.type !== 'array') return linesIn(content, budget)
    budget.checkPlaces(document.items.length)
    return document.items.map((item, index): Part => ({ kind: 'member', name: `[${index}]`, bytes: utf8(textOf(content, item)) }))
  },
}

/** As an array, so that a container that reads arrays has all of them: the key may stand on another line. A broken line leaves the others alone. */
const linesIn = (content: Content, budget: Budget): Part[] => {
  const lines = linesOf(content.text)
  budget.checkPlaces(lines.length)
  const all = contentOfText(`[${lines.join(',\n')}]`)
  if (jsonOf(all) !== undefined) return [{ kind: 'member', name: undefined, bytes: all.bytes }]
  return lines.map((line, index): Part => ({ kind: 'member', name: `[${index}]`, bytes: utf8(line) }))
}

const isArray = (content: Content): boolean => {
  const document = jsonOf(content)
  return document?.type === 'array' && document.items.some(({ type }) => type === 'object' || type === 'string')
}

/** Two lines or more, and nothing but documents. What is wrong inside one of them is told where it is read. */
const isLines = (content: Content): boolean => {
  const { text = '' } = content
  if (text.length > LONGEST || (jsonFaultOf(content) === undefined && !/^\s*"/.test(text))) return false
  const lines = linesOf(content.text)
  return lines.length > 1 && lines.every((line) => PAIRS.has(`${line[0]}${line.at(-1)}`))
}

/** The first and the last character of a document in a line. */
const PAIRS: ReadonlySet<string> = new Set(['{}', '[]', '""'])
/** Longer texts are no lists by hand, and each line is held once more. */
const LONGEST = 4_194_304

/** A text is the record that it holds; anything else stays as it is written. */
const textOf = ({ text = '' }: Content, node: JsonNode): string => (node.type === 'string' ? node.text : text.slice(node.start, node.end))
