// Public keys as people hand them over, and the two names a key has. Which key to trust is not decided here.
import { base64, base64url, hex, unbase32, unbase64, unhex, utf8, utf8Text } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { uncommented } from '../base/texts.ts'
import { CURVES } from './curves.ts'
import { readMeterSpki, writeSpki } from './der.ts'
import type { Engine, PublicKey } from './engine.ts'

/**
 * Reads a SubjectPublicKeyInfo: DER bytes, PEM (lines that begin with `#` are comments), or DER as hex, base32 or base64, tried in
 * that order by alphabet (OCMF 1.4, table 23). Blanks and line ends do not count.
 * Meters also hand out bare keys: see meter-key.ts.
 * @throws Fault `key-malformed`, or `algorithm-unsupported` for a good key of another kind
 */
export const readPublicKey = (input: string | Uint8Array): PublicKey =>
  readMeterSpki(typeof input === 'string' || input[0] !== DER_SEQUENCE ? derOf(input) : input)

/** RFC 7468 §13, lines of 64 characters. */
export const toPem = (key: PublicKey): string => {
  const lines = base64(writeSpki(key)).match(/.{1,64}/g) ?? []
  return ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\n')
}

/**
 * The key's name in signatures (`kid`): the JWK thumbprint with SHA-256, base64url (RFC 7638 §3; RFC 8037 appendix A.3). A kind of key without a
 * JWK name has none, there it is the SHA-256 of the SubjectPublicKeyInfo, base64url.
 */
export const thumbprint = (key: PublicKey, engine: Engine): string => base64url(engine.digest('SHA-256', jwkOf(key) ?? writeSpki(key)))

/** The required members of its JWK in lexicographic order (RFC 7638 §3.2), where it has one. */
const jwkOf = (key: PublicKey): Uint8Array | undefined => {
  if ('scheme' in key) return key.scheme === 'Ed25519' ? utf8(`{"crv":"Ed25519","kty":"OKP","x":"${base64url(key.bytes)}"}`) : undefined
  const { jwk, coordinateBytes } = CURVES[key.curve]
  if (jwk === undefined) return undefined
  const x = base64url(key.point.subarray(0, coordinateBytes))
  const y = base64url(key.point.subarray(coordinateBytes))
  return utf8(`{"crv":"${jwk}","kty":"EC","x":"${x}","y":"${y}"}`)
}

/** SHA-256 of the SubjectPublicKeyInfo in hex: what `openssl pkey -pubin -outform DER | sha256sum` prints. */
export const fingerprint = (key: PublicKey, engine: Engine): string =>
  named(FINGERPRINTS, key, () => hex(engine.digest('SHA-256', writeSpki(key))))

/** The SubjectPublicKeyInfo in hex. */
export const spkiHex = (key: PublicKey): string => named(SPKIS, key, () => hex(writeSpki(key)))

/** Keys are never changed, and both engines digest alike. */
const FINGERPRINTS = new WeakMap<PublicKey, string>()
const SPKIS = new WeakMap<PublicKey, string>()

const named = (names: WeakMap<PublicKey, string>, key: PublicKey, compute: () => string): string => {
  const known = names.get(key)
  if (known !== undefined) return known
  const name = compute()
  names.set(key, name)
  return name
}

export const DER_SEQUENCE = 0x30
const PEM = /^-----BEGINPUBLICKEY-----([A-Za-z0-9+/=]*)-----ENDPUBLICKEY-----$/

/** The bytes behind a text form. @throws Fault `key-malformed` */
const derOf = (input: string | Uint8Array): Uint8Array => {
  try {
    const text = typeof input === 'string' ? input : utf8Text(input)
    const bare = uncommented(text).replace(/\s/g, '')
    return decode(bare)
  } catch (cause) {
    throw new Fault('key-malformed', 'expected a public key as PEM, hex, base32 or base64', {}, cause)
  }
}

const decode = (bare: string): Uint8Array => {
  const pem = PEM.exec(bare)?.[1]
  if (pem !== undefined) return unbase64(pem)
  if (/^[0-9a-fA-F]*$/.test(bare)) return unhex(bare)
  return /^[A-Z2-7=]*$/.test(bare) ? unbase32(bare) : unbase64(bare)
}
