// Time does not fall from reading to reading, whatever the offset it is written with.
import { type Check, type Finding, recordsOf } from './check.ts'

export const time: Check = {
  id: 'time',
  judge: ({ readings }) =>
    readings.slice(1).flatMap((after, index): Finding[] => {
      const before = readings[index]
      const [a, b] = [before?.reading.time, after.reading.time]
      if (before === undefined || a === undefined || b === undefined || b.ms >= a.ms) return []
      return [{ state: 'fail', code: 'time-backwards', detail: `${a.iso} is followed by ${b.iso}`, records: recordsOf([before, after]) }]
    }),
}
