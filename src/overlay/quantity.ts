// Quantities as people write them ("4.2 kW") and the numbers of a payload in one unit, so that a bound cannot be missed by a factor
// of a thousand. Only what policies speak of; no arithmetic.
import { Fault } from '../base/fault.ts'

/** Symbol -> what it measures in, and how many of those it is. */
const UNITS = {
  W: { base: 'W', factor: 1 },
  kW: { base: 'W', factor: 1e3 },
  MW: { base: 'W', factor: 1e6 },
  Wh: { base: 'Wh', factor: 1 },
  kWh: { base: 'Wh', factor: 1e3 },
  A: { base: 'A', factor: 1 },
  V: { base: 'V', factor: 1 },
  kV: { base: 'V', factor: 1e3 },
  s: { base: 's', factor: 1 },
  min: { base: 's', factor: 60 },
  h: { base: 's', factor: 3600 },
  '%': { base: '%', factor: 1 },
} as const satisfies Record<string, { base: string; factor: number }>

export type Unit = keyof typeof UNITS
export const UNIT_NAMES = Object.keys(UNITS) as readonly Unit[]

/** A number, or a number with its unit, such as `4.2 kW`. */
export type Quantity = number | string

const isUnit = (text: string): text is Unit => Object.hasOwn(UNITS, text)

/**
 * A bound as a number in `unit`; a bare number is in that unit already.
 * @throws Fault `config-invalid` where it is no quantity, or one of another kind
 */
export const inUnit = (quantity: Quantity, unit?: Unit): number => {
  if (typeof quantity === 'number') return quantity
  const [, digits = '', symbol = ''] = /^(-?\d{1,15}(?:\.\d{1,9})?) ?(\S{1,3})$/.exec(quantity) ?? []
  if (digits === '' || !isUnit(symbol))
    throw new Fault('config-invalid', `expected a number with one of the units ${UNIT_NAMES.join(', ')}, got "${quantity}"`)
  const { base, factor } = UNITS[symbol]
  const target = UNITS[unit ?? base]
  if (target.base !== base) throw new Fault('config-invalid', `${quantity} cannot be told in ${unit}`)
  // 4.2 * 1000 / 1 is exact in decimals, and must be so in binary too
  return Number(((Number(digits) * factor) / target.factor).toPrecision(15))
}

/** The number that a text holds in plain decimal notation, or undefined. Configuration values of OCPP are text. */
export const decimalOf = (text: string): number | undefined => (/^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined)
