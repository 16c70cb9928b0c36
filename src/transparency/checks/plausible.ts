// No more energy than a car takes from an alternating current outlet in one session, and no register of energy below zero.
import { compareDecimal, parseDecimal } from '../../base/decimal.ts'
import type { Check, Finding, Session } from './check.ts'

export const plausible: Check = {
  id: 'plausible',
  judge: (session) => [...tooMuch(session), ...negative(session)],
}

const tooMuch = ({ energyWh, readings, records }: Session): Finding[] => {
  const direct = readings.some(({ reading }) => reading.current === 'DC')
  if (energyWh === undefined || direct || compareDecimal(parseDecimal(energyWh), MOST_WH) <= 0) return []
  return [{ state: 'warn', code: 'implausible', detail: `${energyWh} Wh in one session`, records }]
}

const negative = ({ records }: Session): Finding[] =>
  records
    .filter(({ record: { readings } }) => readings.some(({ value, unit }) => value !== undefined && value.digits < 0n && ENERGY.test(unit)))
    .map((found) => ({ state: 'warn', code: 'value-negative', detail: 'registers of energy count from zero', records: [found] }))

const ENERGY = /^k?Wh$/

/** The one plausibility rule of the field: 500 kWh. */
const MOST_WH = parseDecimal('500000')
