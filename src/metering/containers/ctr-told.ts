// What a charge transparency record says of a session beside its original: times, readings and price. Nobody signed them; they are
// compared with what is signed and never stand in for it.
import { type Decimal, decimalIn } from '../../base/decimal.ts'
import { itemsAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import type { Told, ToldValue } from '../reading.ts'
import { toldTime } from '../told-time.ts'

export const toldBy = (session: JsonNode): Omit<Told, 'records'> => ({
  begin: toldTime('begin', textAt(session, 'begin')),
  end: toldTime('end', textAt(session, 'end')),
  values: itemsAt(session, 'measurements').flatMap(valuesIn),
  price: priceIn(session),
})

/** In Wh, by the power of ten of the unit; other units are not compared. */
const ENERGY_UNITS: ReadonlyMap<string, number> = new Map([
  ['KWH', 3],
  ['WH', 0],
  ['WATT_HOUR', 0],
  ['WATT_HOURS', 0],
])

const valuesIn = (measurement: JsonNode, index: number): ToldValue[] => {
  const unit = ENERGY_UNITS.get((textAt(measurement, 'unit') ?? '').toUpperCase())
  const scale = textAt(measurement, 'scale') ?? '0'
  if (unit === undefined || !/^-?[0-9]$/.test(scale)) return []
  return itemsAt(measurement, 'values').flatMap((value, place): ToldValue[] => {
    const number = numberIn(textAt(value, 'value'))
    const name = `measurements[${index}].values[${place}]`
    if (number === undefined) return []
    // some programs write the number with the power of ten in it, and some without
    return [{ name, value: number, powers: [unit, unit + Number(scale)], time: toldTime(name, textAt(value, 'timestamp')) }]
  })
}

const priceIn = (session: JsonNode): Told['price'] => {
  const [value, currency] = [numberIn(textAt(session, 'costs', 'total')), textAt(session, 'costs', 'currency')]
  return value === undefined || currency === undefined ? undefined : { name: 'costs.total', value, currency }
}

const numberIn = (text: string | undefined): Decimal | undefined => (text === undefined ? undefined : decimalIn(text.trim()))
