// What messages of OCPP say in numbers beside a signed value, which nobody signed: the sampled value of 2.x, and the meter's last one in a
// StopTransaction of 1.6. Where a bill rests on them they are compared with the session (transparency/checks/counts.ts), elsewhere here.
import { type Decimal, roundsTo, scaleDecimal } from '../../base/decimal.ts'
import type { Beside } from '../beside.ts'
import { textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import type { MeterRecord, ToldCount } from '../reading.ts'
import { LIKE_ENERGY, toldNumber } from '../told-number.ts'

type Said = Required<Pick<Beside, 'counts' | 'remarks' | 'problems'>>

interface Around {
  readonly sample: JsonNode | undefined
  readonly stops: readonly JsonNode[]
  readonly meterStart: string | undefined
}

export const saidBeside = (around: Around, record: MeterRecord): Said => {
  const { counts, remarks } = besideSample(around.sample, record)
  const stops = [...new Set(around.stops.map(stopText))].map((stop) => stopCount(stop, around.meterStart))
  // who reads something in it reads what nobody has compared
  const problems = stops.includes('odd') ? [ODD_STOP] : []
  return { counts: [...counts, ...stops.filter(isCount)], remarks, problems }
}

export const ODD_STOP = 'meterStop is not one number'

/** Empty where nobody says one; several of them, as an envelope may have, are none that can be read. */
export const stopText = (node: JsonNode): string => (node.type === 'literal' ? '' : (textAt(node) ?? '?').trim())

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

/**
 * OCPP 1.6 §6.49: Wh of the whole meter, at the end of the session of whichever records the message carries: the end itself may have come
 * earlier. Zero is what stations write that have none.
 */
export const stopCount = (stop: string, meterStart: string | undefined): ToldCount | 'odd' | undefined => {
  if (stop !== '' && toldNumber(stop) === undefined) return 'odd'
  const value = countOf(stop)
  return value === undefined ? undefined : { name: 'meterStop', value, unit: 'Wh', place: 'end', by: 'message', since: countOf(meterStart) }
}

const isCount = (count: ReturnType<typeof stopCount>): count is ToldCount => typeof count === 'object'

const countOf = (text: string | undefined): Decimal | undefined => {
  const value = toldNumber(text)
  return value?.digits === 0n ? undefined : value
}

/**
 * The number beside a signed value of 2.x is the same reading (OCPP 2.1 Part 2, SampledValueType). Stations round it, take it a moment before,
 * and some write none, so it warns; where it is of something else than energy it cannot be compared. But a bill rests on the first and the
 * last.
 */
const besideSample = (sample: JsonNode | undefined, { readings }: MeterRecord): Said => {
  const count = sample === undefined ? undefined : sampleCount(sample)
  if (count === undefined) return NOTHING
  const { value: told, unit } = count
  const signed = readings.flatMap((reading) => (reading.value === undefined ? [] : [inUnit(reading.value, reading.unit, unit)]))
  const same = signed.length === 0 || signed.some((exact) => exact !== undefined && roundsTo(exact, told, unit === 'kWh' ? 3 : 0))
  const place = count.place ?? signedPlace(readings, same)
  if (place !== undefined) return { ...NOTHING, counts: [{ ...count, place }] }
  return {
    ...NOTHING,
    remarks: same ? [] : [`${count.name} is ${textAt(sample, 'value')?.slice(0, LONG)} ${unit}, which is not what is signed`],
  }
}

/** Of a number that is told again: it may have any number of digits. */
const LONG = 60

type SampleCount = Omit<ToldCount, 'place'> & { readonly place: ToldCount['place'] | undefined }

/** The number in a sampled value; undefined where it is not of energy, or zero. */
export const sampleCount = (sample: JsonNode): SampleCount | undefined => {
  const value = toldNumber(textAt(sample, 'value'), textAt(sample, 'unitOfMeasure', 'multiplier'))
  if (value === undefined || value.digits === 0n || spelled(textAt(sample, 'measurand') ?? ENERGY) !== ENERGY) return undefined
  const unit = unitOf(textAt(sample, 'unitOfMeasure', 'unit') ?? textAt(sample, 'unit') ?? 'Wh')
  return unit === undefined ? undefined : { name: 'the value beside it', value, unit, place: placeNamed(sample), by: 'sample' }
}

const placeNamed = (sample: JsonNode | undefined): ToldCount['place'] | undefined => PLACES.get(spelled(textAt(sample, 'context') ?? ''))

/** Words of OCPP, which some programs read without regard to case. */
export const spelled = (word: string): string => word.trim().toLowerCase()

const PLACES: ReadonlyMap<string, ToldCount['place']> = new Map([
  ['transaction.begin', 'begin'],
  ['transaction.end', 'end'],
])

/** Where no context names the place, the meter does. One that says the same as another reading of its record may be of that one. */
const signedPlace = (readings: MeterRecord['readings'], same: boolean): ToldCount['place'] | undefined => {
  const markers = new Set(readings.map(({ marker }) => marker))
  const [only] = markers
  if (markers.size === 1) return only === 'begin' || only === 'end' ? only : undefined
  return markers.has('end') && !same ? 'end' : undefined
}

/** What looks like a unit of energy and is none of OCPP is taken for one: a reader would. */
const unitOf = (name: string): 'Wh' | 'kWh' | undefined => (spelled(name) === 'wh' ? 'Wh' : LIKE_ENERGY.test(name) ? 'kWh' : undefined)

/** The measurand's default where a sampled value names none. */
const ENERGY = 'energy.active.import.register'

const inUnit = (value: Decimal, from: string, to: 'Wh' | 'kWh'): Decimal | undefined => {
  if (from === to) return value
  return from === 'kWh' ? scaleDecimal(value, 3) : from === 'Wh' ? scaleDecimal(value, -3) : undefined
}

const NOTHING: Said = { counts: [], remarks: [], problems: [] }
