// What the operator's root says of keys: who it is itself, which keys a node has, which are revoked. Signed statements, written
// and read here (docs/protocol.md §10); which of them are believed is decided in key-ledger.ts.
import { base64url, unbase64url, utf8 } from '../base/bytes.ts'
import { canonicalJson } from '../base/canonical-json.ts'
import { asFault, Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import { writeSpki } from '../crypto/der.ts'
import type { Engine, NodeSigner, PublicKey } from '../crypto/engine.ts'
import { readProtected, signDetached, verifyDetached } from '../crypto/jws.ts'
import { readPublicKey, thumbprint } from '../crypto/key.ts'
import { isNodeId, type SignatureObject } from '../ocpp/frame.ts'
import { isSignature } from './custom-data.ts'
import { type KeyPurpose, PURPOSES } from './trust.ts'

/** A root key, and the name of the one that may come after it. There is no other way to change the root. */
/** The action that carries facts on overlay links, and the message id of a DataTransfer to a station (docs/protocol.md §10.2). */
export const KEY_NEWS = 'org.chargeproof.Keys'

export interface RootStatement {
  readonly kind: 'root'
  /** 1 for the first root, one more for each after it. */
  readonly seq: number
  /** SubjectPublicKeyInfo, base64url. */
  readonly key: string
  /** Thumbprint of the next root key, whose private half is kept where this one's is not. */
  readonly next: string
  /** The key without whose word no node gets its first keys, or more than it had (key-second.ts), base64url; its private half is in other hands. */
  readonly second?: string
  /** Milliseconds since 1970, as every time here. */
  readonly issued: number
}

export interface Revocation {
  readonly kid: string
  readonly at: number
  readonly reason: string
}

/** All keys that are revoked, and that no other was when it was issued. */
export interface RevocationStatement {
  readonly kind: 'revocations'
  /** `seq` of the root that says so. */
  readonly root: number
  readonly seq: number
  readonly issued: number
  readonly revoked: readonly Revocation[]
}

export interface ListedKey {
  readonly key: string
  readonly purposes: readonly KeyPurpose[]
  readonly from: number
  readonly until: number
}

/** All keys of a node. */
export interface KeyStatement {
  readonly kind: 'keys'
  readonly root: number
  readonly seq: number
  readonly node: string
  readonly role: string
  readonly keys: readonly ListedKey[]
}

export type KeyFact = RootStatement | RevocationStatement | KeyStatement

/** A fact with those who vouch for it. */
export interface Vouched<T extends KeyFact = KeyFact> {
  readonly fact: T
  readonly signatures: readonly SignatureObject[]
}

/** A version: the root it was said under, and its number there. */
export type Version = readonly [root: number, seq: number]

export const NEVER: Version = [0, 0]
export const versionOf = ({ root, seq }: { root: number; seq: number }): Version => [root, seq]
export const isAfter = (one: Version, other: Version): boolean => one[0] > other[0] || (one[0] === other[0] && one[1] > other[1])

export const KEYS_PER_NODE = 8
/** All of them fit one frame. */
const REVOCATIONS = 1_000
const SIGNATURES = 4
const REASON_LENGTH = 80

/** `typ` of the protected header: a signature on a fact about keys is none on anything else. */
const typOf = ({ kind }: KeyFact): string => `org.chargeproof.${kind}`

/** Adds a signature to a fact. */
export const vouch = <T extends KeyFact>(fact: T, by: readonly { kid: string; signer: NodeSigner }[]): Vouched<T> => ({
  fact,
  signatures: by.map(({ kid, signer }) => signDetached({ kid, typ: typOf(fact) }, signedBytes(fact), signer)),
})

/** Whether one of the signatures is that key's. */
export const isVouchedBy = ({ fact, signatures }: Vouched, key: { kid: string; publicKey: PublicKey }, engine: Engine): boolean =>
  signatures.some(
    (signature) => names(signature, key.kid, typOf(fact)) && verifyDetached(signature, signedBytes(fact), key.publicKey, engine),
  )

/** Names of those who claim to vouch; nothing is verified. */
export const vouchersOf = ({ signatures }: Vouched): string[] =>
  signatures.flatMap((signature) => {
    try {
      const { kid } = readProtected(signature)
      return typeof kid === 'string' ? [kid] : []
    } catch (error) {
      // a header that cannot be read names nobody
      if (asFault(error).code === 'internal') throw error
      return []
    }
  })

export const spkiText = (key: PublicKey): string => base64url(writeSpki(key))

/** The key as it is written in a fact, with its name. Throws Fault `key-malformed`. */
export const keyOf = (text: string, engine: Engine): { kid: string; publicKey: PublicKey } => {
  const publicKey = readPublicKey(unbase64url(text))
  return { kid: thumbprint(publicKey, engine), publicKey }
}

/** @throws Fault `frame-malformed` for anything else than a signed fact about keys */
export const readVouched = (value: Json | undefined): Vouched => {
  const { fact, signatures } = membersOf(value)
  if (!Array.isArray(signatures) || signatures.length > SIGNATURES || !signatures.every(isSignature))
    throw malformed('a fact about keys has no list of up to 4 signatures')
  const { kind } = membersOf(fact)
  const read = typeof kind === 'string' && Object.hasOwn(READERS, kind) ? READERS[kind as KeyFact['kind']] : undefined
  if (!read) throw malformed('a fact about keys is of no known kind')
  const bare = signatures.map(({ protected: header, signature }: SignatureObject) => ({ protected: header, signature }))
  return { fact: read(membersOf(fact)), signatures: bare }
}

type Members = { readonly [key: string]: Json | undefined }

const readRoot = ({ seq, key, next, issued, second }: Members): RootStatement => {
  if (!isCount(seq) || !isText(key, 400) || !isText(next, 64) || !isCount(issued)) throw malformed('a root lacks seq, key, next or issued')
  if (second !== undefined && !isText(second, 400)) throw malformed('the second key of a root is not text')
  return { kind: 'root', seq, key, next, issued, ...(second !== undefined && { second }) }
}

const readRevocations = ({ root, seq, issued, revoked }: Members): RevocationStatement => {
  if (!isCount(root) || !isCount(seq) || !isCount(issued) || !Array.isArray(revoked) || revoked.length > REVOCATIONS)
    throw malformed('revocations lack root, seq, issued or a list of up to 1000')
  return { kind: 'revocations', root, seq, issued, revoked: revoked.map(readRevocation) }
}

const readRevocation = (value: Json): Revocation => {
  const { kid, at, reason } = membersOf(value)
  if (!isText(kid, 64) || !isCount(at) || !isText(reason, REASON_LENGTH)) throw malformed('a revocation lacks kid, at or reason')
  return { kid, at, reason }
}

const readKeys = ({ root, seq, node, role, keys }: Members): KeyStatement => {
  if (!isCount(root) || !isCount(seq) || !isNodeId(node) || !isText(role, 32) || role.includes(':'))
    throw malformed('a key document lacks root, seq, node or role')
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > KEYS_PER_NODE)
    throw malformed('a key document names no keys, or more than 8')
  return { kind: 'keys', root, seq, node, role, keys: keys.map(readListed) }
}

const readListed = (value: Json): ListedKey => {
  const { key, purposes, from, until } = membersOf(value)
  if (!isText(key, 400) || !isCount(from) || !isCount(until) || !Array.isArray(purposes) || !purposes.every(isPurpose))
    throw malformed('a key of a document lacks key, purposes, from or until')
  // a key that decrypts must never sign: what opens an answer could be made to say one
  if (purposes.includes('encryption') && purposes.length > 1) throw malformed('a key for encryption is for nothing else')
  return { key, purposes, from, until }
}

const READERS = { root: readRoot, revocations: readRevocations, keys: readKeys } as const satisfies {
  [kind in KeyFact['kind']]: (fact: Members) => KeyFact
}

const signedBytes = (fact: KeyFact): Uint8Array => utf8(canonicalJson({ ...fact } as Json))

const names = (signature: SignatureObject, kid: string, typ: string): boolean => {
  try {
    const header = readProtected(signature)
    return header.kid === kid && header.typ === typ
  } catch (error) {
    // a header that cannot be read names nobody
    if (asFault(error).code === 'internal') throw error
    return false
  }
}

const membersOf = (value: Json | undefined): Members =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Members) : {}
const isCount = (value: Json | undefined): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isText = (value: Json | undefined, longest: number): value is string => typeof value === 'string' && value.length <= longest
const isPurpose = (value: unknown): value is KeyPurpose => PURPOSES.some((purpose) => purpose === value)
const malformed = (why: string): Fault => new Fault('frame-malformed', why)
