// Which tone and which short word stand for each state of a verdict. No state is computed here, and what a state means is said by
// the verifier's own sentences.
import type { CheckState, KeySignerState, KeyTrust, SignatureState, VerdictState } from '../../../src/transparency/index.ts'
import type { TextKey } from '../i18n.ts'
import type { Tone } from '../shell/mark.tsx'

interface Words {
  readonly tone: Tone
  readonly name: TextKey
}

/** Their words are VERDICT_WORDS, for every view alike. */
export const VERDICTS = {
  valid: 'good',
  invalid: 'bad',
  incomplete: 'warn',
  unproven: 'warn',
  unreadable: 'quiet',
} as const satisfies Record<VerdictState, Tone>

/** `more`: what the reader should do about it. */
export const KEY_TRUST: Readonly<Record<KeyTrust, Words & { readonly more?: TextKey }>> = {
  pinned: { tone: 'good', name: 'trust-pinned' },
  registered: { tone: 'good', name: 'trust-registered' },
  supplied: { tone: 'warn', name: 'trust-supplied', more: 'supplied-more' },
  embedded: { tone: 'warn', name: 'trust-embedded', more: 'embedded-more' },
  none: { tone: 'quiet', name: 'trust-none', more: 'none-more' },
}

/** `why`: what was compared, and with which outcome. */
export const SIGNATURES = {
  valid: { tone: 'good', name: 'signature-valid', why: 'signature-valid-why' },
  invalid: { tone: 'bad', name: 'signature-invalid', why: 'signature-invalid-why' },
  'key-missing': { tone: 'warn', name: 'signature-key-missing', why: 'signature-key-missing-why' },
  malformed: { tone: 'bad', name: 'signature-malformed', why: 'signature-malformed-why' },
  unsupported: { tone: 'warn', name: 'signature-unsupported', why: 'signature-unsupported-why' },
  absent: { tone: 'warn', name: 'signature-absent', why: 'signature-absent-why' },
} as const satisfies Record<SignatureState, Words & { readonly why: TextKey }>

export const CHECKS = {
  pass: { tone: 'good', name: 'check-pass' },
  fail: { tone: 'bad', name: 'check-fail' },
  warn: { tone: 'warn', name: 'check-warn' },
  skip: { tone: 'quiet', name: 'check-skip' },
} as const satisfies Record<CheckState, Words>

/** A signer that does not count takes nothing away: only one that did not sign, or was revoked, is bad news. */
export const KEY_SIGNERS = {
  trusted: 'good',
  unverified: 'warn',
  invalid: 'bad',
  expired: 'warn',
  'not-yet': 'warn',
  revoked: 'bad',
  'revocation-unknown': 'warn',
  'wrong-use': 'warn',
  'wrong-meter': 'warn',
  unsupported: 'warn',
} as const satisfies Record<KeySignerState, Tone>
