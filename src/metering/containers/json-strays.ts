// Records in a JSON document where its container looks for none. Another reader could show that one, so each is named. None of them is read.
import { Fault } from '../../base/fault.ts'
import type { Container, Part, Slot } from '../container.ts'
import { type Content, linesOf } from '../content.ts'
import { formatOf } from '../formats.ts'
import { contentAt, jsonOf, sameJson, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import { keyDocument } from '../key-document.ts'
import type { Budget } from '../limits.ts'
import { contentsOf } from './safe-xml.ts'

/** The container, which then also names what it does not read. */
export const namingStrays = (container: Container): Container => ({
  ...container,
  open: (content, budget) => {
    const parts = container.open(content, budget)
    return [...parts, ...straysIn(content, parts, budget), ...keysIn(content)]
  },
})

/** More of them tell nobody anything. */
const MOST = 100
/** Shorter texts are no records; most texts in a document are names. */
const SHORTEST = 64

interface Text {
  readonly name: string
  readonly text: string
}

const straysIn = (content: Content, parts: readonly Part[], budget: Budget): Part[] => {
  const document = jsonOf(content)
  if (document === undefined) return []
  const places = parts.filter((part) => part.kind === 'slot')
  const taken = new Set(places.map(({ contents }) => firstOf(contents)?.text))
  const found = [...textsIn(document), ...valuesIn(content, document, places)].flatMap(({ name, text }) => {
    budget.checkTime()
    const record = taken.has(text) ? undefined : recordIn(contentsOf({ text, encoding: '' }))
    return record === undefined ? [] : [{ name, record }]
  })
  // a record is the same in whatever encoding; of most documents this is never asked
  const read = new Set(found.length === 0 ? [] : places.flatMap(({ contents }) => [recordIn(contents), ...linesOf(recordIn(contents))]))
  const strays = found.filter(({ record }) => !read.has(record))
  return strays.slice(0, MOST).map(({ name }) => ({
    kind: 'missing',
    name,
    fault: new Fault('record-malformed', `a record where none is looked for${more(strays)}; it was not read`),
  }))
}

/** Documents of keys in a list of records: as files of their own they would decide. */
const keysIn = (content: Content): Part[] => {
  const document = jsonOf(content)
  const items = document?.type === 'array' ? document.items : []
  return items.flatMap((item, index): Part[] => {
    const isKey = item.type === 'object' && keyDocument(contentAt(content, item).text ?? '') !== undefined
    const fault = new Fault('input-unknown', 'a key in a list of records; give it as a file of its own')
    return isKey ? [{ kind: 'missing', name: `[${index}]`, fault }] : []
  })
}

const more = ({ length }: { readonly length: number }): string => (length > MOST ? `, one of ${length}` : '')

const firstOf = (contents: Iterable<Content>): Content | undefined => {
  for (const content of contents) return content
  return undefined
}

/** The text of the record that one of the contents is. */
const recordIn = (contents: Iterable<Content>): string | undefined => {
  for (const content of contents) if (formatOf(content) !== undefined) return content.text?.trim()
  return undefined
}

/** Every text that is long enough, with its path. What OCPI calls plain_data is compared with the signed text beside it. */
const textsIn = (node: JsonNode, name = ''): Text[] => {
  if (node.type === 'string') return node.text.length < SHORTEST ? [] : [{ name, text: node.text }]
  if (node.type === 'array') return node.items.flatMap((item, index) => textsIn(item, `${name}[${index}]`))
  if (node.type !== 'object') return []
  const isCompared = (textAt(node, 'signed_data') ?? '').trim() !== ''
  return [...node.members].flatMap(([key, child]) =>
    key === 'plain_data' && isCompared ? [] : textsIn(child, name === '' ? key : `${name}.${key}`),
  )
}

/** Signed values of EMH and BSM meters are objects. */
const valuesIn = (content: Content, document: JsonNode, places: readonly Slot[]): Text[] => {
  const found = objectsIn(document)
  // of most documents the rest is never asked
  const taken =
    found.length === 0 ? new Map<string, JsonNode>() : new Map(places.flatMap(({ contents }) => signedObject(firstOf(contents))))
  return found.flatMap(({ name, node, signature }) =>
    isPartOf(node, taken.get(signature)) ? [] : [{ name, text: contentAt(content, node).text ?? '' }],
  )
}

interface SignedObject {
  readonly name: string
  readonly node: JsonNode & { readonly type: 'object' }
  readonly signature: string
}

const objectsIn = (node: JsonNode, name = ''): SignedObject[] => {
  if (node.type === 'array') return node.items.flatMap((item, index) => objectsIn(item, `${name}[${index}]`))
  if (node.type !== 'object') return []
  const inside = [...node.members].flatMap(([key, child]) => objectsIn(child, name === '' ? key : `${name}.${key}`))
  const signature = VALUE.some((member) => node.members.has(member)) ? textAt(node, 'signature') : undefined
  return signature === undefined ? inside : [{ name, node, signature }, ...inside]
}

const VALUE = ['measuredValue', 'additionalValues']

const signedObject = (content: Content | undefined): [string, JsonNode][] => {
  const node = content === undefined ? undefined : jsonOf(content)
  const signature = textAt(node, 'signature')
  return node === undefined || signature === undefined ? [] : [[signature, node]]
}

/** One that its container takes may have the meter of the document in it besides. */
const isPartOf = ({ members }: SignedObject['node'], taken: JsonNode | undefined): boolean =>
  taken?.type === 'object' &&
  [...members].every(([name, child]) => {
    const other = taken.members.get(name)
    return other !== undefined && sameJson(child, other)
  })
