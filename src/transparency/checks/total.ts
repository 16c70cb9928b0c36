// Where a record itself says how much energy was charged, that is its end less its begin; and where the document around the records of a
// session says it, unsigned, that is what is signed, as far as its decimals go.
import { compareDecimal, type Decimal, formatDecimal, parseDecimal, roundsTo, scaleDecimal, subtractDecimal } from '../../base/decimal.ts'
import type { Judged } from '../trust.ts'
import { type Check, type Finding, type Session, toldOf } from './check.ts'

export const total: Check = {
  id: 'total',
  judge: (session) => [...session.records.flatMap(differing), ...contradicted(session)],
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

const contradicted = (session: Session): Finding[] => {
  const { records, energyWh } = session
  const told = toldOf(session)?.energy
  if (told === undefined || energyWh === undefined) return []
  const signed = parseDecimal(energyWh)
  // to the Wh
  if (roundsTo(told.unit === 'kWh' ? scaleDecimal(signed, -3) : signed, told.value, told.unit === 'kWh' ? 3 : 0)) return []
  const detail = `${told.name} is ${formatDecimal(told.value)} ${told.unit}, and ${energyWh} Wh are signed`
  return [{ state: 'fail', code: 'total-mismatch', detail, records }]
}
