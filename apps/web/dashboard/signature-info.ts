// One signature of a message as the dashboard knows it, and all that may be wrong with one.

/** docs/protocol.md §4.3 and §10.1 */
export const FLAWS = [
  'malformed',
  'unknown-key',
  'key-revoked',
  'key-replaced',
  'key-expired',
  'key-not-yet-valid',
  'wrong-purpose',
  'broken',
  'wrong-issuer',
  'wrong-audience',
  'wrong-message',
  'other-question',
  'other-signatures',
  'expired',
  'not-yet-valid',
  'replayed',
] as const

export const TRACES = ['valid', 'invalid', 'own', 'unjudged'] as const

/** One signature of a message, as the node that tells it found it. */
export interface SignatureInfo {
  readonly state: (typeof TRACES)[number]
  /** Whose key it is; a claim where the signature is not valid. */
  readonly node: string
  readonly role: string
  readonly kid: string
  readonly countersigns: boolean
  readonly flaw: string
  readonly detail: string
}
