// ISA-EDL40 telegrams of Isabellenhütte meters, in SML: each holds the begin of the session and the present reading, so that a STOP
// telegram alone is a whole session. The block of 320 bytes has its own layout. Layout and OBIS codes: docs/formats/isa-edl40.md.
import { hex } from '../../base/bytes.ts'
import { type BlockField, blockFields, blockHex, blockNumber } from '../block.ts'
import type { Content } from '../content.ts'
import type { Format } from '../format.ts'
import type { Marker, MeterRecord, Reading } from '../reading.ts'
import { contractText, writeBlock } from './edl/block.ts'
import { type ReadingPlaces, readingAt } from './edl/reading.ts'
import { readEdlSignature } from './edl/signature.ts'
import { isSml, numberIn, octetsIn } from './edl/sml.ts'
import { type Entry, recordsIn, type Telegram } from './edl/telegram.ts'

export const isaEdl40: Format = {
  name: 'isa-edl40',
  recognise: (content) => isSml(content) && LIST_NAME.test(beginning(content)),
  read: (content) => recordsIn(content, recordOf),
}

const beginning = ({ bytes, text }: Content): string =>
  text === undefined ? hex(bytes.subarray(0, 1024)) : text.slice(0, 4096).replace(/\s+/g, '').toLowerCase()

/** No other meter's telegrams have a list of such a name. */
const LIST_NAME = /81808162(?:00|01|02)ff/

// OBIS codes as hexadecimal digits
const START_ENERGY = '010001080080'
const ACTUAL_ENERGY = '0100010800ff'
const PAGINATION = '8180c7f040ff'
const CONTRACT = '8182815401ff'
const ESTH = '8180816101ff'

/** The list's name says which telegram it is. */
const KINDS = { '8180816200ff': 'begin', '8180816201ff': 'during', '8180816202ff': 'end' } as const satisfies Record<string, Marker>

const recordOf = (telegram: Telegram): MeterRecord => {
  const problems: string[] = []
  const kind = Object.entries(KINDS).find(([name]) => name === hex(telegram.listName))?.[1]
  if (kind === undefined) problems.push(`no telegram of a session is called ${hex(telegram.listName)}`)
  const [start, actual] = [START_ENERGY, ACTUAL_ENERGY].map((obis) => telegram.entry(obis))
  if (start === undefined || actual === undefined) problems.push('the reading of the begin or the present one is missing')
  const { signature, logbook } = readEdlSignature(telegram.signature)
  const block = blockOf(telegram, { start, actual, logbook })
  const offsetMinutes = telegram.sensorTime?.choice === 3 ? telegram.sensorTime.offsetMinutes : undefined
  const user = contractText(block.subarray(99, 227))
  return {
    format: 'isa-edl40',
    signed: [{ name: 'block', bytes: block }],
    signature,
    keys: [],
    source: { meter: blockHex(block, ISA_BLOCK.serverId).toUpperCase(), ...(user === '' ? {} : { user }) },
    session: `${blockNumber(block, ISA_BLOCK.startTime)} ${blockNumber(block, ISA_BLOCK.startValue)}`,
    pagination: { series: '', number: Number(blockNumber(block, ISA_BLOCK.pagination)) },
    readings: readingsOf(block, { kind, offsetMinutes, problems }).map((reading) =>
      signature.state === 'ready' ? { ...reading, logbook: blockHex(block, ISA_BLOCK.logbook) } : reading,
    ),
    problems,
    ...(telegram.crcFits ? {} : { remarks: ['the checksum of the telegram does not fit'] }),
    fields: () => blockFields(block, ISA_BLOCK),
  }
}

export const ISA_BLOCK = {
  serverId: { at: 0, length: 10, form: 'hex', meaning: 'number of the meter' },
  actualTime: { at: 10, length: 4, form: 'unsigned', meaning: 'local time of the reading, seconds since 1970' },
  actualStatus: { at: 14, length: 1, form: 'hex', meaning: 'status of the meter' },
  actualObis: { at: 15, length: 6, form: 'hex', meaning: 'which register (OBIS)' },
  actualUnit: { at: 21, length: 1, form: 'unsigned', meaning: 'unit, 30 is Wh' },
  actualScaler: { at: 22, length: 1, form: 'signed', meaning: 'power of ten of the value' },
  actualValue: { at: 23, length: 8, form: 'signed', meaning: 'reading of the register' },
  logbook: { at: 31, length: 2, form: 'hex', meaning: "number of entries in the meter's logbook" },
  actualSignature: { at: 33, length: 66, form: 'hex', meaning: 'signature of the reading by itself' },
  contractId: { at: 99, length: 128, form: 'hex', meaning: 'who charges' },
  startTime: { at: 227, length: 4, form: 'unsigned', meaning: 'local time of the begin, seconds since 1970' },
  esth: { at: 231, length: 20, form: 'hex', meaning: 'state of the meter at the begin' },
  startStatus: { at: 251, length: 1, form: 'hex', meaning: 'status of the meter at the begin' },
  startObis: { at: 252, length: 6, form: 'hex', meaning: 'which register at the begin (OBIS)' },
  startUnit: { at: 258, length: 1, form: 'unsigned', meaning: 'unit at the begin, 30 is Wh' },
  startScaler: { at: 259, length: 1, form: 'signed', meaning: 'power of ten of the value at the begin' },
  startValue: { at: 260, length: 8, form: 'signed', meaning: 'reading of the register at the begin' },
  listName: { at: 268, length: 6, form: 'hex', meaning: 'start, update or stop' },
  pagination: { at: 274, length: 4, form: 'unsigned', meaning: 'number of the signed record' },
} as const satisfies Record<string, BlockField>

const blockOf = (telegram: Telegram, parts: { start: Entry | undefined; actual: Entry | undefined; logbook: Uint8Array | undefined }) => {
  const { start, actual, logbook } = parts
  return writeBlock(ISA_BLOCK, {
    serverId: telegram.serverId,
    // times of these meters are local already
    actualTime: BigInt(actual?.time?.seconds ?? 0),
    actualStatus: (actual?.status ?? 0n) & 0xffn,
    actualObis: actual?.obis ?? 0n,
    actualUnit: BigInt(actual?.unit ?? 0),
    actualScaler: BigInt(actual?.scaler ?? 0),
    actualValue: numberIn(actual?.value) ?? 0n,
    logbook: logbook ?? 0n,
    actualSignature: actual?.signature ?? 0n,
    contractId: octetsIn(telegram.entry(CONTRACT)?.value) ?? 0n,
    startTime: BigInt(start?.time?.seconds ?? 0),
    esth: octetsIn(telegram.entry(ESTH)?.value) ?? 0n,
    startStatus: (start?.status ?? 0n) & 0xffn,
    startObis: start?.obis ?? 0n,
    startUnit: BigInt(start?.unit ?? 0),
    startScaler: BigInt(start?.scaler ?? 0),
    startValue: numberIn(start?.value) ?? 0n,
    listName: telegram.listName,
    pagination: numberIn(telegram.entry(PAGINATION)?.value) ?? 0n,
  })
}

const START: ReadingPlaces = {
  time: ISA_BLOCK.startTime,
  obis: ISA_BLOCK.startObis,
  unit: ISA_BLOCK.startUnit,
  scaler: ISA_BLOCK.startScaler,
  value: ISA_BLOCK.startValue,
}
const ACTUAL: ReadingPlaces = {
  time: ISA_BLOCK.actualTime,
  obis: ISA_BLOCK.actualObis,
  unit: ISA_BLOCK.actualUnit,
  scaler: ISA_BLOCK.actualScaler,
  value: ISA_BLOCK.actualValue,
}

/** A START telegram repeats its one reading as the present one. */
const readingsOf = (
  block: Uint8Array,
  { kind, ...about }: { kind: Marker | undefined; offsetMinutes: number | undefined; problems: string[] },
): Reading[] => {
  const circumstances = { ...about, clock: 'unstated' } as const
  const begin: Reading = { ...readingAt(block, START, circumstances), marker: 'begin' }
  if (kind === 'begin') return [begin]
  return [begin, { ...readingAt(block, ACTUAL, circumstances), ...(kind === undefined ? {} : { marker: kind }) }]
}
