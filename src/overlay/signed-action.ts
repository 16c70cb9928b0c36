// Signed messages of OCPP Part 4 chapter 7: `<Action>-Signed`, its payload a flattened JWS around the payload proper. Read into our inner
// form (payload as it was signed, signature in the header) and written from it; judged here too, because the standard binds less than we do.
import { base64url, unbase64url, utf8, utf8Text } from '../base/bytes.ts'
import { parseJsonStrict } from '../base/canonical-json.ts'
import { Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import type { Engine, Signer } from '../crypto/engine.ts'
import { signDetached, verifyDetached } from '../crypto/jws.ts'
import { isRsaAlgorithm, RSA_ALGORITHMS, type RsaSigner } from '../crypto/rsa.ts'
import { CALL, type Call, type Message, payloadOf, RESULT, type Result, SEND, type Send, type SignatureObject } from '../ocpp/frame.ts'
import type { TrustedKey, TrustedRsaKey, TrustStore } from './trust.ts'

/** What can be wrapped: the standard says nothing of errors. */
export type Wrappable = Call | Result | Send

const SUFFIX = '-Signed'
/** Part 4 §7.3, and ES384 beside it. */
const EC_ALGORITHMS: readonly unknown[] = ['ES256', 'ES384']

/** Who signs: with a key of a curve as everywhere else, or with RSA towards those who ask for it. */
export type ActionSigner =
  | { readonly node: string; readonly kid: string; readonly signer: Signer }
  | { readonly node: string; readonly kid: string; readonly rsa: RsaSigner; readonly alg: keyof typeof RSA_ALGORITHMS }

/**
 * The message as chapter 7 writes it.
 * @param action of the message, or of the question where it is a result
 * @throws Fault `limit-exceeded` for an action that is too long with its suffix
 */
export const wrapAction = (message: Wrappable, action: string, by: ActionSigner): Wrappable => {
  const header = {
    kid: by.kid,
    OCPPAction: action,
    // spelled so in Part 4 §7.1, which calls it the message id; the number of the type is what its name says
    OCPPMessageTypedId: message.type,
    // not asked for by the standard, and the only things that bind the signature to one message
    iss: by.node,
    mid: message.id,
  }
  const bytes = utf8(message.payload.text)
  const signed = 'rsa' in by ? signedByRsa({ alg: by.alg, ...header }, bytes, by) : signDetached(header, bytes, by.signer)
  const payload = payloadOf({ payload: base64url(bytes), protected: signed.protected, signature: signed.signature })
  if (message.type === RESULT) return { ...message, payload }
  if (action.length + SUFFIX.length > 64) throw new Fault('limit-exceeded', `${action} is too long to be signed in OCPP's way`)
  return { ...message, action: action + SUFFIX, payload }
}

/**
 * The message without its wrapping, and what stood in it; undefined for one that is not wrapped.
 * @throws Fault `frame-malformed` where it says so and is not
 */
export const unwrapAction = (message: Message): { message: Wrappable; signature: SignatureObject } | undefined => {
  if (!('payload' in message)) return undefined
  const named = message.type === CALL || message.type === SEND
  if (named && !isSignedAction(message)) return undefined
  const { payload, protected: encoded, signature } = message.payload.value as { readonly [name: string]: Json | undefined }
  if (typeof payload !== 'string' || typeof encoded !== 'string' || typeof signature !== 'string') {
    if (named) throw new Fault('frame-malformed', 'expected a flattened JWS in a signed action', { id: message.id })
    return undefined
  }
  const said = { signature: { protected: encoded, signature } }
  if (readActionHeader(said.signature) === undefined) {
    if (named) throw new Fault('frame-malformed', 'expected the protected header of a signed action', { id: message.id })
    return undefined
  }
  const inner = { ...message, payload: textPayload(payload, message.id) }
  return { ...said, message: inner.type === RESULT ? inner : { ...inner, action: inner.action.slice(0, -SUFFIX.length) } }
}

export const isSignedAction = ({ action }: Call | Send): boolean => action.endsWith(SUFFIX)

/** The protected header where it is one of chapter 7. Before anything is verified: good for finding the key. */
export const readActionHeader = (signature: SignatureObject): { readonly [name: string]: Json } | undefined => {
  try {
    const header = parseJsonStrict(utf8Text(unbase64url(signature.protected))) as { readonly [name: string]: Json }
    const isKnown = EC_ALGORITHMS.includes(header.alg) || isRsaAlgorithm(header.alg)
    return isKnown && typeof header.OCPPAction === 'string' && !Object.hasOwn(header, 'crit') ? header : undefined
  } catch {
    // what cannot be read is not of chapter 7
    return undefined
  }
}

export type ActionVerdict = 'valid' | 'unknown-key' | 'key-revoked' | 'wrong-issuer' | 'wrong-message' | 'broken'

/** Judges one signature of chapter 7 over the payload's very bytes. What its header does not name it does not bind: no audience, no time. */
export const judgeAction = (
  signature: SignatureObject,
  { message, action }: { readonly message: Wrappable; readonly action: string },
  { trust, engine }: { readonly trust: TrustStore; readonly engine: Engine },
): { readonly verdict: ActionVerdict; readonly key?: TrustedKey | TrustedRsaKey; readonly bound?: boolean } => {
  const header = readActionHeader(signature) ?? {}
  const kid = kidOf(header, trust)
  const [curve, rsa] = [trust.find(kid), trust.findRsa(kid)]
  const key = curve ?? rsa
  if (trust.isRevoked(kid)) return { verdict: 'key-revoked' }
  if (key === undefined) return { verdict: 'unknown-key' }
  if (header.iss !== undefined && header.iss !== key.node) return { verdict: 'wrong-issuer', key }
  const { OCPPMessageTypedId: type, mid = message.id } = header
  const isType = type === undefined || type === message.type || type === String(message.type) || type === message.id
  if (header.OCPPAction !== action || mid !== message.id || !isType) return { verdict: 'wrong-message', key }
  const bytes = utf8(message.payload.text)
  const holds = curve
    ? verifyDetached(signature, bytes, curve.publicKey, engine)
    : isRsaAlgorithm(header.alg) &&
      rsa !== undefined &&
      engine.verifyRsa(rsa.rsaKey, RSA_ALGORITHMS[header.alg], signingInput(signature.protected, bytes), rawOf(signature))
  return { verdict: holds ? 'valid' : 'broken', key, bound: header.mid !== undefined || isNamed(type, message) }
}

/** Whether the member that may be the type or the message id can be nothing but the id: only then it binds the signature to one message. */
const isNamed = (type: Json | undefined, { id, type: number }: Wrappable): boolean => type === id && id !== String(number)

/** Chapter 7 asks for `x5t#S256` and for no `kid`; where both stand there, the key that is known by its own name counts. */
const kidOf = (header: { readonly [name: string]: Json }, trust: TrustStore): string => {
  const { kid, 'x5t#S256': hash } = header
  const isKnown = typeof kid === 'string' && (trust.look(kid) !== undefined || trust.findRsa(kid) !== undefined || trust.isRevoked(kid))
  if (isKnown || typeof hash !== 'string') return typeof kid === 'string' ? kid : ''
  return trust.kidOfCertificate(hash) ?? ''
}

const signingInput = (encoded: string, bytes: Uint8Array): Uint8Array => utf8(`${encoded}.${base64url(bytes)}`)

const signedByRsa = (
  header: { readonly [name: string]: Json },
  bytes: Uint8Array,
  by: { rsa: RsaSigner; alg: keyof typeof RSA_ALGORITHMS },
) => {
  const encoded = base64url(utf8(JSON.stringify(header)))
  return { protected: encoded, signature: base64url(by.rsa.sign(RSA_ALGORITHMS[by.alg], signingInput(encoded, bytes))) }
}

const rawOf = ({ signature }: SignatureObject): Uint8Array => {
  try {
    return unbase64url(signature)
  } catch {
    // no signature is of no bytes
    return new Uint8Array(0)
  }
}

/** The very text that was signed, kept as every payload is. */
const textPayload = (encoded: string, id: string): Call['payload'] => {
  try {
    const text = utf8Text(unbase64url(encoded))
    const value = parseJsonStrict(text)
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      throw new Fault('frame-malformed', 'the payload is not an object')
    return { text, value }
  } catch (cause) {
    throw new Fault('frame-malformed', 'expected the payload of a signed action to be base64url of a JSON object', { id }, cause)
  }
}
