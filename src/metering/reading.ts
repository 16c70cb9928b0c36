// What every format of meter records is turned into: the bytes that were signed, the signature, and what the meter says.
// Neutral between formats; knows nothing of sessions, keys in hand, verdicts or screens.
import type { Decimal } from '../base/decimal.ts'
import type { CurveName, HashName, RawSignature, SchemeName } from '../crypto/engine.ts'
import type { TariffText } from './tariff-text.ts'

/** What the rules need to know of each of them stands in traits.ts. */
export type FormatName =
  | 'ocmf'
  | 'alfen'
  | 'edl40'
  | 'emoc'
  | 'isa-edl40'
  | 'edl40-sig'
  | 'mennekes'
  | 'chargeit-emh'
  | 'bsm'
  | 'chargepoint'
  | 'pcdf'
  | 'ctr'

export interface MeterRecord {
  readonly format: FormatName
  /** What the signature may cover, most exact first; the others are tried only when it does not match. Never empty. */
  readonly signed: readonly SignedPart[]
  readonly signature: RecordSignature
  /** Public keys that stand in the record itself, as text or as decoded bytes; also bare points, see crypto/key.ts. */
  readonly keys: readonly (string | Uint8Array)[]
  readonly source: Source
  /** The transaction's own number or name, where the meter signs one: records that share it and a meter are one session. */
  readonly session?: string
  readonly pagination?: Pagination | undefined
  /** In the order of the record. */
  readonly readings: readonly Reading[]
  /** Where the record breaks its format: one line each, in English. Such a record is kept, and never part of a valid session. */
  readonly problems: readonly string[]
  /** Where it deviates from its format in a way that touches no value: one line each, in English. They warn. */
  readonly remarks?: readonly string[] | undefined
  /** The energy that the record itself says was charged: must be its end less its begin, to the Wh. */
  readonly stated?: { readonly value: Decimal; readonly unit: string }
  /** What each document around the record tells of the whole session, which nobody signed. One object for all records of that session. */
  readonly told?: readonly Told[]
  /** Numbers of energy that stand beside the record, where a bill rests on them, and that nobody signed. Compared with the session. */
  readonly counts?: readonly ToldCount[] | undefined
  /** Which message carried it: the one that ends a transaction tells again what earlier ones told, and one that takes a bill back all that the bill did. */
  readonly message?: Message | undefined
  /** What the session is to cost, where the record carries it under signature; `other` where it carries what cannot be computed with. */
  readonly tariff?: TariffText | 'other' | undefined
  /** What stands beside the signed bytes and proves nothing: shown, and marked as not signed. */
  readonly unsigned?: readonly UnsignedDetail[]
  /** Every signed field for the evidence; made on demand, because most readers never look. */
  fields(): readonly SignedField[]
}

export interface Message {
  readonly kind: 'ending' | 'earlier' | 'credit'
  /** By its name; empty where nobody says one, and of a bill. */
  readonly transaction: string
}

/** Names are those in the document. */
export interface Told {
  /** How many signed records the document says are the session. */
  readonly records: number
  readonly energy?: ToldEnergy | undefined
  readonly begin?: ToldTime | undefined
  readonly end?: ToldTime | undefined
  readonly values?: readonly ToldValue[]
  readonly price?: { readonly name: string; readonly value: Decimal; readonly currency: string } | undefined
}

export interface ToldEnergy {
  readonly name: string
  readonly value: Decimal
  readonly unit: 'Wh' | 'kWh'
  /** Wh that it may differ by, where it was computed from other readings than the signed ones. */
  readonly about?: Decimal
}

/** What somebody says that a meter showed at the begin or the end: the signed register, or another one of the same place. */
export interface ToldCount {
  readonly name: string
  readonly value: Decimal
  readonly unit: 'Wh' | 'kWh'
  readonly place: 'begin' | 'end'
  /** A sampled value, or a message that counts for itself. */
  readonly by: 'sample' | 'message'
  /** Somewhere else in the document than beside the record: it is of the session, where that has its place. */
  readonly elsewhere?: true
  /** Of an end: what the same counter is said to have shown at the begin. */
  readonly since?: Decimal | undefined
}

export interface ToldTime {
  readonly name: string
  /** As it is written there. */
  readonly text: string
  readonly ms: number
}

/** A reading, as the document repeats it. */
export interface ToldValue {
  readonly name: string
  readonly value: Decimal
  /** The powers of ten that may make Wh of it: with one of them it has to be signed. */
  readonly powers: readonly number[]
  readonly time?: ToldTime | undefined
  /** Where it is told as what the session began or ended with: another reading of it is not that. */
  readonly place?: 'begin' | 'end' | undefined
}

export interface UnsignedDetail {
  readonly name: string
  readonly value: string
}

export interface SignedPart {
  /** What of the record this is, e.g. `braces`. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** `ready` can be verified; the others never can, and `detail` says why. */
export type RecordSignature =
  | {
      readonly state: 'ready'
      /** As the record spells it; absent where the record does not say, and the key decides. */
      readonly algorithm?: string
      /** One, or where the record does not say: one for each method that the signature can be of. Never empty. */
      readonly choices: readonly SignatureChoice[]
      /** As the record carries it, without its text encoding. */
      readonly encoded: Uint8Array
    }
  | {
      readonly state: 'malformed' | 'unsupported' | 'absent'
      readonly algorithm?: string
      readonly detail: string
      readonly encoded?: Uint8Array
    }

export interface SignatureChoice {
  readonly method: SignatureMethod
  /** ECDSA: r and s at the width of the curve's order; a scheme: its own bytes. */
  readonly raw: RawSignature
}

/**
 * ECDSA over a hash, or a scheme that takes the message itself (EdDSA, ML-DSA). ECDSA takes the leftmost bits of a digest that is
 * longer than the curve's order (FIPS 186-5 §6.4.2): what formats call "the first 24 bytes of SHA-256" on P-192 is no method of its own.
 */
export type SignatureMethod = { readonly curve: CurveName; readonly hash: HashName } | { readonly scheme: SchemeName }

/** Who measured, and for whom. Empty texts are undefined. */
export interface Source {
  readonly meter?: string | undefined
  readonly gateway?: string | undefined
  /** Kind and value of the identification, e.g. `ISO14443 56213C05`. */
  readonly user?: string | undefined
  readonly chargePoint?: string | undefined
  /** The software that measured, where the format signs it and forbids a change. */
  readonly firmware?: string | undefined
  /** What the station says of how sure it is of the user. */
  readonly assignment?: Assignment | undefined
}

export interface Assignment {
  readonly level: string
  readonly failed: boolean
}

/** The record's number in one of the meter's counters; how the counter moves from record to record is a trait of the format (traits.ts). */
export interface Pagination {
  readonly series: string
  readonly number: number
  /** Where the records of one session are tied together by nothing but this count, which then has no gaps whatever the format's trait is. */
  readonly unbroken?: true
}

export type Marker = 'begin' | 'during' | 'exception' | 'end'

export interface Reading {
  /** As the record spells it. */
  readonly obis?: string | undefined
  /** The same for two spellings of one register; different for two registers. */
  readonly register: string
  /** `billing`: a register of energy that a bill may rest on. */
  readonly purpose: 'billing' | 'other'
  /** Of billing registers: which to prefer for the session's energy, 1 first; absent where it is not energy drawn by the car. */
  readonly preference?: number | undefined
  /** Absent when the record gives none that can be read. */
  readonly value?: Decimal | undefined
  readonly unit: string
  readonly current?: 'AC' | 'DC' | undefined
  readonly time?: ReadingTime | undefined
  /** Its place in the session, signed. */
  readonly marker?: Marker | undefined
  /** Its place in the session by the words around it, which nobody signed. Counts only where the format signs none (traits.ts). */
  readonly label?: Marker | undefined
  /** What the meter says of itself, and whether that is good. */
  readonly status?: { readonly text: string; readonly good: boolean } | undefined
  readonly unusable: readonly ('energy' | 'time')[]
  /** A counter of events at the meter that must not move during a session. */
  readonly logbook?: string | undefined
  /** Seconds that the meter has run: rises from record to record. */
  readonly uptime?: number | undefined
}

export interface ReadingTime {
  /** ISO 8601 with the offset the meter gave; without an offset where it gave none: a local time, of a place nobody names. */
  readonly iso: string
  /** Milliseconds since 1970-01-01T00:00:00Z. Of a local time as if it were UTC: only differences count. */
  readonly ms: number
  /** Of the local time that was signed, where the offset from UTC stands beside it and nobody signed that. */
  readonly unsignedOffsetMinutes?: number
  /** Seconds that the meter had run, signed: where the offset changes they tell whether the local time did. */
  readonly secondsRun?: number
  /** Whether a bill may rest on the clock: `relative` only for a duration; `unstated` where the format has no word for it. */
  readonly clock: 'synchronised' | 'relative' | 'informative' | 'unknown' | 'unstated'
}

/** One signed field as it stands in the record. */
export interface SignedField {
  /** Its name in the format, e.g. `RD[0].RV`. */
  readonly name: string
  readonly value: string
  /** What the field is, in English, in the terms of the format. */
  readonly meaning?: string
  /** Where it stands in the signed bytes: first byte and number of bytes. */
  readonly at?: number
  readonly length?: number
}
