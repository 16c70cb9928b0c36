// Writes certificates and lists of revoked ones (RFC 5280) for the golden vectors, good ones and wrong ones, signed without randomness.
import { concat, unhex, utf8 } from '../../src/base/bytes.ts'
import { rawToDer, writeSpki } from '../../src/crypto/der.ts'
import type { HashName, RsaPublicKey, Signer } from '../../src/crypto/engine.ts'
import type { RsaSigner } from '../../src/crypto/rsa.ts'

/** Of a meter, or of an authority, which may have a key of RSA. */
export type Certifier = Signer | RsaSigner

export interface CertificateParts {
  readonly subject: string
  readonly issuer: string
  readonly holder: Certifier
  readonly signer: Certifier
  /** Of RSA only; SHA-256 where it is not given. */
  readonly hash?: HashName
  /** `YYMMDDhhmmssZ` */
  readonly notBefore?: string
  readonly notAfter?: string
  readonly authority?: boolean
  /** How many authorities may stand below it. */
  readonly pathLength?: number
  readonly serial?: number
  /** Limits the names below it; marked critical, as it should be, or not. */
  readonly nameConstraints?: 'critical' | 'plain'
  /** First byte of the key's usage; absent where there is no such extension. */
  readonly usage?: number
  /** A critical extension that nobody knows. */
  readonly strange?: boolean
}

export const certificateOf = (parts: CertificateParts): Uint8Array => {
  const { subject, issuer, holder, signer, hash = 'SHA-256', notBefore = '250101000000Z', notAfter = '300101000000Z', serial = 1 } = parts
  const algorithm = algorithmOf(signer, hash)
  const validity = tlv(0x30, tlv(0x17, utf8(notBefore)), tlv(0x17, utf8(notAfter)))
  const version = tlv(0xa0, tlv(0x02, Uint8Array.of(2)))
  const number = tlv(0x02, Uint8Array.of(serial))
  const body = [version, number, algorithm, nameOf(issuer), validity, nameOf(subject), spkiOf(holder)]
  return signedBy({ signer, hash }, tlv(0x30, ...body, tlv(0xa3, tlv(0x30, ...extensionsOf(parts)))))
}

export interface ListParts {
  readonly issuer: string
  readonly signer: Certifier
  /** `YYMMDDhhmmssZ` */
  readonly thisUpdate?: string
  readonly nextUpdate?: string
  readonly entries?: readonly ListEntry[]
  /** One that only says what changed since another list, which is not read. */
  readonly delta?: boolean
}

export interface ListEntry {
  readonly serial: number
  /** `YYMMDDhhmmssZ` */
  readonly date: string
  /** RFC 5280 §5.3.1 */
  readonly reason?: number
  /** `YYYYMMDDhhmmssZ`: from when on the key is suspected. */
  readonly invalid?: string
}

export const revocationListOf = (parts: ListParts): Uint8Array => {
  const { issuer, signer, thisUpdate = '260601000000Z', nextUpdate = '270601000000Z', entries = [], delta = false } = parts
  const times = [thisUpdate, nextUpdate].map((time) => tlv(0x17, utf8(time)))
  const head = [tlv(0x02, Uint8Array.of(1)), algorithmOf(signer, 'SHA-256'), nameOf(issuer), ...times]
  const revoked = entries.length === 0 ? [] : [tlv(0x30, ...entries.map(entryOf))]
  const extensions = delta ? [tlv(0xa0, tlv(0x30, extension([0x55, 0x1d, 0x1b], tlv(0x02, Uint8Array.of(1)))))] : []
  return signedBy({ signer, hash: 'SHA-256' }, tlv(0x30, ...head, ...revoked, ...extensions))
}

const entryOf = ({ serial, date, reason, invalid }: ListEntry): Uint8Array => {
  const extensions = [
    ...(reason === undefined ? [] : [extension([0x55, 0x1d, 0x15], tlv(0x0a, Uint8Array.of(reason)), false)]),
    ...(invalid === undefined ? [] : [extension([0x55, 0x1d, 0x18], tlv(0x18, utf8(invalid)), false)]),
  ]
  const more = extensions.length === 0 ? [] : [tlv(0x30, ...extensions)]
  return tlv(0x30, tlv(0x02, Uint8Array.of(serial)), tlv(0x17, utf8(date)), ...more)
}

const signedBy = ({ signer, hash }: { signer: Certifier; hash: HashName }, signed: Uint8Array): Uint8Array => {
  const signature = signer.sign(hash, signed)
  const bits = 'rsaKey' in signer ? signature : rawToDer(signature)
  return tlv(0x30, signed, algorithmOf(signer, hash), tlv(0x03, Uint8Array.of(0), bits))
}

/** 1.2.840.10045.4.3.2; and 1.2.840.113549.1.1.11 to 13, whose parameter is NULL (RFC 4055 §5). */
const algorithmOf = (signer: Certifier, hash: HashName): Uint8Array =>
  'rsaKey' in signer
    ? tlv(0x30, tlv(0x06, unhex(`2a864886f70d0101${RSA_HASHES[hash]}`)), tlv(0x05))
    : tlv(0x30, tlv(0x06, unhex('2a8648ce3d040302')))

const RSA_HASHES = { 'SHA-256': '0b', 'SHA-384': '0c', 'SHA-512': '0d' } as const satisfies Record<HashName, string>

const spkiOf = (holder: Certifier): Uint8Array => ('rsaKey' in holder ? rsaSpkiOf(holder.rsaKey) : writeSpki(holder.publicKey))

/** RFC 3279 §2.3.1 */
export const rsaSpkiOf = ({ modulus, exponent }: RsaPublicKey): Uint8Array => {
  const [n, e] = [modulus, exponent].map((number) => tlv(0x02, ...((number[0] ?? 0) < 0x80 ? [] : [Uint8Array.of(0)]), number))
  const algorithm = tlv(0x30, tlv(0x06, unhex('2a864886f70d010101')), tlv(0x05))
  return tlv(0x30, algorithm, tlv(0x03, Uint8Array.of(0), tlv(0x30, n ?? EMPTY, e ?? EMPTY)))
}

const EMPTY = new Uint8Array()
const TRUE = Uint8Array.of(0x01, 0x01, 0xff)

const extensionsOf = ({ authority = false, pathLength, usage, strange = false, nameConstraints }: CertificateParts): Uint8Array[] => [
  ...(authority ? [extension([0x55, 0x1d, 0x13], tlv(0x30, TRUE, ...lengthOf(pathLength)))] : []),
  ...(usage === undefined ? [] : [extension([0x55, 0x1d, 0x0f], tlv(0x03, Uint8Array.of(0, usage)))]),
  ...(strange ? [extension([0x2a, 0x03, 0x04], Uint8Array.of(0x05, 0x00))] : []),
  ...(nameConstraints === undefined ? [] : [extension([0x55, 0x1d, 0x1e], tlv(0x30), nameConstraints === 'critical')]),
]

const lengthOf = (length: number | undefined): Uint8Array[] => (length === undefined ? [] : [tlv(0x02, Uint8Array.of(length))])

const extension = (oid: readonly number[], value: Uint8Array, critical = true): Uint8Array =>
  tlv(0x30, tlv(0x06, Uint8Array.from(oid)), ...(critical ? [TRUE] : []), tlv(0x04, value))

/** One common name. */
const nameOf = (text: string): Uint8Array =>
  tlv(0x30, tlv(0x31, tlv(0x30, tlv(0x06, Uint8Array.of(0x55, 0x04, 0x03)), tlv(0x0c, utf8(text)))))

const tlv = (tag: number, ...content: readonly Uint8Array[]): Uint8Array => {
  const length = content.reduce((sum, part) => sum + part.length, 0)
  const wide = [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff]
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : length < 0x10000 ? [0x82, length >> 8, length & 0xff] : wide
  return concat(Uint8Array.of(tag, ...head), ...content)
}
