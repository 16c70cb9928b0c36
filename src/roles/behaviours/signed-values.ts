// Signed meter records inside OCPP messages, taken out byte for byte: 1.6 sampledValue with format SignedData, 2.x
// signedMeterValue (OCPP 2.1 Part 2 SignedMeterValueType). Whether a signature holds is the verifier's question, not asked here.
import { unbase64, unhex, utf8Text } from '../../base/bytes.ts'
import { readJson } from '../../base/read-json.ts'
import { publicKeyOf } from '../../metering/key-text.ts'
import { type JsonObject, objectOf, textOf } from './fields.ts'
import { isoTime } from './time.ts'

export interface SignedRecord {
  /** As SAFE names it: OCMF, ALFEN, EDL_40_P …; else what the station calls it. */
  readonly format: string
  /** How `data` stands for the signed bytes. */
  readonly encoding: 'plain' | 'base64' | 'hex'
  readonly data: string
  /** SubjectPublicKeyInfo or raw point in hex where it could be read, else the station's own text. */
  readonly publicKey?: string | undefined
  readonly context?: string | undefined
  /** RFC 3339, of the meter value around it. */
  readonly at: string
}

/** @param at of the meter value around it, milliseconds since 1970 */
export const signedRecordOf = (sample: JsonObject, at: number): SignedRecord | undefined => {
  const context = textOf(sample.context)
  if (sample.signedMeterValue !== undefined) return unwrap(objectOf(sample.signedMeterValue), context, at)
  const value = sample.format === 'SignedData' ? textOf(sample.value) : undefined
  if (value === undefined) return undefined
  return unwrap(value.startsWith('{') ? envelopeOf(value) : { signedMeterData: value }, context, at)
}

const unwrap = (envelope: JsonObject, context: string | undefined, at: number): SignedRecord | undefined => {
  const text = textOf(envelope.signedMeterData)
  if (text === undefined || text === '') return undefined
  const body = bodyOf(text)
  const publicKey = textOf(envelope.publicKey)
  const format = formatOf(body.data, textOf(envelope.encodingMethod) ?? '')
  return { format, ...body, publicKey: publicKey ? publicKeyOf(publicKey) : undefined, context, at: isoTime(at) }
}

/**
 * 1.6 stations put the 2.x object as text into the value, also inside its member `signedMeterValue`, or with the data under that name, as
 * be.ENERGISED asks for it. What only looks like it is kept as it stands.
 */
const envelopeOf = (value: string): JsonObject => {
  const parsed = objectOf(decoded(() => readJson(value)))
  const inner = parsed.signedMeterValue
  const envelope = typeof inner === 'string' ? { ...parsed, signedMeterData: inner } : inner === undefined ? parsed : objectOf(inner)
  return typeof envelope.signedMeterData === 'string' ? envelope : { signedMeterData: value }
}

/** Records that are text are kept as that text; binary ones stay in the encoding they came in. */
const bodyOf = (text: string): Pick<SignedRecord, 'encoding' | 'data'> => {
  if (isRecordText(text)) return { encoding: 'plain', data: text }
  const encoding = isHex(text) ? 'hex' : 'base64'
  const bytes = decoded(() => (encoding === 'hex' ? unhex(text) : unbase64(text)))
  if (bytes === undefined) return { encoding: 'plain', data: text }
  const inner = decoded(() => utf8Text(bytes))
  return inner !== undefined && isRecordText(inner) ? { encoding: 'plain', data: inner } : { encoding, data: text }
}

/** What a textual record begins with, and its SAFE name; XML and JSON carry no name of their own. */
const TEXTS = [
  ['OCMF|', 'OCMF'],
  ['AP;', 'ALFEN'],
  ['128.8.0(', 'PCDF'],
  ['<', ''],
  ['{', ''],
] as const satisfies readonly (readonly [string, string])[]

const isRecordText = (text: string): boolean => TEXTS.some(([start]) => text.startsWith(start))

const formatOf = (data: string, method: string): string => {
  const known = TEXTS.find(([start]) => data.startsWith(start))?.[1]
  if (known) return known
  // encodingMethod is free text: "EDL" is what the OCA's application note and the stations in the field write
  if (/^EDL\b|^EDL_?40/i.test(method)) return 'EDL_40_P'
  return method === '' ? 'unknown' : method
}

const isHex = (text: string): boolean => text.length >= 32 && text.length % 2 === 0 && /^[0-9a-fA-F]+$/.test(text)

/** Undefined where the text is not in that encoding: then it is in another one. */
const decoded = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}
