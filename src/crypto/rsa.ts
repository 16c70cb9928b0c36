// RSA keys and the JWS algorithms of OCPP Part 4 chapter 7 that need them: RS256 and RS384 (RFC 7518 §3.3). A kind of key of its own,
// beside the elliptic curves: meters do not use it, foreign back ends may.
import { base64url, concat, utf8 } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import type { Engine, HashName } from './engine.ts'

/** Both numbers big-endian, without leading zeros. */
export interface RsaPublicKey {
  readonly modulus: Uint8Array
  readonly exponent: Uint8Array
}

/** What an engine does that has RSA; the one for browsers has not. */
export interface RsaEngine {
  /** RSASSA-PKCS1-v1_5 over `hash(message)` (RFC 8017 §8.2). False for any mismatch. */
  verifyRsa(key: RsaPublicKey, hash: HashName, message: Uint8Array, signature: Uint8Array): boolean
}

export interface RsaSigner {
  readonly rsaKey: RsaPublicKey
  sign(hash: HashName, message: Uint8Array): Uint8Array
}

export const RSA_ALGORITHMS = { RS256: 'SHA-256', RS384: 'SHA-384' } as const satisfies Record<string, HashName>
export type RsaAlgorithm = keyof typeof RSA_ALGORITHMS

export const isRsaAlgorithm = (alg: unknown): alg is RsaAlgorithm => typeof alg === 'string' && Object.hasOwn(RSA_ALGORITHMS, alg)

/** RFC 7518 §3.3 asks for 2048 bits and more; beyond 8192 a verification costs too much. */
const BYTES = { least: 256, most: 1024 } as const

/**
 * A key from the numbers of its JWK (RFC 7518 §6.3.1).
 * @throws Fault `key-malformed` for a modulus that is not 2048 to 8192 bits, or an exponent that is even, or longer than 8 bytes
 */
export const rsaKey = (modulus: Uint8Array, exponent: Uint8Array): RsaPublicKey => {
  const key = { modulus: bare(modulus), exponent: bare(exponent) }
  const { length } = key.modulus
  const isOdd = ((key.exponent.at(-1) ?? 0) & 1) === 1 && ((key.modulus.at(-1) ?? 0) & 1) === 1
  if (length < BYTES.least || length > BYTES.most || !isOdd || key.exponent.length > 8)
    throw new Fault('key-malformed', `expected an RSA key of ${8 * BYTES.least} to ${8 * BYTES.most} bits, got ${8 * length}`)
  return key
}

/** RFC 7638 §3.2: the required members in lexicographic order. */
export const rsaThumbprint = ({ modulus, exponent }: RsaPublicKey, engine: Engine): string =>
  base64url(engine.digest('SHA-256', utf8(`{"e":"${base64url(exponent)}","kty":"RSA","n":"${base64url(modulus)}"}`)))

const bare = (number: Uint8Array): Uint8Array => {
  const start = number.findIndex((byte) => byte !== 0)
  return start < 0 ? new Uint8Array(0) : concat(number.subarray(start))
}
