// The two DER structures of a signed meter record: the ECDSA signature (RFC 3279 §2.2.3) and the public key, of an elliptic curve
// (RFC 5480 §2) or of a scheme without parameters. Strict both ways: one byte string per value (X.690 §10). No general ASN.1 here.
import { concat } from '../base/bytes.ts'
import { Fault, type FaultCode } from '../base/fault.ts'
import { CURVES } from './curves.ts'
import type { CurveName, EcPublicKey, MeterKey, RawSignature, SchemeName } from './engine.ts'
import { readPoint } from './point.ts'
import { SCHEMES } from './schemes.ts'

/**
 * SEQUENCE { INTEGER r, INTEGER s } as raw numbers at the curve's width.
 * @throws Fault `bytes-malformed` on anything but strict DER, a number that is not positive or one wider than the curve's order
 */
export const derToRaw = (der: Uint8Array, curve: CurveName): RawSignature => {
  const fail: FaultCode = 'bytes-malformed'
  const [r, rest] = take(INTEGER, whole(SEQUENCE, der, fail), fail)
  const s = whole(INTEGER, rest, fail)
  const width = CURVES[curve].orderBytes
  const raw = new Uint8Array(2 * width)
  for (const [content, end] of [
    [r, width],
    [s, 2 * width],
  ] as const) {
    const number = positive(content, width)
    raw.set(number, end - number.length)
  }
  return raw
}

/**
 * The DER form of a raw signature of any curve.
 * @throws Fault `bytes-malformed` when r or s is zero, or the length is odd
 */
export const rawToDer = (raw: RawSignature): Uint8Array<ArrayBuffer> => {
  const width = raw.length / 2
  if (!Number.isInteger(width)) throw new Fault('bytes-malformed', `expected r and s of one width, got ${raw.length} bytes`)
  if (hasZero(raw)) throw new Fault('bytes-malformed', 'expected r and s above zero')
  const [r, s] = [leading(raw, 0, width), leading(raw, width, raw.length)]
  const [rLength, sLength] = [width - r + signByte(raw[r]), raw.length - s + signByte(raw[s])]
  const head = headOf(SEQUENCE, 4 + rLength + sLength)
  const der = new Uint8Array(head.length + 4 + rLength + sLength)
  let at = 0
  for (const byte of head) der[at++] = byte
  // no order has more than 66 bytes: the lengths of the numbers are one byte, and views of so few bytes cost more than the bytes
  const write = (length: number, from: number, end: number): void => {
    der[at++] = INTEGER
    der[at++] = length
    at += signByte(raw[from])
    for (let i = from; i < end; i++) der[at++] = raw[i] as number
  }
  write(rLength, r, width)
  write(sLength, s, raw.length)
  return der
}

/** Whether r or s is zero, which is no signature (FIPS 186-5 §6.4.2, step 1). Also for no bytes at all. */
export const hasZero = (raw: RawSignature): boolean =>
  !raw[leading(raw, 0, raw.length / 2)] || !raw[leading(raw, raw.length / 2, raw.length)]

/**
 * A SubjectPublicKeyInfo with a named curve; a compressed point is decompressed.
 * @throws Fault `key-malformed` on anything but strict DER of a point on its curve; `algorithm-unsupported` (with `data.oid`) on another
 * kind of key or curve
 */
export const readSpki = (der: Uint8Array): EcPublicKey => {
  const key = readMeterSpki(der)
  if ('curve' in key) return key
  throw new Fault('algorithm-unsupported', 'expected an elliptic curve key', { oid: SCHEMES[key.scheme].oid })
}

/**
 * The same for every kind of key that meters sign with: also EdDSA (RFC 8410 §4) and ML-DSA (RFC 9881 §4), which have no parameters.
 * @throws Fault `key-malformed`, or `algorithm-unsupported` (with `data.oid`)
 */
export const readMeterSpki = (der: Uint8Array): MeterKey => {
  const fail: FaultCode = 'key-malformed'
  const [algorithm, rest] = take(SEQUENCE, whole(SEQUENCE, der, fail), fail)
  const bits = whole(BIT_STRING, rest, fail)
  const [kind, parameters] = take(OID, algorithm, fail)
  const scheme = SCHEME_OF_OID.get(readOid(kind))
  if (scheme === undefined && readOid(kind) !== EC_PUBLIC_KEY) throw unsupported('expected an elliptic curve key', kind)
  if (bits[0] !== 0) throw new Fault(fail, 'expected a bit string of whole bytes')
  const key = bits.subarray(1)
  // RFC 5480 §2.1.1: named curves only; keys with the numbers of their curve instead are in order all the same, and not read here
  if (scheme === undefined && parameters[0] === SEQUENCE) throw unsupported('expected the name of a curve, found its numbers', kind)
  if (scheme === undefined) return readPoint(curveOf(whole(OID, parameters, fail)), key)
  if (parameters.length > 0 || key.length !== SCHEMES[scheme].keyBytes)
    throw new Fault(fail, `expected ${SCHEMES[scheme].keyBytes} bytes of ${scheme} without parameters, got ${key.length}`)
  return { scheme, bytes: key }
}

const curveOf = (oid: Uint8Array): CurveName => {
  const curve = CURVE_OF_OID.get(readOid(oid))
  if (curve === undefined) throw unsupported('the curve is not in the table', oid)
  return curve
}

/** The SubjectPublicKeyInfo of a key; of a curve with its name and the uncompressed point, which is not checked. */
export const writeSpki = (key: MeterKey): Uint8Array<ArrayBuffer> => {
  if ('scheme' in key) {
    const algorithm = tlv(SEQUENCE, tlv(OID, writeOid(SCHEMES[key.scheme].oid)))
    return tlv(SEQUENCE, algorithm, tlv(BIT_STRING, Uint8Array.of(0), key.bytes))
  }
  const algorithm = tlv(SEQUENCE, tlv(OID, writeOid(EC_PUBLIC_KEY)), tlv(OID, writeOid(CURVES[key.curve].oid)))
  return tlv(SEQUENCE, algorithm, tlv(BIT_STRING, Uint8Array.of(0, 4), key.point))
}

const INTEGER = 0x02
const BIT_STRING = 0x03
const OID = 0x06
const SEQUENCE = 0x30

/** id-ecPublicKey, RFC 5480 §2.1.1. */
const EC_PUBLIC_KEY = '1.2.840.10045.2.1'
const CURVE_OF_OID = new Map((Object.keys(CURVES) as CurveName[]).map((name) => [CURVES[name].oid, name]))
const SCHEME_OF_OID = new Map((Object.keys(SCHEMES) as SchemeName[]).map((name) => [SCHEMES[name].oid, name]))

/** The smallest length that needs so many bytes. */
const LEAST = [0, 0x80, 0x100, 0x10000] as const

/** Takes one element of the given tag off the front; returns its content and what follows it. */
export const take = (tag: number, bytes: Uint8Array, fail: FaultCode): [content: Uint8Array, rest: Uint8Array] => {
  const first = bytes[1] ?? 0
  // X.690 §10.1: the shortest form of the length; none of our structures needs more than three length bytes
  const extra = first < 0x80 ? 0 : first & 0x7f
  const long = extra === 0 ? 0 : bytes.subarray(2, 2 + Math.min(extra, 3)).reduce((sum, byte) => 256 * sum + byte, 0)
  const length = extra === 0 ? first : long
  const shortest = first < 0x80 || (extra >= 1 && extra <= 3 && long >= (LEAST[extra] ?? 0))
  const end = 2 + extra + length
  if (bytes[0] !== tag || !shortest || end > bytes.length) throw new Fault(fail, `expected DER with tag ${tag}`, { found: bytes[0] })
  return [bytes.subarray(2 + extra, end), bytes.subarray(end)]
}

/** The content of one element that nothing follows. */
export const whole = (tag: number, bytes: Uint8Array, fail: FaultCode): Uint8Array => {
  const [content, rest] = take(tag, bytes, fail)
  if (rest.length > 0) throw new Fault(fail, `expected the end, got ${rest.length} more bytes`)
  return content
}

/** The bytes of a positive INTEGER in its shortest form (X.690 §8.3.2), without the sign's; no more than the given width. */
const positive = (content: Uint8Array, width: number): Uint8Array => {
  const [first = 0, second = 0] = content
  const shortest = content.length === 1 || first !== 0 || second >= 0x80
  const bare = first === 0 ? content.subarray(1) : content
  if (bare.length === 0 || first >= 0x80 || !shortest)
    throw new Fault('bytes-malformed', 'expected a positive integer in its shortest form')
  if (bare.length > width) throw new Fault('bytes-malformed', `expected an integer of at most ${width} bytes, got ${bare.length}`)
  return bare
}

/** Where the shortest form of the number in these bytes begins: at its last byte for zero. */
const leading = (bytes: Uint8Array, from: number, end: number): number => {
  let at = from
  while (at < end - 1 && bytes[at] === 0) at++
  return at
}

/** A zero byte before a number whose first bit is set, or it would be negative (X.690 §8.3.3). */
const signByte = (first = 0): 0 | 1 => (first < 0x80 ? 0 : 1)

const headOf = (tag: number, length: number): readonly number[] =>
  length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff]

const tlv = (tag: number, ...content: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const length = content.reduce((sum, part) => sum + part.length, 0)
  return concat(Uint8Array.from(headOf(tag, length)), ...content)
}

/** Dotted form (X.690 §8.19); each arc in its shortest form. */
export const readOid = (content: Uint8Array): string => {
  const arcs: number[] = []
  let arc = 0
  let fresh = true
  for (const byte of content) {
    if ((fresh && byte === 0x80) || arc > 2 ** 40) throw new Fault('key-malformed', 'expected an object identifier')
    arc = arc * 128 + (byte & 0x7f)
    fresh = byte < 0x80
    if (fresh) arcs.push(arc)
    if (fresh) arc = 0
  }
  const [first, ...others] = arcs
  if (first === undefined || !fresh) throw new Fault('key-malformed', 'expected an object identifier')
  const root = Math.min(Math.floor(first / 40), 2)
  return [root, first - 40 * root, ...others].join('.')
}

const writeOid = (dotted: string): Uint8Array => {
  const [root = 0, second = 0, ...others] = dotted.split('.').map(Number)
  return Uint8Array.from([40 * root + second, ...others].flatMap(base128))
}

const base128 = (arc: number): number[] => {
  const bytes = [arc & 0x7f]
  for (let rest = arc >> 7; rest > 0; rest >>= 7) bytes.unshift(0x80 | (rest & 0x7f))
  return bytes
}

const unsupported = (why: string, oid: Uint8Array): Fault => new Fault('algorithm-unsupported', why, { oid: readOid(oid) })
