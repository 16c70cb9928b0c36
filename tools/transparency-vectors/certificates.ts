// Writes certificates (RFC 5280) for the golden vectors, good ones and wrong ones, signed without randomness.
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
  /** First byte of the key's usage; absent where there is no such extension. */
  readonly usage?: number
  /** A critical extension that nobody knows. */
  readonly strange?: boolean
}

export const certificateOf = (parts: CertificateParts): Uint8Array => {
  const { subject, issuer, holder, signer, notBefore = '250101000000Z', notAfter = '300101000000Z' } = parts
  const algorithm = tlv(0x30, ECDSA_SHA256)
  const validity = tlv(0x30, tlv(0x17, utf8(notBefore)), tlv(0x17, utf8(notAfter)))
  const version = tlv(0xa0, tlv(0x02, Uint8Array.of(2)))
  const body = [version, tlv(0x02, Uint8Array.of(1)), algorithm, nameOf(issuer), validity, nameOf(subject), writeSpki(holder.publicKey)]
  const signed = tlv(0x30, ...body, tlv(0xa3, tlv(0x30, ...extensionsOf(parts))))
  const signature = rawToDer(signer.sign('SHA-256', signed))
  return tlv(0x30, signed, algorithm, tlv(0x03, Uint8Array.of(0), signature))
}

/** 1.2.840.10045.4.3.2 */
const ECDSA_SHA256 = Uint8Array.of(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)
const TRUE = Uint8Array.of(0x01, 0x01, 0xff)

const extensionsOf = ({ authority = false, usage, strange = false }: CertificateParts): Uint8Array[] => [
  ...(authority ? [extension([0x55, 0x1d, 0x13], tlv(0x30, TRUE))] : []),
  ...(usage === undefined ? [] : [extension([0x55, 0x1d, 0x0f], tlv(0x03, Uint8Array.of(0, usage)))]),
  ...(strange ? [extension([0x2a, 0x03, 0x04], Uint8Array.of(0x05, 0x00))] : []),
]

const extension = (oid: readonly number[], value: Uint8Array): Uint8Array =>
  tlv(0x30, tlv(0x06, Uint8Array.from(oid)), TRUE, tlv(0x04, value))

/** One common name. */
const nameOf = (text: string): Uint8Array =>
  tlv(0x30, tlv(0x31, tlv(0x30, tlv(0x06, Uint8Array.of(0x55, 0x04, 0x03)), tlv(0x0c, utf8(text)))))

const tlv = (tag: number, ...content: readonly Uint8Array[]): Uint8Array => {
  const length = content.reduce((sum, part) => sum + part.length, 0)
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return concat(Uint8Array.of(tag, ...head), ...content)
}
