// Timestamps that stations send. What cannot be read never reaches the store: the time of arrival stands in, and a flag says so.
import type { Json } from '../../base/ports.ts'

export interface Moment {
  /** RFC 3339 in UTC with milliseconds; sorts as text. */
  readonly at: string
  /** `time-unreadable`, `time-without-zone` (taken as UTC) or `clock-doubtful` (before 2010, or over a day ahead of the arrival). */
  readonly flag?: string
}

/** @param received milliseconds since 1970, the time of arrival */
export const readMoment = (value: Json | undefined, received: number): Moment => {
  const match = typeof value === 'string' ? RFC_3339.exec(value) : null
  const time = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2]}${zoneOf(match)}`)
  if (Number.isNaN(time)) return { at: isoTime(received), flag: 'time-unreadable' }
  const at = isoTime(time)
  if (time < YEAR_2010 || time > received + DAY) return { at, flag: 'clock-doubtful' }
  return match?.[3] === undefined ? { at, flag: 'time-without-zone' } : { at }
}

export const isoTime = (ms: number): string => new Date(ms).toISOString()

export const DAY = 86_400_000
const YEAR_2010 = 1_262_304_000_000
const RFC_3339 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|z|([+-]\d\d):?(\d\d))?$/

const zoneOf = (match: RegExpExecArray): string => (match[4] === undefined ? 'Z' : `${match[4]}:${match[5]}`)
