// RSA keys, out of certificates and JSON Web Keys, and the JWS algorithms of OCPP Part 4 chapter 7 that need them: RS256 and RS384
// (RFC 7518 §3.3). A kind of key of its own, beside the elliptic curves: meters do not use it, authorities and foreign back ends may.
import { base64url, concat, equal, utf8 } from '../base/bytes.ts'
import { Fault, type FaultCode } from '../base/fault.ts'
import { readOid, take, whole } from './der.ts'
import type { Engine, HashName, RsaPublicKey } from './engine.ts'

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
 * @throws Fault `key-malformed` for a modulus that is not 2048 to 8192 bits, or an exponent that is even, 1, or longer than 8 bytes
 */
export const rsaKey = (modulus: Uint8Array, exponent: Uint8Array): RsaPublicKey => {
  const key = { modulus: bare(modulus), exponent: bare(exponent) }
  const { length } = key.modulus
  const isOdd = ((key.exponent.at(-1) ?? 0) & 1) === 1 && ((key.modulus.at(-1) ?? 0) & 1) === 1
  // a signature under the exponent 1 is the padded digest itself
  const isOne = equal(key.exponent, Uint8Array.of(1))
  if (length < BYTES.least || length > BYTES.most || !isOdd || isOne || key.exponent.length > 8)
    throw new Fault('key-malformed', `expected an RSA key of ${8 * BYTES.least} to ${8 * BYTES.most} bits, got ${8 * length}`)
  return key
}

/**
 * The key in a SubjectPublicKeyInfo (RFC 3279 §2.3.1); undefined for one of another kind.
 * @throws Fault `key-malformed` on anything but strict DER
 */
export const readRsaSpki = (der: Uint8Array): RsaPublicKey | undefined => {
  const [algorithm, rest] = take(SEQUENCE, whole(SEQUENCE, der, FAIL), FAIL)
  const [kind] = take(OID, algorithm, FAIL)
  if (readOid(kind) !== RSA_ENCRYPTION) return undefined
  const bits = whole(BIT_STRING, rest, FAIL)
  if (bits[0] !== 0) throw new Fault(FAIL, 'expected a bit string of whole bytes')
  const [modulus, behind] = take(INTEGER, whole(SEQUENCE, bits.subarray(1), FAIL), FAIL)
  return rsaKey(unsigned(modulus), unsigned(whole(INTEGER, behind, FAIL)))
}

const FAIL: FaultCode = 'key-malformed'
const INTEGER = 0x02
const BIT_STRING = 0x03
const OID = 0x06
const SEQUENCE = 0x30
const RSA_ENCRYPTION = '1.2.840.113549.1.1.1'

/** Of a positive INTEGER in its shortest form (X.690 §8.3.2). */
const unsigned = (content: Uint8Array): Uint8Array => {
  const [first = 0x80, second = 0x80] = content
  if (first >= 0x80 || (first === 0 && second < 0x80)) throw new Fault(FAIL, 'expected a positive integer in its shortest form')
  return content
}

/** RFC 7638 §3.2: the required members in lexicographic order. */
export const rsaThumbprint = ({ modulus, exponent }: RsaPublicKey, engine: Engine): string =>
  base64url(engine.digest('SHA-256', utf8(`{"e":"${base64url(exponent)}","kty":"RSA","n":"${base64url(modulus)}"}`)))

const bare = (number: Uint8Array): Uint8Array => {
  const start = number.findIndex((byte) => byte !== 0)
  return start < 0 ? new Uint8Array(0) : concat(number.subarray(start))
}
