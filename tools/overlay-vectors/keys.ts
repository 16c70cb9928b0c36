// The keys of the vectors: key pairs that RFCs print, so that nobody mistakes them for secrets. Signing is deterministic (RFC 6979).
import { p256 } from '@noble/curves/nist.js'
import { base64url, unbase64url } from '../../src/base/bytes.ts'
import type { Signer } from '../../src/crypto/engine.ts'
import { thumbprint, toPem } from '../../src/crypto/key.ts'
import { portableEngine } from '../../src/crypto/portable.ts'
import type { Identity } from '../../src/overlay/signature.ts'
import { TrustStore } from '../../src/overlay/trust.ts'

export const engine = portableEngine()

/** P-256; the result is r || s, with the nonce of RFC 6979 §3.2, and `s` as it comes out. */
const signerOf = (secret: Uint8Array): Signer => ({
  publicKey: { curve: 'secp256r1', point: p256.getPublicKey(secret, false).slice(1) },
  sign: (_hash, message) => p256.sign(message, secret, { lowS: false, format: 'compact' }),
})

interface TestKey {
  readonly node: string
  readonly role: string
  readonly source: string
  /** The private number, base64url. */
  readonly d: string
}

const KEYS = {
  operator: {
    node: 'grid-operator',
    role: 'grid-operator',
    source: 'RFC 7515 appendix A.3.1',
    d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
  },
  station: { node: 'cs-21-a', role: 'station', source: 'RFC 6979 appendix A.2.5', d: 'ya-p2EW6dRZrXCFXZ7HWk05Qw9s26JsSe4piKxIPZyE' },
  backend: { node: 'csms', role: 'csms', source: 'RFC 7518 appendix C', d: 'VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw' },
  stranger: {
    node: 'grid-operator',
    role: 'nobody trusts it',
    source: 'RFC 7517 appendix A.2',
    d: '870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE',
  },
} as const satisfies Record<string, TestKey>

const identityOf = ({ node, d }: TestKey): Identity<Signer> => {
  const signer = signerOf(unbase64url(d))
  return { node, kid: thumbprint(signer.publicKey, engine), signer }
}

export const operator = identityOf(KEYS.operator)
export const station = identityOf(KEYS.station)
export const backend = identityOf(KEYS.backend)
/** Claims to be the grid operator. */
export const stranger = identityOf(KEYS.stranger)

/** The trust store of every judgement over a message in the vectors: all but the stranger. */
export const trust = new TrustStore(engine)
trust.add({ node: operator.node, role: KEYS.operator.role, publicKey: operator.signer.publicKey })
trust.add({ node: station.node, role: KEYS.station.role, publicKey: station.signer.publicKey })
trust.add({ node: backend.node, role: KEYS.backend.role, publicKey: backend.signer.publicKey })

export const keyVectors = () => ({
  about: 'Keys of the other files. They are printed in RFCs: never use them. docs/protocol.md §4.2',
  keys: Object.entries(KEYS).map(([name, key]) => {
    const { kid, signer } = identityOf(key)
    const { point } = signer.publicKey
    const jwk = { kty: 'EC', crv: 'P-256', x: base64url(point.subarray(0, 32)), y: base64url(point.subarray(32)), d: key.d }
    return {
      name,
      node: key.node,
      role: key.role,
      trusted: name !== 'stranger',
      source: key.source,
      kid,
      jwk,
      pem: toPem(signer.publicKey),
    }
  }),
})
