// Signed meter values of EMH meters as chargeIT wrote them in JSON, one object for each: the signed block is that of EDL40 meters, put
// together from the members. What the container around them says is not asked here. docs/formats/chargeit-emh.md.
import { unhex, utf8 } from '../../base/bytes.ts'
import { asFault, Fault } from '../../base/fault.ts'
import type { Format, ReadRecord } from '../format.ts'
import { detailsAt, jsonOf, nodeAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import type { RecordSignature } from '../reading.ts'
import { unitProblem } from './chargeit-unit.ts'
import { EDL_BLOCK, recordOfBlock, writeBlock } from './edl/block.ts'
import { logbookProblem, readEdlSignature } from './edl/signature.ts'

export const chargeitEmh: Format = {
  name: 'chargeit-emh',
  recognise: (content) => {
    const value = jsonOf(content)
    return nodeAt(value, '@context') === undefined && NAMES.every((name) => nodeAt(value, name) !== undefined)
  },
  *read(content) {
    yield readOne(jsonOf(content))
  },
}

const NAMES = ['measurand', 'measuredValue']

const readOne = (value: JsonNode | undefined): ReadRecord => {
  try {
    return recordOf(value)
  } catch (thrown) {
    return asFault(thrown)
  }
}

const recordOf = (value: JsonNode | undefined): ReadRecord => {
  const measured = localTime(value, 'measuredValue')
  const counted = octets(value, 2, 'additionalInfo', 'indexes', 'logBook')
  const { signature, logbook } = signatureOf(textAt(value, 'signature') ?? '')
  const key = textAt(value, 'meterInfo', 'publicKey')
  const block = writeBlock(EDL_BLOCK, {
    serverId: octets(value, 10, 'meterInfo', 'meterId'),
    time: measured.local,
    status: octets(value, 1, 'additionalInfo', 'status'),
    secondIndex: integer(value, U32, 'additionalInfo', 'indexes', 'timer'),
    // written as a number, most significant digit first
    pagination: BigInt(`0x${hexText(value, 4, 'measurementId')}`),
    obis: octets(value, 6, 'measurand', 'id'),
    unit: integer(value, U8, 'measuredValue', 'unitEncoded'),
    scaler: integer(value, I8, 'measuredValue', 'scale'),
    value: integer(value, I64, 'measuredValue', 'value'),
    logbook: counted,
    contractId: contractId(value),
    contractTime: localTime(value, 'contract').local,
  })
  return recordOfBlock(block, {
    format: 'chargeit-emh',
    emoc: false,
    signature,
    keys: key === undefined ? [] : [key],
    offsetMinutes: measured.offsetMinutes,
    problems: [...logbookProblem(logbook, counted), ...unitProblem('measuredValue', textAt(value, 'measuredValue', 'unit'))],
    unsigned: [...detailsAt(value, 'transactionId', 'timestamp'), ...makerOf(value), ...kindOf(value)],
  })
}

const makerOf = (value: JsonNode | undefined) =>
  detailsAt(nodeAt(value, 'meterInfo'), 'manufacturer', 'type', 'firmwareVersion').map(({ name, value: text }) => ({
    name: `meterInfo.${name}`,
    value: text,
  }))

const kindOf = (value: JsonNode | undefined) => {
  const kind = textAt(value, 'contract', 'type')
  return kind === undefined ? [] : [{ name: 'contract.type', value: kind }]
}

/** These meters sign on P-192 only. */
const signatureOf = (text: string): { signature: RecordSignature; logbook: Uint8Array | undefined } => {
  try {
    const { signature, curve, logbook } = readEdlSignature(unhex(text))
    if (curve !== 'secp256r1') return { signature, logbook }
    return { signature: { state: 'malformed', detail: 'expected a signature of 48 bytes, got 64' }, logbook: undefined }
  } catch (thrown) {
    return { signature: { state: 'malformed', detail: `the signature: ${asFault(thrown).message}` }, logbook: undefined }
  }
}

/** Lowest and highest number that the place in the block can hold. */
type Range = readonly [bigint, bigint]
const U8: Range = [0n, 0xffn]
const I8: Range = [-0x80n, 0x7fn]
const U32: Range = [0n, 0xffff_ffffn]
const I64: Range = [-(2n ** 63n), 2n ** 63n - 1n]
/** Of an offset in minutes: a day either way. */
const OFFSET: Range = [-1440n, 1440n]

const integer = (value: JsonNode | undefined, [least, most]: Range, ...path: readonly string[]): bigint => {
  const text = required(value, path)
  const number = /^-?[0-9]{1,20}$/.test(text) ? BigInt(text) : undefined
  if (number === undefined || number < least || number > most)
    throw new Fault('record-malformed', `expected a whole number from ${least} to ${most} in ${path.join('.')}, got ${text.slice(0, 30)}`)
  return number
}

const hexText = (value: JsonNode | undefined, length: number, ...path: readonly string[]): string => {
  const text = required(value, path)
  if (text.length === 2 * length && /^[0-9a-f]+$/i.test(text)) return text
  throw new Fault('record-malformed', `expected ${2 * length} hexadecimal digits in ${path.join('.')}, got ${text.slice(0, 30)}`)
}

const octets = (value: JsonNode | undefined, length: number, ...path: readonly string[]): Uint8Array =>
  unhex(hexText(value, length, ...path))

/** The text itself is signed, zeros behind it. */
const contractId = (value: JsonNode | undefined): Uint8Array => {
  const text = required(value, ['contract', 'id'])
  const { length } = EDL_BLOCK.contractId
  if (text.length <= length && /^[\x20-\x7e]*$/.test(text)) return utf8(text)
  throw new Fault('record-malformed', `expected up to ${length} printable ASCII characters in contract.id`)
}

/** The meter signs its wall clock: UTC and both offsets. */
const localTime = (value: JsonNode | undefined, name: string): { local: bigint; offsetMinutes: number } => {
  const path = [name, 'timestampLocal'] as const
  const utc = integer(value, U32, ...path, 'timestamp')
  const offset = integer(value, OFFSET, ...path, 'localOffset') + integer(value, OFFSET, ...path, 'seasonOffset')
  const local = utc + 60n * offset
  if (local < 0n || local > 0xffff_ffffn) throw new Fault('record-malformed', `the time in ${path.join('.')} does not fit into the block`)
  return { local, offsetMinutes: Number(offset) }
}

const required = (value: JsonNode | undefined, path: readonly string[]): string => {
  const text = textAt(value, ...path)
  if (text === undefined) throw new Fault('record-malformed', `the signed meter value lacks ${path.join('.')}`)
  return text
}
