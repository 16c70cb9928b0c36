// What a certificate says (RFC 5280 §4.1), as far as a verifier of meter records asks: whose key, vouched for by whom, until when, and
// for what. Nothing is verified here, and nobody is trusted.
import { hex } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { readMeterSpki, take, whole } from './der.ts'
import type { MeterKey, RsaPublicKey } from './engine.ts'
import { readRsaSpki } from './rsa.ts'
import {
  type Element,
  type Extension,
  elementsIn,
  extensionsIn,
  FAIL,
  type SignedPart,
  serialOf,
  signedParts,
  TAGS,
  textsIn,
  timeOf,
} from './x509.ts'

export interface Certificate extends SignedPart {
  /** Hex, as it was encoded. */
  readonly serial: string
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
  readonly key: CertifiedKey
  /** Whether it may sign certificates; lists of revoked ones; and anything else. */
  readonly issues: boolean
  readonly revokes: boolean
  readonly signs: boolean
  /** How many authorities may stand below it in a chain; absent where there is no bound. */
  readonly pathLength?: number
  /** Object identifiers of extensions that bind whoever reads it, and are not understood: it vouches for nothing (RFC 5280 §4.2). */
  readonly strange: readonly string[]
}

/** Of a meter, or of an authority. */
export type CertifiedKey = MeterKey | RsaPublicKey

/** Whether the bytes are built like a certificate: a sequence in a sequence that begins with a version or a number, not with an algorithm. */
export const looksLikeCertificate = (der: Uint8Array): boolean => {
  // most of what is asked about is text, and an error costs a hundred times this look
  if (der[0] !== TAGS.sequence) return false
  try {
    const [first] = take(TAGS.sequence, der, FAIL)
    const [second] = take(TAGS.sequence, first, FAIL)
    return second[0] === VERSION || second[0] === TAGS.integer
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return false
  }
}

/** @throws Fault `key-malformed` on anything but strict DER; `algorithm-unsupported` for a key of another kind */
export const readCertificate = (der: Uint8Array): Certificate => {
  const { part, fields, named } = signedParts(der)
  const from = fields[0]?.tag === VERSION ? 1 : 0
  const [serial, inner, issuer, validity, subject, key, ...more] = fields.slice(from)
  if (inner === undefined || issuer === undefined || validity === undefined || subject === undefined || key === undefined)
    throw new Fault(FAIL, 'expected a certificate, found too few fields')
  // RFC 5280 §4.1.1.2: the algorithm outside the signed part must be the one inside
  if (hex(inner.content) !== named) throw new Fault(FAIL, 'the certificate names two algorithms')
  const [begin, end] = elementsIn(validity.content)
  const extensions = extensionsIn(more.find(({ tag }) => tag === EXTENSIONS)?.content)
  return {
    ...part,
    serial: serialOf(serial),
    issuer: hex(issuer.raw),
    subject: hex(subject.raw),
    issuerTexts: textsIn(issuer.content),
    subjectTexts: textsIn(subject.content, [COMMON_NAME, SERIAL_NUMBER]),
    notBefore: timeOf(begin),
    notAfter: timeOf(end),
    key: readRsaSpki(key.raw) ?? readMeterSpki(key.raw),
    ...usesOf(extensions),
    strange: extensions.filter(({ oid, critical }) => BINDING.has(oid) || (critical && !KNOWN.has(oid))).map(({ oid }) => oid),
  }
}

const VERSION = 0xa0
const EXTENSIONS = 0xa3
const COMMON_NAME = '2.5.4.3'
const SERIAL_NUMBER = '2.5.4.5'

const KEY_USAGE = '2.5.29.15'
const BASIC_CONSTRAINTS = '2.5.29.19'
/** Extended key usage restricts TLS and the like; of meters nobody has written one down. */
const KNOWN = new Set([KEY_USAGE, BASIC_CONSTRAINTS, '2.5.29.37'])
/** Constraints on names and policies narrow what an authority may do: who cannot read them must not go by it, marked critical or not. */
const BINDING = new Set(['2.5.29.30', '2.5.29.36', '2.5.29.54'])

/** Bits of the key's usage, RFC 5280 §4.2.1.3; the first bit is the highest. */
const DIGITAL_SIGNATURE = 0x80
const KEY_CERT_SIGN = 0x04
const CRL_SIGN = 0x02

const usesOf = (extensions: readonly Extension[]): Pick<Certificate, 'issues' | 'revokes' | 'signs' | 'pathLength'> => {
  const usage = extensions.find(({ oid }) => oid === KEY_USAGE)
  const bits = usage === undefined ? undefined : (whole(TAGS.bitString, usage.value, FAIL)[1] ?? 0)
  const constraints = extensions.find(({ oid }) => oid === BASIC_CONSTRAINTS)
  const [first, second] = constraints === undefined ? [] : elementsIn(whole(TAGS.sequence, constraints.value, FAIL))
  const authority = first?.tag === TAGS.boolean && first.content[0] !== 0
  return {
    issues: authority && (bits === undefined || (bits & KEY_CERT_SIGN) !== 0),
    revokes: bits === undefined || (bits & CRL_SIGN) !== 0,
    signs: bits === undefined || (bits & DIGITAL_SIGNATURE) !== 0,
    ...(second === undefined ? {} : { pathLength: lengthOf(second) }),
  }
}

/** A path length above a byte binds nobody; a negative one is none. */
const lengthOf = ({ tag, content }: Element): number => {
  const [first = 0x80] = content
  if (tag !== TAGS.integer || first >= 0x80) throw new Fault(FAIL, 'expected a length of a chain')
  return content.length === 1 ? first : Number.POSITIVE_INFINITY
}
