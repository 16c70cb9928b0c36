// The verdict: plain JSON, the authority for every face that shows or stores it (command line, web page, HTTP, golden
// vectors). Types only, plus the one order in which verdicts outweigh each other. Members may be added, never renamed.
import type { CurveName, HashName } from '../crypto/engine.ts'
import type { SignedField, UnsignedDetail } from '../metering/reading.ts'

/** `valid` < `unproven` < `incomplete` < `invalid`: a whole is as bad as its worst part. */
export type SessionState = 'valid' | 'unproven' | 'incomplete' | 'invalid'
/** `unreadable`: no session could be read at all. */
export type VerdictState = SessionState | 'unreadable'

export type InputKind = 'record' | 'key' | 'container' | 'link' | 'unknown'
export type KeyTrust = 'pinned' | 'registered' | 'supplied' | 'embedded' | 'none'
export type SignatureState = 'valid' | 'invalid' | 'key-missing' | 'malformed' | 'unsupported' | 'absent'
export type CheckState = 'pass' | 'fail' | 'warn' | 'skip'

export interface Verdict {
  readonly verdict: VerdictState
  readonly inputs: readonly InputReport[]
  readonly sessions: readonly SessionReport[]
}

export interface FaultReport {
  /** A code of base/fault.ts. */
  readonly code: string
  readonly detail: string
}

/** One thing that was given, or one member of a container that was given (`archive.zip/member.ocmf`). */
export interface InputReport {
  readonly name: string
  readonly kind: InputKind
  /** `ocmf`, `safe-xml`, `zip`, `pem` … */
  readonly format?: string
  readonly fault?: FaultReport
}

export interface SessionReport {
  /** `session-1`, `session-2` … in the order of the answer. */
  readonly id: string
  readonly verdict: SessionState
  /** ISO 8601 with the meter's own offset: time of the reading marked as the begin, and of the last marked as the end. */
  readonly begin?: string
  readonly end?: string
  /** Exact; absent where no register of energy has a begin and an end, and where the session is invalid. */
  readonly energyWh?: string
  /** By the tariff that the records carry under signature; absent where there is none, and where the session is invalid. */
  readonly cost?: CostReport
  /** What it has come to where it has a begin and no end yet; absent where the session is invalid. */
  readonly soFar?: SoFarReport
  readonly meter: MeterReport
  readonly keyTrust: KeyTrust
  readonly records: readonly RecordReport[]
  readonly checks: readonly CheckReport[]
}

/** By what is signed, up to the latest reading. */
export interface SoFarReport {
  /** Of that reading, ISO 8601 with the meter's own offset. */
  readonly time: string
  readonly energyWh: string
  readonly cost?: CostReport
}

/** All numbers are decimal strings. */
export interface CostReport {
  /** The signed text of the tariff. */
  readonly tariff: string
  /** ISO 4217. */
  readonly currency: string
  readonly parts: readonly CostPart[]
  /** The sum, not rounded, in hundredths of the currency. */
  readonly exactCents: string
  /** The same half up to the cent, in the currency: `11.32`. */
  readonly amount: string
  /** What the tariff has a price for and the records do not tell; not in the sum. */
  readonly unknown?: 'time-after-charging'
}

export interface CostPart {
  readonly unit: 'start' | 'kWh' | 'min'
  readonly quantity: string
  readonly centsEach: string
  readonly cents: string
}

export interface MeterReport {
  readonly id?: string
  /** SHA-256 over the SubjectPublicKeyInfo, hex. */
  readonly keyFingerprint?: string
}

export interface RecordReport {
  /** `record-1`, `record-2` … unique within the answer. */
  readonly id: string
  /** The `name` of the input it was read from. */
  readonly input: string
  readonly format: string
  /** ISO 8601 time of the record's last reading. */
  readonly time?: string
  readonly values: readonly ValueReport[]
  readonly signature: SignatureReport
  /** What stood beside the signed bytes; proves nothing. Absent where there was nothing. */
  readonly unsigned?: readonly UnsignedDetail[]
  readonly evidence?: Evidence
}

export interface ValueReport {
  readonly obis?: string
  /** Exactly the decimals that were signed. */
  readonly value: string
  readonly unit: string
  readonly time?: string
}

export interface SignatureReport {
  readonly state: SignatureState
  /** As the record spells it, e.g. `ECDSA-secp256r1-SHA256`. */
  readonly algorithm?: string
  readonly curve?: CurveName
  readonly hash?: HashName
  readonly keyFingerprint?: string
  /** Name of the input the key came from. */
  readonly keySource?: string
  /** Those who vouch for the key that decided, trusted or not; absent where nobody does. */
  readonly keySigners?: readonly KeySignerReport[]
}

/**
 * `trusted`: in the trust store, for this meter and this time; only then is the key `registered`. `unverified`: not in the trust store, so
 * its signature proves nothing, be it good or not.
 */
export type KeySignerState =
  | 'trusted'
  | 'unverified'
  | 'invalid'
  | 'expired'
  | 'not-yet'
  | 'revoked'
  | 'revocation-unknown'
  | 'wrong-use'
  | 'wrong-meter'
  | 'unsupported'

export interface KeySignerReport {
  /** As it calls itself. */
  readonly issuer?: string
  /** The issuer and those who vouch for it, up to the trust store; only where somebody stands in between. */
  readonly path?: readonly string[]
  readonly state: KeySignerState
  /** For an engineer, in English; absent for `trusted`. */
  readonly detail?: string
}

/** What an engineer needs to repeat the check with `openssl`. All bytes in hex. */
export interface Evidence {
  readonly signedBytes: string
  /** What of the record the signature covers; OCMF: `braces`, or `section` where the blanks around them were signed too. */
  readonly signedPart?: string
  /** Empty where the algorithm is not known, or hashes nothing outside itself (EdDSA, ML-DSA). */
  readonly hash: string
  /** SubjectPublicKeyInfo in DER; empty where no key was found. */
  readonly publicKey: string
  /** As it stood in the record, decoded from its text encoding. */
  readonly signature: string
  readonly fields: readonly EvidenceField[]
}

/** `at` counts from the payload's first byte, which is the first signed byte unless `signedPart` says `section`. */
export type EvidenceField = SignedField

export interface CheckReport {
  /** A rule in checks.ts, e.g. `begin`. A rule that found several things comes several times. */
  readonly id: string
  readonly state: CheckState
  /** Why it failed or warns; absent on `pass`. */
  readonly code?: string
  /** Data for an engineer, in English; sentences for drivers are in sentences.ts, by code. */
  readonly detail?: string
  readonly records?: readonly string[]
}

const ORDER: readonly SessionState[] = ['valid', 'unproven', 'incomplete', 'invalid']

/** The worst of the given states; `valid` for none. */
export const worst = (states: readonly SessionState[]): SessionState =>
  states.reduce<SessionState>((bad, state) => (ORDER.indexOf(state) > ORDER.indexOf(bad) ? state : bad), 'valid')
