// Timestamps that stations send. What cannot be read never reaches the store: the time of arrival stands in, and a flag says so.
import type { Json } from '../../base/ports.ts'

export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number
  /** `time-unreadable`, `time-without-zone` (taken as UTC) or `clock-doubtful` (before 2010, or over a day ahead of the arrival). */
  readonly flag?: string
}

/** @param received milliseconds since 1970, the time of arrival */
export const readMoment = (value: Json | undefined, received: number): Moment => {
  const match = typeof value === 'string' ? RFC_3339.exec(value) : null
  const at = match === null ? Number.NaN : Date.parse(completed(match))
  if (Number.isNaN(at)) return { at: received, flag: UNREADABLE }
  if (at < YEAR_2010 || at > received + DAY) return { at, flag: 'clock-doubtful' }
  return match?.[1] === undefined ? { at, flag: 'time-without-zone' } : { at }
}

/** RFC 3339 in UTC with milliseconds. Every message has times of the same day or two, so the date is worked out once a day. */
export const isoTime = (ms: number): string => {
  const whole = Math.trunc(ms)
  const day = Math.floor(whole / DAY)
  if (day !== date.day) date = { day, text: new Date(day * DAY).toISOString().slice(0, -TIME_LENGTH) }
  const rest = whole - day * DAY
  const [hours, minutes] = [Math.floor(rest / 3_600_000), Math.floor(rest / 60_000) % 60]
  return `${date.text}${two(hours)}:${two(minutes)}:${two(Math.floor(rest / 1_000) % 60)}.${two(Math.floor((rest % 1_000) / 10))}${rest % 10}Z`
}

/** Characters of `00:00:00.000Z`. */
const TIME_LENGTH = 13
let date = { day: Number.NaN, text: '' }
const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`)

export const UNREADABLE = 'time-unreadable'
export const DAY = 86_400_000
const YEAR_2010 = 1_262_304_000_000
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?([Zz]|[+-]\d\d(:?)\d\d)?$/

/** With a zone that ECMAScript reads: Z where there is none, and a colon between hours and minutes. */
const completed = ([text, zone, colon]: RegExpExecArray): string => {
  if (zone === undefined) return `${text}Z`
  return colon === '' ? `${text.slice(0, -2)}:${text.slice(-2)}` : text
}
