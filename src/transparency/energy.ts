// How much energy a session is about: end less begin in the register that a bill rests on, exact.
import { compareDecimal, type Decimal, formatDecimal, scaleDecimal, subtractDecimal } from '../base/decimal.ts'
import type { Session, SessionReading } from './checks/check.ts'
import type { Judged } from './trust.ts'

/**
 * Wh as a decimal string, with as many decimals as the meter gave; what the one record states where it gives no begin. Undefined where no register has one begin and one end, or where two
 * registers of equal standing disagree: then no one number is the answer.
 */
export const energyOf = ({ registers, records }: Pick<Session, 'registers' | 'records'>): string | undefined => {
  const found = [...registers.values()].flatMap((row) => deltaOf(row) ?? [])
  const best = found.reduce((least, { preference }) => Math.min(least, preference), Number.POSITIVE_INFINITY)
  const [first, ...others] = found.filter(({ preference }) => preference === best).map(({ wh }) => wh)
  if (found.length === 0 && records.length === 1) return statedBy(records[0])
  if (first === undefined || others.some((wh) => compareDecimal(wh, first) !== 0)) return undefined
  return formatDecimal(first)
}

/** A record of a whole session may say the difference only. */
const statedBy = (judged: Judged | undefined): string | undefined => {
  const stated = judged?.record.stated
  return stated === undefined ? undefined : formatDecimal(stated.unit === 'kWh' ? scaleDecimal(stated.value, 3) : stated.value)
}

const deltaOf = (row: readonly SessionReading[]): { preference: number; wh: Decimal } | undefined => {
  const begins = row.filter(({ reading }) => reading.marker === 'begin')
  const ends = row.filter(({ reading }) => reading.marker === 'end')
  const [begin, end] = [begins[0]?.reading, ends[0]?.reading]
  if (begins.length !== 1 || ends.length !== 1 || begin?.preference === undefined) return undefined
  if (begin.value === undefined || end?.value === undefined || begin.unit !== end.unit) return undefined
  const delta = subtractDecimal(end.value, begin.value)
  return { preference: begin.preference, wh: begin.unit === 'kWh' ? scaleDecimal(delta, 3) : delta }
}
