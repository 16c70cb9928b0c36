// Signed snapshots of a BSM-WS36A meter in JSON, one object for each. The meter signs its data points; what the JSON says beside them has
// to agree with them. docs/formats/bsm.md.
import { unhex } from '../../base/bytes.ts'
import { compareDecimal } from '../../base/decimal.ts'
import { asFault } from '../../base/fault.ts'
import { derToRaw } from '../../crypto/der.ts'
import type { Format, ReadRecord } from '../format.ts'
import { detailsAt, jsonOf, nodeAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import { registerOf } from '../obis.ts'
import type { Marker, MeterRecord, Reading, ReadingTime, RecordSignature, Source } from '../reading.ts'
import { readSnapshot, type Snapshot } from './bsm/points.ts'
import { unitProblem } from './chargeit-unit.ts'

export const bsm: Format = {
  name: 'bsm',
  recognise: (content) => CONTEXT.test(textAt(jsonOf(content), '@context') ?? ''),
  *read(content) {
    yield readOne(jsonOf(content))
  },
}

/** The same under the names of three operators. */
const CONTEXT = /^https:\/\/www\.(?:chargeit-mobility\.com|lichtblick\.de|eneco\.com)\/contexts\/bsm-ws36a-json-v[01]$/

const readOne = (value: JsonNode | undefined): ReadRecord => {
  try {
    return recordOf(value)
  } catch (thrown) {
    return asFault(thrown)
  }
}

const recordOf = (value: JsonNode | undefined): MeterRecord => {
  const snapshot = readSnapshot(value)
  const tags = tagsOf(snapshot)
  const key = textAt(value, 'meterInfo', 'publicKey')
  const events = snapshot.text('Evt')
  return {
    format: 'bsm',
    signed: [{ name: 'snapshot', bytes: snapshot.bytes }],
    signature: signatureOf(textAt(value, 'signature') ?? ''),
    keys: key === undefined ? [] : [key],
    source: sourceOf(snapshot, tags),
    pagination: { series: '', number: Number(snapshot.text('RCnt')) },
    readings: readingsOf(snapshot),
    problems: [...snapshot.problems, ...tags.problems, ...contradictions(value, snapshot), ...contractProblems(value, tags)],
    ...(events === '0' ? {} : { remarks: [`the meter reports events (${events})`] }),
    unsigned: detailsAt(nodeAt(value, 'meterInfo'), 'manufacturer', 'type', 'firmwareVersion').map(({ name, value: text }) => ({
      name: `meterInfo.${name}`,
      value: text,
    })),
    fields: () => snapshot.fields(),
  }
}

/** Typ: 1 and 2 switch the current on and off, 3 and 4 do not. */
const MARKERS: Readonly<Record<string, Marker>> = { 0: 'during', 1: 'begin', 2: 'end', 3: 'begin', 4: 'end' }

const readingsOf = (snapshot: Snapshot): Reading[] => {
  const marker = MARKERS[snapshot.text('Typ')]
  const common = {
    unit: 'Wh',
    time: timeOf(snapshot),
    uptime: Number(snapshot.text('OS')),
    // the clock is not set while a session runs
    logbook: `${snapshot.text('EpochSetCnt')} at ${snapshot.text('EpochSetOS')}`,
    unusable: [],
    ...(marker === undefined ? {} : { marker }),
  } as const
  const { name: register, purpose, preference } = registerOf(RCR, 'Wh')
  const session = { ...common, obis: RCR, register, purpose, value: snapshot.number('RCR') }
  const total = { ...common, obis: TOTAL, register: registerOf(TOTAL, 'Wh').name, value: snapshot.number('TotWhImp') }
  // the total counts in coarser steps: it must not fall, and the bill rests on the other
  return [
    { ...session, ...(preference === undefined ? {} : { preference }) },
    { ...total, purpose: 'billing' },
  ]
}

const RCR = '1-0:1.8.0*198'
const TOTAL = '1-0:1.8.0*255'

const timeOf = (snapshot: Snapshot): ReadingTime => {
  const ms = 1000 * Number(snapshot.text('Epoch'))
  const minutes = Number(snapshot.text('TZO'))
  const size = Math.abs(minutes)
  const two = (number: number): string => String(number).padStart(2, '0')
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
  // an offset may be as wrong as 32 bits allow
  const wall = new Date(ms + 60_000 * (size <= DAY ? minutes : 0)).toISOString().slice(0, 19)
  return { iso: `${wall}${size <= DAY ? offset : 'Z'}`, ms, clock: 'unstated' }
}

const DAY = 1440

interface Tags {
  /** By their names; a tag that says nothing, or `unknown`, is left out. */
  readonly values: ReadonlyMap<string, string>
  readonly problems: readonly string[]
}

const TAGS = ['contract-id', 'evse-id', 'csc-sw-version'] as const

/** The station writes `name: value` into texts that the meter signs; other texts are free. */
const tagsOf = (snapshot: Snapshot): Tags => {
  const values = new Map<string, string>()
  const problems: string[] = []
  for (const point of ['Meta1', 'Meta2', 'Meta3'] as const) {
    const text = snapshot.text(point)
    const name = TAGS.find((tag) => text.startsWith(`${tag}:`))
    if (name === undefined) continue
    if (values.has(name)) problems.push(`${name} is signed twice`)
    values.set(name, text.slice(name.length + 1).trim())
  }
  for (const [name, text] of values) if (text === '' || text === 'unknown') values.delete(name)
  return { values, problems }
}

const sourceOf = (snapshot: Snapshot, { values }: Tags): Source => {
  const entries = {
    meter: snapshot.text('MA1'),
    user: values.get('contract-id') ?? '',
    chargePoint: values.get('evse-id') ?? '',
    firmware: values.get('csc-sw-version') ?? '',
  }
  return Object.fromEntries(Object.entries(entries).filter(([, text]) => text !== ''))
}

/** What the JSON says again beside the data points must be what they say. */
const contradictions = (value: JsonNode | undefined, snapshot: Snapshot): string[] => {
  const problems: string[] = []
  const meter = textAt(value, 'meterInfo', 'meterId')
  if (MARKERS[snapshot.text('Typ')] === undefined) problems.push(`Typ is ${snapshot.text('Typ')}, which is no kind of snapshot`)
  if (Math.abs(Number(snapshot.text('TZO'))) > DAY) problems.push('TZO is longer than a day')
  if (textAt(value, 'measurementId') !== snapshot.text('RCnt')) problems.push('measurementId is not the signed RCnt')
  if (meter !== undefined && meter !== snapshot.text('MA1')) problems.push('meterInfo.meterId is not the signed MA1')
  if (!sameTime(textAt(value, 'time'), timeOf(snapshot))) problems.push('time is not the signed Epoch and TZO')
  if (nodeAt(value, 'value') !== undefined && !sameEnergy(value, snapshot)) problems.push('value is not the signed RCR')
  return [...problems, ...unitProblem('value', textAt(value, 'value', 'measuredValue', 'unit'))]
}

/** A snapshot without a time says so by having none. */
const sameTime = (text: string | undefined, signed: ReadingTime): boolean =>
  text === undefined || text.replace(/\.0+(?=[Z+-])/, '').replace(/Z$/, '+00:00') === signed.iso

const sameEnergy = (value: JsonNode | undefined, snapshot: Snapshot): boolean => {
  const { value: digits = '', scale = '' } = Object.fromEntries(
    ['value', 'scale'].map((name) => [name, textAt(value, 'value', 'measuredValue', name)]),
  )
  if (!/^[0-9]{1,11}$/.test(digits) || !/^-?[0-9]{1,2}$/.test(scale)) return false
  const power = Number(scale)
  const stated = power < 0 ? { digits: BigInt(digits), scale: -power } : { digits: BigInt(digits) * 10n ** BigInt(power), scale: 0 }
  const name = textAt(value, 'value', 'measurand', 'name')
  const unit = textAt(value, 'value', 'measuredValue', 'unitEncoded') ?? WATT_HOUR
  return (name === undefined || name === 'RCR') && unit === WATT_HOUR && compareDecimal(stated, snapshot.number('RCR')) === 0
}

/** DLMS code. */
const WATT_HOUR = '30'

/** A contract beside the data points must be signed in them. */
const contractProblems = (value: JsonNode | undefined, { values }: Tags): string[] => {
  const id = textAt(value, 'contract', 'id')
  if (id === undefined) return []
  const kind = textAt(value, 'contract', 'type')
  const stated = kind === undefined ? id : `${kind}:${id}`
  return values.get('contract-id') === stated ? [] : ['contract is not the signed contract-id']
}

const signatureOf = (text: string): RecordSignature => {
  const algorithm = 'ECDSA-secp256r1-SHA256'
  if (text === '') return { state: 'absent', algorithm, detail: 'there is no signature' }
  try {
    const encoded = unhex(text)
    const raw = derToRaw(encoded, 'secp256r1')
    return { state: 'ready', algorithm, choices: [{ method: { curve: 'secp256r1', hash: 'SHA-256' }, raw }], encoded }
  } catch (thrown) {
    return { state: 'malformed', algorithm, detail: `the signature: ${asFault(thrown).message}` }
  }
}
