// A channel between two ends that made a key for it and for nothing else: HPKE in base mode (RFC 9180) to an ephemeral key, from which one
// AES-256-GCM key for each direction is exported. Who the ends are is vouched for by whoever signs the two shares.
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core'
import { utf8 } from '../base/bytes.ts'
import { asFault, Fault } from '../base/fault.ts'

/** Of the tag behind each record. */
export const TAG_BYTES = 16

/** Seals or opens the records of one direction, in their order; each number is used once. */
export interface RecordCipher {
  seal(number: number, plaintext: Uint8Array): Promise<Uint8Array>
  /** Rejects with Fault `decryption-failed` for another record than the one of that number. */
  open(number: number, sealed: Uint8Array): Promise<Uint8Array>
}

export interface ChannelKeys {
  /** What the end that asked says. */
  readonly asked: RecordCipher
  readonly answered: RecordCipher
}

export interface Share {
  /** An uncompressed point on P-256, 65 bytes. */
  readonly publicKey: Uint8Array
  /** With what the other end answered. Rejects with Fault `key-malformed`. */
  keys(answer: Uint8Array, info: Uint8Array): Promise<ChannelKeys>
}

/** @param entropy 32 bytes of chance, never used twice */
export const askChannel = async (entropy: Uint8Array): Promise<Share> => {
  const pair = await SUITE.kem.deriveKeyPair(bufferOf(entropy))
  return {
    publicKey: new Uint8Array(await SUITE.kem.serializePublicKey(pair.publicKey)),
    async keys(enc, info) {
      return exported(await ours(() => SUITE.createRecipientContext({ recipientKey: pair, enc: bufferOf(enc), info: bufferOf(info) })))
    },
  }
}

/**
 * @param share of the end that asks
 * @param info what both ends must agree on besides
 * @throws Fault `key-malformed`
 */
export const answerChannel = async (
  share: Uint8Array,
  info: Uint8Array,
  entropy: Uint8Array,
): Promise<{ answer: Uint8Array; keys: ChannelKeys }> => {
  const context = await ours(async () => {
    const recipientPublicKey = await SUITE.kem.deserializePublicKey(bufferOf(share))
    return SUITE.createSenderContext({ recipientPublicKey, info: bufferOf(info), ekm: bufferOf(entropy) })
  })
  return { answer: new Uint8Array(context.enc), keys: await exported(context) }
}

const AEAD = new Aes256Gcm()
const SUITE = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: AEAD })

interface Exporter {
  export(context: ArrayBuffer, length: number): Promise<ArrayBuffer>
}

const exported = async (context: Exporter): Promise<ChannelKeys> => {
  const cipher = async (label: string): Promise<RecordCipher> => cipherOf(await context.export(bufferOf(utf8(label)), AEAD.keySize))
  return { asked: await cipher('asked'), answered: await cipher('answered') }
}

const cipherOf = (key: ArrayBuffer): RecordCipher => {
  const context = AEAD.createEncryptionContext(key)
  return {
    seal: async (number, plaintext) => new Uint8Array(await context.seal(nonceOf(number), bufferOf(plaintext), NOTHING)),
    async open(number, sealed) {
      try {
        return new Uint8Array(await context.open(nonceOf(number), bufferOf(sealed), NOTHING))
      } catch (cause) {
        throw new Fault('decryption-failed', `record ${number} is not what the other end sealed`, {}, asFault(cause))
      }
    },
  }
}

const NOTHING = new ArrayBuffer(0)

/** 12 bytes, big-endian: a key is of one direction of one channel, so a number is used once. */
const nonceOf = (number: number): ArrayBuffer => {
  const view = new DataView(new ArrayBuffer(AEAD.nonceSize))
  view.setUint32(4, Math.floor(number / 2 ** 32))
  view.setUint32(8, number % 2 ** 32)
  return view.buffer
}

const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer

const ours = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (cause) {
    throw new Fault('key-malformed', 'expected a share on P-256', {}, asFault(cause))
  }
}
