// One signature of a JWS in General JSON serialisation with the payload detached (RFC 7515 §7.2.1, appendix F). ECDSA and Ed25519;
// which members the protected header must have, and whose key signs, is for the caller to say.
import { beside } from '../base/beside.ts'
import { base64url, base64urlText, headedBase64url, unbase64url, utf8 } from '../base/bytes.ts'
import { parseJsonStrict } from '../base/canonical-json.ts'
import { Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import type { CurveName, Engine, HashName, NodeSigner, PublicKey, SchemeName } from './engine.ts'

/** `alg` values, each bound to one kind of key: RFC 7518 §3.4 (ECDSA), RFC 8037 §3.1 (EdDSA, here Ed25519 alone). */
export const JWS_ALGORITHMS = {
  ES256: { curve: 'secp256r1', hash: 'SHA-256' },
  ES384: { curve: 'secp384r1', hash: 'SHA-384' },
  ES512: { curve: 'secp521r1', hash: 'SHA-512' },
  EdDSA: { scheme: 'Ed25519' },
} as const satisfies Record<string, { curve: CurveName; hash: HashName } | { scheme: SchemeName }>

export type JwsAlgorithm = keyof typeof JWS_ALGORITHMS

/** Both members base64url. */
export interface DetachedSignature {
  readonly protected: string
  readonly signature: string
}

export interface ProtectedHeader {
  readonly alg: JwsAlgorithm
  readonly [name: string]: Json
}

/** Characters of an encoded protected header: 4 KiB. */
const MAX_PROTECTED = 4096

/**
 * Signs `payload` and the given header; `alg` is added, as the signer's key demands.
 * @throws Fault `algorithm-unsupported` when JWS has no algorithm for the key, or the header says another or `crit`;
 * `limit-exceeded` when the encoded header is longer than 4 KiB
 */
export const signDetached = (header: { readonly [name: string]: Json }, payload: Uint8Array, signer: NodeSigner): DetachedSignature => {
  const alg = algorithmOf(signer.publicKey)
  if (alg === undefined) throw new Fault('algorithm-unsupported', `JWS has no algorithm for ${kindOf(signer.publicKey)}`)
  const encoded = base64url(utf8(JSON.stringify(checked({ alg, ...header }, alg))))
  if (encoded.length > MAX_PROTECTED) throw tooLong(encoded)
  const input = signingInput(encoded, payload)
  const kind = JWS_ALGORITHMS[alg]
  const raw = 'signPure' in signer ? signer.signPure(input) : signer.sign('hash' in kind ? kind.hash : 'SHA-256', input)
  return { protected: encoded, signature: base64url(raw) }
}

/**
 * The protected header, before anything is verified: good for finding the key by `kid`, not for believing.
 * @throws Fault `limit-exceeded` beyond 4 KiB, `bytes-malformed`, `json-malformed`, or `algorithm-unsupported` for another `alg` or any `crit`
 */
export const readProtected = (signature: DetachedSignature): ProtectedHeader => {
  const known = read.of(signature)
  if (known !== undefined) return known
  const header = parseJsonStrict(protectedText(signature))
  if (!isObject(header)) throw new Fault('json-malformed', 'expected the protected header to be an object')
  return read.keep(signature, checked(header))
}

/** A header is asked for by whoever judges, and by whoever answers. */
const read = beside<ProtectedHeader>()

/**
 * The protected header as its signer wrote it, which need not be JSON.
 * @throws Fault `limit-exceeded` beyond 4 KiB, `bytes-malformed`
 */
export const protectedText = ({ protected: encoded }: DetachedSignature): string => {
  if (encoded.length > MAX_PROTECTED) throw tooLong(encoded)
  return base64urlText(encoded)
}

/** Whether the signature is the key's, over this header and payload. False for anything malformed too; never throws. */
export const verifyDetached = (signature: DetachedSignature, payload: Uint8Array, key: PublicKey, engine: Engine): boolean => {
  try {
    return verifyRead(signature, readProtected(signature), payload, { key, engine })
  } catch {
    return false // whoever wants the reason asks readProtected
  }
}

/** The same for a header that was read already. Its `alg` is that of the signature, or this proves nothing. */
export const verifyRead = (
  signature: DetachedSignature,
  { alg }: Pick<ProtectedHeader, 'alg'>,
  payload: Uint8Array,
  { key, engine }: { readonly key: PublicKey; readonly engine: Engine },
): boolean => {
  let raw: Uint8Array
  try {
    raw = unbase64url(signature.signature)
  } catch {
    return false
  }
  const kind = JWS_ALGORITHMS[alg]
  const input = signingInput(signature.protected, payload)
  if ('scheme' in kind) return 'scheme' in key && kind.scheme === key.scheme && engine.verifyPure(key, input, raw)
  return 'curve' in key && kind.curve === key.curve && engine.verifyEcdsa(key, kind.hash, input, raw)
}

const kindOf = (key: { readonly curve: CurveName } | { readonly scheme: SchemeName }): string => ('curve' in key ? key.curve : key.scheme)

/** Whether nodes can sign with such a key. */
export const isJwsKey = (key: PublicKey): boolean => algorithmOf(key) !== undefined

const algorithmOf = (key: PublicKey): JwsAlgorithm | undefined =>
  (Object.keys(JWS_ALGORITHMS) as JwsAlgorithm[]).find((alg) => kindOf(JWS_ALGORITHMS[alg]) === kindOf(key))

/** RFC 7515 §5.1: the text that is signed, to be read at once. */
const signingInput = (encodedHeader: string, payload: Uint8Array): Uint8Array => headedBase64url(`${encodedHeader}.`, payload)

const checked = (header: { readonly [name: string]: Json }, expected?: JwsAlgorithm): ProtectedHeader => {
  const { alg } = header
  if (!isAlgorithm(alg) || alg !== (expected ?? alg)) {
    throw new Fault('algorithm-unsupported', `expected alg ${expected ?? Object.keys(JWS_ALGORITHMS).join(', ')}`, {
      found: String(alg).slice(0, 40),
    })
  }
  // no extension is understood, so each one marked critical must be refused (RFC 7515 §4.1.11)
  if (Object.hasOwn(header, 'crit')) throw new Fault('algorithm-unsupported', 'expected no critical header parameters')
  return header as ProtectedHeader
}

const isAlgorithm = (alg: Json | undefined): alg is JwsAlgorithm => typeof alg === 'string' && Object.hasOwn(JWS_ALGORITHMS, alg)

const isObject = (value: Json): value is { readonly [name: string]: Json } =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const tooLong = (encoded: string): Fault =>
  new Fault('limit-exceeded', `expected a protected header of at most ${MAX_PROTECTED} characters, got ${encoded.length}`)
