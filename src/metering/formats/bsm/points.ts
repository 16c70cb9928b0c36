// The data points that a BSM-WS36A signs, in their order, and the bytes they make: a number is 32 bits big-endian, a power of ten and a
// unit; a text is its length in 32 bits and its bytes. What the points mean for a session is not asked here.
import { concat, utf8 } from '../../../base/bytes.ts'
import { type Decimal, scaleDecimal } from '../../../base/decimal.ts'
import { Fault } from '../../../base/fault.ts'
import { itemsAt, nodeAt, textAt } from '../../json-document.ts'
import type { JsonNode } from '../../json-text.ts'
import type { SignedField } from '../../reading.ts'
import { unitProblem } from '../chargeit-unit.ts'

export interface PointKind {
  readonly form: 'unsigned' | 'signed' | 'text'
  readonly unit?: number
  /** Its power of ten may be another than none. */
  readonly scaled?: true
  readonly meaning: string
}

/** In signed order; `unit` is the DLMS code that the point must have (IEC 62056-6-2: 30 Wh, 27 W, 7 s, 6 min, 255 none). */
export const BSM_POINTS = {
  Typ: { form: 'unsigned', unit: 255, meaning: 'kind of the snapshot' },
  RCR: { form: 'unsigned', unit: 30, scaled: true, meaning: 'energy since the session was switched on' },
  TotWhImp: { form: 'unsigned', unit: 30, scaled: true, meaning: 'energy since the meter was made' },
  W: { form: 'signed', unit: 27, scaled: true, meaning: 'power at that moment' },
  MA1: { form: 'text', meaning: 'number of the meter' },
  RCnt: { form: 'unsigned', unit: 255, meaning: 'number of the snapshot' },
  OS: { form: 'unsigned', unit: 7, meaning: 'seconds that the meter has run' },
  Epoch: { form: 'unsigned', unit: 7, meaning: 'time of the snapshot, seconds since 1970' },
  TZO: { form: 'signed', unit: 6, meaning: 'offset of the local time in minutes' },
  EpochSetCnt: { form: 'unsigned', unit: 255, meaning: 'how often the clock was set' },
  EpochSetOS: { form: 'unsigned', unit: 7, meaning: 'seconds that the meter had run when the clock was set' },
  DI: { form: 'unsigned', unit: 255, meaning: 'digital inputs' },
  DO: { form: 'unsigned', unit: 255, meaning: 'digital outputs' },
  Meta1: { form: 'text', meaning: 'what the station had the meter sign' },
  Meta2: { form: 'text', meaning: 'what the station had the meter sign' },
  Meta3: { form: 'text', meaning: 'what the station had the meter sign' },
  Evt: { form: 'unsigned', unit: 255, meaning: 'events at the meter' },
} as const satisfies Record<string, PointKind>

export type PointName = keyof typeof BSM_POINTS

export interface Snapshot {
  /** What was signed. */
  readonly bytes: Uint8Array
  /** Zero for a point that is a text. */
  number(name: PointName): Decimal
  /** A text, or a number without its power of ten. */
  text(name: PointName): string
  /** Where the points break the format. */
  readonly problems: readonly string[]
  fields(): SignedField[]
}

/** @throws Fault `record-malformed` where the signed bytes cannot be put together */
export const readSnapshot = (value: JsonNode | undefined): Snapshot => {
  const given = valuesOf(value)
  const points = NAMES.map((name) => ({ name, ...pointOf(name, given.get(name)) }))
  const byName = new Map<PointName, Point>(points.map((point) => [point.name, point]))
  return {
    bytes: concat(...points.map(({ bytes }) => bytes)),
    number: (name) => byName.get(name)?.number ?? { digits: 0n, scale: 0 },
    text: (name) => byName.get(name)?.text ?? '',
    problems: points.flatMap(({ problems }) => problems),
    fields: () => fieldsOf(points),
  }
}

const NAMES = Object.keys(BSM_POINTS) as PointName[]

interface Point {
  readonly bytes: Uint8Array
  readonly text: string
  readonly number?: Decimal
  readonly problems: readonly string[]
}

/** The measured values by the names of their measurands, each of which may come once. */
const valuesOf = (value: JsonNode | undefined): Map<string, JsonNode> => {
  const values = new Map<string, JsonNode>()
  for (const item of itemsAt(value, 'additionalValues')) {
    const name = textAt(item, 'measurand', 'name') ?? ''
    const measured = nodeAt(item, 'measuredValue')
    if (measured === undefined || values.has(name)) throw malformed(name, values.has(name) ? 'comes twice' : 'has no measuredValue')
    values.set(name, measured)
  }
  return values
}

const pointOf = (name: PointName, measured: JsonNode | undefined): Point => {
  if (measured === undefined) throw malformed(name, 'is missing')
  const kind: PointKind = BSM_POINTS[name]
  return kind.form === 'text' ? textPoint(name, measured) : numberPoint(name, kind, measured)
}

const textPoint = (name: string, measured: JsonNode): Point => {
  const found = nodeAt(measured, 'value')
  if (found?.type !== 'string') throw malformed(name, 'is not a text')
  const content = encodedText(name, found.text, textAt(measured, 'valueEncoding') ?? 'UTF-8')
  return { bytes: concat(word(content.length), content), text: found.text, problems: [] }
}

const encodedText = (name: string, text: string, encoding: string): Uint8Array => {
  if (encoding === 'UTF-8' && text.isWellFormed()) return utf8(text)
  const latin = encoding === 'ISO-8859-1' && [...text].every((character) => character <= '\xff')
  if (latin) return Uint8Array.from(text, (character) => character.charCodeAt(0))
  throw malformed(name, `cannot be written as ${encoding.slice(0, 20)}`)
}

const numberPoint = (name: string, { form, unit, scaled }: PointKind, measured: JsonNode): Point => {
  const digits = integer(`${name}.value`, textAt(measured, 'value'), form === 'signed' ? I32 : U32)
  const scale = integer(`${name}.scale`, textAt(measured, 'scale'), I8)
  const code = integer(`${name}.unitEncoded`, textAt(measured, 'unitEncoded'), U8)
  const plausible = scale === 0n || (scaled === true && scale >= -MAX_SCALE && scale <= MAX_SCALE)
  return {
    bytes: concat(word(Number(BigInt.asUintN(32, digits))), Uint8Array.of(Number(scale) & 0xff, Number(code))),
    text: String(digits),
    number: plausible ? scaleDecimal({ digits, scale: 0 }, Number(scale)) : { digits, scale: 0 },
    problems: [
      ...(Number(code) === unit ? [] : [`the unit of ${name} is ${code}, not ${unit}`]),
      ...(unit === WATT_HOUR ? unitProblem(name, textAt(measured, 'unit')) : []),
      ...(plausible ? [] : [`the power of ten of ${name} is ${scale}, which it cannot be`]),
    ],
  }
}

const MAX_SCALE = 12n
const WATT_HOUR = 30
const I8 = [-0x80n, 0x7fn] as const
const U8 = [0n, 0xffn] as const
const I32 = [-(2n ** 31n), 2n ** 31n - 1n] as const
const U32 = [0n, 2n ** 32n - 1n] as const

const integer = (name: string, text: string | undefined, [least, most]: readonly [bigint, bigint]): bigint => {
  const number = text !== undefined && /^-?[0-9]{1,11}$/.test(text) ? BigInt(text) : undefined
  if (number === undefined || number < least || number > most) throw malformed(name, `is not a whole number from ${least} to ${most}`)
  return number
}

const word = (number: number): Uint8Array => Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number)

const fieldsOf = (points: readonly (Point & { readonly name: PointName })[]): SignedField[] => {
  let start = 0
  return points.flatMap(({ name, bytes, text }) => {
    const at = start
    start += bytes.length
    const { form, meaning }: PointKind = BSM_POINTS[name]
    if (form === 'text') return [{ name, value: text, meaning, at: at + 4, length: bytes.length - 4 }]
    const [scale = 0, unit = 0] = bytes.subarray(4)
    return [
      { name, value: text, meaning, at, length: 4 },
      { name: `${name}.scale`, value: String((scale << 24) >> 24), meaning: 'power of ten of it', at: at + 4, length: 1 },
      { name: `${name}.unit`, value: String(unit), meaning: 'unit of it', at: at + 5, length: 1 },
    ]
  })
}

const malformed = (name: string, why: string): Fault => new Fault('record-malformed', `the data point ${name.slice(0, 30)} ${why}`)
