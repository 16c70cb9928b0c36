// What a node says of the time to one who asked: signed, for one nonce, with how far it may be wrong. Made and judged here; when to ask,
// and what becomes of the answer, is in time-keeper.ts (docs/protocol.md §4.13).
import { base64url, utf8 } from '../base/bytes.ts'
import { canonicalJson } from '../base/canonical-json.ts'
import { asFault, Fault } from '../base/fault.ts'
import type { Json, Random } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { type ProtectedHeader, readProtected, signDetached, verifyDetached } from '../crypto/jws.ts'
import type { SignatureObject } from '../ocpp/frame.ts'
import { isSignature } from './custom-data.ts'
import type { Identity } from './signature.ts'
import type { TrustStore } from './trust.ts'

/** The question, payload `{nonce}`. The answer is `{statement, signature}`. */
export const TIME = 'org.chargeproof.Time'
const TYP = 'org.chargeproof.time'
const NONCE_BYTES = 32
/** Before it no node of this program ran, after it no clock of ours is meant to. */
const LATEST_MS = Date.UTC(2255, 0, 1)

/** A signature on it is one on nothing else. */
export interface TimeStatement {
  readonly node: string
  /** Of who asked: 32 bytes, base64url. */
  readonly nonce: string
  /** Milliseconds since 1970. */
  readonly time: number
  /** By how much that may be wrong, ms. */
  readonly bound: number
}

export const newNonce = (random: Pick<Random, 'bytes'>): string => base64url(random.bytes(NONCE_BYTES))

/** The payload of an answer. Throws Fault `payload-invalid` where there is no nonce to answer. */
export const stateTime = (asked: Json, { time, bound }: Pick<TimeStatement, 'time' | 'bound'>, { node, kid, signer }: Identity): Json => {
  const { nonce } = membersOf(asked)
  if (typeof nonce !== 'string' || !/^[\w-]{43}$/.test(nonce))
    throw new Fault('payload-invalid', 'a question for the time has a nonce of 32 bytes, base64url')
  const statement = { node, nonce, time, bound: Math.ceil(bound) }
  return { statement, signature: { ...signDetached({ kid, typ: TYP }, utf8(canonicalJson(statement)), signer) } }
}

/**
 * The statement in an answer, if the one who was asked made it, for this question.
 * @throws Fault `refused` by rule `time-statement` for anything else
 */
export const judgeTime = (
  answer: Json,
  asked: { node: string; nonce: string },
  world: { trust: TrustStore; engine: Engine },
): TimeStatement => {
  const { statement, signature } = membersOf(answer)
  const read = readStatement(statement)
  if (!read || !isSignature(signature)) throw refused('it holds no statement')
  if (read.node !== asked.node || read.nonce !== asked.nonce) throw refused('it is for another question')
  const { kid, typ } = headerOf(signature)
  const key = typeof kid === 'string' ? world.trust.look(kid) : undefined
  if (key?.node !== asked.node || !key.purposes.includes('message') || typ !== TYP) throw refused(`no key of ${asked.node} signed it`)
  // who asks for the time cannot tell by its own clock whether a key is still good
  const state = world.trust.stateOf(key, read.time)
  if (state !== 'valid') throw refused(`the key of ${key.node} is ${state.replaceAll('-', ' ')} then`)
  if (!verifyDetached(signature, utf8(canonicalJson({ ...read })), key.publicKey, world.engine)) throw refused('its signature does not fit')
  return read
}

const readStatement = (value: Json | undefined): TimeStatement | undefined => {
  const { node, nonce, time, bound } = membersOf(value)
  const isCount = (number: Json | undefined): number is number => typeof number === 'number' && Number.isSafeInteger(number) && number >= 0
  if (typeof node !== 'string' || typeof nonce !== 'string' || !isCount(time) || !isCount(bound) || time > LATEST_MS) return undefined
  return { node, nonce, time, bound }
}

const headerOf = (signature: SignatureObject): ProtectedHeader => {
  try {
    return readProtected(signature)
  } catch (error) {
    throw refused(asFault(error).message)
  }
}

const membersOf = (value: Json | undefined): { readonly [name: string]: Json | undefined } =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as { readonly [name: string]: Json }) : {}
const refused = (why: string): Fault =>
  new Fault('refused', `refused by rule time-statement: the answer is not believed: ${why}`, { rule: 'time-statement' })
