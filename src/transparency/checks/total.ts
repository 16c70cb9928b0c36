// Where a record itself says how much energy was charged, that is its end less its begin, to the Wh; and where the document around the records of a
// session says it, unsigned, that is what is signed, as far as its decimals go.
import {
  addDecimal,
  compareDecimal,
  type Decimal,
  formatDecimal,
  parseDecimal,
  roundsTo,
  scaleDecimal,
  subtractDecimal,
} from '../../base/decimal.ts'
import { onceFor } from '../../base/latest.ts'
import type { ToldEnergy } from '../../metering/reading.ts'
import type { Judged } from '../trust.ts'
import type { Check, Finding, Session, ToldTogether } from './check.ts'
import { MOST_DOCUMENTS } from './told.ts'

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
  // stations compute it with binary fractions: 86.6 less 74.6 is 11.999999999999986
  if (roundsTo(measured, claimed, 0)) return []
  const detail = `${formatDecimal(claimed)} Wh stated, ${formatDecimal(measured)} Wh between begin and end`
  return [{ state: 'fail', code: 'total-mismatch', detail, records: [found] }]
}

const wattHours = (value: Decimal, unit: string): Decimal => (unit === 'kWh' ? scaleDecimal(value, 3) : value)

const contradicted = ({ records, told }: Session): Finding[] => {
  if (told.length === 0 || told.length > MOST_DOCUMENTS) return []
  const details = told.flatMap((each) => {
    const [{ energy }, signed] = [each.said, sumOf(each)]
    if (energy === undefined || signed === undefined || agrees(signed, energy)) return []
    return [`${energy.name} is ${formatDecimal(energy.value)} ${energy.unit}, and ${formatDecimal(signed)} Wh are signed`]
  })
  return details.map((detail) => ({ state: 'fail', code: 'total-mismatch', detail, records }))
}

/** Of all sessions that the document tells about, in Wh; undefined where one of them is not known. */
const sumOf = onceFor(({ sessions, whole }: ToldTogether): Decimal | undefined =>
  sessions.reduce<Decimal | undefined>(
    (sum, { energyWh }) => (sum === undefined || energyWh === undefined ? undefined : addDecimal(sum, parseDecimal(energyWh))),
    whole ? NONE : undefined,
  ),
)

const NONE: Decimal = { digits: 0n, scale: 0 }

/** To the Wh, unless the document counted for itself. */
const agrees = (signed: Decimal, { value, unit, about }: ToldEnergy): boolean => {
  if (about === undefined) return roundsTo(unit === 'kWh' ? scaleDecimal(signed, -3) : signed, value, unit === 'kWh' ? 3 : 0)
  const { digits, scale } = subtractDecimal(signed, wattHours(value, unit))
  return compareDecimal({ digits: digits < 0n ? -digits : digits, scale }, about) <= 0
}
