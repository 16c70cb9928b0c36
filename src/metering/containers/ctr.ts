// Charge transparency records: sessions as a program wrote them down after it had read them. Only the original record counts, where the
// document still holds it; what the document says of itself, results and states above all, is never read. docs/formats/ctr.md.
import { unhex } from '../../base/bytes.ts'
import { asFault, Fault } from '../../base/fault.ts'
import { withBeside } from '../beside.ts'
import { type Container, type Missing, type Part, type Slot, unreadable } from '../container.ts'
import { type Content, contentOf, linesOf } from '../content.ts'
import { formatOf } from '../formats.ts'
import { contentAt, contentOfText, detailsAt, itemsAt, jsonOf, nodeAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import { fewKeys } from '../key-text.ts'
import { type Original, signedReadings } from './ctr-signed.ts'
import { toldBy } from './ctr-told.ts'
import { contentsOf, safeXml } from './safe-xml.ts'

export const ctr: Container = {
  name: 'ctr',
  recognise: (content) => {
    const document = jsonOf(content)
    return nodeAt(document, 'chargingSessions') !== undefined || CONTEXT.test(textAt(document, '@context') ?? '')
  },
  open: (content, budget) => {
    const document = jsonOf(content)
    const sessions = itemsAt(document, 'chargingSessions')
    if (sessions.length === 0) throw new Fault('record-malformed', 'there are no chargingSessions in it')
    const keys = keysIn(document)
    const parts: Part[] = []
    for (const [index, session] of sessions.entries()) {
      for (const part of partsOf(content, session, { name: `chargingSessions[${index}]`, keys })) parts.push(part)
      budget.checkPlaces(parts.length)
    }
    return parts
  },
}

const CONTEXT = /^https:\/\/open\.charging\.cloud\/contexts\/CTR\+json$/

interface Place {
  readonly name: string
  readonly keys: Keys
}

const partsOf = (content: Content, session: JsonNode, { name, keys }: Place): Part[] => {
  if (session.type !== 'object') return [unreadable(name, 'a charging session is no object')]
  const unsigned = detailsAt(session, '@id', 'begin', 'end', 'EVSEId')
  const kept = withoutParts(originalsIn(session, name), name)
  const originals = kept.length > 0 ? kept : signedReadings(session, name)
  const unread = unreadIn(session, name, kept)
  if (originals.length === 0) {
    const annotate: Slot['annotate'] = (record) => withBeside(record, { unsigned })
    return [{ kind: 'slot', name, contents: [contentAt(content, session)], keys: [], annotate }, ...unread]
  }
  // an original may hold several records: those that were read are the session
  const told = { ...toldBy(session), records: 0 }
  const annotate: Slot['annotate'] = (record) => {
    told.records++
    return withBeside(record, { unsigned, told: [told] })
  }
  const common = { kind: 'slot', keys: keysOf(session, keys), annotate } as const
  const beside = signatureOf(session)
  const parts = originals.map((original) =>
    'fault' in original ? original : { ...common, ...original, ...(beside === undefined ? {} : { beside }) },
  )
  return [...parts, ...unread]
}

/** What the session calls its original, and nobody can read. */
const unreadIn = (session: JsonNode, place: string, kept: readonly Original[]): Missing[] => {
  const name = `${place}.original`
  if ((textAt(session, 'original') ?? '').trim() === '' || kept.some((original) => original.name === name)) return []
  return [{ kind: 'missing', name, fault: new Fault('input-unknown', 'no known format begins like this') }]
}

/** Texts that are records, wherever they stand, and what is named `original` in any encoding. */
const originalsIn = (node: JsonNode, name: string): Original[] => {
  if (node.type === 'object') return [...node.members].flatMap(([key, child]) => originalsIn(child, `${name}.${key}`))
  if (node.type === 'array') return node.items.flatMap((child, index) => originalsIn(child, `${name}[${index}]`))
  if (node.type !== 'string') return []
  const readable = /\.original$/.test(name) ? [...contentsOf({ text: node.text, encoding: '' })] : [contentOfText(node.text)]
  const contents = readable.filter((content) => formatOf(content) !== undefined || safeXml.recognise(content))
  return contents.length === 0 ? [] : [{ name, contents }]
}

/** Some programs keep the original of the whole session and each line of it beside its reading: that is no record twice. */
const withoutParts = (originals: readonly Original[], place: string): readonly Original[] => {
  const whole = originals.find(({ name }) => name === `${place}.original`)
  const lines = new Set(linesOf(whole?.contents[0]?.text))
  return originals.filter((original) => original === whole || !lines.has(original.contents[0]?.text?.trim() ?? ''))
}

/** The signature of an original that does not hold its own. */
const signatureOf = (session: JsonNode): Content | undefined => {
  try {
    const text = textAt(session, 'signature')
    return text === undefined ? undefined : contentOf(unhex(text))
  } catch (thrown) {
    if (asFault(thrown).code !== 'bytes-malformed') throw thrown
    // not hexadecimal: the record is told to have none, which proves nothing
    return undefined
  }
}

/** Every `publicKeys` in the document, by the names that they and the thing around them have, in one spelling; '' has them all. */
const keysIn = (document: JsonNode | undefined): Keys => {
  const keys = new Map<string, Set<string>>([['', new Set()]])
  const walk = (node: JsonNode): void => {
    if (node.type === 'array') node.items.forEach(walk)
    if (node.type !== 'object') return
    for (const item of itemsAt(node, 'publicKeys')) {
      const key = textAt(item, 'value')
      if (key === undefined) continue
      for (const name of ['', ...namesOf(node), ...namesOf(item)]) keys.set(name, (keys.get(name) ?? new Set()).add(key))
    }
    for (const [name, child] of node.members) if (name !== 'publicKeys') walk(child)
  }
  if (document !== undefined) walk(document)
  return keys
}

type Keys = ReadonlyMap<string, ReadonlySet<string>>

const namesOf = (node: JsonNode): string[] => {
  const subject = nodeAt(node, 'subject')
  const subjects = subject?.type === 'object' ? [...subject.members.keys()].map((name) => textAt(subject, name)) : [textAt(node, 'subject')]
  return [textAt(node, '@id'), ...subjects].flatMap((name) => (name === undefined ? [] : [spelled(name)]))
}

/** One name is written with different marks between its parts. */
const spelled = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

/** The keys of the meters that the session names, or the only one there is. */
const keysOf = (session: JsonNode, keys: Keys): string[] => {
  const meters = itemsAt(session, 'measurements').map((item) => textAt(item, 'energyMeterId'))
  const names = [textAt(session, 'EVSEId'), textAt(session, 'meterId'), ...meters].flatMap((name) => (name ? [spelled(name)] : []))
  const fitting = fewKeys(names.flatMap((name) => (name === '' ? [] : [...(keys.get(name) ?? [])])))
  const [only, second] = keys.get('') ?? []
  return fitting.length > 0 || only === undefined || second !== undefined ? fitting : [only]
}
