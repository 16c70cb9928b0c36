// A payload that only one node can read: how it is written, and what binds it to its place. Action, ids, path and destination stay
// clear; it is encrypted first and signed as it is sent (docs/protocol.md §4.12). Whether it must be is in secrecy.ts.
import { base64url, unbase64url, utf8, utf8Text } from '../base/bytes.ts'
import { canonicalJson, parseJsonStrict } from '../base/canonical-json.ts'
import { asFault, Fault } from '../base/fault.ts'
import type { Json, Random } from '../base/ports.ts'
import { ENTROPY_BYTES, hpkeSeal, type Opener } from '../crypto/hpke.ts'
import { type Payload, payloadOf } from '../ocpp/frame.ts'
import type { TrustedKey } from './trust.ts'

/** DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM; the name is that of draft-ietf-jose-hpke-encrypt. */
const SUITE = 'HPKE-0'
/** The one member of such a payload. OCPP has none of the name. */
const MEMBER = 'org.chargeproof.encrypted'
const INFO = utf8('org.chargeproof.encrypted.1')

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

/** Encrypts a payload for the holder of a key. Throws Fault `algorithm-unsupported`, `key-malformed`. */
export const encryptPayload = async (
  payload: Payload,
  place: Place,
  { key, random }: { key: Pick<TrustedKey, 'kid' | 'publicKey'>; random: Pick<Random, 'bytes'> },
): Promise<Payload> => {
  if (!('curve' in key.publicKey)) throw new Fault('algorithm-unsupported', 'a key for encryption is on P-256')
  const context = { info: INFO, aad: placeBytes(place, key.kid), entropy: random.bytes(ENTROPY_BYTES) }
  const { enc, ciphertext } = await hpkeSeal(key.publicKey, utf8(payload.text), context)
  return payloadOf({ [MEMBER]: { suite: SUITE, kid: key.kid, enc: base64url(enc), ciphertext: base64url(ciphertext) } })
}

/** @throws Fault `decryption-failed`, also for another suite and for what is no JSON inside; `bytes-malformed` */
export const decryptPayload = async ({ suite, kid, enc, ciphertext }: Encrypted, place: Place, opener: Opener): Promise<Payload> => {
  if (suite !== SUITE) throw new Fault('decryption-failed', `expected the suite ${SUITE}`)
  const sealed = { enc: unbase64url(enc), ciphertext: unbase64url(ciphertext) }
  const text = utf8Text(await opener.open(sealed, { info: INFO, aad: placeBytes(place, kid) }))
  return { text, value: objectOf(text) }
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

/** The associated data of HPKE: the RFC 8785 form of the place and the key's name. */
const placeBytes = ({ iss, aud, act, mt, mid }: Place, kid: string): Uint8Array => utf8(canonicalJson({ iss, aud, act, mt, mid, kid }))

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
