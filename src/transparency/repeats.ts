// When two records tell one reading: a station may sign a begin when it begins, an end when it ends, and both once more in one record
// about the whole transaction (OCMF 1.4, "Embedding in OCPP"). Which of them count is said elsewhere.
import { formatDecimal } from '../base/decimal.ts'
import { onceFor } from '../base/latest.ts'
import type { MeterRecord, Reading } from '../metering/reading.ts'
import { TRAITS } from '../metering/traits.ts'

/** All that a meter says of a reading: one that is told again with another status is another. A logbook that every record repeats is the record's. */
export const readingText = (reading: Reading, { format }: MeterRecord): string => {
  const { marker, register, time, value, unit, current, status, unusable, logbook } = reading
  const own = TRAITS[format].begin === 'repeated' ? undefined : logbook
  return JSON.stringify([marker, register, time?.ms, value && formatDecimal(value), unit, current, status?.text, unusable, own])
}

/** The registers that the record has from their begin to their end. */
export const wholeIn = onceFor(({ readings }: MeterRecord): ReadonlySet<string> => {
  const [begun, ended] = (['begin', 'end'] as const).map((place) =>
    readings.flatMap(({ marker, register }) => (marker === place ? register : [])),
  )
  const ends = new Set(ended)
  return new Set(begun?.filter((register) => ends.has(register)))
})

/** Whether the record tells a whole session again, of which the others told the begin and the end each by itself. */
export const tellsAgain = (record: MeterRecord, others: readonly MeterRecord[]): boolean => {
  if (TRAITS[record.format].begin !== 'with-end' || others.length < 2) return false
  if (others.some((other) => wholeIn(other).size > 0)) return false
  const told = new Set(others.flatMap((other) => other.readings.map((reading) => readingText(reading, other))))
  return record.readings.every((reading) => wholeIn(record).has(reading.register) && told.has(readingText(reading, record)))
}
