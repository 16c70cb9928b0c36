// Signers for the golden vectors: keys derived from a label and signatures without randomness (RFC 6979), so that the same script
// makes the same bytes on every machine. For test data only: anybody can derive these keys.
import { ecdsa, weierstrass } from '@noble/curves/abstract/weierstrass.js'
import { ed448 } from '@noble/curves/ed448.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js'
import { utf8 } from '../../src/base/bytes.ts'
import { CURVES } from '../../src/crypto/curves.ts'
import type { CurveName, HashName, PurePublicKey, SchemeName, Signer } from '../../src/crypto/engine.ts'

export const vectorSigner = (curve: CurveName, label = 'meter'): Signer => {
  const { p, a, b, n, gx, gy, orderBytes } = CURVES[curve]
  const scheme = ecdsa(weierstrass({ p, a, b, n, h: 1n, Gx: gx, Gy: gy }), sha256)
  // one byte less than the order is always below it, and never zero in practice
  const secret = new Uint8Array(orderBytes)
  secret.set(sha512(utf8(`chargeproof vector key ${curve} ${label}`)).subarray(0, orderBytes - 1), 1)
  const publicKey = { curve, point: scheme.getPublicKey(secret, false).slice(1) }
  return { publicKey, sign: (hash, message) => scheme.sign(HASHES[hash](message), secret, { prehash: false, lowS: false }) }
}

export interface PureSigner {
  readonly publicKey: PurePublicKey
  sign(message: Uint8Array): Uint8Array
}

/** The same for a scheme without a hash of its own; ML-DSA without randomness (FIPS 204 §3.4). */
export const vectorPureSigner = (scheme: SchemeName, label = 'meter'): PureSigner => {
  const seed = sha512(utf8(`chargeproof vector key ${scheme} ${label}`))
  const of = (bytes: Uint8Array, sign: PureSigner['sign']): PureSigner => ({ publicKey: { scheme, bytes }, sign })
  if (scheme === 'Ed25519' || scheme === 'Ed448') {
    const curve = scheme === 'Ed25519' ? ed25519 : ed448
    const secret = seed.subarray(0, scheme === 'Ed25519' ? 32 : 57)
    return of(curve.getPublicKey(secret), (message) => curve.sign(message, secret))
  }
  const lattice = LATTICES[scheme]
  const { publicKey, secretKey } = lattice.keygen(seed.subarray(0, 32))
  return of(publicKey, (message) => lattice.sign(message, secretKey, { extraEntropy: false }))
}

const LATTICES = { 'ML-DSA-44': ml_dsa44, 'ML-DSA-65': ml_dsa65, 'ML-DSA-87': ml_dsa87 } as const

const HASHES = { 'SHA-256': sha256, 'SHA-384': sha384, 'SHA-512': sha512 } as const satisfies Record<HashName, unknown>
