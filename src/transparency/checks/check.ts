// What a check is: one rule about a whole session, and what it found. The list of checks is in checks.ts.
import type { Reading, Told } from '../../metering/reading.ts'
import type { Group } from '../sessions.ts'
import type { Judged } from '../trust.ts'

export interface Check {
  /** What the rule is about, a word or two. */
  readonly id: CheckId
  /** Nothing found means that the rule holds. */
  judge(session: Session): readonly Finding[]
}

export interface Finding {
  readonly state: 'fail' | 'warn' | 'skip'
  readonly code: CheckCode
  /** For an engineer, in English. */
  readonly detail: string
  readonly records: readonly Judged[]
}

/** Records in signed order, and their readings in one row. */
export interface Session extends Group<Judged> {
  readonly readings: readonly SessionReading[]
  /** Readings by register, in the order in which the registers appear. */
  readonly registers: ReadonlyMap<string, readonly SessionReading[]>
  /** How much energy it is about, see energy.ts. */
  readonly energyWh: string | undefined
  /** What documents tell of it, see told.ts; most often none does. */
  readonly told: readonly ToldTogether[]
}

/** What the document around records tells of them, and the sessions that it tells about. */
export interface ToldTogether {
  readonly said: Told
  /** All that have a record of it. */
  readonly sessions: readonly Session[]
  /** Whether they hold every record that the document has: else it may speak of more. */
  readonly whole: boolean
}

export interface SessionReading {
  /** With its marker: the signed one, or the one it has by its place where the format signs none. */
  readonly reading: Reading
  readonly of: Judged
}

export type CheckId =
  | 'signature'
  | 'key'
  | 'format'
  | 'begin'
  | 'end'
  | 'duplicate'
  | 'pagination'
  | 'time'
  | 'energy'
  | 'source'
  | 'meter-status'
  | 'energy-usable'
  | 'exception'
  | 'user'
  | 'logbook'
  | 'clock'
  | 'plausible'
  | 'total'
  | 'told'
  | 'strength'

export type CheckCode =
  | 'signature-invalid'
  | 'signature-malformed'
  | 'signature-absent'
  | 'key-missing'
  | 'key-mismatch'
  | 'key-curve'
  | 'algorithm-unsupported'
  | 'record-malformed'
  | 'begin-missing'
  | 'begin-duplicate'
  | 'end-missing'
  | 'end-duplicate'
  | 'marker-order'
  | 'duplicate'
  | 'pagination-gap'
  | 'pagination-order'
  | 'pagination-absent'
  | 'time-backwards'
  | 'energy-decreasing'
  | 'source-mismatch'
  | 'meter-status'
  | 'energy-unusable'
  | 'time-unusable'
  | 'exception'
  | 'user-assignment'
  | 'logbook-changed'
  | 'time-informative'
  | 'implausible'
  | 'value-negative'
  | 'total-mismatch'
  | 'told-mismatch'
  | 'algorithm-weak'
  | 'record-deviates'

/** Failing with one of these leaves a session incomplete; with any other it is invalid. */
export const INCOMPLETE: ReadonlySet<CheckCode> = new Set(['begin-missing', 'end-missing'])

/** Of one check that are told: a hundred thousand readings may fall one after the other, and a thousand say as much. */
export const MAX_FINDINGS = 1000

/** The records of some readings, each once. */
export const recordsOf = (readings: readonly SessionReading[]): Judged[] => [...new Set(readings.map(({ of }) => of))]
