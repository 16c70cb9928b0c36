// The golden vectors of BSM-WS36A snapshots: both layouts of the container around them, and twins for every data point and every rule.
import { concat, hex, utf8, utf8Text } from '../../src/base/bytes.ts'
import type { Json } from '../../src/base/ports.ts'
import { rawToDer } from '../../src/crypto/der.ts'
import { type ByteField, type FormatVectors, fieldTwins, type VectorCase } from './case.ts'
import { newContainer, oldContainer } from './chargeit-emh.ts'
import { type Fields, hexKeyOf } from './maker.ts'
import { vectorSigner } from './signer.ts'

const SIGNER = vectorSigner('secp256r1', 'bsm')
const STRANGER = vectorSigner('secp256r1', 'stranger')

/** A number with its power of ten and its unit, or a text. */
type Point = readonly [value: number, scale: number, unit: number] | string

const START = {
  Typ: [3, 0, 255],
  RCR: [0, 0, 30],
  TotWhImp: [152, 1, 30],
  W: [-5, 1, 27],
  MA1: '001CPV0000000001',
  RCnt: [305, 0, 255],
  OS: [5_350_353, 0, 7],
  Epoch: [1_772_348_400, 0, 7],
  TZO: [60, 0, 6],
  EpochSetCnt: [110, 0, 255],
  EpochSetOS: [5_349_406, 0, 7],
  DI: [1, 0, 255],
  DO: [0, 0, 255],
  Meta1: 'contract-id: rfid:deadbeef',
  Meta2: 'evse-id: DE*CPV*E0001*1',
  Meta3: 'csc-sw-version: v1.2.34',
  Evt: [0, 0, 255],
} as const satisfies Record<string, Point>

type Points = Readonly<Record<keyof typeof START, Point>>

const NAMES = Object.keys(START) as (keyof typeof START)[]

/** An hour and 10.5 kWh later. */
const END: Partial<Points> = {
  Typ: [4, 0, 255],
  RCR: [10_500, 0, 30],
  TotWhImp: [1202, 1, 30],
  RCnt: [306, 0, 255],
  OS: [5_353_953, 0, 7],
  Epoch: [1_772_352_000, 0, 7],
}

export const bsmStart = (over: Partial<Points> = {}): Points => ({ ...START, ...over })
export const bsmEnd = (over: Partial<Points> = {}): Points => ({ ...START, ...END, ...over })

const word = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)

const pointBytes = (point: Point): Uint8Array =>
  typeof point === 'string'
    ? concat(word(utf8(point).length), utf8(point))
    : concat(word(point[0]), Uint8Array.of(point[1] & 0xff, point[2]))

export const bsmBytes = (points: Points): Uint8Array => concat(...NAMES.map((name) => pointBytes(points[name])))

/** The same the other way round; lengths of texts are those of the model, whatever the bytes say. */
const pointsIn = (bytes: Uint8Array, model: Points): Points => {
  let at = 0
  const points = NAMES.map((name) => {
    const { length } = pointBytes(model[name])
    const part = bytes.subarray(at, at + length)
    at += length
    const view = new DataView(part.slice().buffer)
    const signed = name === 'W' || name === 'TZO'
    const point: Point =
      typeof model[name] === 'string'
        ? utf8Text(part.subarray(4))
        : [signed ? view.getInt32(0) : view.getUint32(0), view.getInt8(4), view.getUint8(5)]
    return [name, point] as const
  })
  return { ...model, ...Object.fromEntries(points) }
}

const measured = (name: string, point: Point): Json =>
  typeof point === 'string'
    ? { measurand: { name }, measuredValue: { valueType: 'String', value: point, valueEncoding: 'UTF-8' } }
    : { measurand: { name }, measuredValue: { value: point[0], scale: point[1], unitEncoded: point[2], valueType: 'Integer32' } }

const signed = (points: Points, signer = SIGNER): string => hex(rawToDer(signer.sign('SHA-256', bsmBytes(points))))

const first = (point: Point): number => (typeof point === 'string' ? 0 : point[0])

export const bsmValue = (points: Points, over: Fields = {}): Fields => ({
  '@context': 'https://www.chargeit-mobility.com/contexts/bsm-ws36a-json-v1',
  '@id': `${points.MA1}-${first(points.RCnt)}`,
  time: `${new Date(1000 * (first(points.Epoch) + 60 * first(points.TZO))).toISOString().slice(0, 19)}+01:00`,
  meterInfo: {
    firmwareVersion: '1.9',
    publicKey: hexKeyOf(SIGNER),
    meterId: String(points.MA1),
    type: 'BSM-WS36A',
    manufacturer: 'Chargeproof',
  },
  contract: { id: 'deadbeef', type: 'rfid' },
  measurementId: first(points.RCnt),
  value: measured('RCR', points.RCR),
  additionalValues: NAMES.map((name) => measured(name, points[name])),
  signature: signed(points),
  ...over,
})

const asked = (name: string, ...values: readonly Fields[]): VectorCase => ({ name, question: { 'session.json': newContainer(values) } })
const of = (name: string, ...snapshots: readonly Points[]): VectorCase => asked(name, ...snapshots.map((points) => bsmValue(points)))
/** The end says something else beside its data points. */
const beside = (name: string, over: Fields): VectorCase => asked(name, bsmValue(bsmStart()), bsmValue(bsmEnd(), over))
const altered = (name: string, from: string | RegExp, to: string): VectorCase => ({
  name: `form-${name}`,
  question: { 'session.json': newContainer([bsmValue(bsmStart()), bsmValue(bsmEnd())]).replace(from, to) },
})

const DURING: Partial<Points> = {
  Typ: [0, 0, 255],
  RCR: [5000, 0, 30],
  OS: [5_352_000, 0, 7],
  Epoch: [1_772_350_000, 0, 7],
  RCnt: [306, 0, 255],
}

export const bsmVectors: FormatVectors = {
  format: 'bsm',
  cases: () => [...forms(), ...rules(), ...fields()],
}

const forms = (): VectorCase[] => {
  const [start, end] = [bsmStart(), bsmEnd()]
  const free: Partial<Points> = { Meta1: 'Grüße', Meta2: '', Meta3: 'csc-sw-version: unknown' }
  const bare = [bsmStart(free), bsmEnd(free)].map((points) => bsmValue(points, { contract: null }))
  return [
    of('session', start, end),
    of('session-switched', bsmStart({ Typ: [1, 0, 255] }), bsmEnd({ Typ: [2, 0, 255] })),
    of('session-with-readings-between', start, bsmEnd(DURING), bsmEnd({ RCnt: [307, 0, 255] })),
    of('session-of-powers-of-ten', start, bsmEnd({ RCR: [105, 2, 30] })),
    { name: 'session-old-container', question: { 'session.json': oldContainer([bsmValue(start), bsmValue(end)]) } },
    asked('session-of-free-texts', ...bare),
    asked('session-without-time', bsmValue(start), bsmValue(end, { time: undefined })),
    { name: 'session-values-alone', question: { 'a.json': JSON.stringify(bsmValue(start)), 'b.json': JSON.stringify(bsmValue(end)) } },
    beside('key-of-another', { meterInfo: { publicKey: hexKeyOf(STRANGER), meterId: start.MA1 } }),
    beside('key-missing', { meterInfo: { meterId: start.MA1 } }),
    beside('signature-of-another', { signature: signed(end, STRANGER) }),
    beside('signature-absent', { signature: undefined }),
    beside('signature-trailing-bytes', { signature: `${signed(end)}00` }),
    altered('point-missing', /\{\s*"measurand": \{\s*"name": "DO"[^}]*\},\s*"measuredValue": \{[^}]*\}\s*\},/, ''),
    altered('point-twice', '"name": "DO"', '"name": "DI"'),
    altered('point-too-large', '"value": 5350353', '"value": 4294967296'),
    altered('point-as-a-float', '"value": 5350353', '"value": 5350353.0'),
    altered('point-as-a-text', '"value": 5350353', '"value": "5350353"'),
    altered('text-encoding-unknown', '"valueEncoding": "UTF-8"', '"valueEncoding": "EBCDIC"'),
    altered('member-twice', '"measurementId": 306', '"measurementId": 306, "measurementId": 307'),
    altered('prototype', '"measurementId": 306', '"measurementId": 306, "__proto__": {"measurementId": 307}'),
  ]
}

const rules = (): VectorCase[] => {
  const changed = (name: string, over: Partial<Points>): VectorCase => of(`rule-${name}`, bsmStart(), bsmEnd(over))
  return [
    of('rule-end-missing', bsmStart()),
    of('rule-begin-missing', bsmEnd(DURING), bsmEnd({ RCnt: [307, 0, 255] })),
    of('rule-begin-duplicate', bsmStart(), bsmEnd({ ...DURING, Typ: [3, 0, 255] }), bsmEnd({ RCnt: [307, 0, 255] })),
    of('rule-duplicate', bsmStart(), bsmStart(), bsmEnd()),
    changed('duplicate-number', { RCnt: [305, 0, 255] }),
    changed('pagination-gap', { RCnt: [307, 0, 255] }),
    changed('time-backwards', { Epoch: [1_772_348_399, 0, 7] }),
    changed('time-backwards-standing', { Epoch: [1_772_348_400, 0, 7] }),
    changed('time-backwards-uptime', { OS: [5_350_353, 0, 7] }),
    of('rule-energy-decreasing', bsmStart({ RCR: [10_501, 0, 30] }), bsmEnd()),
    changed('energy-decreasing-total', { TotWhImp: [151, 1, 30] }),
    changed('logbook-changed-clock-set', { EpochSetCnt: [111, 0, 255] }),
    changed('logbook-changed-clock-set-at', { EpochSetOS: [5_349_407, 0, 7] }),
    changed('source-mismatch-meter', { MA1: '001CPV0000000002' }),
    asked(
      'rule-source-mismatch-user',
      bsmValue(bsmStart()),
      bsmValue(bsmEnd({ Meta1: 'contract-id: rfid:beefdead' }), { contract: { id: 'beefdead', type: 'rfid' } }),
    ),
    changed('source-mismatch-software', { Meta3: 'csc-sw-version: v1.2.35' }),
    changed('source-mismatch-charge-point', { Meta2: 'evse-id: DE*CPV*E0002*1' }),
    beside('rule-record-malformed-number', { measurementId: 307 }),
    beside('rule-record-malformed-time', { time: '2026-03-01T09:00:01+01:00' }),
    beside('rule-record-malformed-value', { value: measured('RCR', [10_501, 0, 30]) }),
    beside('rule-record-malformed-meter', { meterInfo: { publicKey: hexKeyOf(SIGNER), meterId: '001CPV0000000002' } }),
    beside('rule-record-malformed-contract', { contract: { id: 'beefdead', type: 'rfid' } }),
    changed('record-malformed-contract-unsigned', { Meta1: '' }),
    changed('record-malformed-tag-twice', { Meta3: 'contract-id: rfid:deadbeef' }),
    changed('record-malformed-unit', { RCR: [10_500, 0, 27] }),
    changed('record-malformed-kind', { Typ: [5, 0, 255] }),
    changed('record-malformed-power-of-ten', { W: [0, 13, 27] }),
    changed('record-deviates-events', { Evt: [4, 0, 255] }),
    changed('implausible', { RCR: [510_501, 0, 30] }),
    {
      name: 'rule-record-malformed-place',
      question: { 'session.json': newContainer([bsmValue(bsmStart()), bsmValue(bsmEnd())]).replace('DE*CPV*E0001*1', 'DE*CPV*E0009*1') },
    },
    {
      name: 'rule-record-deviates-software',
      question: {
        'session.json': newContainer([bsmValue(bsmStart()), bsmValue(bsmEnd())]).replace(
          '"controllerSoftwareVersion": "v1.2.34"',
          '"controllerSoftwareVersion": "v1.2.34 of March"',
        ),
      },
    },
  ]
}

const fields = (): VectorCase[] => {
  const end = bsmEnd()
  let at = 0
  const places = NAMES.flatMap((name): ByteField[] => {
    const start = at
    const { length } = pointBytes(end[name])
    at += length
    if (typeof end[name] === 'string') return [{ name, at: start + 4, length: length - 4 }]
    return [
      { name, at: start, length: 4 },
      { name: `${name}-scale`, at: start + 4, length: 1 },
      { name: `${name}-unit`, at: start + 5, length: 1 },
    ]
  })
  return fieldTwins({
    signed: bsmBytes(end),
    fields: places,
    question: (bytes) => ({
      'session.json': newContainer([bsmValue(bsmStart()), bsmValue(pointsIn(bytes, end), { signature: signed(end) })]),
    }),
  })
}
