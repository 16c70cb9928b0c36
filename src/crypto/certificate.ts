// What a certificate says (RFC 5280 §4.1), as far as a verifier of meter records asks: whose key, vouched for by whom, until when, and
// for what. Nothing is verified here, and nobody is trusted.
import { hex, utf8Text } from '../base/bytes.ts'
import { Fault, type FaultCode } from '../base/fault.ts'
import { readMeterSpki, readOid, take, whole } from './der.ts'
import type { HashName, MeterKey, SchemeName } from './engine.ts'
import { SCHEMES } from './schemes.ts'

export interface Certificate {
  /** The signed part, as it came. */
  readonly signed: Uint8Array
  /** DER for ECDSA. */
  readonly signature: Uint8Array
  /** Undefined for an algorithm that is not computed here, RSA among them. */
  readonly algorithm: { readonly hash: HashName } | { readonly scheme: SchemeName } | undefined
  /** DER of the names in hex: two names are one if these are. */
  readonly issuer: string
  readonly subject: string
  /** All texts of the issuer's name. */
  readonly issuerTexts: readonly string[]
  /** Common names and serial numbers (of devices) in the subject's name. */
  readonly subjectTexts: readonly string[]
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  readonly key: MeterKey
  /** Whether it may sign certificates; and anything else. */
  readonly issues: boolean
  readonly signs: boolean
  /** Object identifiers of critical extensions that are not understood: such a certificate vouches for nothing (RFC 5280 §4.2). */
  readonly strange: readonly string[]
}

const FAIL: FaultCode = 'key-malformed'

/** Whether the bytes are built like a certificate: a sequence in a sequence that begins with a version or a number, not with an algorithm. */
export const looksLikeCertificate = (der: Uint8Array): boolean => {
  // most of what is asked about is text, and an error costs a hundred times this look
  if (der[0] !== SEQUENCE) return false
  try {
    const [first] = take(SEQUENCE, der, FAIL)
    const [second] = take(SEQUENCE, first, FAIL)
    return second[0] === VERSION || second[0] === INTEGER
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return false
  }
}

/** @throws Fault `key-malformed` on anything but strict DER; `algorithm-unsupported` for a key of another kind */
export const readCertificate = (der: Uint8Array): Certificate => {
  const outer = whole(SEQUENCE, der, FAIL)
  const [body, behind] = take(SEQUENCE, outer, FAIL)
  const [algorithm, bits] = take(SEQUENCE, behind, FAIL)
  const signature = whole(BIT_STRING, bits, FAIL)
  if (signature[0] !== 0) throw new Fault(FAIL, 'expected a signature of whole bytes')
  const fields = elementsIn(body)
  const from = fields[0]?.tag === VERSION ? 1 : 0
  const [, inner, issuer, validity, subject, key, ...more] = fields.slice(from)
  if (inner === undefined || issuer === undefined || validity === undefined || subject === undefined || key === undefined)
    throw new Fault(FAIL, 'expected a certificate, found too few fields')
  // RFC 5280 §4.1.1.2: the algorithm outside the signed part must be the one inside
  if (hex(inner.content) !== hex(algorithm)) throw new Fault(FAIL, 'the certificate names two algorithms')
  const [begin, end] = elementsIn(validity.content)
  const extensions = extensionsIn(more.find(({ tag }) => tag === EXTENSIONS)?.content)
  return {
    signed: outer.subarray(0, outer.length - behind.length),
    signature: signature.subarray(1),
    algorithm: algorithmOf(algorithm),
    issuer: hex(issuer.raw),
    subject: hex(subject.raw),
    issuerTexts: textsIn(issuer.content),
    subjectTexts: textsIn(subject.content, [COMMON_NAME, SERIAL_NUMBER]),
    notBefore: timeOf(begin),
    notAfter: timeOf(end),
    key: readMeterSpki(key.raw),
    ...usesOf(extensions),
    strange: extensions.filter(({ oid, critical }) => critical && !KNOWN.has(oid)).map(({ oid }) => oid),
  }
}

const INTEGER = 0x02
const BIT_STRING = 0x03
const OCTET_STRING = 0x04
const OID = 0x06
const SEQUENCE = 0x30
const SET = 0x31
const BOOLEAN = 0x01
const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18
const VERSION = 0xa0
const EXTENSIONS = 0xa3

const KEY_USAGE = '2.5.29.15'
const BASIC_CONSTRAINTS = '2.5.29.19'
/** Extended key usage restricts TLS and the like; of meters nobody has written one down. */
const KNOWN = new Set([KEY_USAGE, BASIC_CONSTRAINTS, '2.5.29.37'])

interface Element {
  readonly tag: number
  readonly content: Uint8Array
  /** With tag and length. */
  readonly raw: Uint8Array
}

const elementsIn = (bytes: Uint8Array): Element[] => {
  const elements: Element[] = []
  for (let rest = bytes; rest.length > 0; ) {
    const tag = rest[0] ?? 0
    const [content, behind] = take(tag, rest, FAIL)
    elements.push({ tag, content, raw: rest.subarray(0, rest.length - behind.length) })
    rest = behind
  }
  return elements
}

/** RFC 5758 §3.2 (ECDSA); of a scheme the key's own identifier. */
const HASHES: Readonly<Record<string, HashName>> = {
  '1.2.840.10045.4.3.2': 'SHA-256',
  '1.2.840.10045.4.3.3': 'SHA-384',
  '1.2.840.10045.4.3.4': 'SHA-512',
}

const algorithmOf = (identifier: Uint8Array): Certificate['algorithm'] => {
  const oid = readOid(take(OID, identifier, FAIL)[0])
  const scheme = (Object.keys(SCHEMES) as SchemeName[]).find((name) => SCHEMES[name].oid === oid)
  const hash = HASHES[oid]
  return scheme !== undefined ? { scheme } : hash === undefined ? undefined : { hash }
}

const COMMON_NAME = '2.5.4.3'
const SERIAL_NUMBER = '2.5.4.5'

/** A name is sets of pairs of kind and text, X.501. */
const textsIn = (name: Uint8Array, kinds?: readonly string[]): string[] =>
  elementsIn(name)
    .filter(({ tag }) => tag === SET)
    .flatMap(({ content }) => elementsIn(content))
    .flatMap(({ content }) => {
      const [kind, value] = elementsIn(content)
      const wanted = kind !== undefined && (kinds === undefined || kinds.includes(readOid(kind.content)))
      return wanted && value !== undefined ? [textOf(value.content)] : []
    })

const textOf = (bytes: Uint8Array): string => {
  try {
    return utf8Text(bytes)
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return hex(bytes)
  }
}

/** RFC 5280 §4.1.2.5: UTC with seconds; two digits below 50 are of this century. */
const timeOf = (element: Element | undefined): number => {
  const text = element === undefined ? '' : textOf(element.content)
  const long =
    element?.tag === GENERALIZED_TIME ? text : element?.tag === UTC_TIME ? `${Number(text.slice(0, 2)) < 50 ? 20 : 19}${text}` : ''
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(long) ?? []
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(ms)) throw new Fault(FAIL, 'expected a time in the certificate')
  return ms
}

interface Extension {
  readonly oid: string
  readonly critical: boolean
  readonly value: Uint8Array
}

const extensionsIn = (wrapped: Uint8Array | undefined): Extension[] =>
  wrapped === undefined
    ? []
    : elementsIn(whole(SEQUENCE, wrapped, FAIL)).map(({ content }) => {
        const parts = elementsIn(content)
        const value = parts.find(({ tag }) => tag === OCTET_STRING)?.content ?? new Uint8Array()
        return { oid: readOid(take(OID, content, FAIL)[0]), critical: parts[1]?.tag === BOOLEAN && parts[1].content[0] !== 0, value }
      })

/** Bits of the key's usage, RFC 5280 §4.2.1.3; the first bit is the highest. */
const DIGITAL_SIGNATURE = 0x80
const KEY_CERT_SIGN = 0x04

const usesOf = (extensions: readonly Extension[]): Pick<Certificate, 'issues' | 'signs'> => {
  const usage = extensions.find(({ oid }) => oid === KEY_USAGE)
  const bits = usage === undefined ? undefined : (whole(BIT_STRING, usage.value, FAIL)[1] ?? 0)
  const constraints = extensions.find(({ oid }) => oid === BASIC_CONSTRAINTS)
  const [first] = constraints === undefined ? [] : elementsIn(whole(SEQUENCE, constraints.value, FAIL))
  const authority = first?.tag === BOOLEAN && first.content[0] !== 0
  return {
    issues: authority && (bits === undefined || (bits & KEY_CERT_SIGN) !== 0),
    signs: bits === undefined || (bits & DIGITAL_SIGNATURE) !== 0,
  }
}
