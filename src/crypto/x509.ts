// What certificates (RFC 5280 §4) and lists of revoked ones (§5) are both built of: DER elements, names, times, algorithms, extensions.
// Nothing is verified here.
import { hex, utf8Text } from '../base/bytes.ts'
import { Fault, type FaultCode } from '../base/fault.ts'
import { readOid, take, whole } from './der.ts'
import type { HashName, SchemeName } from './engine.ts'
import { SCHEMES } from './schemes.ts'

/** ECDSA or RSASSA-PKCS1-v1_5 over a hash, or a scheme; undefined for an algorithm that is not computed here. */
export type SignatureAlgorithm =
  | { readonly kind: 'ecdsa' | 'rsa'; readonly hash: HashName }
  | { readonly kind: 'scheme'; readonly scheme: SchemeName }
  | undefined

export interface SignedPart {
  /** The signed part, as it came. */
  readonly signed: Uint8Array
  /** DER for ECDSA. */
  readonly signature: Uint8Array
  readonly algorithm: SignatureAlgorithm
}

export interface Element {
  readonly tag: number
  readonly content: Uint8Array
  /** With tag and length. */
  readonly raw: Uint8Array
}

export interface Extension {
  readonly oid: string
  readonly critical: boolean
  readonly value: Uint8Array
}

export const FAIL: FaultCode = 'key-malformed'

export const TAGS = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const

/** The elements one after the other. @throws Fault `key-malformed` */
export const elementsIn = (bytes: Uint8Array): Element[] => {
  const elements: Element[] = []
  for (let rest = bytes; rest.length > 0; ) {
    const tag = rest[0] ?? 0
    const [content, behind] = take(tag, rest, FAIL)
    elements.push({ tag, content, raw: rest.subarray(0, rest.length - behind.length) })
    rest = behind
  }
  return elements
}

/**
 * SIGNED (RFC 5280 §4.1, §5.1): what was signed, by which algorithm, and the signature; and the elements of the signed part.
 * @throws Fault `key-malformed` on anything but strict DER
 */
export const signedParts = (
  der: Uint8Array,
): { readonly part: SignedPart; readonly fields: readonly Element[]; readonly named: string } => {
  const outer = whole(TAGS.sequence, der, FAIL)
  const [body, behind] = take(TAGS.sequence, outer, FAIL)
  const [algorithm, bits] = take(TAGS.sequence, behind, FAIL)
  const signature = whole(TAGS.bitString, bits, FAIL)
  if (signature[0] !== 0) throw new Fault(FAIL, 'expected a signature of whole bytes')
  return {
    part: {
      signed: outer.subarray(0, outer.length - behind.length),
      signature: signature.subarray(1),
      algorithm: algorithmOf(algorithm),
    },
    fields: elementsIn(body),
    named: hex(algorithm),
  }
}

/** RFC 5758 §3.2 (ECDSA) and RFC 4055 §5 (RSA); of a scheme the key's own identifier. */
const HASHED: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.10045.4.3.2': { kind: 'ecdsa', hash: 'SHA-256' },
  '1.2.840.10045.4.3.3': { kind: 'ecdsa', hash: 'SHA-384' },
  '1.2.840.10045.4.3.4': { kind: 'ecdsa', hash: 'SHA-512' },
  '1.2.840.113549.1.1.11': { kind: 'rsa', hash: 'SHA-256' },
  '1.2.840.113549.1.1.12': { kind: 'rsa', hash: 'SHA-384' },
  '1.2.840.113549.1.1.13': { kind: 'rsa', hash: 'SHA-512' },
}

const algorithmOf = (identifier: Uint8Array): SignatureAlgorithm => {
  const oid = readOid(take(TAGS.oid, identifier, FAIL)[0])
  const scheme = (Object.keys(SCHEMES) as SchemeName[]).find((name) => SCHEMES[name].oid === oid)
  return scheme === undefined ? HASHED[oid] : { kind: 'scheme', scheme }
}

/** The texts in a name, which is sets of pairs of kind and text (X.501); of some kinds alone where they are given. */
export const textsIn = (name: Uint8Array, kinds?: readonly string[]): string[] =>
  elementsIn(name)
    .filter(({ tag }) => tag === TAGS.set)
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

export const isTime = (element: Element | undefined): boolean => element?.tag === TAGS.utcTime || element?.tag === TAGS.generalizedTime

/** Milliseconds since 1970. RFC 5280 §4.1.2.5: UTC with seconds; two digits below 50 are of this century. @throws Fault `key-malformed` */
export const timeOf = (element: Element | undefined): number => {
  const text = element === undefined ? '' : textOf(element.content)
  const century = Number(text.slice(0, 2)) < 50 ? 20 : 19
  const long = element?.tag === TAGS.generalizedTime ? text : element?.tag === TAGS.utcTime ? `${century}${text}` : ''
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(long) ?? []
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  const ms = Date.parse(iso)
  // the day of a month that is shorter would become one of the next
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso) throw new Fault(FAIL, 'expected a time in the certificate')
  return ms
}

/** A serial number in hex, as it was encoded: DER has one form of each. */
export const serialOf = (element: Element | undefined): string => {
  if (element?.tag !== TAGS.integer || element.content.length === 0) throw new Fault(FAIL, 'expected a serial number')
  return hex(element.content)
}

/** @throws Fault `key-malformed`, also where one comes twice (RFC 5280 §4.2) */
export const extensionsIn = (list: Uint8Array | undefined): Extension[] => {
  if (list === undefined) return []
  const extensions = elementsIn(whole(TAGS.sequence, list, FAIL)).map(({ content }) => {
    const [oid, ...parts] = elementsIn(content)
    const value = parts.at(-1)
    const [critical] = parts.length === 2 ? parts : []
    if (oid?.tag !== TAGS.oid || value?.tag !== TAGS.octetString || parts.length > 2 || (critical?.tag ?? TAGS.boolean) !== TAGS.boolean)
      throw new Fault(FAIL, 'expected an extension')
    return { oid: readOid(oid.content), critical: critical !== undefined && critical.content[0] !== 0, value: value.content }
  })
  if (new Set(extensions.map(({ oid }) => oid)).size < extensions.length) throw new Fault(FAIL, 'an extension comes twice')
  return extensions
}
