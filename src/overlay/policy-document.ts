// A policy as it travels: for which nodes, of which version, and signed by the key of a policy administrator. It is judged by
// itself, whoever brings it (docs/protocol.md §4.8).
import { utf8 } from '../base/bytes.ts'
import { canonicalJson } from '../base/canonical-json.ts'
import { asFault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { type DetachedSignature, type ProtectedHeader, readProtected, signDetached, verifyDetached } from '../crypto/jws.ts'
import type { Policy } from './policy.ts'
import type { Identity } from './signature.ts'
import { POLICY_ADMIN, type TrustedKey, type TrustStore } from './trust.ts'

export interface PolicyDocument extends Policy {
  /** A name for people. */
  readonly id: string
  /** Only rises, for each node. */
  readonly version: number
  /** Node ids, or `*` for every node. */
  readonly nodes: readonly string[]
  /** It is only tried beside the policy in force. Signed with the rest, so that nobody can make it count. */
  readonly rehearsal?: boolean
}

export interface SignedPolicy {
  readonly policy: PolicyDocument
  readonly signatures: readonly DetachedSignature[]
}

/** In the protected header, so that no signature for another purpose stands for this one. */
const TYPE = 'org.chargeproof.policy'
const MAX_SIGNATURES = 8

/** Why a document is not taken; docs/protocol.md §4.8 lists them. */
export const POLICY_FLAWS = ['malformed', 'unsigned', 'unknown-key', 'not-admin', 'broken', 'other-node', 'older'] as const
export type PolicyFlaw = (typeof POLICY_FLAWS)[number]

export type PolicyJudgement =
  | { readonly state: 'good'; readonly signed: SignedPolicy; readonly signer: string; readonly kid: string }
  | { readonly state: 'refused'; readonly flaw: PolicyFlaw; readonly reason: string }

export interface PolicyWorld {
  readonly trust: TrustStore
  readonly engine: Engine
  readonly self: string
  /** Why a value is no policy document, or nothing. */
  readonly check: (value: Json) => string | undefined
  /** The version in force. */
  readonly version: number
  /** Whether a key counts for what it signed then, seconds since 1970; as now, where it is missing: of what comes, nobody knows how old it is. */
  readonly counts?: (key: TrustedKey, iat: number) => boolean
}

/** Signs a document; one whose signature it has already keeps that. */
export const signPolicy = (policy: PolicyDocument, { kid, signer }: Identity, iat: number): SignedPolicy => ({
  policy,
  signatures: [signDetached({ kid, typ: TYPE, iat }, signedBytes(policy), signer)],
})

/** Judges what claims to be a signed policy, looked at in the order of `POLICY_FLAWS`. */
export const judgePolicy = (value: Json, world: PolicyWorld): PolicyJudgement => {
  const refused = (flaw: PolicyFlaw, reason: string): PolicyJudgement => ({ state: 'refused', flaw, reason })
  const { policy = null, signatures = [] } = membersOf(value)
  const misfit = world.check(policy) ?? whyNotCanonical(policy)
  if (misfit !== undefined) return refused('malformed', misfit)
  if (!Array.isArray(signatures) || signatures.length > MAX_SIGNATURES) return refused('malformed', 'the signatures are not a short list')
  const document = policy as Partial<PolicyDocument> as PolicyDocument
  if (signatures.length === 0) return refused('unsigned', 'nobody signed it')
  let worst = refused('unknown-key', 'no key in the trust store signed it')
  for (const signature of signatures as readonly DetachedSignature[]) {
    const verdict = judgeSignature(signature, document, world)
    if ('flaw' in verdict) worst = refused(verdict.flaw, verdict.reason)
    else {
      const { nodes, version } = document
      if (!nodes.includes('*') && !nodes.includes(world.self)) return refused('other-node', `it is for ${nodes.join(', ')}`.slice(0, 200))
      if (version <= world.version) return refused('older', `version ${version} is not above ${world.version}`)
      return {
        state: 'good',
        signed: { policy: document, signatures: signatures as readonly DetachedSignature[] },
        signer: verdict.node,
        kid: verdict.kid,
      }
    }
  }
  return worst
}

/** The administrator's key that signed, or why this signature does not count. */
const judgeSignature = (
  signature: DetachedSignature,
  document: PolicyDocument,
  { trust, engine, counts = (key) => trust.stateOf(key) === 'valid' && !key.isFormer }: PolicyWorld,
): TrustedKey | { flaw: PolicyFlaw; reason: string } => {
  let header: ProtectedHeader
  try {
    header = readProtected(signature)
  } catch (error) {
    return { flaw: 'broken', reason: asFault(error).message }
  }
  // the cheap look-up first: a stranger cannot make us compute
  const key = typeof header.kid === 'string' ? trust.look(header.kid) : undefined
  if (!key || !counts(key, typeof header.iat === 'number' ? header.iat : 0))
    return { flaw: 'unknown-key', reason: 'no key in the trust store signed it' }
  if (key.role !== POLICY_ADMIN) return { flaw: 'not-admin', reason: `${key.node} signs as ${key.role}, not as ${POLICY_ADMIN}` }
  // who is an administrator may have keys for other things, on machines that more people reach
  if (!key.purposes.includes('policy')) return { flaw: 'not-admin', reason: `this key of ${key.node} is not one for policies` }
  if (header.typ !== TYPE || !verifyDetached(signature, signedBytes(document), key.publicKey, engine))
    return { flaw: 'broken', reason: `it is not what ${key.node} signed` }
  return key
}

const whyNotCanonical = (policy: Json): string | undefined => {
  try {
    canonicalJson(policy)
    return undefined
  } catch (error) {
    return asFault(error).message
  }
}

const signedBytes = (policy: PolicyDocument): Uint8Array => utf8(canonicalJson(asJson(policy)))

/** A document holds nothing but JSON; interfaces just have no index signature. */
const asJson = (policy: PolicyDocument): Json => policy as object as Json

const membersOf = (value: Json): { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly [name: string]: Json }) : {}
