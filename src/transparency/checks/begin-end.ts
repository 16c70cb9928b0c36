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
  const found = [...session.registers].flatMap(([register, row]): Finding[] => {
    const such = marked(row, bound)
    if (such.length > 1)
      return [{ state: 'fail', code: CODES[bound].duplicate, detail: `${such.length} in register ${register}`, records: recordsOf(such) }]
    const other = marked(row, bound === 'begin' ? 'end' : 'begin')
    const lacking = such.length === 0 && other.length > 0 && row[0]?.reading.purpose === 'billing'
    return lacking ? [{ state: 'fail', code: CODES[bound].missing, detail: `none in register ${register}`, records: recordsOf(other) }] : []
  })
  const some = found.length > 0 || marked(energyReadings(session), bound).length > 0
  return some ? found : [{ state: 'fail', code: CODES[bound].missing, detail: 'none in any register', records: session.records }]
}

/** All readings where no register measures energy: something must begin and end. */
const energyReadings = ({ readings }: Session): readonly SessionReading[] => {
  const energy = readings.filter(({ reading }) => reading.purpose === 'billing')
  return energy.length > 0 ? energy : readings
}

const ordered = ({ registers }: Session): Finding[] =>
  [...registers].flatMap(([register, row]): Finding[] => {
    const last = row.findLastIndex(({ reading }) => reading.marker === 'begin')
    const first = row.findIndex(({ reading }) => reading.marker === 'end')
    const wrong =
      (last > 0 && row[last - 1]?.reading.marker !== 'begin') ||
      (first >= 0 && row.slice(first).some(({ reading }) => reading.marker !== 'end'))
    return wrong
      ? [
          {
            state: 'fail',
            code: 'marker-order',
            detail: `readings before the begin or after the end in register ${register}`,
            records: recordsOf(row),
          },
        ]
      : []
  })

const marked = (row: readonly SessionReading[], marker: Marker): SessionReading[] => row.filter(({ reading }) => reading.marker === marker)
