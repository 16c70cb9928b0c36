// ChargePoint: a JSON document `secrrct` about a whole session, and its signature in `secrrct.sign` beside it. The document does not say
// which curve; the key does. Two layouts: a short one about energy, and a bill. docs/formats/chargepoint.md.
import { addDecimal, type Decimal, decimalIn, isMeasurable } from '../../base/decimal.ts'
import { asFault, Fault } from '../../base/fault.ts'
import { derToRaw } from '../../crypto/der.ts'
import { type Content, firstOf } from '../content.ts'
import type { Format, ReadRecord } from '../format.ts'
import { jsonFields } from '../json-fields.ts'
import { type JsonNode, readJsonText } from '../json-text.ts'
import { registerOf } from '../obis.ts'
import type { Marker, MeterRecord, Reading, ReadingTime, RecordSignature, SignatureChoice, SignatureMethod, Source } from '../reading.ts'

export const chargepoint: Format = {
  name: 'chargepoint',
  detached: '.sign',
  recognise: ({ text }) => text !== undefined && firstOf(text) === '{' && NAMES.every((name) => text.includes(name)),
  read: (content, beside) => [readOne(content, beside)],
}

const NAMES = ['"station_mac"', '"meter_startreading"', '"meter_endreading"']

const readOne = (content: Content, beside: Content | undefined): ReadRecord => {
  const text = content.text ?? ''
  try {
    const document = readJsonText(text, text.search(/\S/))
    if (document.type !== 'object' || text.slice(document.end).trim() !== '')
      throw new Fault('json-malformed', 'expected one object and nothing behind it')
    return recordOf(content, { document: document.members, signature: signatureOf(beside?.bytes) })
  } catch (thrown) {
    return new Fault('record-malformed', `the ChargePoint document cannot be read: ${asFault(thrown).message}`, {}, thrown)
  }
}

type Members = ReadonlyMap<string, JsonNode>

const recordOf = ({ bytes }: Content, { document, signature }: { document: Members; signature: RecordSignature }): MeterRecord => {
  const problems: string[] = []
  const more = document.get('additional_info')
  const details = more?.type === 'object' ? more.members : document
  const unit = textOf(details, 'energy_units')
  if (unit !== 'Wh' && unit !== 'kWh') problems.push('energy_units is neither Wh nor kWh')
  const times = more?.type === 'object' ? billTimes(document) : { begin: textOf(document, 'start_time'), end: textOf(document, 'end_time') }
  const reading = (marker: Marker & ('begin' | 'end')): Reading =>
    readingOf(
      { marker, unit, value: textOf(details, `meter_${marker === 'begin' ? 'start' : 'end'}reading`), time: times[marker] },
      problems,
    )
  const stated = more?.type === 'object' ? billEnergy(document) : totalEnergy(document, { unit, problems })
  const session = textOf(details, 'session_id')
  return {
    format: 'chargepoint',
    signed: [{ name: 'file', bytes }],
    signature,
    keys: [],
    source: sourceOf(details),
    ...(session === '' ? {} : { session }),
    readings: [reading('begin'), reading('end')],
    problems,
    ...(stated === undefined ? {} : { stated }),
    fields: () => jsonFields(bytes),
  }
}

const textOf = (members: Members, name: string): string => {
  const node = members.get(name)
  return node?.type === 'string' || node?.type === 'number' ? node.text : ''
}

/** The station's address and outlet name the key, in any case and with or without colons or dashes. */
const sourceOf = (details: Members): Source => {
  const outlet = textOf(details, 'outlet')
  const mac = textOf(details, 'station_mac').replace(/[:-]/g, '').toLowerCase()
  const station = mac === '' ? '' : `${mac}_${outlet}`
  const entries = { meter: textOf(details, 'meter_serial'), gateway: station, chargePoint: station, user: textOf(details, 'driver_info') }
  return Object.fromEntries(Object.entries(entries).filter(([, text]) => text !== ''))
}

interface Bound {
  readonly marker: 'begin' | 'end'
  readonly unit: string
  readonly value: string
  readonly time: string
}

const readingOf = ({ marker, unit, value: text, time: seconds }: Bound, problems: string[]): Reading => {
  const { name: register, purpose, preference } = registerOf(undefined, unit)
  const value = measuredIn(text)
  const time = timeOf(seconds)
  if (value === undefined) problems.push(`the reading at the ${marker} is no number`)
  if (time === undefined) problems.push(`the time of the ${marker} is no number of seconds`)
  return {
    register,
    purpose,
    ...(preference === undefined ? {} : { preference }),
    ...(value === undefined ? {} : { value }),
    unit,
    ...(time === undefined ? {} : { time }),
    marker,
    unusable: [],
  }
}

const timeOf = (seconds: string): ReadingTime | undefined => {
  if (!/^[0-9]{1,11}(?:\.[0-9]{1,9})?$/.test(seconds)) return undefined
  const ms = Math.floor(1000 * Number(seconds))
  return { iso: `${new Date(ms).toISOString().slice(0, 19)}+00:00`, ms, clock: 'unstated' }
}

const measuredIn = (text: string): Decimal | undefined => {
  const value = decimalIn(text)
  return value !== undefined && isMeasurable(value) ? value : undefined
}

/** Of the short layout: as it stands there. */
const totalEnergy = (document: Members, { unit, problems }: { unit: string; problems: string[] }): MeterRecord['stated'] => {
  if (!document.has('total_energy')) return undefined
  const value = measuredIn(textOf(document, 'total_energy'))
  if (value === undefined) problems.push('total_energy is no number')
  return value === undefined ? undefined : { value, unit }
}

/** Items of a list of the bill, without its subtotal. */
const itemsOf = (document: Members, name: string): Members[] => {
  const list = document.get(name)
  if (list?.type !== 'array') return []
  return list.items.flatMap((item) => (item.type === 'object' && textOf(item.members, 'seq_num') !== 'SUBTOTAL' ? [item.members] : []))
}

/** From the first second of what was billed to the last. */
const billTimes = (document: Members): Record<'begin' | 'end', string> => {
  const items = [...itemsOf(document, 'energy'), ...itemsOf(document, 'parking')]
  const seconds = (name: string): number[] => items.map((item) => Number(textOf(item, name) || Number.NaN))
  const begin = seconds('start_time_utc').reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const end = seconds('end_time_utc').reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  return { begin: String(begin), end: String(end) }
}

/** An hour in seconds: the price is one of energy. With another, `units` counts something else. */
const HOUR = '3600'

/** Of a bill by energy: `units` are kWh, written as a binary fraction with 17 digits, so they count to the Wh. */
const billEnergy = (document: Members): MeterRecord['stated'] => {
  const items = itemsOf(document, 'energy')
  if (textOf(document, 'display_unit') !== HOUR || items.length === 0) return undefined
  const units = items.map((item) => measuredIn(textOf(item, 'units')))
  const total = units.reduce<Decimal | undefined>((sum, each) => sum && each && addDecimal(sum, each), { digits: 0n, scale: 0 })
  return total === undefined ? undefined : { value: roundedTo(total, 3), unit: 'kWh' }
}

/** Half up. */
const roundedTo = ({ digits, scale }: Decimal, decimals: number): Decimal => {
  if (scale <= decimals) return { digits, scale }
  const unit = 10n ** BigInt(scale - decimals)
  return { digits: (digits + unit / 2n) / unit, scale: decimals }
}

const METHODS: readonly SignatureMethod[] = [
  { curve: 'secp224k1', hash: 'SHA-256' },
  { curve: 'secp256r1', hash: 'SHA-256' },
  { curve: 'secp384r1', hash: 'SHA-384' },
  { curve: 'secp521r1', hash: 'SHA-512' },
]

const signatureOf = (encoded: Uint8Array | undefined): RecordSignature => {
  if (encoded === undefined) return { state: 'absent', detail: 'no file with the signature lies beside it' }
  const faults: Fault[] = []
  const choices = METHODS.flatMap((method): SignatureChoice[] => {
    try {
      return 'curve' in method ? [{ method, raw: derToRaw(encoded, method.curve) }] : []
    } catch (thrown) {
      faults.push(asFault(thrown))
      return []
    }
  })
  if (choices.length > 0) return { state: 'ready', choices, encoded }
  return { state: 'malformed', detail: `the signature: ${faults.at(-1)?.message}`, encoded }
}
