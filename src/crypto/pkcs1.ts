// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2) in plain JavaScript, for where there is no node:crypto. Public exponents only: nothing here is
// secret, and nothing runs in constant time.
import { concat, equal, hex, unhex } from '../base/bytes.ts'
import type { HashName, RsaPublicKey } from './engine.ts'
import { power } from './modular.ts'

/**
 * Whether the signature, to the power of the public exponent, is the padded digest: the padding is made and compared, never parsed.
 * @param digest by `hash`, of the message
 */
export const holdsPkcs1 = ({ modulus, exponent }: RsaPublicKey, signature: Uint8Array, digest: Uint8Array, hash: HashName): boolean => {
  const [n, s] = [numberOf(modulus), numberOf(signature)]
  if (signature.length !== modulus.length || s >= n) return false
  const padded = unhex(
    power(s, numberOf(exponent), n)
      .toString(16)
      .padStart(2 * modulus.length, '0'),
  )
  return equal(padded, paddedDigest(concat(DIGEST_INFOS[hash], digest), modulus.length))
}

/** EMSA-PKCS1-v1_5, §9.2: 00 01 FF … FF 00, and what was signed. */
const paddedDigest = (info: Uint8Array, length: number): Uint8Array => {
  const block = new Uint8Array(length).fill(0xff)
  block.set([0, 1])
  block.set(concat(Uint8Array.of(0), info), length - info.length - 1)
  return block
}

/** DER of a DigestInfo up to its digest, §9.2 note 1. */
const DIGEST_INFOS = {
  'SHA-256': unhex('3031300d060960864801650304020105000420'),
  'SHA-384': unhex('3041300d060960864801650304020205000430'),
  'SHA-512': unhex('3051300d060960864801650304020305000440'),
} as const satisfies Record<HashName, Uint8Array>

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x0${hex(bytes)}`)
