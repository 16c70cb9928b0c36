// The block of 320 bytes that EDL40 meters and their kin sign, whatever the file around it looks like: its layout, and the record that it
// says. Everything is read out of the signed bytes themselves; of what stands around them only the offset of the local time is used.
import { hex } from '../../../base/bytes.ts'
import { Fault } from '../../../base/fault.ts'
import { type BlockField, blockFields, blockHex, blockNumber } from '../../block.ts'
import type { FormatName, Marker, MeterRecord, Reading, RecordSignature } from '../../reading.ts'
import { readingAt } from './reading.ts'

export const BLOCK_BYTES = 320

/** What follows the last field is zero. */
export const EDL_BLOCK = {
  serverId: { at: 0, length: 10, form: 'hex', meaning: 'number of the meter' },
  time: { at: 10, length: 4, form: 'unsigned', meaning: 'local time of the reading, seconds since 1970' },
  status: { at: 14, length: 1, form: 'hex', meaning: 'status of the meter' },
  secondIndex: { at: 15, length: 4, form: 'unsigned', meaning: 'seconds that the meter has run' },
  pagination: { at: 19, length: 4, form: 'unsigned', meaning: 'number of the signed record' },
  obis: { at: 23, length: 6, form: 'hex', meaning: 'which register (OBIS)' },
  unit: { at: 29, length: 1, form: 'unsigned', meaning: 'unit, 30 is Wh' },
  scaler: { at: 30, length: 1, form: 'signed', meaning: 'power of ten of the value' },
  value: { at: 31, length: 8, form: 'signed', meaning: 'reading of the register' },
  logbook: { at: 39, length: 2, form: 'hex', meaning: "number of entries in the meter's logbook" },
  contractId: { at: 41, length: 128, form: 'hex', meaning: 'who charges' },
  contractTime: { at: 169, length: 4, form: 'unsigned', meaning: 'local time at which that was set, seconds since 1970' },
} as const satisfies Record<string, BlockField>

export const EMOC_BLOCK = {
  ...EDL_BLOCK,
  historicValue: { at: 173, length: 8, form: 'signed', meaning: 'reading of the register, kept from before' },
  compensatedValue: { at: 181, length: 8, form: 'signed', meaning: 'reading with the losses of the cable taken off' },
  lineResistance: { at: 189, length: 2, form: 'unsigned', meaning: 'resistance of the cable' },
  stopwatch: { at: 191, length: 4, form: 'unsigned', meaning: 'seconds on the stopwatch' },
  price: { at: 195, length: 2, form: 'hex', meaning: 'price, as the meter was told' },
} as const satisfies Record<string, BlockField>

/**
 * Octets as they are, zeros behind them; numbers little-endian; a field that is not named is zero.
 * @throws Fault `record-malformed` on what does not fit: cut, it would be signed, and another reader would show all of it
 */
export const writeBlock = <Name extends string>(
  table: Readonly<Record<Name, BlockField>>,
  values: Readonly<Partial<Record<Name, Uint8Array | bigint>>>,
): Uint8Array => {
  const block = new Uint8Array(BLOCK_BYTES)
  for (const name of Object.keys(table) as Name[]) {
    const field = table[name]
    const value = values[name] ?? 0n
    if (!fits(value, field))
      throw new Fault('record-malformed', `${name} does not fit into the ${field.length} bytes that are signed of it`)
    block.set(typeof value === 'bigint' ? littleEndian(value, field.length) : value, field.at)
  }
  return block
}

export interface BlockRecord {
  readonly format: FormatName
  /** An EMOC meter sets the time of the contract at every reading, and says in front of the contract's name whether it begins or ends. */
  readonly emoc: boolean
  readonly signature: RecordSignature
  readonly keys: readonly (string | Uint8Array)[]
  /** Of the local times, where the file says it; not signed. */
  readonly offsetMinutes?: number
  /** What is wrong with the file around the block. */
  readonly problems: readonly string[]
  readonly remarks?: readonly string[]
  /** Its place in the session by the words around it. */
  readonly label?: Marker
  readonly unsigned?: MeterRecord['unsigned']
}

export const recordOfBlock = (block: Uint8Array, parts: BlockRecord): MeterRecord => {
  const { format, emoc, signature, keys, unsigned, label, offsetMinutes } = parts
  const problems = [...parts.problems]
  const status = block[EDL_BLOCK.status.at] ?? 0
  const remarks = [...(parts.remarks ?? []), ...(status & MAGNETIC ? ['the meter reports a strong magnetic field'] : [])]
  // nothing else that is signed is the same in all records of one charging, and other in the next
  const session = emoc ? 0n : blockNumber(block, EDL_BLOCK.contractTime)
  const user = contractText(block.subarray(41, 169))
  const marker = emoc ? PHASES[block[41] ?? 0] : undefined
  const clock = status & CLOCK_SYNCHRONOUS ? 'synchronised' : 'informative'
  const secondsRun = Number(blockNumber(block, EDL_BLOCK.secondIndex))
  const about: Partial<Reading> = {
    // in a telegram it stands behind the signature and nowhere else
    ...(signature.state === 'ready' ? { logbook: blockHex(block, EDL_BLOCK.logbook) } : {}),
    status: { text: blockHex(block, EDL_BLOCK.status), good: (status & ERROR) === 0 },
    ...(marker === undefined ? {} : { marker }),
    ...(label === undefined ? {} : { label }),
  }
  return {
    format,
    signed: [{ name: 'block', bytes: block }],
    signature,
    keys,
    source: { meter: blockHex(block, EDL_BLOCK.serverId).toUpperCase(), ...(user === '' ? {} : { user }) },
    ...(session === 0n ? {} : { session: String(session) }),
    pagination: { series: '', number: Number(blockNumber(block, EDL_BLOCK.pagination)), ...(session === 0n ? { unbroken: true } : {}) },
    readings: [{ ...readingAt(block, EDL_BLOCK, { offsetMinutes, clock, secondsRun, problems }), ...about }],
    problems,
    ...(remarks.length === 0 ? {} : { remarks }),
    ...(unsigned === undefined ? {} : { unsigned }),
    fields: () => blockFields(block, emoc ? EMOC_BLOCK : EDL_BLOCK),
  }
}

// status bits of EMH meters, whose block this is
const ERROR = 0x01
const CLOCK_SYNCHRONOUS = 0x08
const MAGNETIC = 0x40
/** First byte of the contract's name in an EMOC. */
const PHASES: Readonly<Record<number, Marker>> = { 1: 'begin', 2: 'end' }

/** Text where it is one, hexadecimal digits otherwise; a control byte in front is the phase of an EMOC and not of the name. */
export const contractText = (bytes: Uint8Array): string => {
  const last = bytes.findLastIndex((byte) => byte !== 0)
  const whole = bytes.subarray(0, last + 1)
  const bare = whole.length > 1 && (whole[0] ?? 0) < 0x20 && printable(whole.subarray(1)) ? whole.subarray(1) : whole
  return printable(bare) ? String.fromCharCode(...bare) : hex(bare)
}

const printable = (bytes: Uint8Array): boolean => bytes.every((byte) => byte >= 0x20 && byte < 0x7f)

const fits = (value: Uint8Array | bigint, { length, form }: BlockField): boolean => {
  if (typeof value !== 'bigint') return value.length <= length
  return (form === 'signed' ? BigInt.asIntN(8 * length, value) : BigInt.asUintN(8 * length, value)) === value
}

const littleEndian = (value: bigint, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
