// The one message of an SML telegram that meters sign: GetList.Res, with its list of values. What the values are called in a format
// is said there.
import { equal, unhex } from '../../../base/bytes.ts'
import { asFault, Fault } from '../../../base/fault.ts'
import type { Content } from '../../content.ts'
import type { ReadRecord } from '../../format.ts'
import { numberIn, octetsIn, readSml, type SmlNode, telegramsIn } from './sml.ts'

export interface Telegram {
  readonly serverId: Uint8Array
  readonly listName: Uint8Array
  /** Of the sensor; seconds of the second index, or a time. */
  readonly sensorTime: SmlTime | undefined
  /** The value of an OBIS code, twelve hexadecimal digits. */
  entry(obis: string): Entry | undefined
  readonly signature: Uint8Array
  readonly crcFits: boolean
}

export interface Entry {
  readonly obis: Uint8Array
  readonly status: bigint | undefined
  readonly time: SmlTime | undefined
  readonly unit: number | undefined
  readonly scaler: number | undefined
  readonly value: SmlNode
  readonly signature: Uint8Array | undefined
}

export interface SmlTime {
  /** 1 seconds since some start, 2 seconds since 1970, 3 the same with offsets of the place. */
  readonly choice: number
  readonly seconds: number
  /** Offset and season together; 0 where the choice has none. */
  readonly offsetMinutes: number
}

/** A record of each telegram in the content; one that cannot be read is a fault in its place. */
export function* recordsIn(content: Content, recordOf: (telegram: Telegram) => ReadRecord): Generator<ReadRecord> {
  for (const each of telegramsIn(content)) {
    try {
      yield recordOf(readTelegram(each))
    } catch (thrown) {
      yield asFault(thrown)
    }
  }
}

/** @throws Fault `record-malformed` */
export const readTelegram = (content: Content): Telegram => {
  const { messages, crcFits } = readSml(content)
  const bodies = messages.flatMap((message) => (bodyOf(message) === undefined ? [] : [bodyOf(message)]))
  const [body, second] = bodies
  if (body?.kind !== 'list' || second !== undefined) throw malformed(`expected one GetList.Res, got ${bodies.length}`)
  const [, serverId, listName, sensorTime, values, signature] = body.items
  const entries = values?.kind === 'list' ? values.items.map(entryOf) : []
  if (entries.length === 0) throw malformed('the list holds no values')
  return {
    serverId: octetsIn(serverId) ?? new Uint8Array(),
    listName: octetsIn(listName) ?? new Uint8Array(),
    sensorTime: timeIn(sensorTime),
    entry: (obis) => onlyOne(entries.filter((entry) => equal(entry.obis, unhex(obis)))),
    signature: octetsIn(signature) ?? new Uint8Array(),
    crcFits,
  }
}

/** A value is worth reading only where it is there once. */
const onlyOne = (entries: readonly Entry[]): Entry | undefined => {
  if (entries.length > 1) throw malformed('a value stands in the list twice')
  return entries[0]
}

/** Also of a time inside a time, which is how EDL40 meters write the second index. */
export const timeIn = (node: SmlNode | undefined): SmlTime | undefined => {
  if (node?.kind !== 'list' || node.items.length !== 2) return undefined
  const [first, rest] = node.items
  const choice = Number(numberIn(first) ?? 0n)
  if (rest?.kind === 'list' && rest.items.length === 2) return timeIn(rest)
  if (rest?.kind !== 'list') return timeOf(choice, rest, 0)
  const [seconds, offset, season] = rest.items
  return timeOf(choice, seconds, Number((numberIn(offset) ?? 0n) + (numberIn(season) ?? 0n)))
}

const timeOf = (choice: number, node: SmlNode | undefined, offsetMinutes: number): SmlTime | undefined => {
  const seconds = numberIn(node)
  // SML_Time is Unsigned32 (BSI TR-03109-1 annex IV): more would be cut where it is signed, and shown whole by others
  if (seconds !== undefined && BigInt.asUintN(32, seconds) !== seconds) throw malformed('a time of more than 32 bits')
  return seconds === undefined ? undefined : { choice, seconds: Number(seconds), offsetMinutes }
}

/** SML_GetList.Res */
const GET_LIST_RESPONSE = 0x0701n

const bodyOf = (message: SmlNode): SmlNode | undefined => {
  if (message.kind !== 'list') return undefined
  const choice = message.items[3]
  if (choice?.kind !== 'list') return undefined
  const [tag, body] = choice.items
  return numberIn(tag) === GET_LIST_RESPONSE ? body : undefined
}

const entryOf = (node: SmlNode): Entry => {
  const [obis, status, time, unit, scaler, value, signature] = node.kind === 'list' ? node.items : []
  const code = octetsIn(obis)
  if (code?.length !== 6 || value === undefined) throw malformed('a value without an OBIS code')
  return {
    obis: code,
    status: numberIn(status),
    time: timeIn(time),
    unit: small(unit),
    scaler: small(scaler),
    value,
    signature: octetsIn(signature),
  }
}

const small = (node: SmlNode | undefined): number | undefined => {
  const value = numberIn(node)
  return value === undefined ? undefined : Number(value)
}

const malformed = (why: string): Fault => new Fault('record-malformed', `the SML telegram cannot be read: ${why}`)
