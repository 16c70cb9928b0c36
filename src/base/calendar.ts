// Times of the Gregorian calendar as milliseconds. Date.parse takes the 31st of February and 24:00 and makes the next days of them; a
// signed time that is none is none here.

/** Milliseconds since 1970-01-01T00:00:00Z of `YYYY-MM-DDThh:mm:ss` as UTC; undefined where the calendar has no such time. */
export const utcMilliseconds = (wall: string): number | undefined => {
  const [year, month, day] = [number(wall, 0, 4), number(wall, 5, 7), number(wall, 8, 10)]
  const [hour, minute, second] = [number(wall, 11, 13), number(wall, 14, 16), number(wall, 17, 19)]
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59) return undefined
  return ((daysTo(year, month) + day - 1) * 24 + hour) * 3_600_000 + minute * 60_000 + second * 1000
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

const daysIn = (year: number, month: number): number => (month === 2 && isLeap(year) ? 29 : (DAYS[month - 1] ?? 0))

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** From 1970-01-01 to the first of the month. Years are counted from March, so that the day a leap year has more is its last. */
const daysTo = (year: number, month: number): number => {
  const years = month > 2 ? year : year - 1
  const months = (month + 9) % 12
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400)
  return 365 * years + leapDays + Math.floor((153 * months + 2) / 5) - DAYS_TO_1970
}

/** From March 1st of the year 0 to January 1st, 1970. */
const DAYS_TO_1970 = 719_468

/** Of digits, of which the caller knows that they are. */
const number = (text: string, start: number, end: number): number => {
  let sum = 0
  for (let i = start; i < end; i++) sum = 10 * sum + text.charCodeAt(i) - 0x30
  return sum
}
