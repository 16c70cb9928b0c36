// Begin and end carry a time that a bill may rest on. Informative time warns: it says nothing against the energy.
import { type Check, recordsOf } from './check.ts'

export const clock: Check = {
  id: 'clock',
  judge: ({ readings }) => {
    const such = readings.filter(
      ({ reading: { marker, time } }) =>
        (marker === 'begin' || marker === 'end') && (time?.clock === 'informative' || time?.clock === 'unknown'),
    )
    return such.length === 0
      ? []
      : [
          {
            state: 'warn',
            code: 'time-informative',
            detail: `${such.length} readings with a clock that is not synchronised`,
            records: recordsOf(such),
          },
        ]
  },
}
