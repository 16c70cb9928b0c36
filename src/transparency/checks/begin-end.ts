// One begin and one end for every register of energy, the begin first. Other registers (seconds, maxima) may have either or none,
// but nothing twice. Two checks, since a driver asks for each by itself.
import type { Marker } from '../../metering/reading.ts'
import { type Check, type CheckCode, type Finding, recordsOf, type Session, type SessionReading } from './check.ts'

export const begin: Check = {
  id: 'begin',
  judge: (session) => [...once(session, 'begin'), ...ordered(session)],
}

export const end: Check = {
  id: 'end',
  judge: (session) => once(session, 'end'),
}

type Bound = Marker & ('begin' | 'end')

const CODES = {
  begin: { missing: 'begin-missing', duplicate: 'begin-duplicate' },
  end: { missing: 'end-missing', duplicate: 'end-duplicate' },
} as const satisfies Record<Bound, Record<string, CheckCode>>

const once = (session: Session, bound: Bound): Finding[] => {
  const found: Finding[] = []
  session.registers.forEach((row, register) => {
    const such = marked(row, bound)
    const other = such.length > 0 || row[0]?.reading.purpose !== 'billing' ? [] : marked(row, bound === 'begin' ? 'end' : 'begin')
    if (such.length > 1)
      found.push({
        state: 'fail',
        code: CODES[bound].duplicate,
        detail: `${such.length} in register ${register}`,
        records: recordsOf(such),
      })
    else if (other.length > 0)
      found.push({ state: 'fail', code: CODES[bound].missing, detail: `none in register ${register}`, records: recordsOf(other) })
  })
  const some = found.length > 0 || hasBound(session, bound)
  return some ? found : [{ state: 'fail', code: CODES[bound].missing, detail: 'none in any register', records: session.records }]
}

/** In any reading at all where no register measures energy: something must begin and end. */
const hasBound = ({ readings }: Session, bound: Bound): boolean => {
  const measured = readings.some(({ reading }) => reading.purpose === 'billing')
  return readings.some(({ reading }) => reading.marker === bound && (reading.purpose === 'billing' || !measured))
}

const ordered = ({ registers }: Session): Finding[] => {
  const found: Finding[] = []
  registers.forEach((row, register) => {
    const last = row.findLastIndex(({ reading }) => reading.marker === 'begin')
    const first = row.findIndex(({ reading }) => reading.marker === 'end')
    const wrong =
      (last > 0 && row[last - 1]?.reading.marker !== 'begin') ||
      (first >= 0 && row.findLastIndex(({ reading }) => reading.marker !== 'end') > first)
    const detail = `readings before the begin or after the end in register ${register}`
    if (wrong) found.push({ state: 'fail', code: 'marker-order', detail, records: recordsOf(row) })
  })
  return found
}

const marked = (row: readonly SessionReading[], marker: Marker): SessionReading[] => row.filter(({ reading }) => reading.marker === marker)
