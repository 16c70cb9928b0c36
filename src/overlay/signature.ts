// A signature on a message: what it covers, how it is made, how it is judged. JWS with the payload detached, over the
// RFC 8785 form of the OCPP payload; the protected header binds it to one message between two parties (docs/protocol.md §4).
import { asFault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import type { Engine, NodeSigner, Signer } from '../crypto/engine.ts'
import { type ProtectedHeader, readProtected, signDetached, verifyRead } from '../crypto/jws.ts'
import { isNodeId, type Message, type SignatureObject } from '../ocpp/frame.ts'
import type { Count } from './count.ts'
import type { Proofs } from './proofs.ts'
import { judgeAction, readActionHeader } from './signed-action.ts'
import { answeredHash, signaturesHash, signedBytes } from './signed-text.ts'
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
  | 'other-signatures'
  | 'expired'
  | 'not-yet-valid'
  | 'replayed'

/** The protected header, members in the order they are written. Times in seconds since 1970. */
export interface Claims {
  readonly alg: string
  readonly kid: string
  /** Node id of the signer. */
  readonly iss: string
  /** Node id of the one it is meant for. */
  readonly aud: string
  readonly act: string
  /** OCPP message type number. */
  readonly mt: number
  /** OCPP message id; empty where a signature of OCPP's own kind names none. */
  readonly mid: string
  readonly iat: number
  readonly exp?: number
  /** Rises with every message of this signer to this audience. */
  readonly seq?: number
  /** In an order that was signed again: the number that the judge asked for, because it does not trust its clock. */
  readonly chal?: string
  /** In an answer: the hash of the question, so that it cannot be moved to another. */
  readonly req?: string
  /** In a replacement: the hash of the payload that a firewall took out, and its rule. */
  readonly was?: string
  readonly rule?: string
  /** In a report: what the signer has said so far (count.ts). As it was written: who reads it checks it. */
  readonly cnt?: Count
  /** A countersignature: not the origin's word, but that this node passed the message on with the signatures before this one. */
  readonly as?: 'countersigner'
  /** In a countersignature: the hash of the signatures that stand before it. */
  readonly ovr?: string
  /** In a countersignature: the hash of the header `answered`, which this node wrote. */
  readonly ans?: string
}

/** Of a message whose payload a firewall replaced: hash of the payload before, base64url, and the rule. */
export type Replaces = Required<Pick<Claims, 'was' | 'rule'>>

/** What a signature must fit to. */
export interface Subject {
  readonly message: Message
  /** Answers do not name their action: it is the question's. Missing where an error may be about another question than the one asked. */
  readonly action?: string
  readonly audience: string
  /** Who signed the question: a plain frame names nobody else, so its answer is meant for them. */
  readonly askers?: readonly string[]
  /** Of the question, for an answer. */
  readonly questionHash?: string
  /** The signatures that stand before this one. */
  readonly before?: readonly SignatureObject[]
  /** The header `answered`. */
  readonly answered?: Json
}

export type Judgement =
  | {
      readonly state: 'valid'
      readonly claims: Claims
      readonly key: Pick<TrustedKey, 'node' | 'role' | 'kid'>
      readonly countersigns: boolean
    }
  | {
      readonly state: 'invalid'
      readonly flaw: SignatureFlaw
      readonly kid: string
      readonly detail: string
      readonly countersigns: boolean
    }

/**
 * Whether a signature is the word of its node on this very message: it holds, is no countersignature, and names the message. Of OCPP's own kind some
 * name none; they prove who said something at some time, and may come from another call (docs/protocol.md §4.9).
 */
export const isOnThis = (judgement: Judgement): judgement is Judgement & { state: 'valid' } =>
  judgement.state === 'valid' && !judgement.countersigns && judgement.claims.mid !== ''

/** Node id and signing key of one who signs. */
export interface Identity<S extends NodeSigner = NodeSigner> {
  readonly node: string
  readonly kid: string
  readonly signer: S
}

/** Whether it is of a curve: OCPP's own signed messages (signed-action.ts) know no Ed25519. */
export const isOfCurve = (identity: Identity): identity is Identity<Signer> => 'sign' in identity.signer

/** What the signer adds of its own. */
export type Stated = Pick<Claims, 'iat' | 'exp' | 'seq' | 'chal' | 'was' | 'rule' | 'cnt' | 'as' | 'ovr' | 'ans'>

/**
 * Signs a message.
 * @throws Fault `json-malformed` for a payload without a canonical form, or with a number beyond 2^53
 */
export const signMessage = (subject: Subject, identity: Identity, stated: Stated): SignatureObject => {
  const claims: Omit<Claims, 'alg'> = {
    kid: identity.kid,
    iss: identity.node,
    aud: subject.audience,
    act: subject.action ?? '',
    mt: subject.message.type,
    mid: subject.message.id,
    ...stated,
    ...(subject.questionHash !== undefined && { req: subject.questionHash }),
  }
  return signDetached({ ...claims }, signedBytes(subject.message), identity.signer)
}

export interface JudgingWorld {
  readonly trust: TrustStore
  readonly engine: Engine
  readonly nowSeconds: number
  /** What was verified before need not be verified again. */
  readonly proofs?: Proofs
}

/** Judges one signature. The clock is the caller's, in seconds; whether it was replayed is not judged here. */
export const judgeSignature = (signature: SignatureObject, subject: Subject, world: JudgingWorld): Judgement => {
  let claims: Claims
  try {
    claims = readProtected(signature) as Partial<Claims> as Claims
  } catch (error) {
    if (readActionHeader(signature)) return judgeForeign(signature, subject, world)
    return { state: 'invalid', flaw: 'malformed', kid: '', detail: asFault(error).message, countersigns: false }
  }
  if (Object.hasOwn(claims, 'OCPPAction')) return judgeForeign(signature, subject, world)
  const countersigns = claims.as !== undefined
  // the cheap look-up first: a stranger cannot make us compute
  const key = trustedKey(world.trust, claims.kid)
  if (!key) return strange(claims.kid, countersigns)
  const found = barredKey(key, world.trust) ?? flawOf(signature, claims, key, { ...world, subject })
  if (!found) return { state: 'valid', claims, key, countersigns }
  return { state: 'invalid', flaw: found[0], kid: shown(claims.kid, 64), detail: found[1], countersigns }
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

/** What is said of a signature whose key nobody here knows. */
export const strange = (kid: unknown, countersigns: boolean): Judgement => ({
  state: 'invalid',
  flaw: 'unknown-key',
  kid: shown(kid, 64),
  detail: 'the key is not in the trust store',
  countersigns,
})

type World = JudgingWorld & { readonly subject: Subject }

/** The first thing that is wrong with a signature whose key is known (docs/protocol.md §4.3), and in which words. */
const flawOf = (
  signature: SignatureObject,
  claims: Claims,
  key: TrustedKey,
  { trust, engine, nowSeconds, subject, proofs }: World,
): Why | undefined => {
  const { message, audience, action, askers, before = [] } = subject
  if (claims.iss !== key.node) return ['wrong-issuer', `the key belongs to ${key.node}, the signature claims ${shown(claims.iss, 48)}`]
  if (claims.aud !== audience && !askers?.includes(claims.aud))
    return ['wrong-audience', `meant for ${shown(claims.aud, 48)}, arrived for ${audience}`]
  if (claims.mt !== message.type || claims.mid !== message.id || (action !== undefined && claims.act !== action))
    return ['wrong-message', 'signed another action, message type or message id']
  if (subject.questionHash !== undefined && claims.req !== subject.questionHash)
    return ['other-question', 'the answer was signed for another question']
  if (claims.as !== undefined && (claims.as !== 'countersigner' || claims.ovr !== signaturesHash(before, engine)))
    return ['other-signatures', 'countersigned with other signatures than those before it']
  let unproven: Uint8Array | undefined
  try {
    if (claims.ans !== undefined && claims.ans !== answeredHash(subject.answered, engine))
      return ['wrong-message', 'speaks of another answer given meanwhile']
    if (!proofs?.has(signature, message, key)) unproven = signedBytes(message)
  } catch (error) {
    return ['malformed', asFault(error).message]
  }
  const alg = claims.alg as ProtectedHeader['alg']
  if (unproven && !verifyRead(signature, { alg }, unproven, { key: key.publicKey, engine }))
    return ['broken', 'the message is not what was signed']
  proofs?.add(signature, message, key)
  // times last: only of what was truly signed can be said that it came too late
  return untimely(claims, key, { trust, nowSeconds })
}

/** A signature of OCPP's own kind. It names no audience and no end, so it proves who said something and gives no order (signed-action.ts). */
const judgeForeign = (signature: SignatureObject, subject: Subject, world: { trust: TrustStore; engine: Engine }): Judgement => {
  const { message, action = '' } = subject
  const flawed = (flaw: SignatureFlaw, detail: string): Judgement => ({ state: 'invalid', flaw, kid: '', detail, countersigns: false })
  if (!('payload' in message)) return flawed('malformed', 'OCPP has no signed errors')
  const { verdict, key, bound } = judgeAction(signature, { message, action }, world)
  if (verdict !== 'valid' || !key) return flawed(verdict === 'valid' ? 'unknown-key' : verdict, `the signed action is ${verdict}`)
  const { alg } = readActionHeader(signature) as { readonly alg: string }
  const claims = { alg, kid: key.kid, iss: key.node, aud: '', act: action, mt: message.type, mid: bound ? message.id : '', iat: 0 }
  return { state: 'valid', claims, key, countersigns: false }
}

/** When a signature says it was made; 0 where it does not say. For judges that have no time of their own. */
export const readTime = (signature: SignatureObject): number => {
  try {
    const { iat } = readProtected(signature)
    return isTime(iat) ? iat : 0
  } catch {
    // judgeSignature says what is wrong with it
    return 0
  }
}

/** Whether a signature says that it is a hop's. */
export const isCountersignature = (signature: SignatureObject): boolean => {
  try {
    return readProtected(signature).as !== undefined
  } catch {
    // what cannot be read says nothing
    return false
  }
}

/** Of whom a signature says it is; nobody for a countersignature. A claim, to address an answer with; never a reason to believe anything. */
export const readIssuer = (signature: SignatureObject): string | undefined => {
  try {
    const { iss, as } = readProtected(signature) as { readonly iss?: unknown; readonly as?: unknown }
    return isNodeId(iss) && as === undefined ? iss : undefined
  } catch {
    // what cannot be read names nobody; judgeSignature says why
    return undefined
  }
}

/** Clocks of two nodes may differ by this much. */
const CLOCK_SKEW = 30
const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value > 0
/** Known, whether or not it counts. */
const trustedKey = (trust: TrustStore, kid: unknown): TrustedKey | undefined => (typeof kid === 'string' ? trust.look(kid) : undefined)
/** Part of what a stranger wrote, for people; never by its own toString. */
const shown = (value: unknown, length: number): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')).slice(0, length)
