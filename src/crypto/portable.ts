// The engine for where there is no node:crypto: browsers, and a second opinion in tests. Pure JavaScript on @noble, any curve of
// the table from its parameters. Verifies only; private keys belong to adapters.
import { type ECDSA, ecdsa, weierstrass } from '@noble/curves/abstract/weierstrass.js'
import { ed448 } from '@noble/curves/ed448.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js'
import { concat } from '../base/bytes.ts'
import { CURVES, hasWidths } from './curves.ts'
import type { CurveName, Engine, HashName, SchemeName } from './engine.ts'
import { holdsPkcs1 } from './pkcs1.ts'
import { hasSchemeWidths } from './schemes.ts'

/** An engine without platform code; about 40 times slower at P-256 than node:crypto. */
export const portableEngine = (): Engine => {
  const prepared = new Map<CurveName, ECDSA>()
  const curveOf = (name: CurveName): ECDSA => {
    const curve = prepared.get(name) ?? prepare(name)
    prepared.set(name, curve)
    return curve
  }
  return {
    digest(hash, message) {
      return HASHES[hash](message)
    },
    verifyEcdsa(key, hash, message, signature) {
      if (!hasWidths(key, signature)) return false
      // noble takes the digest's leftmost bits itself (225 of them on secp224k1), and answers false to a point off the curve
      return curveOf(key.curve).verify(signature, HASHES[hash](message), concat(UNCOMPRESSED, key.point), OPTIONS)
    },
    verifyPure(key, message, signature) {
      return hasSchemeWidths(key, signature) && SCHEME_VERIFIERS[key.scheme](signature, message, key.bytes)
    },
    verifyRsa(key, hash, message, signature) {
      return holdsPkcs1(key, signature, HASHES[hash](message), hash)
    },
  }
}

const HASHES = { 'SHA-256': sha256, 'SHA-384': sha384, 'SHA-512': sha512 } as const satisfies Record<HashName, unknown>

/** RFC 8032 and not the looser ZIP 215, as OpenSSL does it. */
const STRICT = { zip215: false } as const
const SCHEME_VERIFIERS: Readonly<Record<SchemeName, (signature: Uint8Array, message: Uint8Array, key: Uint8Array) => boolean>> = {
  Ed25519: (...given) => ed25519.verify(...given, STRICT),
  Ed448: (...given) => ed448.verify(...given, STRICT),
  'ML-DSA-44': (...given) => ml_dsa44.verify(...given),
  'ML-DSA-65': (...given) => ml_dsa65.verify(...given),
  'ML-DSA-87': (...given) => ml_dsa87.verify(...given),
}

const UNCOMPRESSED = Uint8Array.of(4)
// the message is hashed here and not by noble; a high s is good, since meters make it
const OPTIONS = { prehash: false, lowS: false, format: 'compact' } as const

const prepare = (name: CurveName): ECDSA => {
  const { p, a, b, n, gx, gy } = CURVES[name]
  // the hash given here serves only to derive nonces when signing, which this engine does not do
  return ecdsa(weierstrass({ p, a, b, n, h: 1n, Gx: gx, Gy: gy }), sha256)
}
