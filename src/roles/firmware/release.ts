// A release of firmware: what its manufacturer vouches for. Which stations it is for, which version it is, over which it may be put, and
// the hash of its bytes. Judged by itself, whoever brings it (docs/protocol.md §13.1); the bytes are not looked at here.
import { hex, utf8 } from '../../base/bytes.ts'
import { canonicalJson } from '../../base/canonical-json.ts'
import { asFault } from '../../base/fault.ts'
import type { Json } from '../../base/ports.ts'
import type { Engine, NodeSigner } from '../../crypto/engine.ts'
import { type DetachedSignature, type ProtectedHeader, readProtected, signDetached, verifyDetached } from '../../crypto/jws.ts'
import type { TrustStore } from '../../overlay/trust.ts'
import { type JsonObject, objectOf } from '../behaviours/fields.ts'

export interface Release {
  /** A name for people and scripts; another release has another. */
  readonly id: string
  /** As the stations say it when they boot. */
  readonly vendor: string
  readonly model: string
  readonly version: string
  /** The oldest version that it may be put over. */
  readonly from?: string
  /** Whether it may be put over a newer one. */
  readonly rollback?: boolean
  readonly bytes: number
  /** Of the file, hex. */
  readonly sha256: string
  /** Milliseconds since 1970. */
  readonly issued: number
  /** What a station checks by itself (OCPP 2.x L01): DER over the file's SHA-256, base64, and the PEM certificate of the key. */
  readonly signature?: string
  readonly signingCertificate?: string
}

export interface SignedRelease {
  readonly release: Release
  readonly signatures: readonly DetachedSignature[]
}

/** Why a release is not taken, in the order in which it is looked at; docs/protocol.md §13.1 lists them. */
export const RELEASE_FLAWS = ['malformed', 'unsigned', 'unknown-key', 'other-manufacturer', 'broken'] as const
export type ReleaseFlaw = (typeof RELEASE_FLAWS)[number]

export type ReleaseJudgement =
  | { readonly state: 'good'; readonly signed: SignedRelease; readonly kid: string }
  | { readonly state: 'refused'; readonly flaw: ReleaseFlaw; readonly reason: string }

export interface ReleaseWorld {
  readonly trust: TrustStore
  readonly engine: Engine
}

/** In the protected header, so that no signature for another purpose stands for this one. */
const TYPE = 'org.chargeproof.firmware'
const MAX_SIGNATURES = 4

/** The name in the trust store of the one who signs for a vendor: the vendor's, with `_` for what no node id may hold. */
export const manufacturerOf = (vendor: string): string => vendor.replaceAll(/[^A-Za-z0-9_=.|@+-]/g, '_').slice(0, 48)

export const signRelease = (release: Release, { kid, signer }: { kid: string; signer: NodeSigner }): SignedRelease => ({
  release,
  signatures: [signDetached({ kid, typ: TYPE }, signedBytes(release), signer)],
})

/** Judges what claims to be a signed release. Keys count that are in the trust store for the purpose `firmware`. */
export const judgeRelease = (value: Json, world: ReleaseWorld): ReleaseJudgement => {
  const { release = null, signatures = [] } = objectOf(value)
  const misfit = releaseMisfit(release)
  if (misfit !== undefined) return refused('malformed', misfit)
  if (!Array.isArray(signatures) || signatures.length > MAX_SIGNATURES) return refused('malformed', 'the signatures are not a short list')
  const read = release as object as Release
  if (signatures.length === 0) return refused('unsigned', 'nobody signed it')
  let worst: ReleaseJudgement = refused('unknown-key', 'no key for firmware in the trust store signed it')
  for (const signature of signatures as readonly DetachedSignature[]) {
    const verdict = judgeSignature(signature, read, world)
    if (typeof verdict !== 'string') worst = verdict
    else return { state: 'good', signed: { release: read, signatures: signatures as readonly DetachedSignature[] }, kid: verdict }
  }
  return worst
}

/** Whether bytes are the file of a release. */
export const isFileOf = ({ bytes, sha256 }: Release, file: Uint8Array, engine: Engine): boolean =>
  file.length === bytes && hex(engine.digest('SHA-256', file)) === sha256

/** The key's name, or why this signature does not count. */
const judgeSignature = (signature: DetachedSignature, release: Release, { trust, engine }: ReleaseWorld): string | ReleaseJudgement => {
  let header: ProtectedHeader
  try {
    header = readProtected(signature)
  } catch (error) {
    return refused('broken', asFault(error).message)
  }
  // the cheap look-up first: a stranger cannot make us compute
  const key = typeof header.kid === 'string' ? trust.find(header.kid, 'firmware') : undefined
  if (!key) return refused('unknown-key', 'no key for firmware in the trust store signed it')
  if (key.node !== manufacturerOf(release.vendor))
    return refused('other-manufacturer', `${key.node} signs for its own stations, not for those of ${release.vendor}`)
  if (header.typ !== TYPE || !verifyDetached(signature, signedBytes(release), key.publicKey, engine))
    return refused('broken', `it is not what ${key.node} signed`)
  return key.kid
}

const refused = (flaw: ReleaseFlaw, reason: string): ReleaseJudgement => ({ state: 'refused', flaw, reason })

/** A release holds nothing but JSON; interfaces just have no index signature. */
const signedBytes = (release: Release): Uint8Array => utf8(canonicalJson(release as object as Json))

type Rule = (value: Json | undefined) => boolean
const text =
  (most: number): Rule =>
  (value) =>
    typeof value === 'string' && value.length > 0 && value.length <= most
const count: Rule = (value) => Number.isSafeInteger(value) && Number(value) >= 0
const maybe =
  (rule: Rule): Rule =>
  (value) =>
    value === undefined || rule(value)

/** Lengths are those of OCPP: vendor and model 50 and 20, version 50, signature 800, certificate 5500 (2.x UpdateFirmwareRequest). */
const MEMBERS: Readonly<Record<keyof Release, Rule>> = {
  id: (value) => typeof value === 'string' && /^[A-Za-z0-9][\w.-]{0,63}$/.test(value),
  vendor: text(50),
  model: text(20),
  version: text(50),
  from: maybe(text(50)),
  rollback: maybe((value) => typeof value === 'boolean'),
  bytes: count,
  sha256: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  issued: count,
  signature: maybe(text(800)),
  signingCertificate: maybe(text(5500)),
}

/** Why a value is no release, or nothing. */
export const releaseMisfit = (value: Json): string | undefined => {
  const members: JsonObject = objectOf(value)
  const strange = Object.keys(members).find((name) => !Object.hasOwn(MEMBERS, name))
  if (strange !== undefined) return `a release has no member ${strange.slice(0, 40)}`
  const wrong = (Object.keys(MEMBERS) as (keyof Release)[]).find((name) => !MEMBERS[name](members[name]))
  if (wrong !== undefined) return `${wrong} is missing, or not as it should be`
  return (members.signature === undefined) === (members.signingCertificate === undefined)
    ? undefined
    : 'signature and signingCertificate only come together'
}
