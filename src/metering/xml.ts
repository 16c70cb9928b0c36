// XML as metering needs it: strict, without document types and so without entities, within limits. A reader of events for long
// documents, and a tree for short ones.
import { SaxesParser } from 'saxes'
import { Fault } from '../base/fault.ts'
import { firstOf } from './content.ts'

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string
  /** By their names without prefix. */
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** Its own characters, without those of its children. */
  readonly text: string
}

/** Name of the first element without its prefix; undefined when the text does not begin like XML. Cheap, and no promise that the rest is XML. */
export const rootNameOf = (text: string | undefined): string | undefined =>
  text !== undefined && firstOf(text) === '<' ? ROOT.exec(text.slice(0, 65_536))?.[1] : undefined

const ROOT = /<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s/>]/

/** @throws Fault `record-malformed` on anything but well-formed XML; `limit-exceeded` past depth 32, 64 attributes or 100,000 elements */
export const readXml = (text: string): XmlElement => {
  let root: Growing | undefined
  const open: Growing[] = []
  let count = 0
  const parser = strictParser()
  parser.on('opentag', ({ local, attributes }) => {
    if (++count > MAX_ELEMENTS) throw new Fault('limit-exceeded', `more than ${MAX_ELEMENTS} XML elements`)
    if (open.length >= MAX_DEPTH) throw new Fault('limit-exceeded', `the XML nests deeper than ${MAX_DEPTH}`)
    const values = Object.values(attributes).map((attribute) => [attribute.local, attribute.value] as const)
    const element: Growing = { name: local, attributes: new Map(values), children: [], text: '', said: false, cut: false }
    open.at(-1)?.children.push(element)
    root ??= element
    open.push(element)
  })
  const append = (more: string): void => {
    const element = open.at(-1)
    if (element === undefined) return
    const says = /\S/.test(more)
    if (element.cut && says) refuse(`a comment or an instruction stands in the middle of the text of ${element.name}`)
    element.said ||= says
    element.text += more
  }
  const tear = (): void => {
    const element = open.at(-1)
    if (element !== undefined) element.cut = element.said
  }
  parser.on('comment', tear)
  parser.on('processinginstruction', tear)
  parser.on('text', append)
  parser.on('cdata', append)
  parser.on('closetag', () => void open.pop())
  parser.write(text.trimStart()).close()
  return root ?? refuse('it is empty')
}

/** The elements of that name, however deep, in order. */
export const elementsNamed = (element: XmlElement, name: string): XmlElement[] =>
  element.name === name ? [element] : element.children.flatMap((child) => elementsNamed(child, name))

/** Elements that hold records, of all formats in XML. */
export const RECORD_ELEMENTS = ['signedData', 'encodedData', 'signedMeterValue', 'ChargingProcess'] as const

/** Records of other formats in the document, and records in records: another reader could show those. They are named, and not read. */
export const straysIn = (root: XmlElement, own: (typeof RECORD_ELEMENTS)[number]): Fault[] =>
  RECORD_ELEMENTS.filter((name) =>
    (name === own ? elementsNamed(root, own).flatMap(({ children }) => children) : [root]).some(
      (element) => elementsNamed(element, name).length > 0,
    ),
  ).map((name) => new Fault('record-malformed', `${name} where none is looked for; it was not read`))

/** Text of the one child of that name, trimmed; undefined when it is not there or empty. @throws Fault `record-malformed` where it holds elements */
export const textIn = (element: XmlElement, name: string): string | undefined => {
  const [child, second] = element.children.filter((one) => one.name === name)
  if (second !== undefined) refuse(`${name} stands in ${element.name} twice`)
  // some readers take the text of an element inside for part of it, and some leave it out
  if (child !== undefined && child.children.length > 0) refuse(`there are elements in ${name}`)
  return child?.text.trim() || undefined
}

/** Throws Fault `record-malformed` on errors and document types, `limit-exceeded` on attributes. */
export const strictParser = () => {
  const parser = new StrictParser({ xmlns: true, position: false })
  parser.on('error', (error) => refuse(error.message))
  parser.on('doctype', () => refuse('a document type is not allowed'))
  let attributes = 0
  parser.on('opentagstart', () => {
    attributes = 0
  })
  parser.on('attribute', () => {
    if (++attributes > MAX_ATTRIBUTES) throw new Fault('limit-exceeded', `more than ${MAX_ATTRIBUTES} attributes in one element`)
  })
  return parser
}

/**
 * Nothing of its own but room. Listeners are set under computed names, and where V8 has left no room for the seventh it makes the parser a
 * hash table, in which every step looks up all it needs: six times as slow. It leaves room for each constructor anew.
 */
class StrictParser extends SaxesParser<{ xmlns: true; position: false }> {}

export const refuse = (why: string): never => {
  throw new Fault('record-malformed', `the XML cannot be read: ${why}`)
}

interface Growing extends XmlElement {
  readonly children: Growing[]
  text: string
  /** Anything but blanks, so far: known without another look at all of the text for each comment. */
  said: boolean
  /** By a comment or an instruction behind some of its text: more of it would be read as one by us, and otherwise by others. */
  cut: boolean
}

export const MAX_DEPTH = 32
const MAX_ATTRIBUTES = 64
const MAX_ELEMENTS = 100_000
