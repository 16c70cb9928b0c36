// No more energy than a car takes from an alternating current outlet in one session.
import { compareDecimal, parseDecimal } from '../../base/decimal.ts'
import { energyOf } from '../energy.ts'
import type { Check } from './check.ts'

export const plausible: Check = {
  id: 'plausible',
  judge: (session) => {
    const energyWh = energyOf(session)
    const direct = session.readings.some(({ reading }) => reading.current === 'DC')
    if (energyWh === undefined || direct || compareDecimal(parseDecimal(energyWh), MOST_WH) <= 0) return []
    return [{ state: 'warn', code: 'implausible', detail: `${energyWh} Wh in one session`, records: session.records }]
  },
}

/** The one plausibility rule of the field: 500 kWh. */
const MOST_WH = parseDecimal('500000')
