// Signed meter values of OCPP as people paste them: one alone (1.6 SignedData, 2.x SignedMeterValueType), messages and frames that carry
// them, lists of those, and transactions as our own back end tells them. docs/formats/ocpp.md.
import { type Decimal, nearDecimal } from '../../base/decimal.ts'
import { Fault } from '../../base/fault.ts'
import { ofSeveral, withBeside } from '../beside.ts'
import { type Container, type Part, unreadable } from '../container.ts'
import { contentOfText, detailsAt, itemsAt, jsonOf, nodeAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import { publicKeyOf } from '../key-text.ts'
import type { Marker, MessageKind, Told } from '../reading.ts'
import { toldOfPlaces } from '../told-places.ts'
import { meterStarts, saidBeside } from './ocpp-told.ts'
import { contentsOf } from './safe-xml.ts'

export const ocpp: Container = {
  name: 'ocpp',
  recognise: (content) => foundIn(jsonOf(content)).length > 0,
  open: (content, budget) => {
    const document = jsonOf(content)
    const found = foundIn(document)
    budget.checkPlaces(found.length)
    const [keys, starts] = [onlyKeys(found), meterStarts(document)]
    return found.map((value) => partOf(value, { key: keys.get(value.transaction), meterStart: starts.get(value.transaction) }))
  },
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
  /** The meter's last value as the message around it tells it (1.6 StopTransaction), in Wh. */
  readonly meterStop: JsonNode | undefined
  /** Undefined where there is no message around it. */
  readonly message: MessageKind | undefined
  /** What our own back end tells of the transaction. */
  readonly told: (() => Told[]) | undefined
  /** The same values in the messages that it shows beside those it has kept: their numbers are told too. */
  readonly shown: readonly Found[]
}

type Place = Omit<Found, 'envelope' | 'sample'>

const TOP: Place = { name: '', transaction: '', meterStop: undefined, message: undefined, told: undefined, shown: [] }

const foundIn = (node: JsonNode | undefined, place = TOP): Found[] => {
  if (node?.type === 'array') return node.items.flatMap((item, index) => foundIn(item, { ...place, name: `${place.name}[${index}]` }))
  if (node?.type !== 'object') return []
  const transaction = transactionOf(node) ?? place.transaction
  const meterStop = nodeAt(node, 'meterStop') ?? place.meterStop
  const message = messageOf(node) ?? place.message
  const kept = itemsAt(node, 'signedRecords')
  // the record of our own back end: its messages, which it shows too, told the same records
  if (kept.length > 0) return keptIn(node, kept, { ...place, transaction, meterStop })
  const own = sampleIn(node)
  if (own !== undefined) return [{ ...place, ...own, name: place.name === '' ? 'value' : place.name, transaction, meterStop, message }]
  return [...node.members].flatMap(([name, child]) =>
    foundIn(child, { ...place, name: prefixed(place.name, name), transaction, meterStop, message }),
  )
}

const keptIn = (node: JsonNode, kept: readonly JsonNode[], place: Place): Found[] => {
  const toldOf = toldOfPlaces({ energy: energyIn(node) }, kept.length)
  const found = kept.flatMap((item, index) =>
    foundIn(item, { ...place, name: `${prefixed(place.name, 'signedRecords')}[${index}]`, told: toldOf() }),
  )
  const others = node.type === 'object' ? [...node.members].filter(([name]) => name !== 'signedRecords') : []
  // by the last, which has the end: they are compared with the session
  const [last, ...before] = found.toReversed()
  return last === undefined ? [] : [...before.toReversed(), { ...last, shown: others.flatMap(([, child]) => foundIn(child)) }]
}

/** Computed from the readings that were sent beside the signed ones. Zero where there are no two of them. */
const energyIn = (node: JsonNode): Told['energy'] => {
  const value = nearDecimal(textAt(node, 'energyWh') ?? '')
  return value === undefined || value.digits === 0n ? undefined : { name: 'energyWh', value, unit: 'Wh', about: ABOUT }
}

/** Twice what one reading may be off. */
const ABOUT: Decimal = { digits: 200n, scale: 0 }

const prefixed = (place: string, name: string): string => (place === '' ? name : `${place}.${name}`)

/** 1.6 StopTransaction; 2.x TransactionEvent, eventType Ended. */
const messageOf = (node: JsonNode): MessageKind | undefined => {
  if (nodeAt(node, 'transactionData') !== undefined || textAt(node, 'eventType') === 'Ended') return 'ending'
  return nodeAt(node, 'meterValue') === undefined ? undefined : 'earlier'
}

const transactionOf = (node: JsonNode): string | undefined =>
  textAt(node, 'transactionInfo', 'transactionId') ??
  textAt(node, 'transactionId') ??
  (nodeAt(node, 'signedRecords') === undefined ? undefined : textAt(node, 'id'))

const sampleIn = (node: JsonNode): Pick<Found, 'envelope' | 'sample'> | undefined => {
  if (textAt(node, 'signedMeterData') !== undefined) return { envelope: node, sample: undefined }
  if (nodeAt(node, 'signedMeterValue') !== undefined) return { envelope: innerOf(node), sample: node }
  // 1.6 puts the envelope of 2.x as text into the value, or the record itself
  if (textAt(node, 'format') === 'SignedData') return { envelope: envelopeIn(textAt(node, 'value') ?? '', node), sample: node }
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

const envelopeIn = (value: string, sample: JsonNode): JsonNode | Fault => {
  if (!/^\s*\{/.test(value)) return sample
  const document = jsonOf(contentOfText(value))
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
}

const partOf = (found: Found, { key: only, meterStart }: Shared): Part => {
  const { name, envelope, sample, transaction, message, told, shown } = found
  if (envelope instanceof Fault) return { kind: 'missing', name, fault: envelope }
  const text = signedText(envelope)
  if (text.trim() === '') return unreadable(name, 'there is no signedMeterData in it')
  const key = keyOf(envelope) ?? only
  const context = textAt(sample, 'context')
  let waiting = shown
  return {
    kind: 'slot',
    name,
    contents: contentsOf({ text, encoding: '' }),
    keys: key === undefined ? [] : [key],
    annotate: (record, alone) => {
      // of the message, however many records stand in one of its places
      const { problems, ...said } = saidBeside({ ...found, meterStart }, record)
      const beside = {
        label: CONTEXTS.get(context ?? ''),
        ...said,
        message,
        told: told?.(),
        unsigned: [
          ...(transaction === '' ? [] : [{ name: 'transactionId', value: transaction }]),
          ...(context === undefined ? [] : [{ name: 'context', value: context }]),
          ...detailsAt(envelope, 'encodingMethod', 'signingMethod').filter(({ value }) => value !== ''),
        ],
      }
      const own = withBeside(record, { ...(alone ? beside : ofSeveral(beside, record)), problems })
      const more = waiting.map((each) => saidBeside({ ...each, meterStart }, record))
      waiting = []
      if (more.length === 0) return own
      return withBeside(own, { counts: more.flatMap(({ counts }) => counts), problems: more.flatMap((each) => each.problems) })
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
