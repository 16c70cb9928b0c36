// Signed meter values of OCPP as people paste them: one alone (1.6 SignedData, 2.x SignedMeterValueType), messages and frames that carry
// them, lists of those, and transactions as our own back end tells them. docs/formats/ocpp.md.
import { type Decimal, parseDecimal, roundsTo, scaleDecimal } from '../../base/decimal.ts'
import { asFault, Fault } from '../../base/fault.ts'
import { withBeside } from '../beside.ts'
import type { Container, Part } from '../container.ts'
import { contentOfText, detailsAt, jsonOf, nodeAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import { publicKeyOf } from '../key-text.ts'
import type { Marker, MeterRecord } from '../reading.ts'
import { contentsOf } from './safe-xml.ts'

export const ocpp: Container = {
  name: 'ocpp',
  recognise: (content) => foundIn(jsonOf(content)).length > 0,
  open: (content) => {
    const found = foundIn(jsonOf(content))
    const keys = onlyKeys(found)
    return found.map((value) => partOf(value, keys.get(value.transaction)))
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
}

interface Place {
  readonly name: string
  readonly transaction: string
}

const foundIn = (node: JsonNode | undefined, place: Place = { name: '', transaction: '' }): Found[] => {
  if (node?.type === 'array') return node.items.flatMap((item, index) => foundIn(item, { ...place, name: `${place.name}[${index}]` }))
  if (node?.type !== 'object') return []
  const transaction = transactionOf(node) ?? place.transaction
  const own = sampleIn(node)
  if (own !== undefined) return [{ ...own, name: place.name === '' ? 'value' : place.name, transaction }]
  return [...node.members].flatMap(([name, child]) =>
    foundIn(child, { name: place.name === '' ? name : `${place.name}.${name}`, transaction }),
  )
}

const transactionOf = (node: JsonNode): string | undefined =>
  textAt(node, 'transactionInfo', 'transactionId') ??
  textAt(node, 'transactionId') ??
  (nodeAt(node, 'signedRecords') === undefined ? undefined : textAt(node, 'id'))

const sampleIn = (node: JsonNode): Pick<Found, 'envelope' | 'sample'> | undefined => {
  if (textAt(node, 'signedMeterData') !== undefined) return { envelope: node, sample: undefined }
  const inner = nodeAt(node, 'signedMeterValue')
  if (inner !== undefined) return { envelope: inner, sample: node }
  // 1.6 puts the envelope of 2.x as text into the value, or the record itself
  if (textAt(node, 'format') === 'SignedData') return { envelope: envelopeIn(textAt(node, 'value') ?? '', node), sample: node }
  const own = OWN.every((name) => textAt(node, name) !== undefined)
  return own ? { envelope: node, sample: node } : undefined
}

/** Members of a signed record in a transaction as our own back end tells it. */
const OWN = ['format', 'encoding', 'data', 'at']

const envelopeIn = (value: string, sample: JsonNode): JsonNode | Fault => {
  if (!/^\s*\{/.test(value)) return sample
  return jsonOf(contentOfText(value)) ?? new Fault('json-malformed', 'the value begins like a signed meter value and is none')
}

/** @param only the key that holds for the whole transaction, where there is but one */
const partOf = ({ name, envelope, sample, transaction }: Found, only: string | undefined): Part => {
  if (envelope instanceof Fault) return { kind: 'missing', name, fault: envelope }
  const text = signedText(envelope)
  if (text.trim() === '') return { kind: 'missing', name, fault: new Fault('record-malformed', 'there is no signedMeterData in it') }
  const key = keyOf(envelope) ?? only
  const context = textAt(sample, 'context')
  return {
    kind: 'slot',
    name,
    contents: contentsOf({ text, encoding: '' }),
    keys: key === undefined ? [] : [key],
    annotate: (record) =>
      withBeside(record, {
        label: CONTEXTS.get(context ?? ''),
        remarks: contradictedBy(sample, record),
        unsigned: [
          ...(transaction === '' ? [] : [{ name: 'transactionId', value: transaction }]),
          ...(context === undefined ? [] : [{ name: 'context', value: context }]),
          ...detailsAt(envelope, 'encodingMethod', 'signingMethod').filter(({ value }) => value !== ''),
        ],
      }),
  }
}

/**
 * The number beside a signed value of 2.x is the same reading (OCPP 2.1 Part 2, SampledValueType). Stations round it, and some write none, so
 * it warns; where it is of something else than energy it cannot be compared.
 */
const contradictedBy = (sample: JsonNode | undefined, { readings }: MeterRecord): string[] => {
  const [value, unit = 'Wh'] = [nodeAt(sample, 'value'), textAt(sample, 'unitOfMeasure', 'unit')]
  const measurand = textAt(sample, 'measurand') ?? ENERGY
  if (value?.type !== 'number' || measurand !== ENERGY || !(unit === 'Wh' || unit === 'kWh') || Number(value.text) === 0) return []
  const told = decimalOf(value.text, textAt(sample, 'unitOfMeasure', 'multiplier') ?? '0')
  if (told === undefined) return []
  const signed = readings.flatMap((reading) => (reading.value === undefined ? [] : [inUnit(reading.value, reading.unit, unit)]))
  const same = signed.length === 0 || signed.some((exact) => exact !== undefined && roundsTo(exact, told, unit === 'kWh' ? 3 : 0))
  return same ? [] : [`the value beside it is ${value.text} ${unit}, which is not what is signed`]
}

/** Its default where a sampled value names none. */
const ENERGY = 'Energy.Active.Import.Register'

const inUnit = (value: Decimal, from: string, to: 'Wh' | 'kWh'): Decimal | undefined => {
  if (from === to) return value
  return from === 'kWh' ? scaleDecimal(value, 3) : from === 'Wh' ? scaleDecimal(value, -3) : undefined
}

const decimalOf = (text: string, multiplier: string): Decimal | undefined => {
  try {
    return /^-?[0-9]{1,2}$/.test(multiplier) ? scaleDecimal(parseDecimal(text), Number(multiplier)) : undefined
  } catch (thrown) {
    if (asFault(thrown).code === 'internal') throw thrown
    return undefined
  }
}

const signedText = (envelope: JsonNode): string =>
  textAt(envelope, 'signedMeterData') ?? textAt(envelope, 'data') ?? textAt(envelope, 'value') ?? ''

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
