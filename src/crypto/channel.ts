// A channel between two ends that made a key for it and for nothing else: HPKE in base mode (RFC 9180) to an ephemeral key, from which one
// AES-256-GCM key for each direction is exported. Who the ends are is vouched for by whoever signs the two shares.
import { utf8 } from '../base/bytes.ts'
import { asFault, Fault } from '../base/fault.ts'
import { type Suite, suiteOf } from './hpke-suite.ts'

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
  const { suite, aead } = await suiteOf('Aes256Gcm')
  const pair = await suite.kem.deriveKeyPair(bufferOf(entropy))
  return {
    publicKey: new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey)),
    async keys(enc, info) {
      return exported(
        await ours(() => suite.createRecipientContext({ recipientKey: pair, enc: bufferOf(enc), info: bufferOf(info) })),
        aead,
      )
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
  const { suite, aead } = await suiteOf('Aes256Gcm')
  const context = await ours(async () => {
    const recipientPublicKey = await suite.kem.deserializePublicKey(bufferOf(share))
    return suite.createSenderContext({ recipientPublicKey, info: bufferOf(info), ekm: bufferOf(entropy) })
  })
  return { answer: new Uint8Array(context.enc), keys: await exported(context, aead) }
}

/** Of AES-256-GCM. */
const KEY_BYTES = 32
const NONCE_BYTES = 12

interface Exporter {
  export(context: ArrayBuffer, length: number): Promise<ArrayBuffer>
}

const exported = async (context: Exporter, aead: Suite['aead']): Promise<ChannelKeys> => {
  const cipher = async (label: string): Promise<RecordCipher> => cipherOf(await context.export(bufferOf(utf8(label)), KEY_BYTES), aead)
  return { asked: await cipher('asked'), answered: await cipher('answered') }
}

const cipherOf = (key: ArrayBuffer, aead: Suite['aead']): RecordCipher => {
  const context = aead.createEncryptionContext(key)
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
  const view = new DataView(new ArrayBuffer(NONCE_BYTES))
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
