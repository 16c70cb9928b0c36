// Encryption for the holder of one key: HPKE in base mode (RFC 9180), DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. Who may read
// what, and who says so, is not known here.
import type { CipherSuite } from '@hpke/core'
import { concat } from '../base/bytes.ts'
import { asFault, Fault } from '../base/fault.ts'
import type { EcPublicKey } from './engine.ts'
import { suiteOf } from './hpke-suite.ts'

/** Bytes that an ephemeral key is derived from: Nsk of the KEM, RFC 9180 §7.1. */
export const ENTROPY_BYTES = 32

/** What both sides must agree on besides the key. */
export interface Context {
  /** Of the application: binds the key schedule to it. */
  readonly info: Uint8Array
  /** Authenticated, and not encrypted. */
  readonly aad: Uint8Array
}

export interface Ciphertext {
  /** The encapsulated key: an uncompressed point, 65 bytes. */
  readonly enc: Uint8Array
  /** As long as the plaintext, and 16 bytes of tag. */
  readonly ciphertext: Uint8Array
}

/** A private key that opens what was encrypted for it; the key itself stays inside. */
export interface Opener {
  readonly publicKey: EcPublicKey
  /** Rejects with Fault `decryption-failed` for what was not encrypted for this key in this context. */
  open(sealed: Ciphertext, context: Context): Promise<Uint8Array>
}

/**
 * Encrypts for the holder of a key.
 * @param entropy 32 bytes of chance, never used twice: GenerateKeyPair is DeriveKeyPair over them (RFC 9180 §4)
 * @throws Fault `algorithm-unsupported` for another curve; `key-malformed` for a point that is not on it
 */
export const hpkeSeal = async (
  to: EcPublicKey,
  plaintext: Uint8Array,
  { info, aad, entropy }: Context & { entropy: Uint8Array },
): Promise<Ciphertext> => {
  const recipientPublicKey = await publicKeyOf(to)
  const context = await (await suite()).createSenderContext({ recipientPublicKey, info, ekm: entropy })
  return { enc: new Uint8Array(context.enc), ciphertext: new Uint8Array(await context.seal(plaintext, aad)) }
}

/** @param scalar the private key on P-256, 32 bytes, big-endian */
export const openerOf = (scalar: Uint8Array, publicKey: EcPublicKey): Opener => {
  if (publicKey.curve !== 'secp256r1') throw unsupported(publicKey)
  let pair: ReturnType<typeof pairOf> | undefined
  return {
    publicKey,
    async open({ enc, ciphertext }, { info, aad }) {
      pair ??= pairOf(scalar, publicKey)
      const recipientKey = await pair
      try {
        return new Uint8Array(await (await suite()).open({ recipientKey, enc, info }, ciphertext, aad))
      } catch (cause) {
        throw new Fault('decryption-failed', 'it was not encrypted for this key, or not in this place', {}, asFault(cause))
      }
    },
  }
}

const suite = async (): Promise<CipherSuite> => (await suiteOf('Aes128Gcm')).suite

const UNCOMPRESSED = Uint8Array.of(4)

const publicKeyOf = async (key: EcPublicKey) => {
  if (key.curve !== 'secp256r1') throw unsupported(key)
  try {
    return await (await suite()).kem.deserializePublicKey(concat(UNCOMPRESSED, key.point))
  } catch (cause) {
    throw new Fault('key-malformed', 'expected a point on P-256', {}, asFault(cause))
  }
}

const pairOf = async (scalar: Uint8Array, publicKey: EcPublicKey) => ({
  privateKey: await (await suite()).kem.deserializePrivateKey(scalar),
  publicKey: await publicKeyOf(publicKey),
})

const unsupported = ({ curve }: EcPublicKey): Fault => new Fault('algorithm-unsupported', `expected a key on P-256, got ${curve}`)
