// Where a record itself says how much energy was charged, that is its end less its begin.
import { compareDecimal, type Decimal, formatDecimal, scaleDecimal, subtractDecimal } from '../../base/decimal.ts'
import type { Judged } from '../trust.ts'
import type { Check, Finding } from './check.ts'

export const total: Check = {
  id: 'total',
  judge: ({ records }) => records.flatMap(differing),
}

const differing = (found: Judged): Finding[] => {
  const { stated, readings } = found.record
  if (stated === undefined) return []
  const begin = readings.find(({ marker }) => marker === 'begin')
  const end = readings.findLast(({ marker }) => marker === 'end')
  if (begin?.value === undefined || end?.value === undefined) return []
  const measured = subtractDecimal(wattHours(end.value, end.unit), wattHours(begin.value, begin.unit))
  const claimed = wattHours(stated.value, stated.unit)
  if (compareDecimal(measured, claimed) === 0) return []
  const detail = `${formatDecimal(claimed)} Wh stated, ${formatDecimal(measured)} Wh between begin and end`
  return [{ state: 'fail', code: 'total-mismatch', detail, records: [found] }]
}

const wattHours = (value: Decimal, unit: string): Decimal => (unit === 'kWh' ? scaleDecimal(value, 3) : value)
