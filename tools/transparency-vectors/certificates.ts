// Writes certificates and lists of revoked ones (RFC 5280) for the golden vectors, good ones and wrong ones, signed without randomness.
import { concat, utf8 } from '../../src/base/bytes.ts'
import { rawToDer, writeSpki } from '../../src/crypto/der.ts'
import type { Signer } from '../../src/crypto/engine.ts'

export interface CertificateParts {
  readonly subject: string
  readonly issuer: string
  readonly holder: Signer
  readonly signer: Signer
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
  const { subject, issuer, holder, signer, notBefore = '250101000000Z', notAfter = '300101000000Z', serial = 1 } = parts
  const algorithm = tlv(0x30, ECDSA_SHA256)
  const validity = tlv(0x30, tlv(0x17, utf8(notBefore)), tlv(0x17, utf8(notAfter)))
  const version = tlv(0xa0, tlv(0x02, Uint8Array.of(2)))
  const number = tlv(0x02, Uint8Array.of(serial))
  const body = [version, number, algorithm, nameOf(issuer), validity, nameOf(subject), writeSpki(holder.publicKey)]
  return signedBy(signer, tlv(0x30, ...body, tlv(0xa3, tlv(0x30, ...extensionsOf(parts)))))
}

export interface ListParts {
  readonly issuer: string
  readonly signer: Signer
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
  const head = [tlv(0x02, Uint8Array.of(1)), tlv(0x30, ECDSA_SHA256), nameOf(issuer), ...times]
  const revoked = entries.length === 0 ? [] : [tlv(0x30, ...entries.map(entryOf))]
  const extensions = delta ? [tlv(0xa0, tlv(0x30, extension([0x55, 0x1d, 0x1b], tlv(0x02, Uint8Array.of(1)))))] : []
  return signedBy(signer, tlv(0x30, ...head, ...revoked, ...extensions))
}

const entryOf = ({ serial, date, reason, invalid }: ListEntry): Uint8Array => {
  const extensions = [
    ...(reason === undefined ? [] : [extension([0x55, 0x1d, 0x15], tlv(0x0a, Uint8Array.of(reason)), false)]),
    ...(invalid === undefined ? [] : [extension([0x55, 0x1d, 0x18], tlv(0x18, utf8(invalid)), false)]),
  ]
  const more = extensions.length === 0 ? [] : [tlv(0x30, ...extensions)]
  return tlv(0x30, tlv(0x02, Uint8Array.of(serial)), tlv(0x17, utf8(date)), ...more)
}

const signedBy = (signer: Signer, signed: Uint8Array): Uint8Array =>
  tlv(0x30, signed, tlv(0x30, ECDSA_SHA256), tlv(0x03, Uint8Array.of(0), rawToDer(signer.sign('SHA-256', signed))))

/** 1.2.840.10045.4.3.2 */
const ECDSA_SHA256 = Uint8Array.of(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)
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
