// Alfen: a line `AP;type;3;key;data;signature;` in which 82 bytes of data are signed on P-192. docs/formats/alfen.md draws the block.
// The type is not signed; the adapter's status, which is, says the same.
import { unbase32 } from '../../base/bytes.ts'
import { isMeasurable, scaleDecimal } from '../../base/decimal.ts'
import { asFault, Fault } from '../../base/fault.ts'
import { pieces } from '../../base/texts.ts'
import { type BlockField, blockFields, blockHex, blockNumber, blockObis, blockText } from '../block.ts'
import type { Format, ReadRecord } from '../format.ts'
import { registerOf } from '../obis.ts'
import type { Marker, MeterRecord, Reading, ReadingTime, RecordSignature } from '../reading.ts'

export const alfen: Format = {
  name: 'alfen',
  recognise: ({ text }) => text !== undefined && /^\s*"?AP;/.test(text),
  *read({ text = '' }) {
    for (const line of pieces(text, LINE_END)) {
      const bare = line.trim().replace(/^"|"$/g, '')
      if (bare !== '') yield readLine(bare)
    }
  },
}

/** Also where one line begins behind the last semicolon of another: some programs put a session into one. */
const LINE_END = /\r\n|\r|\n|(?<=;)[ \t",]*(?=AP;[^;]{0,4};3;)/g

/** All of the signed bytes, in their order. */
export const ALFEN_BLOCK = {
  adapterId: { at: 0, length: 10, form: 'hex', meaning: 'serial of the adapter that signs' },
  adapterFirmware: { at: 10, length: 4, form: 'text', meaning: 'firmware version of the adapter' },
  adapterChecksum: { at: 14, length: 2, form: 'hex', meaning: 'checksum of that firmware' },
  meterId: { at: 16, length: 10, form: 'hex', meaning: 'serial of the meter' },
  meterStatus: { at: 26, length: 2, form: 'unsigned', meaning: 'status bits of the meter' },
  adapterStatus: { at: 28, length: 2, form: 'unsigned', meaning: 'status bits of the adapter' },
  secondIndex: { at: 30, length: 4, form: 'unsigned', meaning: 'seconds the meter has run' },
  time: { at: 34, length: 4, form: 'unsigned', meaning: 'seconds since 1970 in UTC' },
  obis: { at: 38, length: 6, form: 'hex', meaning: 'OBIS code of the register' },
  unit: { at: 44, length: 1, form: 'unsigned', meaning: 'unit (30 is Wh)' },
  scaler: { at: 45, length: 1, form: 'signed', meaning: 'power of ten of the value' },
  value: { at: 46, length: 8, form: 'signed', meaning: 'value of the register' },
  userId: { at: 54, length: 20, form: 'text', meaning: 'identification of the user' },
  sessionId: { at: 74, length: 4, form: 'unsigned', meaning: 'number of the session' },
  paging: { at: 78, length: 4, form: 'unsigned', meaning: 'number of the record' },
} as const satisfies Record<string, BlockField>

const BLOCK_BYTES = 82
const WATT_HOURS = 30n

const readLine = (line: string): ReadRecord => {
  const [start, type = '', version, key = '', data = '', signature = '', ...rest] = line.split(';')
  if (start !== 'AP' || version !== '3' || rest.join('') !== '' || rest.length > 1)
    return new Fault('record-malformed', `expected AP;type;3;key;data;signature; got ${JSON.stringify(line.slice(0, 40))}`)
  try {
    const block = unbase32(data)
    if (block.length !== BLOCK_BYTES) throw new Fault('bytes-malformed', `expected ${BLOCK_BYTES} bytes, got ${block.length}`)
    return recordOf(block, { type, key: unbase32(key), signature: signatureOf(signature) })
  } catch (thrown) {
    return new Fault('record-malformed', `the Alfen line cannot be read: ${asFault(thrown).message}`, {}, thrown)
  }
}

const signatureOf = (text: string): RecordSignature => {
  const algorithm = 'ECDSA-secp192r1-SHA256'
  if (text === '') return { state: 'absent', algorithm, detail: 'the line ends without a signature' }
  try {
    const raw = unbase32(text)
    if (raw.length !== 48) throw new Fault('bytes-malformed', `expected 48 bytes, got ${raw.length}`)
    return { state: 'ready', algorithm, choices: [{ method: { curve: 'secp192r1', hash: 'SHA-256' }, raw }], encoded: raw }
  } catch (thrown) {
    return { state: 'malformed', algorithm, detail: asFault(thrown).message }
  }
}

interface Around {
  readonly type: string
  readonly key: Uint8Array
  readonly signature: RecordSignature
}

const recordOf = (block: Uint8Array, { type, key, signature }: Around): MeterRecord => {
  const problems: string[] = []
  const user = blockText(block, ALFEN_BLOCK.userId)
  if (user === undefined) problems.push('the user is not printable text')
  const label = TYPES.get(type)
  if (label === undefined) problems.push(`the type ${JSON.stringify(type.slice(0, 10))} is none of 0, 1, 2`)
  const reading = readingOf(block, problems)
  const contrary = reading.marker !== undefined && label !== undefined && reading.marker !== label
  return {
    format: 'alfen',
    signed: [{ name: 'data', bytes: block }],
    signature,
    keys: [key],
    source: {
      meter: blockHex(block, ALFEN_BLOCK.meterId),
      gateway: blockHex(block, ALFEN_BLOCK.adapterId),
      firmware: `${blockText(block, ALFEN_BLOCK.adapterFirmware) ?? ''} ${blockHex(block, ALFEN_BLOCK.adapterChecksum)}`,
      ...(user === undefined || user === '' ? {} : { user }),
    },
    session: String(blockNumber(block, ALFEN_BLOCK.sessionId)),
    pagination: { series: '', number: Number(blockNumber(block, ALFEN_BLOCK.paging)) },
    readings: [{ ...reading, ...(label === undefined ? {} : { label }) }],
    problems,
    ...(contrary ? { remarks: [`the line calls itself ${label}, its signed status says ${reading.marker}`] } : {}),
    unsigned: [{ name: 'type', value: type }],
    fields: () => blockFields(block, ALFEN_BLOCK),
  }
}

const readingOf = (block: Uint8Array, problems: string[]): Reading => {
  const obis = blockObis(block, ALFEN_BLOCK.obis)
  const unit = blockNumber(block, ALFEN_BLOCK.unit) === WATT_HOURS ? 'Wh' : `unit ${blockNumber(block, ALFEN_BLOCK.unit)}`
  const { name: register, purpose, preference } = registerOf(obis, unit)
  const [meter, adapter] = [blockNumber(block, ALFEN_BLOCK.meterStatus), blockNumber(block, ALFEN_BLOCK.adapterStatus)]
  const marker = markerOf(adapter)
  const value = decimalOf(block, problems)
  if (unit !== 'Wh' && registerOf(obis, 'Wh').purpose === 'billing') problems.push(`a register of energy in ${unit}, not 30 for Wh`)
  return {
    obis,
    register,
    purpose,
    ...(preference === undefined ? {} : { preference }),
    ...(value === undefined ? {} : { value }),
    unit,
    time: timeOf(block, meter),
    ...(marker === undefined ? {} : { marker }),
    status: {
      text: `meter ${meter.toString(16).padStart(4, '0')}h, adapter ${adapter.toString(16).padStart(4, '0')}h`,
      good: (meter & METER_ERRORS) === 0n && (adapter & ADAPTER_ERRORS) === 0n,
    },
    unusable: [],
  }
}

const decimalOf = (block: Uint8Array, problems: string[]): Reading['value'] => {
  try {
    const digits = blockNumber(block, ALFEN_BLOCK.value)
    const value = scaleDecimal({ digits, scale: 0 }, Number(blockNumber(block, ALFEN_BLOCK.scaler)))
    if (isMeasurable(value)) return value
    throw new Fault('limit-exceeded', 'no meter counts so far')
  } catch (thrown) {
    problems.push(`scaler: ${asFault(thrown).message}`)
    return undefined
  }
}

const timeOf = (block: Uint8Array, meterStatus: bigint): ReadingTime => {
  const ms = 1000 * Number(blockNumber(block, ALFEN_BLOCK.time))
  return { iso: `${new Date(ms).toISOString().slice(0, 19)}+00:00`, ms, clock: (meterStatus & 1n) === 0n ? 'unstated' : 'informative' }
}

const TYPES: ReadonlyMap<string, Marker> = new Map([
  ['0', 'begin'],
  ['1', 'end'],
  ['2', 'during'],
])

/** 1 EEPROM, 2 data flash. Bit 0, the clock, says nothing against the energy; 8 to 11 tell of phases. */
const METER_ERRORS = 0b110n
/** 0 fatal, 10 start and stop do not match, 14 memory, 15 no word from the meter. */
const ADAPTER_ERRORS = (1n << 0n) | (1n << 10n) | (1n << 14n) | (1n << 15n)

const MARKER_BITS = [
  [11n, 'during'],
  [12n, 'end'],
  [13n, 'begin'],
] as const

/** Undefined where the status names none, or several. */
const markerOf = (adapterStatus: bigint): Marker | undefined => {
  const [first, ...others] = MARKER_BITS.filter(([bit]) => (adapterStatus >> bit) & 1n)
  return others.length === 0 ? first?.[1] : undefined
}
