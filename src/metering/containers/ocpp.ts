// Signed meter values of OCPP as people paste them: one alone (1.6 SignedData, 2.x SignedMeterValueType), messages and frames that carry
// them, lists of those, and transactions as our own back end tells them. docs/formats/ocpp.md.
import type { Decimal } from '../../base/decimal.ts'
import { Fault } from '../../base/fault.ts'
import { ofSeveral, withBeside } from '../beside.ts'
import { type Container, type Part, unreadable } from '../container.ts'
import type { Content } from '../content.ts'
import { contentOfText, detailsAt, itemsAt, jsonOf, nodeAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import { publicKeyOf } from '../key-text.ts'
import type { Marker, Message, Told } from '../reading.ts'
import { toldNumber } from '../told-number.ts'
import { toldOfPlaces } from '../told-places.ts'
import { type Elsewhere, togetherIn, toldElsewhere, transactionOf } from './ocpp-elsewhere.ts'
import { meterStarts, saidBeside } from './ocpp-told.ts'
import { contentsOf } from './safe-xml.ts'

export const ocpp: Container = {
  name: 'ocpp',
  recognise: (content) => foundIn(documentIn(content)).length > 0,
  open: (content, budget) => {
    const document = documentIn(content)
    const found = foundIn(document)
    budget.checkPlaces(found.length)
    const [keys, starts] = [onlyKeys(found), meterStarts(document)]
    const elsewhere = new Map(toldElsewhere(document, new Set(found.flatMap(({ stops }) => stops)), starts))
    return found.map((value) => {
      const { transaction } = value
      const together = togetherIn(transaction, value.list)
      // of the session, so it is said once, beside any of its records
      const takeElsewhere = (): Elsewhere | undefined => {
        const told = together === undefined ? undefined : elsewhere.get(together)
        if (together !== undefined) elsewhere.delete(together)
        return told
      }
      return partOf(value, { key: keys.get(transaction), meterStart: starts.get(transaction), takeElsewhere })
    })
  },
}

/** With the names of the protocol, which programs in Python and Rust write in their own way: signed_meter_data. */
const documentIn = (content: Content): JsonNode | undefined => {
  const document = jsonOf(content)
  return document !== undefined && SNAKE.test(content.text ?? '') ? renamed(document) : document
}

const SNAKE = /"(?:signed_meter_(?:data|value)|sampled_value|meter_(?:value|start|stop))"/

/** What two spellings of one name say is a list, as in an envelope of SOAP: no number, and no record. */
const renamed = (node: JsonNode): JsonNode => {
  if (node.type === 'array') return { ...node, items: node.items.map(renamed) }
  if (node.type !== 'object') return node
  const members = new Map<string, JsonNode>()
  for (const [spelled, child] of node.members) {
    const name = spelled.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    const [before, value] = [members.get(name), renamed(child)]
    members.set(name, before === undefined ? value : { type: 'array', items: [before, value], start: node.start, end: node.end })
  }
  return { ...node, members }
}

/** A signed value and where it stands. */
interface Found {
  readonly name: string
  /** The object with the signed text, or why there is none. */
  readonly envelope: JsonNode | Fault
  /** The sampled value around it. */
  readonly sample: JsonNode | undefined
  /** The transaction of the message around it; empty where nobody names one. */
  readonly transaction: string
  /** The list it stands in. */
  readonly list: JsonNode | undefined
  /** The meter's last value as what is around it tells it (1.6 StopTransaction), in Wh. */
  readonly stops: readonly JsonNode[]
  /** Undefined where there is no message around it. */
  readonly message: Message['kind'] | undefined
  /** What our own back end tells of the transaction. */
  readonly told: (() => Told[]) | undefined
}

type Place = Omit<Found, 'envelope' | 'sample'>

const TOP: Place = { name: '', transaction: '', list: undefined, stops: [], message: undefined, told: undefined }

const foundIn = (node: JsonNode | undefined, place = TOP): Found[] => {
  if (node?.type === 'array')
    return node.items.flatMap((item, index) => foundIn(item, { ...place, list: node, name: `${place.name}[${index}]` }))
  if (node?.type !== 'object') return []
  const transaction = transactionOf(node) ?? place.transaction
  const stop = nodeAt(node, 'meterStop')
  const stops = stop === undefined ? place.stops : [...place.stops, stop]
  const message = messageOf(node) ?? place.message
  const kept = itemsAt(node, 'signedRecords')
  // the record of our own back end: its messages, which it shows too, told the same records
  if (kept.length > 0) return keptIn(node, kept, { ...place, transaction, stops })
  const own = sampleIn(node)
  if (own !== undefined) return [{ ...place, ...own, name: place.name === '' ? 'value' : place.name, transaction, stops, message }]
  return [...node.members].flatMap(([name, child]) =>
    foundIn(child, { ...place, name: prefixed(place.name, name), transaction, stops, message }),
  )
}

const keptIn = (node: JsonNode, kept: readonly JsonNode[], place: Place): Found[] => {
  const toldOf = toldOfPlaces({ energy: energyIn(node) }, kept.length)
  return kept.flatMap((item, index) =>
    foundIn(item, { ...place, name: `${prefixed(place.name, 'signedRecords')}[${index}]`, told: toldOf() }),
  )
}

/** Computed from the readings that were sent beside the signed ones. Zero where there are no two of them. */
const energyIn = (node: JsonNode): Told['energy'] => {
  const value = toldNumber(textAt(node, 'energyWh'))
  return value === undefined || value.digits === 0n ? undefined : { name: 'energyWh', value, unit: 'Wh', about: ABOUT }
}

/** Twice what one reading may be off. */
const ABOUT: Decimal = { digits: 200n, scale: 0 }

const prefixed = (place: string, name: string): string => (place === '' ? name : `${place}.${name}`)

/** 1.6 StopTransaction; 2.x TransactionEvent, eventType Ended. */
const messageOf = (node: JsonNode): Message['kind'] | undefined => {
  if (nodeAt(node, 'transactionData') !== undefined || textAt(node, 'eventType') === 'Ended') return 'ending'
  return nodeAt(node, 'meterValue') === undefined ? undefined : 'earlier'
}

const sampleIn = (node: JsonNode): Pick<Found, 'envelope' | 'sample'> | undefined => {
  if (textAt(node, 'signedMeterData') !== undefined) return { envelope: node, sample: undefined }
  // null where a program writes every member, whether there is one or not
  if ((nodeAt(node, 'signedMeterValue')?.type ?? 'literal') !== 'literal') return { envelope: innerOf(node), sample: node }
  // 1.6 puts the envelope of 2.x as text into the value, or the record itself; the OCA's note also spells it signedData (§3.3.5)
  if (textAt(node, 'format')?.toLowerCase() === 'signeddata') return { envelope: envelopeIn(nodeAt(node, 'value'), node), sample: node }
  const own = OWN.every((name) => textAt(node, name) !== undefined)
  return own ? { envelope: node, sample: node } : undefined
}

/** Members of a signed record in a transaction as our own back end tells it. */
const OWN = ['format', 'encoding', 'data', 'at']

/** The object of 2.x with the data; be.ENERGISED asks stations of 1.6 for one whose member of that name is the data itself. */
const innerOf = (node: JsonNode): JsonNode => {
  const inner = nodeAt(node, 'signedMeterValue')
  return inner === undefined || inner.type === 'string' ? node : inner
}

const envelopeIn = (value: JsonNode | undefined, sample: JsonNode): JsonNode | Fault => {
  const text = textAt(value) ?? ''
  if (value?.type !== 'object' && !/^\s*\{/.test(text)) return sample
  const document = value?.type === 'object' ? value : documentIn(contentOfText(text))
  if (document === undefined) return new Fault('json-malformed', 'the value begins like a signed meter value and is none')
  const envelope = innerOf(document)
  // or a document with records in it
  return ENVELOPED.some((name) => nodeAt(envelope, name) !== undefined) ? envelope : sample
}

const ENVELOPED = ['signedMeterData', 'signedMeterValue'] as const

/** What holds for a whole transaction. */
interface Shared {
  /** Where there is but one. */
  readonly key: string | undefined
  /** What StartTransaction said. */
  readonly meterStart: string | undefined
  /** What other messages tell of it; undefined where that was said. */
  readonly takeElsewhere: () => Elsewhere | undefined
}

const partOf = ({ name, envelope, sample, transaction, stops, message, told }: Found, shared: Shared): Part => {
  if (envelope instanceof Fault) return { kind: 'missing', name, fault: envelope }
  const text = signedText(envelope)
  if (text.trim() === '') return unreadable(name, 'there is no signedMeterData in it')
  const key = keyOf(envelope) ?? shared.key
  const context = textAt(sample, 'context')
  return {
    kind: 'slot',
    name,
    contents: contentsOf({ text, encoding: '' }),
    keys: key === undefined ? [] : [key],
    annotate: (record, alone) => {
      // of the message, however many records stand in one of its places
      const { problems, ...said } = saidBeside({ sample, stops, meterStart: shared.meterStart }, record)
      const elsewhere = shared.takeElsewhere()
      const beside = {
        label: CONTEXTS.get(context ?? ''),
        ...said,
        message: message === undefined ? undefined : { kind: message, transaction },
        told: told?.(),
        unsigned: [
          ...(transaction === '' ? [] : [{ name: 'transactionId', value: transaction }]),
          ...(context === undefined ? [] : [{ name: 'context', value: context }]),
          ...detailsAt(envelope, 'encodingMethod', 'signingMethod').filter(({ value }) => value !== ''),
        ],
      }
      const own = alone ? beside : ofSeveral(beside)
      return withBeside(record, {
        ...own,
        counts: [...said.counts, ...(elsewhere?.counts ?? [])],
        problems: [...problems, ...(elsewhere?.problems ?? [])],
      })
    },
  }
}

const signedText = (envelope: JsonNode): string => DATA.map((name) => textAt(envelope, name)).find((text) => text !== undefined) ?? ''

/** Of a signed meter value, of one as be.ENERGISED has it, of our own back end, of a sampled value of 1.6. */
const DATA = ['signedMeterData', 'signedMeterValue', 'data', 'value'] as const

const keyOf = (envelope: JsonNode | Fault): string | undefined => {
  const text = envelope instanceof Fault ? undefined : textAt(envelope, 'publicKey')
  return text === undefined || text.trim() === '' ? undefined : publicKeyOf(text)
}

/** Stations may send their key once in a transaction (OCPP 2.1 Part 2, PublicKeyWithSignedMeterValue); it holds for all if there is but one. */
const onlyKeys = (found: readonly Found[]): ReadonlyMap<string, string> => {
  const keys = new Map<string, Set<string>>()
  for (const { envelope, transaction } of found) {
    const key = keyOf(envelope)
    if (key !== undefined) keys.set(transaction, (keys.get(transaction) ?? new Set()).add(key))
  }
  return new Map([...keys].flatMap(([transaction, [key, other]]) => (key !== undefined && other === undefined ? [[transaction, key]] : [])))
}

/** ReadingContextEnumType. Other contexts say nothing of where in the session a value stands. */
const CONTEXTS: ReadonlyMap<string, Marker> = new Map([
  ['Transaction.Begin', 'begin'],
  ['Transaction.End', 'end'],
  ['Sample.Periodic', 'during'],
  ['Sample.Clock', 'during'],
])
