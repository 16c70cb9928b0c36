// EDL40 telegrams of EMH meters and their kin, in SML: the block that was signed is put together from the telegram's values. With a
// signature on P-256 the meter is an EMOC, whose block holds five more values and another order of status bits.
// Layout and OBIS codes: docs/formats/edl40.md.
import type { Format } from '../format.ts'
import type { MeterRecord } from '../reading.ts'
import { EMOC_BLOCK, recordOfBlock, writeBlock } from './edl/block.ts'
import { readEdlSignature } from './edl/signature.ts'
import { isSml, numberIn, octetsIn } from './edl/sml.ts'
import { type Entry, recordsIn, type SmlTime, type Telegram, timeIn } from './edl/telegram.ts'

export const edl40: Format = {
  name: 'edl40',
  recognise: isSml,
  read: (content) => recordsIn(content, recordOf),
}

// OBIS codes as hexadecimal digits
const TRANSACTION_ENERGY = '0100011100ff'
const TOTAL_ENERGY = '0100010800ff'
const PAGINATION = '8180817101ff'
const SECOND_INDEX = '810060080001'
const CONTRACT = '8182815401ff'

/** Values of an EMOC that stand in no EDL40 block. */
const EMOC_VALUES = {
  historicValue: '010001110064',
  compensatedValue: '0100011100c8',
  lineResistance: '00af6c6c72ff',
  stopwatch: '00af647572ff',
  price: '00af707263ff',
} as const

/** Bit of the signed status byte <- bit of the telegram's status. */
const EMOC_STATUS = [
  [0, 17],
  [3, 31],
  [4, 16],
  [5, 11],
  [6, 9],
  [7, 8],
] as const

const recordOf = (telegram: Telegram): MeterRecord => {
  const problems: string[] = []
  const energy = telegram.entry(TRANSACTION_ENERGY) ?? telegram.entry(TOTAL_ENERGY)
  if (energy === undefined) problems.push('there is no register of energy in it')
  const { signature, curve, logbook } = readEdlSignature(telegram.signature)
  const emoc = curve === 'secp256r1'
  const block = blockOf(telegram, { energy, logbook, emoc })
  return recordOfBlock(block, {
    format: emoc ? 'emoc' : 'edl40',
    emoc,
    signature,
    keys: [],
    ...offsetOf(energy?.time),
    problems,
    remarks: telegram.crcFits ? [] : ['the checksum of the telegram does not fit'],
  })
}

const offsetOf = (time: SmlTime | undefined): { offsetMinutes?: number } =>
  time?.choice === 3 ? { offsetMinutes: time.offsetMinutes } : {}

const blockOf = (telegram: Telegram, parts: { energy: Entry | undefined; logbook: Uint8Array | undefined; emoc: boolean }): Uint8Array => {
  const { energy, logbook, emoc } = parts
  const contract = telegram.entry(CONTRACT)
  const status = energy?.status ?? 0n
  return writeBlock(EMOC_BLOCK, {
    serverId: telegram.serverId,
    time: localSeconds(energy?.time),
    status: emoc ? emocStatus(status) : status & 0xffn,
    secondIndex: secondsIn(telegram.entry(SECOND_INDEX)),
    pagination: numberIn(telegram.entry(PAGINATION)?.value) ?? 0n,
    obis: energy?.obis ?? new Uint8Array(6),
    unit: BigInt(energy?.unit ?? 0),
    scaler: BigInt(energy?.scaler ?? 0),
    value: numberIn(energy?.value) ?? 0n,
    logbook: logbook ?? 0n,
    contractId: octetsIn(contract?.value) ?? new Uint8Array(),
    contractTime: localSeconds(contract?.time),
    ...(emoc ? emocValues(telegram) : {}),
  })
}

/** A time, or only the number of it. */
const secondsIn = (entry: Entry | undefined): bigint => numberIn(entry?.value) ?? BigInt(timeIn(entry?.value)?.seconds ?? 0)

/** UTC and the offset of the place, as the meter adds them before it signs: in 32 bits, whatever an unset clock makes of it. */
const localSeconds = (time: SmlTime | undefined): bigint =>
  time === undefined ? 0n : BigInt.asUintN(32, BigInt(time.seconds + 60 * time.offsetMinutes))

const emocStatus = (status: bigint): bigint =>
  EMOC_STATUS.reduce((byte, [to, from]) => byte | (((status >> BigInt(from)) & 1n) << BigInt(to)), 0n)

const emocValues = (telegram: Telegram): Partial<Record<keyof typeof EMOC_VALUES, bigint>> =>
  Object.fromEntries(Object.entries(EMOC_VALUES).map(([name, obis]) => [name, numberIn(telegram.entry(obis)?.value) ?? 0n]))
