// Nothing was entered into the meter's logbook while the session ran: its counter of events stands still.
import { type Check, recordsOf } from './check.ts'

export const logbook: Check = {
  id: 'logbook',
  judge: ({ readings }) => {
    const such = readings.filter(({ reading }) => reading.logbook !== undefined)
    if (such.length < 2) return []
    const counts = [...new Set(such.map(({ reading }) => reading.logbook))]
    return counts.length < 2
      ? []
      : [
          {
            state: 'fail',
            code: 'logbook-changed',
            detail: `event counter ${counts.slice(0, 3).join(', then ')}`,
            records: recordsOf(such),
          },
        ]
  },
}
