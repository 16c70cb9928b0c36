// The one face of cryptography. Two engines stand behind it: node:crypto (adapters/node-crypto.ts) and pure
// JavaScript for browsers (crypto/portable.ts). Both give the same answer to every question.

export type HashName = 'SHA-256' | 'SHA-384' | 'SHA-512'

export type CurveName =
  | 'secp192r1'
  | 'secp192k1'
  | 'secp224k1'
  | 'secp256r1'
  | 'secp256k1'
  | 'secp384r1'
  | 'secp521r1'
  | 'brainpoolP256r1'
  | 'brainpoolP384r1'

/** A public key on an elliptic curve: the uncompressed point without its leading 04, each coordinate at the curve's full width. */
export interface EcPublicKey {
  readonly curve: CurveName
  readonly point: Uint8Array
}

/** Signature schemes that take the message itself and no digest of it: EdDSA (RFC 8032, pure) and ML-DSA (FIPS 204, pure, no context). */
export type SchemeName = 'Ed25519' | 'Ed448' | 'ML-DSA-44' | 'ML-DSA-65' | 'ML-DSA-87'

/** A public key of such a scheme, in the scheme's own encoding. */
export interface PurePublicKey {
  readonly scheme: SchemeName
  readonly bytes: Uint8Array
}

/** Any public key that can have signed: a meter's record or a node's message. */
export type PublicKey = EcPublicKey | PurePublicKey
export type MeterKey = PublicKey

/** An RSA key (RFC 8017 §3.1): both numbers big-endian, without leading zeros. Meters do not sign with it; authorities and foreign back ends do. */
export interface RsaPublicKey {
  readonly modulus: Uint8Array
  readonly exponent: Uint8Array
}

/** A signature (r, s) as two big-endian numbers at the curve's full width, one after the other. */
export type RawSignature = Uint8Array

export interface Engine {
  digest(hash: HashName, message: Uint8Array): Uint8Array
  /**
   * ECDSA over `hash(message)`, leftmost bits where the curve's order is shorter (FIPS 186-5 §6.4.2). High `s` is accepted:
   * meters make it. False for any mismatch, a point off the curve included; throws only `algorithm-unsupported`.
   */
  verifyEcdsa(key: EcPublicKey, hash: HashName, message: Uint8Array, signature: RawSignature): boolean
  /** EdDSA or pure ML-DSA with an empty context. False for any mismatch, a key of a wrong length included; throws only `algorithm-unsupported`. */
  verifyPure(key: PurePublicKey, message: Uint8Array, signature: Uint8Array): boolean
  /** RSASSA-PKCS1-v1_5 over `hash(message)` (RFC 8017 §8.2.2). False for any mismatch. */
  verifyRsa(key: RsaPublicKey, hash: HashName, message: Uint8Array, signature: Uint8Array): boolean
}

/** A private key that can sign; the key itself stays inside. */
export interface Signer {
  readonly publicKey: EcPublicKey
  /** ECDSA; the result is raw (r || s). */
  sign(hash: HashName, message: Uint8Array): RawSignature
}

/** The same of a scheme. */
export interface PureSigner {
  readonly publicKey: PurePublicKey
  /** The signature in the scheme's own encoding. */
  signPure(message: Uint8Array): Uint8Array
}

/** What nodes sign with. */
export type NodeSigner = Signer | PureSigner
