// Points as SEC 1 writes them, compressed or not, checked against the curve's equation. Public values only: nothing here runs in constant time.
import { hex, unhex } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { CURVES, type Curve } from './curves.ts'
import type { CurveName, EcPublicKey } from './engine.ts'
import { power } from './modular.ts'

/**
 * Reads `04 x y`, or `02 x` / `03 x` with y computed (SEC 1 v2 §2.3.4). Infinity and the hybrid form are no public keys here.
 * @throws Fault `key-malformed` on another form or width, or when the point is not on the curve
 */
export const readPoint = (curve: CurveName, encoded: Uint8Array): EcPublicKey => {
  const { coordinateBytes: width, ...parameters } = CURVES[curve]
  const form = encoded[0]
  const compressed = form === 2 || form === 3
  if ((!compressed && form !== 4) || encoded.length !== 1 + (compressed ? width : 2 * width)) {
    throw new Fault('key-malformed', `expected a point on ${curve}, compressed or not`, { curve, length: encoded.length })
  }
  const x = toBigInt(encoded.subarray(1, 1 + width))
  const y = compressed ? yOf(parameters, x, form === 3) : toBigInt(encoded.subarray(1 + width))
  if (!isOnCurve(parameters, x, y)) throw new Fault('key-malformed', `the point is not on ${curve}`, { curve })
  return { curve, point: unhex(digits(x, width) + digits(y, width)) }
}

type Equation = Pick<Curve, 'p' | 'a' | 'b'>

const isOnCurve = ({ p, a, b }: Equation, x: bigint, y: bigint): boolean => x < p && y < p && (y * y - (x * x + a) * x - b) % p === 0n

/** The y of the wanted parity; not a point of the curve where x has none, which the caller's check then finds. */
const yOf = ({ p, a, b }: Equation, x: bigint, odd: boolean): bigint => {
  const y = squareRoot(((x * x + a) * x + b) % p, p)
  return (y & 1n) === (odd ? 1n : 0n) ? y : p - y
}

/** A root of `square` modulo the prime p, or another number where it has none. p mod 4 is 3 on every curve but secp224k1, where p mod 8 is 5. */
const squareRoot = (square: bigint, p: bigint): bigint => {
  if (p % 4n === 3n) return power(square, (p + 1n) / 4n, p)
  const root = power(square, (p + 3n) / 8n, p)
  // the candidate squared is ±square; where it is the negative one, the square root of -1 repairs it (HAC §3.5.1, algorithm 3.37)
  return (root * root) % p === square ? root : (root * power(2n, (p - 1n) / 4n, p)) % p
}

const toBigInt = (bytes: Uint8Array): bigint => BigInt(`0x${hex(bytes)}`)

const digits = (value: bigint, bytes: number): string => value.toString(16).padStart(2 * bytes, '0')
