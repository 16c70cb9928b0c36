// Signers for the golden vectors: keys derived from a label and signatures without randomness (RFC 6979), so that the same script
// makes the same bytes on every machine. For test data only: anybody can derive these keys.
import { ecdsa, weierstrass } from '@noble/curves/abstract/weierstrass.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { utf8 } from '../../src/base/bytes.ts'
import { CURVES } from '../../src/crypto/curves.ts'
import type { CurveName, HashName, Signer } from '../../src/crypto/engine.ts'

export const vectorSigner = (curve: CurveName, label = 'meter'): Signer => {
  const { p, a, b, n, gx, gy, orderBytes } = CURVES[curve]
  const scheme = ecdsa(weierstrass({ p, a, b, n, h: 1n, Gx: gx, Gy: gy }), sha256)
  // one byte less than the order is always below it, and never zero in practice
  const secret = new Uint8Array(orderBytes)
  secret.set(sha512(utf8(`chargeproof vector key ${curve} ${label}`)).subarray(0, orderBytes - 1), 1)
  const publicKey = { curve, point: scheme.getPublicKey(secret, false).slice(1) }
  return { publicKey, sign: (hash, message) => scheme.sign(HASHES[hash](message), secret, { prehash: false, lowS: false }) }
}

const HASHES = { 'SHA-256': sha256, 'SHA-384': sha384, 'SHA-512': sha512 } as const satisfies Record<HashName, unknown>
