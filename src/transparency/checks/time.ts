// Time does not fall from reading to reading, whatever the offset it is written with; where the format says so it rises from record to
// record, and so do the seconds that the meter has run.
import { TRAITS } from '../../metering/traits.ts'
import { type Check, type Finding, MAX_FINDINGS, recordsOf, type SessionReading } from './check.ts'

export const time: Check = {
  id: 'time',
  judge: ({ readings }) => {
    const found: Finding[] = []
    for (const [before, after] of neighbours(readings)) {
      if (found.length >= MAX_FINDINGS) break
      const detail = clockBackwards(before, after) ?? uptimeBackwards(before, after)
      if (detail !== undefined) found.push({ state: 'fail', code: 'time-backwards', detail, records: recordsOf([before, after]) })
    }
    return found
  },
}

/**
 * Each reading with the one before it. A record may tell of one register after the other, each from begin to end: within a record a
 * begin starts anew, and time runs in each register.
 */
const neighbours = (readings: readonly SessionReading[]): [SessionReading, SessionReading][] => {
  const pairs: [SessionReading, SessionReading][] = []
  let latest = new Map<string, SessionReading>()
  readings.forEach((after, index) => {
    const previous = readings[index - 1]
    const same = previous?.of === after.of
    const begins = same && after.reading.marker === 'begin'
    const before = same ? (latest.get(after.reading.register) ?? (begins ? undefined : previous)) : lastOf(latest)
    if (!same) latest = new Map()
    if (before !== undefined) pairs.push([before, after])
    latest.set(after.reading.register, after)
  })
  return pairs
}

/** Of a record that tells several registers in turn: the latest, whichever register it is of. */
const lastOf = (latest: ReadonlyMap<string, SessionReading>): SessionReading | undefined => {
  let last: SessionReading | undefined
  for (const each of latest.values()) if (last === undefined || timeOf(each) >= timeOf(last)) last = each
  return last
}

const timeOf = ({ reading: { time } }: SessionReading): number => time?.ms ?? Number.NEGATIVE_INFINITY

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
