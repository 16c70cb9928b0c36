// A signature on a message: what it covers, how it is made, how it is judged. JWS with the payload detached, over the
// RFC 8785 form of the OCPP payload; the protected header binds it to one message between two parties (docs/protocol.md §4).
import { base64url, utf8 } from '../base/bytes.ts'
import { canonicalJson } from '../base/canonical-json.ts'
import { asFault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import type { Engine, Signer } from '../crypto/engine.ts'
import { readProtected, signDetached, verifyDetached } from '../crypto/jws.ts'
import { CALL, isNodeId, type Message, type SignatureObject } from '../ocpp/frame.ts'
import type { TrustedKey, TrustStore } from './trust.ts'

/** What people are shown. `unchecked`: signed, but by a key that this node does not know. */
export type SignatureState = 'valid' | 'invalid' | 'absent' | 'unchecked'

/** Why a signature does not count. */
export type SignatureFlaw =
  | 'malformed'
  | 'unknown-key'
  | 'key-revoked'
  | 'key-replaced'
  | 'key-expired'
  | 'key-not-yet-valid'
  | 'wrong-purpose'
  | 'broken'
  | 'wrong-issuer'
  | 'wrong-audience'
  | 'wrong-message'
  | 'other-question'
  | 'expired'
  | 'not-yet-valid'
  | 'replayed'

/** The protected header, members in the order they are written. Times in seconds since 1970. */
export interface Claims {
  readonly alg: 'ES256'
  readonly kid: string
  /** Node id of the signer. */
  readonly iss: string
  /** Node id of the one it is meant for. */
  readonly aud: string
  readonly act: string
  /** OCPP message type number. */
  readonly mt: number
  /** OCPP message id. */
  readonly mid: string
  readonly iat: number
  readonly exp?: number
  /** Rises with every message of this signer to this audience. */
  readonly seq?: number
  /** In an answer: the hash of the question, so that it cannot be moved to another. */
  readonly req?: string
  /** In a replacement: the hash of the payload that a firewall took out, and its rule. */
  readonly was?: string
  readonly rule?: string
}

/** Of a message whose payload a firewall replaced: hash of the payload before, base64url, and the rule. */
export type Replaces = Required<Pick<Claims, 'was' | 'rule'>>

/** What a signature must fit to. */
export interface Subject {
  readonly message: Message
  /** Answers do not name their action: it is the question's. */
  readonly action: string
  readonly audience: string
  /** Of the question, for an answer. */
  readonly questionHash?: string
}

export type Judgement =
  | { readonly state: 'valid'; readonly claims: Claims; readonly key: TrustedKey }
  | { readonly state: 'invalid'; readonly flaw: SignatureFlaw; readonly kid: string; readonly detail: string }

/** Node id and signing key of one who signs. */
export interface Identity {
  readonly node: string
  readonly kid: string
  readonly signer: Signer
}

/** What the signer adds of its own. */
export type Stated = Pick<Claims, 'iat' | 'exp' | 'seq' | 'was' | 'rule'>

export const signMessage = (subject: Subject, identity: Identity, stated: Stated): SignatureObject => {
  const claims: Claims = {
    alg: 'ES256',
    kid: identity.kid,
    iss: identity.node,
    aud: subject.audience,
    act: subject.action,
    mt: subject.message.type,
    mid: subject.message.id,
    ...stated,
    ...(subject.questionHash !== undefined && { req: subject.questionHash }),
  }
  return signDetached({ ...claims }, signedBytes(subject.message), identity.signer)
}

/** Judges one signature. The clock is the caller's, in seconds; whether it was replayed is not judged here. */
export const judgeSignature = (
  signature: SignatureObject,
  subject: Subject,
  world: { trust: TrustStore; engine: Engine; nowSeconds: number },
): Judgement => {
  let claims: Claims
  try {
    claims = readProtected(signature) as Partial<Claims> as Claims
  } catch (error) {
    return { state: 'invalid', flaw: 'malformed', kid: '', detail: asFault(error).message }
  }
  const flawed = (...[flaw, detail]: Why): Judgement => ({ state: 'invalid', flaw, kid: shown(claims.kid, 64), detail })
  // the cheap look-up first: a stranger cannot make us compute
  const key = trustedKey(world.trust, claims.kid)
  if (!key) return flawed('unknown-key', 'the key is not in the trust store')
  const barred = barredKey(key, world.trust)
  if (barred) return flawed(...barred)
  if (claims.iss !== key.node)
    return flawed('wrong-issuer', `the key belongs to ${key.node}, the signature claims ${shown(claims.iss, 48)}`)
  if (claims.aud !== subject.audience)
    return flawed('wrong-audience', `meant for ${shown(claims.aud, 48)}, arrived for ${subject.audience}`)
  if (claims.mt !== subject.message.type || claims.mid !== subject.message.id || claims.act !== subject.action)
    return flawed('wrong-message', 'signed another action, message type or message id')
  if (subject.questionHash !== undefined && claims.req !== subject.questionHash)
    return flawed('other-question', 'the answer was signed for another question')
  let bytes: Uint8Array
  try {
    bytes = signedBytes(subject.message)
  } catch (error) {
    return flawed('malformed', asFault(error).message)
  }
  if (!verifyDetached(signature, bytes, key.publicKey, world.engine)) return flawed('broken', 'the message is not what was signed')
  // times last: only of what was truly signed can be said that it came too late
  const late = untimely(claims, key, world)
  return late ? flawed(...late) : { state: 'valid', claims, key }
}

type Why = readonly [flaw: SignatureFlaw, detail: string]

/** A key that is in a thief's hands says nothing, not even what it signed before. */
const barredKey = (key: TrustedKey, trust: TrustStore): Why | undefined => {
  if (trust.isRevoked(key.kid)) return ['key-revoked', `the key of ${key.node} was revoked`]
  return key.purposes.includes('message') ? undefined : ['wrong-purpose', `the key of ${key.node} is not one for messages`]
}

const untimely = ({ iat, exp }: Claims, key: TrustedKey, world: { trust: TrustStore; nowSeconds: number }): Why | undefined => {
  const state = world.trust.stateOf(key)
  if (state !== 'valid') return [`key-${state}`, `the key of ${key.node} is ${state.replaceAll('-', ' ')}`]
  if (!isTime(iat) || iat > world.nowSeconds + CLOCK_SKEW) return ['not-yet-valid', 'signed in the future']
  return exp !== undefined && (!isTime(exp) || exp <= world.nowSeconds) ? ['expired', 'its time is over'] : undefined
}

/** Who a signature says it is of. A claim, to address an answer with; never a reason to believe anything. */
export const readIssuer = (signature: SignatureObject): string | undefined => {
  try {
    const { iss } = readProtected(signature) as { readonly iss?: unknown }
    return isNodeId(iss) ? iss : undefined
  } catch {
    // what cannot be read names nobody; judgeSignature says why
    return undefined
  }
}

/** Binds an answer to its question: action, message id and payload. */
export const questionHash = (question: Message, engine: Engine): string => {
  if (question.type !== CALL) return ''
  return base64url(engine.digest('SHA-256', utf8(canonicalJson([question.action, question.id, question.payload.value]))))
}

/** What is signed: the payload as RFC 8785; for an error its code, description and details. */
const signedBytes = (message: Message): Uint8Array => {
  const value: Json = 'payload' in message ? message.payload.value : [message.code, message.description, message.details.value]
  return utf8(canonicalJson(value))
}

/** Clocks of two nodes may differ by this much. */
const CLOCK_SKEW = 30
const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value > 0
/** Known, whether or not it counts. */
const trustedKey = (trust: TrustStore, kid: unknown): TrustedKey | undefined => (typeof kid === 'string' ? trust.look(kid) : undefined)
/** Part of what a stranger wrote, for people; never by its own toString. */
const shown = (value: unknown, length: number): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')).slice(0, length)
