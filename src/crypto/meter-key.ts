// Public keys of meters, which come as SubjectPublicKeyInfo of any kind, or bare: a point or a scheme's bytes, of which only the record
// says what they are.
import { concat, utf8Text } from '../base/bytes.ts'
import { asFault, Fault } from '../base/fault.ts'
import { latest } from '../base/latest.ts'
import { CURVES } from './curves.ts'
import { readMeterSpki } from './der.ts'
import type { CurveName, MeterKey, SchemeName } from './engine.ts'
import { DER_SEQUENCE } from './key.ts'
import { keyBytes } from './key-text.ts'
import { readPoint } from './point.ts'
import { SCHEMES } from './schemes.ts'

/** A key without a word about its algorithm. */
export interface BareKey {
  readonly bare: Uint8Array
}

export type GivenKey = MeterKey | BareKey

/**
 * Reads a SubjectPublicKeyInfo or a bare key, as bytes or in any text of key-text.ts; bare are: `x y`, `04 x y`, `02 x`
 * or `03 x` of a curve of the table, or the bytes of a scheme of the table.
 * @throws Fault `key-malformed`, or `algorithm-unsupported` for a good key of another kind
 */
export const readMeterKey = (input: string | Uint8Array): GivenKey => {
  // the keys of a fleet come again with every record: the same text is the same object
  if (typeof input === 'string' && input.length <= LONGEST_KEPT) return kept(input, () => keyFrom(input))
  return keyFrom(input)
}

const kept = latest<GivenKey>(1024)
/** Characters: any key of a curve, and not the thousands of ML-DSA. */
const LONGEST_KEPT = 512

const keyFrom = (input: string | Uint8Array): GivenKey => {
  const bytes = typeof input === 'string' ? keyBytes(input) : bytesOf(input)
  if (bytes[0] !== DER_SEQUENCE && BARE_LENGTHS.has(bytes.length)) return { bare: bytes }
  try {
    return readMeterSpki(bytes)
  } catch (thrown) {
    const fault = asFault(thrown)
    // a bare key may by chance begin like DER; no SubjectPublicKeyInfo that can be read has such a length and is none
    if (fault.code === 'key-malformed' && BARE_LENGTHS.has(bytes.length)) return { bare: bytes }
    throw fault
  }
}

/** Undefined where a bare key cannot be one of that curve or scheme; a key that names its own kind is returned as it is. */
export const meterKeyFor = (
  key: GivenKey,
  method: { readonly curve: CurveName } | { readonly scheme: SchemeName },
): MeterKey | undefined => {
  if (!('bare' in key)) return key
  if ('scheme' in method) {
    return key.bare.length === SCHEMES[method.scheme].keyBytes ? { scheme: method.scheme, bytes: key.bare } : undefined
  }
  const plain = key.bare.length === 2 * CURVES[method.curve].coordinateBytes
  try {
    return readPoint(method.curve, plain ? concat(UNCOMPRESSED, key.bare) : key.bare)
  } catch (thrown) {
    if (asFault(thrown).code !== 'key-malformed') throw thrown
    return undefined
  }
}

const UNCOMPRESSED = Uint8Array.of(4)

const BARE_LENGTHS: ReadonlySet<number> = new Set([
  ...Object.values(CURVES).flatMap(({ coordinateBytes: width }) => [2 * width, 2 * width + 1, width + 1]),
  ...Object.values(SCHEMES).map(({ keyBytes }) => keyBytes),
])

/** DER and bare keys as they are; a file of text as the text it holds. */
const bytesOf = (input: Uint8Array): Uint8Array => {
  if (input[0] === DER_SEQUENCE || BARE_LENGTHS.has(input.length)) return input
  try {
    return keyBytes(utf8Text(input))
  } catch (thrown) {
    throw asFault(thrown).code === 'key-malformed' ? thrown : new Fault('key-malformed', 'expected a public key as text or DER', {}, thrown)
  }
}
