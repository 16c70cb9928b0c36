// At begin and end the meter says that it is well (OCMF 1.4 §4.2.6, ST = G), or at least not that it is not, where the format has it
// say only that. In between, anything else only warns.
import { TRAITS } from '../../metering/traits.ts'
import { type Check, type Finding, recordsOf, type SessionReading } from './check.ts'

export const meterStatus: Check = {
  id: 'meter-status',
  judge: ({ readings }) => {
    const bad = readings.filter(({ reading: { status }, of }) =>
      status === undefined ? TRAITS[of.record.format].status === 'required' : !status.good,
    )
    if (bad.length === 0) return []
    const bounds = bad.filter(({ reading }) => reading.marker === 'begin' || reading.marker === 'end')
    const between = bad.filter((item) => !bounds.includes(item) && item.reading.status !== undefined)
    return [...finding('fail', bounds), ...finding('warn', between)]
  },
}

const finding = (state: Finding['state'], bad: readonly SessionReading[]): Finding[] => {
  if (bad.length === 0) return []
  const texts = [...new Set(bad.map(({ reading }) => reading.status?.text ?? 'none'))]
  return [{ state, code: 'meter-status', detail: `status ${texts.slice(0, 5).join(', ')}`, records: recordsOf(bad) }]
}
