// Times as documents around records write them: ISO 8601, in UTC where nothing else is said (OCPI 2.2.1 §16.5).
import { utcMilliseconds } from '../base/calendar.ts'
import type { ToldTime } from './reading.ts'

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(?:Z|z|([+-])(\d\d):?(\d\d))?$/
/** As many other programs read and write them, too; then only with an offset, since who writes so may mean the time of the place. */
const LOOSE = /^\s*(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:[.,]\d+)?\s*(Z|[+-]\d\d)(?::?(\d\d))?\s*$/i

/** Of one that is told again: it may have any number of decimals. */
const LONG = 60

/** Undefined for a text that is no time of the calendar: it says nothing. */
export const toldTime = (name: string, text: string | undefined): ToldTime | undefined => {
  const [, wall, sign, hours = '0', minutes = '0'] = TIME.exec(strict(text ?? '')) ?? []
  const utc = wall === undefined ? undefined : utcMilliseconds(wall)
  if (text === undefined || utc === undefined) return undefined
  const offset = 60_000 * (60 * Number(hours) + Number(minutes))
  return { name, text: text.slice(0, LONG), ms: sign === '-' ? utc + offset : utc - offset }
}

const strict = (text: string): string => {
  const [, date, time, seconds = ':00', zone = '', minutes = '00'] = LOOSE.exec(text) ?? []
  return date === undefined ? text : `${date}T${time}${seconds}${zone.length > 1 ? `${zone}:${minutes}` : 'Z'}`
}
