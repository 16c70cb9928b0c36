// What only one node can read of a message: its payload, the bytes beside it, or what an error says. Action, ids, path and destination stay
// clear; it is encrypted first and signed as it is sent (docs/protocol.md §4.12). Whether it must be is in secrecy.ts.
import { base64url, concat, unbase64url, utf8, utf8Text } from '../base/bytes.ts'
import { canonicalJson, parseJsonStrict } from '../base/canonical-json.ts'
import { asFault, Fault } from '../base/fault.ts'
import type { Json, Random } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { ENTROPY_BYTES, hpkeSeal, type Opener } from '../crypto/hpke.ts'
import { ERROR, type Message, type Payload, payloadOf } from '../ocpp/frame.ts'
import { attach, attachmentOf } from './attachments.ts'
import type { TrustedKey } from './trust.ts'

/** DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM; the name is that of draft-ietf-jose-hpke-encrypt. */
const SUITE = 'HPKE-0'
/** The member of such a payload, beside the name of bytes that come with it. OCPP has none of the name. */
const MEMBER = 'org.chargeproof.encrypted'
const INFO = utf8('org.chargeproof.encrypted.1')
/** An uncompressed point on P-256, before the ciphertext of bytes. */
const ENC_BYTES = 65
/** What every node on the way acts by stays clear in the details of an error: where it was made, and whether the question may have been obeyed. */
const CLEAR_DETAILS: readonly string[] = ['at', 'fault', 'sent', 'outcome']

/** Why a rule that looks into a payload lets none pass that is encrypted. */
export const UNREADABLE = 'the payload is encrypted, and this rule would have to look into it'

/** What stands in the place of the payload. Both byte strings are base64url. */
export interface Encrypted {
  readonly suite: string
  /** Thumbprint of the reader's key. */
  readonly kid: string
  readonly enc: string
  readonly ciphertext: string
}

/** Where a ciphertext belongs; anywhere else it does not open. */
export interface Place {
  readonly iss: string
  readonly aud: string
  readonly act: string
  readonly mt: number
  readonly mid: string
}

export interface Encrypting {
  readonly key: Pick<TrustedKey, 'kid' | 'publicKey'>
  readonly random: Pick<Random, 'bytes'>
  /** Names the bytes beside a payload. */
  readonly engine: Engine
}

/**
 * Encrypts what a message says for the holder of a key, with the bytes beside it. Of an error the code stays clear, and in its details what the
 * way needs.
 * @throws Fault `algorithm-unsupported`, `key-malformed`; `limit-exceeded` for more than 262,063 bytes beside it
 */
export const encryptMessage = async (message: Message, place: Place, by: Encrypting): Promise<Message> => {
  if ('payload' in message) return { ...message, payload: await encryptPayload(message.payload, place, by) }
  const { description, details } = message
  const hidden = await encryptPayload({ ...details, ...payloadOf({ description, details: details.value }) }, place, by)
  const clear = Object.entries(membersOf(details.value)).filter(([name]) => CLEAR_DETAILS.includes(name))
  const shown = payloadOf({ ...Object.fromEntries(clear), ...membersOf(hidden.value) })
  return { ...message, description: '', details: { ...hidden, ...shown } }
}

/** The message as its reader reads it. Throws as `decryptPayload`. */
export const decryptMessage = async (message: Message, encrypted: Encrypted, place: Place, opener: Opener): Promise<Message> => {
  const opened = await decryptPayload(encrypted, place, opener, attachmentOf(message))
  if (message.type !== ERROR || !('details' in message)) return { ...message, payload: opened } as Message
  const { description, details } = membersOf(opened.value)
  if (typeof description !== 'string' || !isObject(details ?? null)) throw new Fault('decryption-failed', 'there is no error inside')
  return { ...message, description, details: { ...opened, ...payloadOf(details as Json) } }
}

/** Encrypts a payload for the holder of a key. Throws as `encryptMessage`. */
export const encryptPayload = async (payload: Payload, place: Place, { key, random, engine }: Encrypting): Promise<Payload> => {
  const { kid, publicKey } = key
  if (!('curve' in publicKey)) throw new Fault('algorithm-unsupported', 'a key for encryption is on P-256')
  const sealed = (bytes: Uint8Array, aad: Uint8Array) =>
    hpkeSeal(publicKey, bytes, { info: INFO, aad, entropy: random.bytes(ENTROPY_BYTES) })
  const { enc, ciphertext } = await sealed(utf8(payload.text), placeBytes(place, kid))
  const value = { [MEMBER]: { suite: SUITE, kid, enc: base64url(enc), ciphertext: base64url(ciphertext) } }
  if (!payload.attachment) return payloadOf(value)
  const beside = await sealed(payload.attachment, placeBytes(place, kid, ATTACHED))
  return attach(value, concat(beside.enc, beside.ciphertext), engine)
}

/**
 * @param attachment what came beside the payload
 * @throws Fault `decryption-failed`, also for another suite and for what is no JSON inside; `bytes-malformed`
 */
export const decryptPayload = async (
  { suite, kid, enc, ciphertext }: Encrypted,
  place: Place,
  opener: Opener,
  attachment?: Uint8Array,
): Promise<Payload> => {
  if (suite !== SUITE) throw new Fault('decryption-failed', `expected the suite ${SUITE}`)
  const sealed = { enc: unbase64url(enc), ciphertext: unbase64url(ciphertext) }
  const text = utf8Text(await opener.open(sealed, { info: INFO, aad: placeBytes(place, kid) }))
  if (!attachment) return { text, value: objectOf(text) }
  const beside = { enc: attachment.slice(0, ENC_BYTES), ciphertext: attachment.slice(ENC_BYTES) }
  const bytes = await opener.open(beside, { info: INFO, aad: placeBytes(place, kid, ATTACHED) })
  return { text, value: objectOf(text), attachment: bytes }
}

/** Whether only its addressee can read it. Then nobody on the way may decide by what it says. */
export const isEncrypted = (value: Json): boolean => isObject(value) && Object.hasOwn(value, MEMBER)

/** What such a payload holds; undefined where it is none, or none that can be read. */
export const readEncrypted = (value: Json): Encrypted | undefined => {
  const held = isObject(value) ? value[MEMBER] : undefined
  if (!isObject(held ?? null)) return undefined
  const { suite, kid, enc, ciphertext } = held as { readonly [member: string]: Json }
  const isText = (member: Json | undefined): member is string => typeof member === 'string'
  return isText(suite) && isText(kid) && isText(enc) && isText(ciphertext) ? { suite, kid, enc, ciphertext } : undefined
}

/** So that neither of the two ciphertexts of a message can stand in the place of the other. */
const ATTACHED = { part: 'attachment' } as const

/** The associated data of HPKE: the RFC 8785 form of the place and the key's name. */
const placeBytes = ({ iss, aud, act, mt, mid }: Place, kid: string, part: typeof ATTACHED | Record<string, never> = {}): Uint8Array =>
  utf8(canonicalJson({ iss, aud, act, mt, mid, kid, ...part }))

const membersOf = (value: Json): { readonly [member: string]: Json } => (isObject(value) ? value : {})

const objectOf = (text: string): Json => {
  try {
    const value = parseJsonStrict(text)
    if (isObject(value)) return value
  } catch (error) {
    throw new Fault('decryption-failed', 'there is no JSON inside', {}, asFault(error))
  }
  throw new Fault('decryption-failed', 'there is no object inside')
}

const isObject = (value: Json): value is { readonly [member: string]: Json } =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
