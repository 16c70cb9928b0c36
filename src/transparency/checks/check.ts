// What a check is: one rule about a whole session, and what it found. The list of checks is in checks.ts.
import { formatDecimal } from '../../base/decimal.ts'
import type { Marker, Reading } from '../../metering/reading.ts'
import { TRAITS } from '../../metering/traits.ts'
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
  | 'algorithm-weak'
  | 'record-deviates'

/** Failing with one of these leaves a session incomplete; with any other it is invalid. */
export const INCOMPLETE: ReadonlySet<CheckCode> = new Set(['begin-missing', 'end-missing'])

export const sessionFrom = (group: Group<Judged>): Session => {
  const found = withoutRepeats(group.records.flatMap((of) => of.record.readings.map((reading) => ({ reading, of }))))
  const rows = Map.groupBy(found, ({ reading }) => reading.register)
  if (found.every(isMarked)) return { ...group, readings: found, registers: rows }
  const places = new Map<SessionReading, SessionReading>()
  for (const row of rows.values()) row.forEach((item, index) => void places.set(item, placed(item, byPlace(index, row.length))))
  const readings = found.map((item) => places.get(item) ?? item)
  return { ...group, readings, registers: Map.groupBy(readings, ({ reading }) => reading.register) }
}

/** Signed, or of a format that says by a marker or not at all. */
const isMarked = ({ reading, of }: SessionReading): boolean => reading.marker !== undefined || TRAITS[of.record.format].bounds === 'signed'

/** A begin that stands in every record of its session is one begin; two that differ are two. */
const withoutRepeats = (found: readonly SessionReading[]): SessionReading[] => {
  const seen = new Set<string>()
  return found.filter(({ reading, of }) => {
    if (reading.marker !== 'begin' || TRAITS[of.record.format].begin === 'once') return true
    const text = JSON.stringify([reading.register, reading.time?.ms, reading.value && formatDecimal(reading.value)])
    return !seen.has(text) && seen.add(text)
  })
}

/** The reading with its marker: unsigned or by its place only where the format signs none. */
const placed = (item: SessionReading, place: Marker | undefined): SessionReading => {
  const { reading, of } = item
  if (isMarked(item)) return item
  const marker = reading.label ?? place
  return marker === undefined ? item : { reading: { ...reading, marker }, of }
}

/** One reading alone may be a begin as well as an end. */
const byPlace = (index: number, count: number): Marker | undefined => {
  if (count < 2) return undefined
  return index === 0 ? 'begin' : index === count - 1 ? 'end' : 'during'
}

/** The records of some readings, each once. */
export const recordsOf = (readings: readonly SessionReading[]): Judged[] => [...new Set(readings.map(({ of }) => of))]
