// A word of somebody for a meter's key: a signature in a key file, or a certificate. Whether it is worth anything is decided in
// src/transparency/vouching.ts, by the trust store and the time of the measurement.
import { type Certificate, type CertifiedKey, readCertificate } from '../crypto/certificate.ts'
import type { CurveName } from '../crypto/engine.ts'
import type { SignatureAlgorithm } from '../crypto/x509.ts'

export interface FileKey {
  readonly key: string | Uint8Array | CertifiedKey
  /** Where the file names it beside the key. */
  readonly curve?: CurveName
  /** The meters of which the file itself says that it speaks; signed only as far as a voucher says the same. */
  readonly subjects: readonly string[]
  readonly vouchers: readonly Voucher[]
  readonly certificate?: Certificate
}

export interface Voucher {
  /** As it calls itself, which proves nothing. */
  readonly issuer: string
  /** The meters, gateways or charge points of which it speaks, under its signature. */
  readonly subjects: readonly string[]
  /** Milliseconds since 1970; absent where there is no bound. */
  readonly notBefore?: number
  readonly notAfter?: number
  /** Whether it lets the key sign meter values. */
  readonly signsValues: boolean
  readonly signed: Uint8Array
  /** DER for ECDSA. */
  readonly signature: Uint8Array
  /** Absent where the signer's key tells: the hash of the curve's own width, or the scheme. */
  readonly algorithm?: SignatureAlgorithm
  /** How the one who signed is found: by the key as it is written there, or by the name of its certificate; with the number given there. */
  readonly by: { readonly key: string } | { readonly certificate: string; readonly serial: string }
  /** Why it can vouch for nothing, where it cannot. */
  readonly unusable?: string
}

/** The key in a certificate, and the word of its issuer. @throws Fault `key-malformed`, `algorithm-unsupported` */
export const certificateVoucher = (der: Uint8Array): { readonly certificate: Certificate; readonly voucher: Voucher } => {
  const certificate = readCertificate(der)
  const { algorithm, issuerTexts, subjectTexts, strange } = certificate
  const unusable =
    algorithm === undefined ? 'signed with an algorithm that is not computed here' : strange.length > 0 ? `critical ${strange[0]}` : ''
  const voucher = {
    issuer: issuerTexts.join(', ').slice(0, 250),
    subjects: subjectTexts,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    signsValues: certificate.signs,
    signed: certificate.signed,
    signature: certificate.signature,
    algorithm,
    by: { certificate: certificate.issuer, serial: certificate.serial },
    ...(unusable === '' ? {} : { unusable }),
  }
  return { certificate, voucher }
}
