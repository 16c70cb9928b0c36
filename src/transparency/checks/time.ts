// Time does not fall from reading to reading, whatever the offset it is written with; where the format says so it rises from record to
// record, and so do the seconds that the meter has run.
import { TRAITS } from '../../metering/traits.ts'
import { type Check, type Finding, recordsOf, type SessionReading } from './check.ts'

export const time: Check = {
  id: 'time',
  judge: ({ readings }) =>
    readings.slice(1).flatMap((after, index): Finding[] => {
      const before = readings[index]
      const detail = before === undefined ? undefined : (clockBackwards(before, after) ?? uptimeBackwards(before, after))
      if (before === undefined || detail === undefined) return []
      return [{ state: 'fail', code: 'time-backwards', detail, records: recordsOf([before, after]) }]
    }),
}

const clockBackwards = (before: SessionReading, after: SessionReading): string | undefined => {
  const [a, b] = [before.reading.time, after.reading.time]
  if (a === undefined || b === undefined) return undefined
  const stands = before.of !== after.of && TRAITS[after.of.record.format].time === 'rising' && b.ms === a.ms
  return b.ms < a.ms || stands ? `${a.iso} is followed by ${b.iso}` : undefined
}

const uptimeBackwards = (before: SessionReading, after: SessionReading): string | undefined => {
  const [a, b] = [before.reading.uptime, after.reading.uptime]
  if (a === undefined || b === undefined || before.of === after.of || b > a) return undefined
  return `the meter had run ${a} s, and then ${b} s`
}
