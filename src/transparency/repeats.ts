// When two records tell one reading: a station may sign a begin when it begins, an end when it ends, and both once more in one record
// about the whole transaction (OCMF 1.4, "Embedding in OCPP"). Which of them count is said elsewhere.
import { formatDecimal } from '../base/decimal.ts'
import type { MeterRecord, Reading } from '../metering/reading.ts'
import { TRAITS } from '../metering/traits.ts'

/** All that a meter says of a reading: one that is told again with another status is another. A logbook that every record repeats is the record's. */
export const readingText = (reading: Reading, { format }: MeterRecord): string => {
  const { marker, register, time, value, unit, current, status, unusable, logbook } = reading
  const own = TRAITS[format].begin === 'repeated' ? undefined : logbook
  return JSON.stringify([marker, register, time?.ms, value && formatDecimal(value), unit, current, status?.text, unusable, own])
}

/** Whether the record has the register from its begin to its end. */
export const isWholeIn = ({ readings }: MeterRecord, register: string): boolean =>
  (['begin', 'end'] as const).every((marker) => readings.some((reading) => reading.marker === marker && reading.register === register))

/** Whether the record tells a whole session again, of which the others told the begin and the end each by itself. */
export const tellsAgain = (record: MeterRecord, others: readonly MeterRecord[]): boolean => {
  if (TRAITS[record.format].begin !== 'with-end' || others.length < 2) return false
  if (others.some((other) => other.readings.some(({ register }) => isWholeIn(other, register)))) return false
  const told = new Set(others.flatMap((other) => other.readings.map((reading) => readingText(reading, other))))
  return record.readings.every((reading) => isWholeIn(record, reading.register) && told.has(readingText(reading, record)))
}
