// node:crypto behind the engine's face, and what else of it the pure floors ask for: randomness, and signers that keep their
// private key inside. Keys at rest are PKCS#8 PEM, not encrypted: the file's permissions guard them.
// OpenSSL is asked in DER: for r || s Node takes options around the key, and finds by two thrown errors that they are no key, which
// costs more than the signature.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  getCurves,
  type KeyObject,
  hash as oneShot,
  randomBytes,
  randomUUID,
  sign,
  verify,
} from 'node:crypto'
import { base64url, unbase64url } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { latest } from '../base/latest.ts'
import type { Random } from '../base/ports.ts'
import { CURVES, hasWidths } from '../crypto/curves.ts'
import { derToRaw, hasZero, rawToDer, readMeterSpki, readSpki, writeSpki } from '../crypto/der.ts'
import type { CurveName, Engine, HashName, MeterKey, NodeSigner, PureSigner, RsaPublicKey, Signer } from '../crypto/engine.ts'
import { type RsaSigner, rsaKey } from '../crypto/rsa.ts'
import { hasSchemeWidths } from '../crypto/schemes.ts'

/** @param cachedKeys how many imported keys are kept; importing one costs as much as a verification, so the latest used stay */
export const nodeEngine = (cachedKeys = 1024): Engine => {
  const keyOf = keyCache(cachedKeys)
  return {
    digest(hash, message) {
      return plain(oneShot(HASHES[hash], message, 'buffer'))
    },
    verifyEcdsa(key, hash, message, signature) {
      if (!hasWidths(key, signature) || hasZero(signature)) return false
      const imported = keyOf(key)
      return imported !== undefined && verify(HASHES[hash], message, imported, rawToDer(signature))
    },
    verifyPure(key, message, signature) {
      if (!hasSchemeWidths(key, signature)) return false
      const imported = keyOf(key)
      return imported !== undefined && verify(null, message, imported, signature)
    },
    verifyRsa({ modulus, exponent }, hash, message, signature) {
      const jwk = { kty: 'RSA', n: base64url(modulus), e: base64url(exponent) }
      return verify(HASHES[hash], message, createPublicKey({ key: jwk, format: 'jwk' }), signature)
    },
  }
}

export const nodeRandom: Random = {
  bytes: (length) => plain(randomBytes(length)),
  uuid: () => randomUUID(),
}

/** A new key pair. */
export const generateSigner = (curve: CurveName): Signer =>
  signerOf(generateKeyPairSync('ec', { namedCurve: CURVES[curve].openssl }).privateKey)

/** The kinds of keys that nodes are given. */
export const KEY_KINDS = ['p-256', 'ed25519'] as const
export type KeyKind = (typeof KEY_KINDS)[number]

/** A new key pair for a node. */
export const generateNodeSigner = (kind: KeyKind): NodeSigner => (kind === 'ed25519' ? generatePureSigner() : generateSigner('secp256r1'))

/** A new key pair of Ed25519. */
export const generatePureSigner = (): PureSigner => pureSignerOf(generateKeyPairSync('ed25519').privateKey)

/**
 * A signer from a key of a curve or of Ed25519 in PKCS#8 PEM.
 * @throws Fault `key-malformed`, or `algorithm-unsupported` for another kind of key or curve
 */
export const importSigner = (pkcs8Pem: string): NodeSigner => {
  let key: KeyObject
  try {
    key = createPrivateKey({ key: pkcs8Pem, format: 'pem' })
  } catch {
    // the cause is dropped on purpose: nothing of a private key may reach a log
    throw new Fault('key-malformed', 'expected a private key as PKCS#8 PEM')
  }
  return key.asymmetricKeyType === 'ed25519' ? pureSignerOf(key) : signerOf(key)
}

/**
 * The private key of a signer made here, as PKCS#8 PEM.
 * @throws Fault `internal` for any other signer
 */
export const exportPkcs8Pem = (signer: NodeSigner): string => {
  const key = PRIVATE_KEYS.get(signer)
  if (key === undefined) throw new Fault('internal', 'the private key of this signer is not held here')
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** A new RSA key pair, of 2048 bits unless asked otherwise. */
export const generateRsaSigner = (modulusLength = 2048): RsaSigner => rsaSignerOf(generateKeyPairSync('rsa', { modulusLength }).privateKey)

/** A signer from an RSA key in PKCS#8 PEM. Throws Fault `key-malformed`. */
export const importRsaSigner = (pkcs8Pem: string): RsaSigner => rsaSignerOf(createPrivateKey({ key: pkcs8Pem, format: 'pem' }))

/** Whether a PEM is of an RSA public key; false for anything that is no key at all. */
export const isRsaPem = (pem: string): boolean => {
  try {
    return createPublicKey({ key: pem, format: 'pem' }).asymmetricKeyType === 'rsa'
  } catch {
    // whoever reads it as a key of a curve says what is wrong with it
    return false
  }
}

/** The RSA key of a SubjectPublicKeyInfo in PEM. Throws Fault `key-malformed`. */
export const readRsaPublicKey = (pem: string): RsaPublicKey => {
  try {
    return rsaKeyOf(createPublicKey({ key: pem, format: 'pem' }))
  } catch (cause) {
    throw new Fault('key-malformed', 'expected an RSA public key as PEM', {}, cause)
  }
}

const rsaKeyOf = (key: KeyObject): RsaPublicKey => {
  const { n = '', e = '' } = key.export({ format: 'jwk' })
  return rsaKey(unbase64url(n), unbase64url(e))
}

const rsaSignerOf = (key: KeyObject): RsaSigner => ({
  rsaKey: rsaKeyOf(createPublicKey(key)),
  sign: (hash, message) => plain(sign(HASHES[hash], message, key)),
})

const HASHES = { 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' } as const satisfies Record<HashName, string>

const PRIVATE_KEYS = new WeakMap<NodeSigner, KeyObject>()

const signerOf = (key: KeyObject): Signer => {
  const publicKey = readSpki(createPublicKey(key).export({ type: 'spki', format: 'der' }))
  const signer: Signer = { publicKey, sign: (hash, message) => derToRaw(sign(HASHES[hash], message, key), publicKey.curve) }
  PRIVATE_KEYS.set(signer, key)
  return signer
}

const pureSignerOf = (key: KeyObject): PureSigner => {
  const publicKey = readMeterSpki(plain(createPublicKey(key).export({ type: 'spki', format: 'der' })))
  if (!('scheme' in publicKey)) throw new Fault('internal', 'expected a key of a scheme')
  const signer: PureSigner = { publicKey, signPure: (message) => plain(sign(null, message, key)) }
  PRIVATE_KEYS.set(signer, key)
  return signer
}

/** Remembers the keys used last, and which of them are none. */
const keyCache = (size: number): ((key: MeterKey) => KeyObject | undefined) => {
  const kept = latest<KeyObject | undefined>(size)
  return (key) => {
    const [kind, { buffer, byteOffset, length }] = 'scheme' in key ? [key.scheme, key.bytes] : [key.curve, key.point]
    return kept(kind + Buffer.from(buffer, byteOffset, length).toString('latin1'), () => importKey(key))
  }
}

/** Undefined when OpenSSL does not take the key, which is how it answers to a point off the curve. */
const importKey = (key: MeterKey): KeyObject | undefined => {
  try {
    return createPublicKey({ key: Buffer.from(writeSpki(key)), format: 'der', type: 'spki' })
  } catch (cause) {
    // some distributions build OpenSSL without the rarer curves and schemes; "false" would then be a wrong answer
    if (!isBuiltIn(key)) throw new Fault('algorithm-unsupported', `this OpenSSL was built without ${kindOf(key)}`, {}, cause)
    return undefined
  }
}

const isBuiltIn = (key: MeterKey): boolean => {
  if ('curve' in key) return getCurves().includes(CURVES[key.curve].openssl)
  // any string of the right length is a key of these: one that is not taken was refused for what it is
  return false
}

const kindOf = (key: MeterKey): string => ('scheme' in key ? key.scheme : key.curve)

/** A copy that is a plain Uint8Array with memory of its own. */
const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer)
