// What a charge transparency record says of a session beside its original: times, readings and price. Nobody signed them; they are
// compared with what is signed and never stand in for it.
import { itemsAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import type { Told, ToldValue } from '../reading.ts'
import { LIKE_ENERGY, toldNumber } from '../told-number.ts'
import { toldTime } from '../told-time.ts'

export const toldBy = (session: JsonNode): Omit<Told, 'records'> => ({
  begin: toldTime('begin', textAt(session, 'begin')),
  end: toldTime('end', textAt(session, 'end')),
  values: itemsAt(session, 'measurements').flatMap(valuesIn),
  price: priceIn(session),
})

/** In Wh, by the power of ten of the unit. */
const ENERGY_UNITS: ReadonlyMap<string, number> = new Map([
  ['WH', 0],
  ['WATT_HOUR', 0],
  ['WATT_HOURS', 0],
  ['KWH', 3],
  ['KILOWATT_HOUR', 3],
  ['KILOWATT_HOURS', 3],
  ['KILO_WATT_HOUR', 3],
  ['KILO_WATT_HOURS', 3],
  ['MWH', 6],
])

/** The powers of ten that may make Wh of it; undefined for what is not compared, none where it says energy in a unit that is none. */
const powersOf = (measurement: JsonNode): number[] | undefined => {
  const name = (textAt(measurement, 'unit') ?? '').trim()
  const scale = textAt(measurement, 'scale') ?? '0'
  const unit = ENERGY_UNITS.get(name.toUpperCase().replace(/[\s-]+/g, '_'))
  if (unit === undefined) return LIKE_ENERGY.test(name) ? [] : undefined
  // some programs write the number with the power of ten in it, and some without
  return /^-?[0-9]$/.test(scale) ? [unit, unit + Number(scale)] : []
}

const valuesIn = (measurement: JsonNode, index: number): ToldValue[] => {
  const powers = powersOf(measurement)
  if (powers === undefined) return []
  const all = itemsAt(measurement, 'values')
  return all.flatMap((value, at): ToldValue[] => {
    const number = toldNumber(textAt(value, 'value'))
    const name = `measurements[${index}].values[${at}]`
    // the first and the last are what a reader takes the session's energy from
    const place = all.length < 2 ? undefined : at === 0 ? 'begin' : at === all.length - 1 ? 'end' : undefined
    return number === undefined ? [] : [{ name, value: number, powers, time: toldTime(name, textAt(value, 'timestamp')), place }]
  })
}

const priceIn = (session: JsonNode): Told['price'] => {
  const [value, currency] = [toldNumber(textAt(session, 'costs', 'total')), textAt(session, 'costs', 'currency')]
  return value === undefined || currency === undefined ? undefined : { name: 'costs.total', value, currency }
}
