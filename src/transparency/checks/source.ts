// One meter, one gateway, one charge point, one user, one key; and every register keeps its unit and its name from begin to end.
import type { Marker, Reading } from '../../metering/reading.ts'
import type { Judged } from '../trust.ts'
import { type Check, type Finding, recordsOf, type Session, type SessionReading } from './check.ts'

export const source: Check = {
  id: 'source',
  judge: (session) => [
    ...differing('meter', session.records, ({ record }) => record.source.meter ?? ''),
    ...differing('gateway', session.records, ({ record }) => record.source.gateway ?? ''),
    ...differing('user', session.records, ({ record }) => record.source.user ?? ''),
    // a station may name the charge point in some records only
    ...differing('charge point', session.records, ({ record }) => record.source.chargePoint),
    ...differing('firmware', session.records, ({ record }) => record.source.firmware),
    ...differing('key', session.records, ({ signature }) => (signature.state === 'valid' ? signature.keyFingerprint : undefined)),
    ...places(session),
    ...constant(session, 'unit', ({ unit }) => unit),
    ...constant(session, 'current', ({ current }) => current),
    ...renamed(session),
  ],
}

/** @param of undefined where the record says nothing about it */
const differing = (what: string, records: readonly Judged[], of: (record: Judged) => string | undefined): Finding[] => {
  // of one record nothing differs, and most sessions have one
  if (records.length < 2) return []
  const found = [...new Set(records.flatMap((record) => of(record) ?? []))]
  if (found.length < 2) return []
  const detail = `${what}: ${found
    .slice(0, 3)
    .map((text) => JSON.stringify(text.slice(0, 80)))
    .join(', then ')}`
  return [{ state: 'fail', code: 'source-mismatch', detail, records }]
}

/** Only local time is signed by some meters. The offset beside it may change with the season and no more: else it moves the session or makes it longer. */
const places = ({ readings, records }: Session): Finding[] => {
  const times = records.length < 2 ? [] : readings.flatMap(({ reading: { time } }) => time ?? [])
  const offsets = times.flatMap(({ unsignedOffsetMinutes }) => unsignedOffsetMinutes ?? [])
  const least = offsets.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const most = offsets.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  if (offsets.length > 0 && offsets.length < times.length)
    return [{ state: 'fail', code: 'source-mismatch', detail: 'offset from UTC: told of some readings only', records }]
  if (offsets.length < 2 || most === least) return []
  if (most - least <= SEASON && !readings.some((after, index) => isShifted(readings[index - 1], after))) return []
  return [{ state: 'fail', code: 'source-mismatch', detail: `offset from UTC: ${least} and ${most} minutes`, records }]
}

/** The offset changed, and by the seconds that the meter has run its local time did not: no season began or ended. */
const isShifted = (before: SessionReading | undefined, after: SessionReading): boolean => {
  const [a, b] = [before?.reading.time, after.reading.time]
  if (a?.unsignedOffsetMinutes === undefined || b?.unsignedOffsetMinutes === undefined) return false
  const turned = 60 * (b.unsignedOffsetMinutes - a.unsignedOffsetMinutes)
  const run = (b.secondsRun ?? 0) - (a.secondsRun ?? 0)
  return turned !== 0 && run > 0 && Math.abs((b.ms - a.ms) / 1000 + turned - run) <= DRIFT
}

/** Seconds by which a clock may have been set right in between; a season is half an hour at least. */
const DRIFT = 60

/** Minutes: one place on earth has two hours, all others one or less (tz database, Antarctica/Troll). */
const SEASON = 120

/** @param of undefined where the reading says nothing about it */
const constant = ({ registers }: Session, what: string, of: (reading: Reading) => string | undefined): Finding[] => {
  const found: Finding[] = []
  registers.forEach((row, register) => {
    if (!changes(row, of)) return
    const all = [...new Set(row.flatMap(({ reading }) => of(reading) ?? []))]
    const detail = `${what} of register ${register}: ${all.join(', then ')}`
    found.push({ state: 'fail', code: 'source-mismatch', detail, records: recordsOf(row) })
  })
  return found
}

/** Asked of every register, and hardly ever so. */
const changes = (row: readonly SessionReading[], of: (reading: Reading) => string | undefined): boolean => {
  let before: string | undefined
  for (const { reading } of row) {
    const said = of(reading)
    if (said !== undefined && before !== undefined && said !== before) return true
    before = said ?? before
  }
  return false
}

/** Begun in one register and ended in another: no register says how much was charged. */
const renamed = ({ registers }: Session): Finding[] => {
  const rows = [...registers.values()].filter((row) => row[0]?.reading.purpose === 'billing')
  if (rows.some((row) => has(row, 'begin') && has(row, 'end'))) return []
  const begun = rows.filter((row) => has(row, 'begin')).flat()
  const ended = rows.filter((row) => has(row, 'end')).flat()
  if (begun.length === 0 && ended.length === 0) return scattered(rows)
  if (begun.length === 0 || ended.length === 0) return []
  const detail = `register: begins in ${begun[0]?.reading.register}, ends in ${ended[0]?.reading.register}`
  return [{ state: 'fail', code: 'source-mismatch', detail, records: recordsOf([...begun, ...ended]) }]
}

const has = (row: readonly SessionReading[], marker: Marker): boolean => row.some(({ reading }) => reading.marker === marker)

/** Every record reads another register, and only their order says which is the begin: there is none. */
const scattered = (rows: readonly (readonly SessionReading[])[]): Finding[] => {
  const all = rows.flat()
  if (rows.length < all.length || recordsOf(all).length < 2) return []
  const detail = `register: ${rows
    .slice(0, 3)
    .map(([first]) => first?.reading.register)
    .join(', then ')}`
  return [{ state: 'fail', code: 'source-mismatch', detail, records: recordsOf(all) }]
}
