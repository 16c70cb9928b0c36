// The signature schemes that are no ECDSA, as data: object identifiers and widths. RFC 8410 and RFC 8032 (EdDSA), RFC 9881 and
// FIPS 204 table 2 (ML-DSA). The arithmetic is in portable.ts and in node:crypto, not here.
import type { PurePublicKey, SchemeName } from './engine.ts'

export interface Scheme {
  /** Object identifier in a SubjectPublicKeyInfo, dotted; it has no parameters. */
  readonly oid: string
  readonly keyBytes: number
  readonly signatureBytes: number
}

export const SCHEMES: Readonly<Record<SchemeName, Scheme>> = {
  Ed25519: { oid: '1.3.101.112', keyBytes: 32, signatureBytes: 64 },
  Ed448: { oid: '1.3.101.113', keyBytes: 57, signatureBytes: 114 },
  'ML-DSA-44': { oid: '2.16.840.1.101.3.4.3.17', keyBytes: 1312, signatureBytes: 2420 },
  'ML-DSA-65': { oid: '2.16.840.1.101.3.4.3.18', keyBytes: 1952, signatureBytes: 3309 },
  'ML-DSA-87': { oid: '2.16.840.1.101.3.4.3.19', keyBytes: 2592, signatureBytes: 4627 },
}

/** Whether key and signature have the widths of the key's scheme; an engine answers false where not. */
export const hasSchemeWidths = ({ scheme, bytes }: PurePublicKey, signature: Uint8Array): boolean =>
  bytes.length === SCHEMES[scheme].keyBytes && signature.length === SCHEMES[scheme].signatureBytes
