// The golden vectors of Alfen lines: sound sessions, one twin for every signed field, and one for every rule that applies.
import { base32, concat, utf8 } from '../../src/base/bytes.ts'
import { type BlockField, blockNumber } from '../../src/metering/block.ts'
import { ALFEN_BLOCK } from '../../src/metering/formats/alfen.ts'
import { type Files, type FormatVectors, fieldTwins, type VectorCase } from './case.ts'
import { pemOf, safeXml } from './maker.ts'
import { vectorSigner } from './signer.ts'

export const alfenVectors: FormatVectors = {
  format: 'alfen',
  cases: () => [...sessions(), ...forms(), ...rules(), ...fields()],
}

const SIGNER = vectorSigner('secp192r1', 'alfen')
const STRANGER = vectorSigner('secp192r1', 'stranger')
const METER = '0a010000000000000001'
const BEGIN = 1n << 13n
const END = 1n << 12n
const DURING = 1n << 11n

type Values = Partial<Record<keyof typeof ALFEN_BLOCK, bigint | string>>

/** A begin at 08:00 with 10 kWh; texts are hexadecimal or ASCII, as the field's form says. */
export const alfenBlock = (over: Values = {}): Uint8Array => {
  const values: Record<keyof typeof ALFEN_BLOCK, bigint | string> = {
    adapterId: '0a020000000000000002',
    adapterFirmware: 'v1.0',
    adapterChecksum: 'beef',
    meterId: METER,
    meterStatus: 0n,
    adapterStatus: BEGIN,
    secondIndex: 1000n,
    time: 1_772_348_400n,
    obis: '0100010800ff',
    unit: 30n,
    scaler: 0n,
    value: 10_000n,
    userId: 'DEADBEEF',
    sessionId: 7n,
    paging: 20n,
    ...over,
  }
  const block = new Uint8Array(82)
  for (const [name, field] of Object.entries(ALFEN_BLOCK)) block.set(written(field, values[name as keyof typeof ALFEN_BLOCK]), field.at)
  return block
}

const written = ({ length, form }: BlockField, value: bigint | string): Uint8Array => {
  if (typeof value === 'bigint') return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
  return form === 'text' ? utf8(value) : Uint8Array.from(value.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}

export const alfenEnd = (over: Values = {}): Uint8Array =>
  alfenBlock({ adapterStatus: END, secondIndex: 4600n, time: 1_772_352_000n, value: 20_500n, paging: 23n, ...over })
const during = (over: Values = {}): Uint8Array =>
  alfenBlock({ adapterStatus: DURING, secondIndex: 2800n, time: 1_772_350_200n, value: 15_000n, paging: 21n, ...over })

interface LineOptions {
  readonly type?: string
  readonly signer?: typeof SIGNER
  /** In place of the block's own signature. */
  readonly signature?: Uint8Array
}

const TYPES: ReadonlyMap<bigint, string> = new Map([
  [BEGIN, '0'],
  [END, '1'],
  [DURING, '2'],
])

export const alfenLine = (block: Uint8Array, { type, signer = SIGNER, signature }: LineOptions = {}): string => {
  const { point } = signer.publicKey
  const key = concat(Uint8Array.of(2 + ((point[47] ?? 0) & 1)), point.subarray(0, 24))
  const kind = type ?? TYPES.get(blockNumber(block, ALFEN_BLOCK.adapterStatus) & (BEGIN | END | DURING)) ?? '0'
  return `AP;${kind};3;${base32(key)};${base32(block)};${base32(signature ?? signer.sign('SHA-256', block))};`
}

const lines = (name: string, ...all: readonly string[]): VectorCase => ({ name, question: { 'session.txt': `${all.join('\n')}\n` } })
const blocks = (name: string, ...all: readonly Uint8Array[]): VectorCase => lines(name, ...all.map((block) => alfenLine(block)))

const B = alfenBlock()
const E = alfenEnd()

const sessions = (): VectorCase[] => [
  blocks('session', B, E),
  blocks('session-with-readings-between', B, during(), during({ paging: 22n, time: 1_772_350_300n }), E),
  blocks('session-out-of-order', E, B),
  blocks(
    'session-several',
    B,
    E,
    alfenBlock({ sessionId: 8n, paging: 30n, time: 1_772_360_000n, value: 20_500n }),
    alfenEnd({ sessionId: 8n, paging: 31n, time: 1_772_361_000n, value: 21_000n }),
  ),
  blocks('session-of-two-stations-with-one-number', B, E, ...[B, E].map((block) => otherStation(block))),
  lines(
    'session-kind-by-type-only',
    alfenLine(alfenBlock({ adapterStatus: 0n }), { type: '0' }),
    alfenLine(alfenEnd({ adapterStatus: 0n }), { type: '1' }),
  ),
  blocks('session-scaled', alfenBlock({ scaler: 0xffn, value: 100_005n }), alfenEnd({ scaler: 1n, value: 2050n })),
  blocks('session-large-value', alfenBlock({ value: 9_007_199_254_740_993n }), alfenEnd({ value: 9_007_199_254_740_994n })),
]

const otherStation = (block: Uint8Array): Uint8Array => {
  const other = block.slice()
  other[ALFEN_BLOCK.meterId.at + 9] = 99
  other[ALFEN_BLOCK.adapterId.at + 9] = 99
  return other
}

const forms = (): VectorCase[] => {
  const receipt = safeXml([B, E].map((block) => ({ data: alfenLine(block), format: 'ALFEN' })))
  const with_ = (name: string, change: (line: string) => string): VectorCase => lines(`form-${name}`, change(alfenLine(B)), alfenLine(E))
  return [
    { name: 'form-safe-xml', question: { 'receipt.xml': receipt } },
    { name: 'form-key-pinned', question: files(B, E), trust: { [`${METER}.pem`]: pemOf(SIGNER) } },
    { name: 'form-key-mismatch', question: files(B, E), trust: { [`${METER}.pem`]: pemOf(STRANGER) } },
    with_('quoted', (line) => `"${line}"`),
    with_('version', (line) => line.replace(';3;', ';4;')),
    with_('type-unknown', (line) => line.replace('AP;0', 'AP;7')),
    with_('type-altered', (line) => line.replace('AP;0', 'AP;2')),
    with_('base32-broken', (line) => line.replace('AP;0;3;A', 'AP;0;3;1')),
    with_('key-empty', (line) => line.replace(/^(AP;0;3;)[^;]*/, '$1')),
    with_('data-too-short', () => alfenLine(B.subarray(0, 81))),
    with_('signature-absent', (line) => `${line.split(';').slice(0, 5).join(';')};;`),
    with_('signature-too-short', () => alfenLine(B, { signature: new Uint8Array(47).fill(1) })),
    with_('signature-of-zeros', () => alfenLine(B, { signature: new Uint8Array(48) })),
    with_('something-behind', (line) => `${line}AP;`),
  ]
}

const files = (...all: readonly Uint8Array[]): Files => ({ 'session.txt': all.map((block) => `${alfenLine(block)}\n`).join('') })

const rules = (): VectorCase[] => {
  const rule = (name: string, ...all: readonly Uint8Array[]): VectorCase => blocks(`rule-${name}`, ...all)
  return [
    rule('begin-missing', E),
    rule('end-missing', B),
    rule('end-missing-but-a-reading-between', B, during()),
    rule('begin-duplicate', B, alfenBlock({ paging: 21n, time: 1_772_348_500n }), E),
    rule('end-duplicate', B, alfenEnd({ paging: 22n }), E),
    rule('duplicate-line', B, B),
    rule('duplicate-number', B, alfenEnd({ paging: 20n })),
    rule('marker-order', alfenBlock({ paging: 30n }), E),
    rule('time-backwards', B, alfenEnd({ time: 1_772_348_399n })),
    rule('energy-decreasing', B, alfenEnd({ value: 9_999n })),
    rule('source-meter', B, alfenEnd({ meterId: '0a010000000000000009' })),
    rule('source-adapter', B, alfenEnd({ adapterId: '0a020000000000000009' })),
    rule('source-firmware', B, alfenEnd({ adapterFirmware: 'v1.1' })),
    rule('source-checksum', B, alfenEnd({ adapterChecksum: 'beee' })),
    rule('source-user', B, alfenEnd({ userId: 'CAFEBABE' })),
    rule('source-register', B, alfenEnd({ obis: '0100020800ff' })),
    rule('source-unit', B, alfenEnd({ unit: 27n })),
    rule('record-malformed-unit', alfenBlock({ unit: 0n }), alfenEnd({ unit: 0n })),
    rule('source-session', B, alfenEnd({ sessionId: 8n })),
    lines('rule-source-key', alfenLine(B), alfenLine(E, { signer: STRANGER })),
    ...[1n, 2n].map((bit) => rule(`meter-status-${bit}`, B, alfenEnd({ meterStatus: 1n << bit }))),
    ...[0n, 10n, 14n, 15n].map((bit) => rule(`adapter-status-${bit}`, B, alfenEnd({ adapterStatus: END | (1n << bit) }))),
    rule('time-informative', B, alfenEnd({ meterStatus: 1n })),
    rule('implausible', B, alfenEnd({ value: 510_001n })),
    rule('record-malformed-user', B, alfenEnd({ userId: `DEAD${'\u0000'}BEEF` })),
    rule('record-malformed-scaler', B, alfenEnd({ scaler: 100n })),
    rule('two-kinds-in-one-status', alfenBlock({ adapterStatus: BEGIN | END }), E),
  ]
}

const fields = (): VectorCase[] =>
  fieldTwins({
    signed: E,
    fields: Object.entries(ALFEN_BLOCK).map(([name, { at, length }]) => ({ name, at, length })),
    question: (altered) => ({
      'session.txt': `${alfenLine(B)}\n${alfenLine(altered, { type: '1', signature: SIGNER.sign('SHA-256', E) })}\n`,
    }),
  })
