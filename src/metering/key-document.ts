// Public keys as JSON: one key with its meter and the signatures of those who vouch for it, or a list of such (docs/formats/keys.md); and
// JSON Web Keys, for which nobody vouches.
// Nothing is verified here.
import { concat, unbase64, unbase64url, unhex, utf8 } from '../base/bytes.ts'
import { canonicalJson, parseJsonStrict } from '../base/canonical-json.ts'
import { asFault, Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import { CURVES } from '../crypto/curves.ts'
import { writeSpki } from '../crypto/der.ts'
import type { CurveName } from '../crypto/engine.ts'
import { firstOf } from './content.ts'
import type { FileKey, Voucher } from './voucher.ts'

/** Undefined for what is no document of keys. A key that cannot be read is a Fault in its place. */
export const keyDocument = (text: string): (FileKey | Fault)[] | undefined => {
  if (firstOf(text) !== '{' || !/publicKeys?\b|"kty"/.test(text) || text.length > MAX_LENGTH) return undefined
  const document = parsed(text)
  if (!isObject(document)) return undefined
  if (Array.isArray(document.publicKeys)) return upTo(document.publicKeys, keyOf)
  const jwks = Array.isArray(document.keys) ? document.keys : [document]
  if (jwks.every((jwk) => isObject(jwk) && 'kty' in jwk)) return upTo(jwks, jwkOf)
  return contextOf(document).endsWith('/publicKey+json') ? [keyOf(document)] : undefined
}

/** What lies past the limit is a fault behind the others: a key that is left out in silence decides nothing. */
const upTo = (keys: readonly Json[], read: (key: Json) => FileKey | Fault): (FileKey | Fault)[] => {
  const found = keys.slice(0, MAX_KEYS).map(read)
  return keys.length > MAX_KEYS ? [...found, new Fault('limit-exceeded', `more than ${MAX_KEYS} keys in one document`)] : found
}

const MAX_LENGTH = 1_048_576
const MAX_KEYS = 1000
const MAX_VOUCHERS = 16
/** Kept once for each who vouches. */
const MAX_SIGNED = 65_536
/** Of one who vouches: it is told with each record. */
const MAX_NAME = 250

type JsonObject = { readonly [key: string]: Json }

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Undefined for what is no JSON, or means two things: then others say so. */
const parsed = (text: string): Json | undefined => {
  try {
    return parseJsonStrict(text)
  } catch (thrown) {
    if (asFault(thrown).code !== 'json-malformed') throw thrown
    return undefined
  }
}

const contextOf = (document: JsonObject): string => textIn(document['@context'])

const textIn = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

/** A text, or the same in an object as its `value` or `name`. */
const spoken = (value: Json | undefined, member: 'value' | 'name'): string => (isObject(value) ? textIn(value[member]) : textIn(value))

const keyOf = (document: Json): FileKey | Fault => {
  const key = isObject(document) ? textIn(document.value) || textIn(document.publicKey) : ''
  if (!isObject(document) || key === '') return new Fault('key-malformed', 'expected a key as `value` in the document')
  const name = spoken(document.algorithm, 'name')
  const curve = curveNamed(name)
  if (name !== '' && curve === undefined) return new Fault('algorithm-unsupported', `the document names ${name.slice(0, 60)} as the curve`)
  const subjects = subjectsIn(document)
  const signatures = Array.isArray(document.signatures) ? document.signatures.slice(0, MAX_VOUCHERS).filter(isObject) : []
  return {
    key,
    ...(curve === undefined ? {} : { curve }),
    subjects,
    vouchers: signatures.map((signature) => voucherOf(document, signature, subjects)),
  }
}

/** A JSON Web Key, RFC 7517: of a curve that has a name there (RFC 7518 §6.2), or of EdDSA (RFC 8037 §2). */
const jwkOf = (jwk: Json): FileKey | Fault => {
  const [kind, name, x, y] = ['kty', 'crv', 'x', 'y'].map((member) => (isObject(jwk) ? textIn(jwk[member]) : '')) as [
    string,
    string,
    string,
    string,
  ]
  const curve = (Object.keys(CURVES) as CurveName[]).find((each) => kind === 'EC' && CURVES[each].jwk === name)
  const scheme = (['Ed25519', 'Ed448'] as const).find((each) => kind === 'OKP' && each === name)
  try {
    const common = { subjects: [], vouchers: [] }
    if (curve !== undefined) return { ...common, curve, key: concat(Uint8Array.of(4), unbase64url(x), unbase64url(y)) }
    if (scheme !== undefined) return { ...common, key: writeSpki({ scheme, bytes: unbase64url(x) }) }
  } catch (thrown) {
    return asFault(thrown, 'key-malformed')
  }
  return new Fault('algorithm-unsupported', `the key is one of ${`${kind} ${name}`.slice(0, 60)}`)
}

const curveNamed = (name: string): CurveName | undefined =>
  (Object.keys(CURVES) as CurveName[]).find((curve) => curve.toLowerCase() === name.toLowerCase() || CURVES[curve].oid === name)

/** Every text in `subject`, whatever it is called there: EVSEId, meterId … */
const subjectsIn = ({ subject }: JsonObject): string[] =>
  isObject(subject) ? Object.values(subject).filter((value) => typeof value === 'string') : textIn(subject) === '' ? [] : [textIn(subject)]

/**
 * What is signed: the canonical form (RFC 8785) of the document with this one signature in `signatures`, and that without its member
 * `signature`. So the key, its meter, the time and the use are all covered, and several can sign one document.
 */
const voucherOf = (document: JsonObject, entry: JsonObject, subjects: readonly string[]): Voucher => {
  const { signature, ...rest } = entry
  const operations = rest.operations
  const [notBefore, notAfter] = [timeIn(rest.notBefore), timeIn(rest.notAfter)]
  const bytes = bytesOf(spoken(signature, 'value'))
  const signed = canonicalJson({ ...document, signatures: [rest] })
  const unusable =
    bytes === undefined
      ? 'its signature is no text of bytes'
      : signed.length > MAX_SIGNED
        ? `it signs more than ${MAX_SIGNED} characters`
        : Number.isNaN((notBefore ?? 0) + (notAfter ?? 0))
          ? 'its times are no times'
          : ''
  return {
    issuer: textIn(rest.issuer).slice(0, MAX_NAME),
    subjects,
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(notAfter === undefined ? {} : { notAfter }),
    signsValues: isObject(operations) && operations.signMeterValues === true,
    signed: unusable === '' ? utf8(signed) : new Uint8Array(),
    signature: bytes ?? new Uint8Array(),
    by: { key: spoken(rest.publicKey, 'value') },
    ...(unusable === '' ? {} : { unusable }),
  }
}

/** NaN for what is there and no time. */
const timeIn = (value: Json | undefined): number | undefined => {
  if (value === undefined) return undefined
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(textIn(value)) ? Date.parse(textIn(value)) : Number.NaN
}

const bytesOf = (text: string): Uint8Array | undefined => {
  try {
    return /^[0-9a-fA-F]+$/.test(text) ? unhex(text) : text === '' ? undefined : unbase64(text)
  } catch (thrown) {
    if (asFault(thrown).code !== 'bytes-malformed') throw thrown
    return undefined
  }
}
