// RSA keys of authorities for the golden vectors, made from a label like those of meters (signer.ts). PKCS #1 v1.5 has no randomness. For test
// data only: anybody can derive these keys.
import { createPrivateKey, sign } from 'node:crypto'
import { sha512 } from '@noble/hashes/sha2.js'
import { base64url, concat, hex, unhex, utf8 } from '../../src/base/bytes.ts'
import type { HashName } from '../../src/crypto/engine.ts'
import { power } from '../../src/crypto/modular.ts'
import { type RsaSigner, rsaKey } from '../../src/crypto/rsa.ts'

/** How far above the number that its label makes each prime lies: finding it takes longer than all the rest. */
const PRIMES = {
  authority: { p: 148n, q: 0n },
  between: { p: 404n, q: 364n },
  stranger: { p: 48n, q: 1328n },
} as const

const EXPONENT = 65_537n

/** Of 2048 bits. */
export const vectorRsaSigner = (label: keyof typeof PRIMES): RsaSigner => {
  const [p, q] = [prime(`${label} p`) + PRIMES[label].p, prime(`${label} q`) + PRIMES[label].q]
  // Euler's theorem: the inverse modulo the prime 65537, and from it the one that is wanted
  const order = (p - 1n) * (q - 1n)
  const d = (1n + order * (EXPONENT - power(order % EXPONENT, EXPONENT - 2n, EXPONENT))) / EXPONENT
  const numbers = { n: p * q, e: EXPONENT, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: power(q, p - 2n, p) }
  const jwk = Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, base64url(bytesOf(number))]))
  const key = createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' })
  return {
    rsaKey: rsaKey(bytesOf(numbers.n), bytesOf(EXPONENT)),
    sign: (hash, message) => new Uint8Array(sign(HASHES[hash], message, key)),
  }
}

/** 1024 bits, the two highest of which are set: then the product of two has 2048. */
const prime = (label: string): bigint => {
  const halves = [0, 1].map((half) => sha512(utf8(`chargeproof vector prime ${label} ${half}`)))
  return BigInt(`0x${hex(concat(...halves))}`) | (3n << 1022n) | 1n
}

const bytesOf = (number: bigint): Uint8Array => {
  const digits = number.toString(16)
  return unhex(digits.padStart(digits.length + (digits.length % 2), '0'))
}

const HASHES = { 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' } as const satisfies Record<HashName, string>
