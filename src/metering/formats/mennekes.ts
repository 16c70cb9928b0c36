// Mennekes XML: a `ChargingProcess`, or a bill with any number of them. Each holds a begin and an end, whose signed blocks are those of
// EDL40 meters, put together from the elements. docs/formats/mennekes.md.

import { unhex } from '../../base/bytes.ts'
import { utcMilliseconds } from '../../base/calendar.ts'
import { asFault, Fault } from '../../base/fault.ts'
import type { Format, ReadRecord } from '../format.ts'
import type { Marker, UnsignedDetail } from '../reading.ts'
import { elementsNamed, readXml, rootNameOf, straysIn, textIn, type XmlElement } from '../xml.ts'
import { EDL_BLOCK, recordOfBlock, writeBlock } from './edl/block.ts'
import { logbookProblem, readEdlSignature } from './edl/signature.ts'

export const mennekes: Format = {
  name: 'mennekes',
  recognise: ({ text }) => ROOTS.has(rootNameOf(text) ?? ''),
  *read({ text = '' }) {
    const root = readXml(text)
    const processes = elementsNamed(root, 'ChargingProcess')
    if (processes.length === 0) throw new Fault('record-malformed', 'there is no ChargingProcess in it')
    for (const process of processes) yield* readProcess(process)
    yield* straysIn(root, 'ChargingProcess')
  },
}

const ROOTS: ReadonlySet<string> = new Set(['ChargingProcess', 'Billing'])

/** Said by the elements' names, which nobody signed. */
const BOUNDS = { MeasurementStart: 'begin', MeasurementEnd: 'end' } as const satisfies Record<string, Marker>

function* readProcess(process: XmlElement): Generator<ReadRecord> {
  const measurements = process.children.filter(({ name }) => Object.hasOwn(BOUNDS, name))
  if (measurements.length === 0) yield new Fault('record-malformed', 'a ChargingProcess without a measurement')
  for (const measurement of measurements) {
    try {
      yield recordOf(process, measurement, BOUNDS[measurement.name as keyof typeof BOUNDS])
    } catch (thrown) {
      yield asFault(thrown)
    }
  }
}

const recordOf = (process: XmlElement, measurement: XmlElement, label: Marker): ReadRecord => {
  const { signature, logbook } = readEdlSignature(octets(measurement, 'Signature'))
  const counter = Number(integer(measurement, 'EventCounter'))
  // more than the meter's two bytes would be cut to them, as in writeBlock
  if (counter < 0 || counter > 0xffff) throw new Fault('record-malformed', `EventCounter is ${counter}, and two bytes of it are signed`)
  const counted = Uint8Array.of(counter >> 8, counter & 0xff)
  const time = timeIn(measurement, 'Timestamp')
  const said = textIn(measurement, 'TimestampCustomerIdent') === undefined ? process : measurement
  const block = writeBlock(EDL_BLOCK, {
    serverId: octets(process, 'ServerId'),
    time: time.local,
    status: BigInt(integer(measurement, 'MeterStatus')) & 0xffn,
    secondIndex: BigInt(integer(measurement, 'SecondIndex')),
    pagination: BigInt(integer(measurement, 'Pagination')),
    obis: Uint8Array.of(1, 0, 1, 17, 0, 255),
    unit: 30n,
    scaler: BigInt(integer(measurement, 'Scaler')),
    value: BigInt(integer(measurement, 'Value')),
    logbook: logbook ?? counted,
    // empty where nobody had to say who he is
    contractId: textIn(process, 'CustomerIdent') === undefined ? new Uint8Array() : octets(process, 'CustomerIdent'),
    contractTime: timeIn(said, 'TimestampCustomerIdent').local,
  })
  return recordOfBlock(block, {
    format: 'mennekes',
    emoc: false,
    signature,
    keys: textIn(process, 'PublicKey') === undefined ? [] : [octets(process, 'PublicKey')],
    offsetMinutes: time.offsetMinutes,
    label,
    problems: logbookProblem(logbook, counted),
    ...unsignedIn(process),
  })
}

const unsignedIn = (process: XmlElement): { unsigned?: UnsignedDetail[] } => {
  const value = textIn(process, 'MeteringPoint')
  return value === undefined ? {} : { unsigned: [{ name: 'MeteringPoint', value }] }
}

const octets = (element: XmlElement, name: string): Uint8Array => {
  try {
    return unhex(required(element, name).replace(/\s+/g, ''))
  } catch (cause) {
    throw new Fault('record-malformed', `${name} cannot be decoded: ${asFault(cause).message}`, {}, cause)
  }
}

const INTEGER = /^-?[0-9]{1,18}$/

const integer = (element: XmlElement, name: string): string => {
  const text = required(element, name)
  if (!INTEGER.test(text)) throw new Fault('record-malformed', `expected a whole number in ${name}, got ${text.slice(0, 20)}`)
  return text
}

/** ISO 8601 in whole seconds; the wall clock is what was signed. */
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.0+)?(?:Z|([+-])(\d\d):(\d\d))$/

const timeIn = (element: XmlElement, name: string): { local: bigint; offsetMinutes: number } => {
  const text = required(element, name)
  const [, wall, sign, hours = '0', minutes = '0'] = TIME.exec(text) ?? []
  const ms = wall === undefined ? undefined : utcMilliseconds(wall)
  if (ms === undefined || ms < 0) throw new Fault('record-malformed', `expected a time with an offset in ${name}, got ${text.slice(0, 40)}`)
  const size = 60 * Number(hours) + Number(minutes)
  return { local: BigInt(ms / 1000), offsetMinutes: sign === '-' ? -size : size }
}

const required = (element: XmlElement, name: string): string => {
  const text = textIn(element, name)
  if (text === undefined) throw new Fault('record-malformed', `${element.name} lacks ${name}`)
  return text
}
