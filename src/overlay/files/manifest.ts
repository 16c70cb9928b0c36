// A manifest: what a publisher says of content, such as a firmware: name, version, kind and how long it is to be used. Signed, and
// judged by itself, whoever brings it (docs/protocol.md §12.2).
import { utf8 } from '../../base/bytes.ts'
import { canonicalJson } from '../../base/canonical-json.ts'
import { asFault } from '../../base/fault.ts'
import type { Json } from '../../base/ports.ts'
import type { Engine } from '../../crypto/engine.ts'
import { type DetachedSignature, type ProtectedHeader, readProtected, signDetached, verifyDetached } from '../../crypto/jws.ts'
import { isSignature } from '../custom-data.ts'
import type { Identity } from '../signature.ts'
import type { TrustStore } from '../trust.ts'
import { isContentId } from './content.ts'

export interface Manifest {
  /** What it is for, such as `firmware`: a lower-case word. */
  readonly kind: string
  /** Of the thing, such as a product's firmware; not a file name. */
  readonly name: string
  readonly version: string
  /** Id of the content. */
  readonly content: string
  /** Bytes. */
  readonly size: number
  /** SHA-256 of the whole, hex. */
  readonly sha256: string
  /** Milliseconds since 1970. */
  readonly from: number
  readonly until: number
  /** What the kind needs to say besides. */
  readonly details?: { readonly [member: string]: Json }
}

export interface SignedManifest {
  readonly manifest: Manifest
  readonly signatures: readonly DetachedSignature[]
}

/** In the protected header, so that no signature for another purpose stands for this one. */
const TYPE = 'org.chargeproof.manifest'
const MAX_SIGNATURES = 4
const TEXT = 64
/** Characters of a manifest, so that it fits a frame with room for what it travels in. */
const MAX_TEXT = 16_384

/** Why a manifest does not count; docs/protocol.md §12.2 lists them. */
export const MANIFEST_FLAWS = ['malformed', 'unsigned', 'unknown-key', 'not-publisher', 'broken', 'not-yet-valid', 'expired'] as const
export type ManifestFlaw = (typeof MANIFEST_FLAWS)[number]

export type ManifestJudgement =
  | { readonly state: 'good'; readonly signed: SignedManifest; readonly publisher: string }
  | { readonly state: 'refused'; readonly flaw: ManifestFlaw; readonly reason: string }

export interface ManifestWorld {
  readonly trust: TrustStore
  readonly engine: Engine
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Signs a manifest with a key whose purpose is `publisher`. */
export const signManifest = (manifest: Manifest, { kid, signer }: Pick<Identity, 'kid' | 'signer'>, iat: number): SignedManifest => ({
  manifest,
  signatures: [signDetached({ kid, typ: TYPE, iat }, signedBytes(manifest), signer)],
})

/** Judges what claims to be a signed manifest, looked at in the order of `MANIFEST_FLAWS`. */
export const judgeManifest = (value: Json, world: ManifestWorld): ManifestJudgement => {
  const { manifest = null, signatures = [] } = membersOf(value)
  const misfit = manifestMisfit(manifest)
  if (misfit !== undefined) return refused('malformed', misfit)
  if (!Array.isArray(signatures) || signatures.length > MAX_SIGNATURES || !signatures.every(isSignature))
    return refused('malformed', `the signatures are not a list of up to ${MAX_SIGNATURES}`)
  const document = manifest as object as Manifest
  let worst =
    signatures.length === 0 ? refused('unsigned', 'nobody signed it') : refused('unknown-key', 'no key in the trust store signed it')
  for (const signature of signatures as readonly DetachedSignature[]) {
    const found = publisherOf(signature, document, world)
    if (typeof found !== 'string') {
      worst = found
      continue
    }
    if (world.now < document.from) return refused('not-yet-valid', `it counts from ${iso(document.from)} on`)
    if (world.now >= document.until) return refused('expired', `it counted until ${iso(document.until)}`)
    return { state: 'good', signed: { manifest: document, signatures: signatures as readonly DetachedSignature[] }, publisher: found }
  }
  return worst
}

/** Why a value is no manifest, or nothing. */
export const manifestMisfit = (value: Json): string | undefined => {
  const { kind, name, version, content, size, sha256, from, until, details = {}, ...others } = membersOf(value)
  if (typeof kind !== 'string' || !/^[a-z][a-z0-9-]{0,31}$/.test(kind)) return 'its kind is no lower-case word'
  if (!isText(name) || !isText(version)) return `its name and version are not texts of 1 to ${TEXT} characters`
  if (!isContentId(content) || !isContentId(sha256)) return 'its content and sha256 are not 64 hex digits'
  if (!isCount(size) || !isCount(from) || !isCount(until)) return 'its size, from and until are not whole numbers'
  if (details === null || typeof details !== 'object' || Array.isArray(details)) return 'its details are no object'
  const [other] = Object.keys(others)
  if (other !== undefined) return `it has no member called "${other.slice(0, TEXT)}"`
  try {
    return canonicalJson(value).length > MAX_TEXT ? `it is longer than ${MAX_TEXT} characters` : undefined
  } catch (error) {
    return asFault(error).message
  }
}

/** The publisher who signed, or why this signature does not count. */
const publisherOf = (signature: DetachedSignature, manifest: Manifest, { trust, engine }: ManifestWorld): string | Refusal => {
  let header: ProtectedHeader
  try {
    header = readProtected(signature)
  } catch (error) {
    return refused('broken', asFault(error).message)
  }
  const kid = typeof header.kid === 'string' ? header.kid : ''
  // the cheap look-up first: a stranger cannot make us compute
  const key = trust.look(kid)
  if (!key || trust.stateOf(key) !== 'valid' || key.isFormer) return refused('unknown-key', 'no key that counts signed it')
  if (!key.purposes.includes('publisher')) return refused('not-publisher', `the key of ${key.node} publishes nothing`)
  if (header.typ !== TYPE || !verifyDetached(signature, signedBytes(manifest), key.publicKey, engine))
    return refused('broken', `it is not what ${key.node} signed`)
  return key.node
}

type Refusal = ManifestJudgement & { readonly state: 'refused' }

const refused = (flaw: ManifestFlaw, reason: string): Refusal => ({ state: 'refused', flaw, reason })
const signedBytes = (manifest: Manifest): Uint8Array => utf8(canonicalJson(manifest as object as Json))
const isText = (value: Json | undefined): value is string => typeof value === 'string' && value.length > 0 && value.length <= TEXT
const isCount = (value: Json | undefined): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
/** What is beyond a Date is its end. */
const iso = (ms: number): string => new Date(Math.min(ms, 8.64e15)).toISOString()
const membersOf = (value: Json): { readonly [name: string]: Json | undefined } =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as { readonly [name: string]: Json }) : {}
