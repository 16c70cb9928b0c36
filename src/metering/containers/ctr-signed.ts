// Readings of a charge transparency record that still hold all that their meter signed. What a program once took apart is put together
// again in the format that it came in, and judged there like any other: nothing here is believed. docs/formats/ctr.md.
import { base32, hex, unhex, utf8 } from '../../base/bytes.ts'
import { utcMilliseconds } from '../../base/calendar.ts'
import { asFault, Fault } from '../../base/fault.ts'
import { rawToDer } from '../../crypto/der.ts'
import type { Missing } from '../container.ts'
import type { Content } from '../content.ts'
import { ALFEN_BLOCK } from '../formats/alfen.ts'
import { BSM_POINTS, type PointKind } from '../formats/bsm/points.ts'
import { writeBlock } from '../formats/edl/block.ts'
import { contentOfText, itemsAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import { toldTime } from '../told-time.ts'

export interface Original {
  readonly name: string
  readonly contents: readonly Content[]
}

/**
 * None where the session was signed by a method that is not known here, or holds a reading without a signature, or without the hour that
 * was signed: then nothing is proven.
 */
export const signedReadings = (session: JsonNode, name: string): (Original | Missing)[] => {
  const measurements = itemsAt(session, 'measurements')
  const method = METHODS.get(methodOf(session) ?? methodOf(measurements[0]) ?? '')
  if (method === undefined || measurements.length === 0) return []
  const holds = (value: JsonNode): boolean =>
    hasSignature(value) && (method.clock === 'utc' || OFFSET.test(textAt(value, 'timestamp') ?? ''))
  if (!measurements.every((measurement) => valuesIn(measurement).length > 0 && valuesIn(measurement).every(holds))) return []
  return measurements.flatMap((measurement, index) => written(() => method.write(session, measurement), `${name}.measurements[${index}]`))
}

interface Method {
  /** What the meter signs of the time: where it is the wall clock, a document that kept UTC alone has lost it. */
  readonly clock: 'wall' | 'utc'
  readonly write: Write
}

const OFFSET = /[+-]\d\d:?\d\d$/

/** One text, or one for each reading. */
type Write = (session: JsonNode, measurement: JsonNode) => string | readonly (() => string)[]

const written = (write: () => ReturnType<Write>, name: string): (Original | Missing)[] => {
  try {
    const found = write()
    return typeof found === 'string'
      ? [{ name, contents: [contentOfText(found)] }]
      : found.flatMap((one, index) => written(one, `${name}.values[${index}]`))
  } catch (thrown) {
    return [{ kind: 'missing', name, fault: asFault(thrown) }]
  }
}

const CONTEXT = /^https:\/\/open\.charging\.cloud\/contexts\/(?:Session|EnergyMeter)SignatureFormats\/([\w-]+?)(?:\+json)?$/

const methodOf = (node: JsonNode | undefined): string | undefined => CONTEXT.exec(textAt(node, '@context') ?? '')?.[1]

const valuesIn = (measurement: JsonNode): readonly JsonNode[] => itemsAt(measurement, 'values')

const numbersOf = (value: JsonNode): [r: string, s: string] => {
  const [first] = itemsAt(value, 'signatures')
  return [textAt(first, 'r') ?? '', textAt(first, 's') ?? '']
}

const hasSignature = (value: JsonNode): boolean => numbersOf(value).every((number) => /^[0-9a-f]{1,64}$/i.test(number))

/** Side by side, each with all digits that the curve's numbers have; some programs leave the zeros in front away. */
const signatureOf = (value: JsonNode, digits = P192_DIGITS): string =>
  numbersOf(value)
    .map((number) => number.padStart(digits, '0'))
    .join('')

const P192_DIGITS = 48
const P256_DIGITS = 64

/** What is missing, the format's own reader says. */
const chargeitEmh: Write = (session, measurement) =>
  valuesIn(measurement).map((value) => () => {
    const contract = textAt(session, 'authorizationStart', 'timestamp') ?? textAt(value, 'timestamp')
    return JSON.stringify({
      meterInfo: { meterId: textAt(measurement, 'energyMeterId') },
      contract: { id: textAt(session, 'authorizationStart', '@id') ?? '', timestampLocal: localTime(contract) },
      measurementId: textAt(value, 'paginationId'),
      measurand: { id: obisOf(measurement) },
      measuredValue: {
        timestampLocal: localTime(textAt(value, 'timestamp')),
        value: textAt(value, 'value'),
        unit: textAt(measurement, 'unit'),
        unitEncoded: textAt(measurement, 'unitEncoded'),
        scale: textAt(measurement, 'scale'),
      },
      additionalInfo: {
        status: textAt(value, 'infoStatus') ?? textAt(value, 'statusMeter'),
        indexes: { timer: textAt(value, 'secondsIndex'), logBook: textAt(value, 'logBookIndex') },
      },
      signature: signatureOf(value),
    })
  })

const alfen: Write = (session, measurement) => {
  const values = valuesIn(measurement)
  return values.map((value, index) => () => {
    const block = writeBlock(ALFEN_BLOCK, {
      adapterId: octets(measurement, 'adapterId', 10),
      adapterFirmware: ascii(textAt(measurement, 'adapterFWVersion'), 4),
      adapterChecksum: octets(measurement, 'adapterFWChecksum', 2),
      meterId: octets(measurement, 'energyMeterId', 10),
      // written as a number, most significant digit first
      meterStatus: octets(value, 'statusMeter', 2).reverse(),
      adapterStatus: octets(value, 'statusAdapter', 2).reverse(),
      secondIndex: whole(value, 'secondsIndex'),
      time: timeOf(textAt(value, 'timestamp')).utc,
      obis: unhex(obisOf(measurement)),
      unit: whole(measurement, 'unitEncoded'),
      scaler: whole(measurement, 'scale'),
      value: whole(value, 'value'),
      userId: ascii(textAt(session, 'authorizationStart', '@id') ?? '', 20),
      sessionId: whole(session, 'internalSessionId'),
      paging: whole(value, 'paginationId'),
    }).subarray(0, ALFEN_BLOCK.paging.at + ALFEN_BLOCK.paging.length)
    // the type stands for the place, which nobody signed either
    const type = index === 0 ? '0' : index === values.length - 1 ? '1' : '2'
    return `AP;${type};3;;${base32(block)};${base32(unhex(signatureOf(value)))};`
  })
}

const mennekes: Write = (_, measurement) => {
  const [begin, end, ...others] = valuesIn(measurement)
  if (begin === undefined || end === undefined || others.length > 0)
    throw new Fault('record-malformed', `expected two readings, got ${valuesIn(measurement).length}`)
  const about = ['serverId', 'publicKey', 'customerIdent', 'timestampCustomerIdent'].map((name) => elementOf(measurement, name))
  return `<ChargingProcess>${about.join('')}${measured('MeasurementStart', measurement, begin)}${measured('MeasurementEnd', measurement, end)}</ChargingProcess>`
}

/** Elements of a measurement, by the names that the members have. */
const MEASURED = [
  ['Timestamp', 'timestamp'],
  ['TimestampCustomerIdent', 'timestampCustomerIdent'],
  ['EventCounter', 'eventCounter'],
  ['MeterStatus', 'meterStatusNumber'],
  ['Value', 'value'],
  ['Pagination', 'paginationId'],
  ['SecondIndex', 'secondsIndex'],
] as const

const measured = (name: string, measurement: JsonNode, value: JsonNode): string => {
  // the numbers alone where the two bytes of the logbook are not kept
  const signature = textAt(value, 'originalSignature') ?? signatureOf(value)
  const elements = MEASURED.map(([element, member]) => elementOf(value, member, element))
  return `<${name}>${elements.join('')}<Scaler>${plain(textAt(measurement, 'scale'))}</Scaler><Signature>${plain(signature)}</Signature></${name}>`
}

const elementOf = (node: JsonNode, member: string, name = member.charAt(0).toUpperCase() + member.slice(1)): string => {
  const text = textAt(node, member)
  return text === undefined ? '' : `<${name}>${plain(text)}</${name}>`
}

/** Digits, names and times, of which none is markup. */
const plain = (text = ''): string => {
  if (/^[\w+:.-]*$/.test(text)) return text
  throw unlike('digits or a time', text)
}

/** Units are signed, and the same in every snapshot. */
const bsm: Write = (_, measurement) =>
  valuesIn(measurement).map((value) => () => {
    const points: readonly [string, PointKind][] = Object.entries(BSM_POINTS)
    return JSON.stringify({
      '@context': 'https://www.chargeit-mobility.com/contexts/bsm-ws36a-json-v1',
      meterInfo: { meterId: textAt(measurement, 'energyMeterId') },
      time: textAt(value, 'timestamp'),
      measurementId: textAt(value, 'RCnt'),
      additionalValues: points.map(([name, { form, unit, scaled }]) => {
        const scale = scaled === true ? textAt(value, `${name}_SF`) : '0'
        const number = textAt(value, name)
        return { measurand: { name }, measuredValue: form === 'text' ? { value: number } : { value: number, scale, unitEncoded: unit } }
      }),
      signature: hex(rawToDer(unhex(signatureOf(value, P256_DIGITS)))),
    })
  })

const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['EMHCrypt01', { clock: 'wall', write: chargeitEmh }],
  ['AlfenCrypt01', { clock: 'utc', write: alfen }],
  ['MennekesCrypt01', { clock: 'wall', write: mennekes }],
  ['bsm-ws36a-v0', { clock: 'utc', write: bsm }],
])

const timeOf = (text = ''): { utc: bigint; offset: number } => {
  const utc = toldTime('', text)?.ms
  const wall = utcMilliseconds(text.slice(0, 19))
  if (utc === undefined || wall === undefined) throw unlike('a time', text)
  return { utc: BigInt(Math.floor(utc / 1000)), offset: (wall - Math.floor(utc / 1000) * 1000) / 60_000 }
}

const localTime = (text: string | undefined) => {
  const { utc, offset } = timeOf(text)
  return { timestamp: String(utc), localOffset: String(offset), seasonOffset: '0' }
}

const OBIS = /^(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})\*(\d{1,3})$/

/** Six bytes as hexadecimal digits, out of those or `A-B:C.D.E*F` in decimal. */
const obisOf = (measurement: JsonNode): string => {
  const text = textAt(measurement, 'obis') ?? ''
  if (/^[0-9a-f]{12}$/i.test(text)) return text
  const groups = OBIS.exec(text)?.slice(1).map(Number) ?? []
  if (groups.length === 0 || groups.some((group) => group > 255)) throw unlike('an OBIS code of six numbers', text)
  return groups.map((group) => group.toString(16).padStart(2, '0')).join('')
}

const octets = (node: JsonNode, name: string, length: number): Uint8Array => {
  const text = textAt(node, name) ?? ''
  if (text.length === 2 * length && /^[0-9a-f]+$/i.test(text)) return unhex(text)
  throw unlike(`${2 * length} hexadecimal digits in ${name}`, text)
}

const ascii = (text: string | undefined, length: number): Uint8Array => {
  if (text !== undefined && text.length <= length && /^[\x20-\x7e]*$/.test(text)) return utf8(text)
  throw unlike(`up to ${length} printable characters`, text)
}

const whole = (node: JsonNode, name: string): bigint => {
  const text = textAt(node, name) ?? ''
  if (/^-?\d{1,19}$/.test(text)) return BigInt(text)
  throw unlike(`a whole number in ${name}`, text)
}

const unlike = (expected: string, text = ''): Fault =>
  new Fault('record-malformed', `expected ${expected}, got ${JSON.stringify(text.slice(0, 40))}`)
