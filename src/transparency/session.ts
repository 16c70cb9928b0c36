// A session out of its judged records: their readings in one row, with the places that they have where nobody signed any, and the energy
// between them. What is wrong with it is not asked here.
import type { Marker } from '../metering/reading.ts'
import { TRAITS } from '../metering/traits.ts'
import type { Session, SessionReading } from './checks/check.ts'
import { energyOf } from './energy.ts'
import { readingText, wholeIn } from './repeats.ts'
import type { Group } from './sessions.ts'
import type { Judged } from './trust.ts'

export const sessionFrom = (group: Group<Judged>): Session => {
  const { records, copies } = group
  const all: SessionReading[] = []
  for (const of of records) for (const reading of of.record.readings) all.push({ reading, of })
  const found = withoutRepeats(all)
  const rows = Map.groupBy(found, ({ reading }) => reading.register)
  if (found.every(isMarked)) return withEnergy({ records, copies, readings: found, registers: rows })
  const places = new Map<SessionReading, SessionReading>()
  for (const row of rows.values()) row.forEach((item, index) => void places.set(item, placed(item, byPlace(index, row.length))))
  const readings = found.map((item) => places.get(item) ?? item)
  return withEnergy({ records, copies, readings, registers: Map.groupBy(readings, ({ reading }) => reading.register) })
}

/** Member by member: a spread makes objects of two shapes, and every check that met one is compiled again for the other. */
export const withEnergy = ({ records, copies, readings, registers }: Omit<Session, 'energyWh' | 'told'>): Session => ({
  records,
  copies,
  readings,
  registers,
  energyWh: energyOf({ records, registers }),
  told: NOTHING,
})

const NOTHING: Session['told'] = []

/** Signed, or of a format that says by a marker or not at all. */
const isMarked = ({ reading, of }: SessionReading): boolean => reading.marker !== undefined || TRAITS[of.record.format].bounds === 'signed'

/**
 * A reading that stands in several records of its session is one; two that differ are two, and so are two in one record. Nor is a begin
 * that the meter counted behind another reading, and that is all its record says, told again: there the count fell.
 */
const withoutRepeats = (found: readonly SessionReading[]): readonly SessionReading[] => {
  // most sessions are one record
  if (found[0]?.of === found.at(-1)?.of || !found.some(repeatsBegin)) return found
  const seen = new Map<string, SessionReading>()
  let moved = false
  return found.filter((item) => {
    const { reading, of } = item
    moved ||= reading.marker !== 'begin'
    const text = readingText(reading, of.record)
    const first = seen.get(text) ?? item
    seen.set(text, first)
    return first.of === of || !isRepeat(first, item) || (moved && of.record.readings.length === 1)
  })
}

const repeatsBegin = ({ reading: { marker, register }, of: { record } }: SessionReading): boolean => {
  const { begin } = TRAITS[record.format]
  if (marker !== 'begin' || begin === 'once') return false
  return begin === 'repeated' || wholeIn(record).has(register)
}

/** What is told again in a record of the whole session stands by itself in the one before. */
const isRepeat = (first: SessionReading, again: SessionReading): boolean => {
  const { reading, of } = again
  if (reading.marker === 'begin') return repeatsBegin(again)
  const { register } = reading
  return TRAITS[of.record.format].begin === 'with-end' && wholeIn(of.record).has(register) && !wholeIn(first.of.record).has(register)
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
