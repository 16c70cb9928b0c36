// The difference that a session's energy is, spelled out. The verdict names the result; here the two readings are found that make it.
import { compareDecimal, type Decimal, formatDecimal, parseDecimal, scaleDecimal, subtractDecimal } from '../../src/base/decimal.ts'
import { decimal } from '../../src/transparency/format.ts'
import type { Language, SessionReport, ValueReport } from '../../src/transparency/index.ts'
import { clean } from './layout.ts'

/** `20.500 kWh − 10.000 kWh = 10.500 kWh (1-0:1.8.0)`; undefined where no two readings of one register at begin and end make the energy. */
export const energySum = ({ energyWh, begin, end, records }: SessionReport, language: Language): string | undefined => {
  if (energyWh === undefined) return undefined
  const wanted = parseDecimal(energyWh)
  const values = records.flatMap((record) => record.values)
  for (const last of values.filter(({ time }) => time === end))
    for (const first of values.filter((value) => value.time === begin && sameRegister(value, last)))
      if (compareDecimal(subtractDecimal(wattHours(last), wattHours(first)), wanted) === 0) return sumText(first, last, language)
  return undefined
}

const sameRegister = (a: ValueReport, b: ValueReport): boolean => a.obis === b.obis && a.unit === b.unit && a !== b

const sumText = (first: ValueReport, last: ValueReport, language: Language): string => {
  const delta = formatDecimal(subtractDecimal(parseDecimal(last.value), parseDecimal(first.value)))
  const unit = clean(last.unit)
  const [from, to, sum] = [first.value, last.value, delta].map((each) => `${decimal(each, language)} ${unit}`)
  return `${to} − ${from} = ${sum}${last.obis === undefined ? '' : ` (${clean(last.obis)})`}`
}

const wattHours = ({ value, unit }: ValueReport): Decimal => scaleDecimal(parseDecimal(value), unit === 'kWh' ? 3 : 0)
