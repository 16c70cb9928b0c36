// What messages of OCPP say in numbers beside a signed value, which nobody signed: the sampled value of 2.x, and the meter's last one in a
// StopTransaction of 1.6. Where a bill rests on them they are compared with the session (transparency/checks/counts.ts), elsewhere here.
import { type Decimal, decimalIn, nearDecimal, roundsTo, scaleDecimal } from '../../base/decimal.ts'
import type { Beside } from '../beside.ts'
import { nodeAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import type { MeterRecord, ToldCount } from '../reading.ts'

type Said = Required<Pick<Beside, 'counts' | 'remarks' | 'problems'>>

interface Around {
  readonly sample: JsonNode | undefined
  readonly meterStop: JsonNode | undefined
  readonly meterStart: string | undefined
}

export const saidBeside = (around: Around, record: MeterRecord): Said => {
  const { counts, remarks } = besideSample(around.sample, record)
  const stop = stopText(around.meterStop)
  // who reads something in it reads what nobody has compared
  const problems = stop === '' || decimalIn(stop) !== undefined ? [] : ['meterStop is not one number']
  return { counts: [...counts, ...besideStop(stop, around, record)], remarks, problems }
}

/** Empty where nobody says one; several of them, as an envelope may have, are none that can be read. */
const stopText = (node: JsonNode | undefined): string => (node === undefined || node.type === 'literal' ? '' : (textAt(node) ?? '?').trim())

/** What StartTransaction of 1.6 says, by the transaction that its answer names: frames [2, id, action, {…}] and [3, id, {…}] in one list. */
export const meterStarts = (document: JsonNode | undefined): ReadonlyMap<string, string> => {
  const frames = document?.type !== 'array' ? [] : document.items.flatMap((item) => (item.type === 'array' ? [item.items] : []))
  const asked = new Map<string | undefined, string>()
  const starts = new Map<string, string>()
  for (const [kind, id, third, payload] of frames) {
    const start = textAt(third) === 'StartTransaction' ? textAt(payload, 'meterStart') : undefined
    if (start !== undefined) asked.set(textAt(id), start)
    const [transaction, told] = textAt(kind) === '3' ? [textAt(third, 'transactionId'), asked.get(textAt(id))] : []
    if (transaction !== undefined && told !== undefined) starts.set(transaction, told)
  }
  return starts
}

/** OCPP 1.6 §6.49: Wh of the whole meter. Zero is what stations write that have none. */
const besideStop = (stop: string, { meterStart, sample }: Around, { readings }: MeterRecord): ToldCount[] => {
  const value = countOf(stop)
  const context = textAt(sample, 'context')
  // where neither meter nor station says a place, each may be the last
  const isEnd = context === 'Transaction.End' || readings.some(({ marker = context === undefined ? 'end' : undefined }) => marker === 'end')
  return value === undefined || !isEnd ? [] : [{ name: 'meterStop', value, unit: 'Wh', place: 'end', since: countOf(meterStart) }]
}

const countOf = (text: string | undefined): Decimal | undefined =>
  text === undefined || Number(text) === 0 ? undefined : nearDecimal(text)

/**
 * The number beside a signed value of 2.x is the same reading (OCPP 2.1 Part 2, SampledValueType). Stations round it, take it a moment before,
 * and some write none, so it warns; where it is of something else than energy it cannot be compared. But a bill rests on the first and the
 * last.
 */
const besideSample = (sample: JsonNode | undefined, { readings }: MeterRecord): Said => {
  const unit = UNITS.get((textAt(sample, 'unitOfMeasure', 'unit') ?? 'Wh').trim().toLowerCase())
  // a number that somebody wrote as a text; in 1.6 the text is the record itself
  const value = nodeAt(sample, 'value')
  const isNumber = value?.type === 'number' || (value?.type === 'string' && nodeAt(sample, 'signedMeterValue') !== undefined)
  const measurand = (textAt(sample, 'measurand') ?? ENERGY).trim()
  if (!isNumber || measurand !== ENERGY || unit === undefined || Number(value.text) === 0) return NOTHING
  const told = nearDecimal(value.text.trim(), textAt(sample, 'unitOfMeasure', 'multiplier'))
  if (told === undefined) return NOTHING
  const signed = readings.flatMap((reading) => (reading.value === undefined ? [] : [inUnit(reading.value, reading.unit, unit)]))
  const same = signed.length === 0 || signed.some((exact) => exact !== undefined && roundsTo(exact, told, unit === 'kWh' ? 3 : 0))
  const place = PLACES.get(textAt(sample, 'context') ?? '')
  if (place !== undefined) return { ...NOTHING, counts: [{ name: 'the value beside it', value: told, unit, place }] }
  return { ...NOTHING, remarks: same ? [] : [`the value beside it is ${value.text} ${unit}, which is not what is signed`] }
}

const UNITS: ReadonlyMap<string, 'Wh' | 'kWh'> = new Map([
  ['wh', 'Wh'],
  ['kwh', 'kWh'],
])

const PLACES: ReadonlyMap<string, ToldCount['place']> = new Map([
  ['Transaction.Begin', 'begin'],
  ['Transaction.End', 'end'],
])

/** The measurand's default where a sampled value names none. */
const ENERGY = 'Energy.Active.Import.Register'

const inUnit = (value: Decimal, from: string, to: 'Wh' | 'kWh'): Decimal | undefined => {
  if (from === to) return value
  return from === 'kWh' ? scaleDecimal(value, 3) : from === 'Wh' ? scaleDecimal(value, -3) : undefined
}

const NOTHING: Said = { counts: [], remarks: [], problems: [] }
