// Exact decimal numbers, for energy and money: digits and a scale, never a float. Keeps trailing zeros, because the number of
// decimals a meter prints is part of what it says. No division and no rounding here.
import { asFault, Fault } from './fault.ts'

/** `digits` × 10^-`scale`; `scale` is the number of decimals and never negative. */
export interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

const MAX_DIGITS = 60
const MAX_EXPONENT = 40
const POWER = /^-?[0-9]{1,2}$/
const NUMBER = /^([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/

/**
 * Reads `12`, `-0.50`, `007.5`, `1e3`; no blanks. A positive exponent makes decimals into digits, a negative one adds decimals.
 * @throws Fault `bytes-malformed` when the text is not a number; `limit-exceeded` beyond 60 digits or an exponent beyond ±40
 */
export const parseDecimal = (text: string): Decimal => {
  const match = NUMBER.exec(text)
  if (match === null) throw new Fault('bytes-malformed', 'expected a decimal number', { found: text.slice(0, 80) })
  const [, sign, whole = '', fraction = '', exponent] = match
  const written = whole.length + fraction.length
  if (written > MAX_DIGITS) throw new Fault('limit-exceeded', `expected at most ${MAX_DIGITS} digits, got ${written}`)
  const magnitude = BigInt(whole + fraction)
  const plain = { digits: sign === '-' ? -magnitude : magnitude, scale: fraction.length }
  return exponent === undefined ? plain : scaleDecimal(plain, Number(exponent))
}

/** The number in a text times the power of ten that another text names; undefined where one of them is none, or beyond what is counted in. */
export const decimalIn = (text: string, power = '0'): Decimal | undefined => {
  try {
    return POWER.test(power) ? scaleDecimal(parseDecimal(text), Number(power)) : undefined
  } catch (thrown) {
    if (asFault(thrown).code === 'internal') throw thrown
    return undefined
  }
}

/**
 * The same for a number that is compared and not counted with: what is beyond them is cut or, where it is too large, 10^60, so that no
 * spelling of a number is none, and none of a whole power.
 */
export const nearDecimal = (text: string, power = '0'): Decimal | undefined => {
  const match = NUMBER.exec(text)
  const shift = NUMBER.test(power) ? powerOf(power) : Number.NaN
  if (match === null || !Number.isInteger(shift)) return undefined
  const exact = decimalIn(text, String(shift))
  if (exact !== undefined) return exact
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const { digits, scale } = bounded(whole + fraction, whole.length + powerOf(exponent) + shift)
  return { digits: sign === '-' ? -digits : digits, scale }
}

/** Beyond the length of any text: further off is as far. */
const FARTHEST = 1_000_000_000

const powerOf = (text: string): number => Math.min(Math.max(Number(text), -FARTHEST), FARTHEST)

/** @param point before which of the digits it stands, which may be before the first or behind the last */
const bounded = (digits: string, point: number): Decimal => {
  const zeros = /^0*/.exec(digits)?.[0].length ?? 0
  const [first, place] = [digits.slice(zeros), point - zeros]
  if (first === '' || place < -MAX_EXPONENT) return { digits: 0n, scale: 0 }
  if (place > MAX_DIGITS) return { digits: 10n ** BigInt(MAX_DIGITS), scale: 0 }
  const kept = first.slice(0, place + MAX_EXPONENT)
  const scale = kept.length - place
  return { digits: BigInt(`0${kept}`) * 10n ** BigInt(Math.max(0, -scale)), scale: Math.max(0, scale) }
}

/** Whether a meter can have counted to it: below 10^24, with 30 decimals at most. What is computed of two such is short enough to be read again. */
export const isMeasurable = ({ digits, scale }: Decimal): boolean => {
  const magnitude = digits < 0n ? -digits : digits
  return scale <= 30 && (magnitude < MOST_MEASURED || magnitude < 10n ** BigInt(24 + scale))
}

const MOST_MEASURED = 10n ** 24n

/** Plain notation with all `scale` decimals: `-0.50`. */
export const formatDecimal = ({ digits, scale }: Decimal): string => {
  const sign = digits < 0n ? '-' : ''
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0')
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`
}

/** -1, 0 or 1 by value: 1.5 equals 1.50. */
export const compareDecimal = (a: Decimal, b: Decimal): -1 | 0 | 1 => {
  const [first, second] = a.scale === b.scale ? [a.digits, b.digits] : [subtractDecimal(a, b).digits, 0n]
  return first < second ? -1 : first > second ? 1 : 0
}

/** Exact; the result has the decimals of the more precise operand. */
export const addDecimal = (a: Decimal, b: Decimal): Decimal => {
  const scale = Math.max(a.scale, b.scale)
  return { digits: digitsAt(a, scale) + digitsAt(b, scale), scale }
}

/** `a` - `b`; exact, with the decimals of the more precise operand. */
export const subtractDecimal = (a: Decimal, b: Decimal): Decimal => addDecimal(a, { digits: -b.digits, scale: b.scale })

/**
 * `d` × 10^`powerOfTen`, exact: 12345 scaled by -3 (Wh to kWh) is 12.345.
 * @throws Fault `limit-exceeded` when the power is beyond ±40
 */
export const scaleDecimal = ({ digits, scale }: Decimal, powerOfTen: number): Decimal => {
  if (!Number.isInteger(powerOfTen) || Math.abs(powerOfTen) > MAX_EXPONENT) {
    throw new Fault('limit-exceeded', `expected a whole power of ten within ±${MAX_EXPONENT}, got ${powerOfTen}`)
  }
  const rest = scale - powerOfTen
  return rest >= 0 ? { digits, scale: rest } : { digits: digits * 10n ** BigInt(-rest), scale: 0 }
}

/**
 * Whether `told` is `exact` with fewer decimals, rounded or cut: less than one of its last decimal away.
 * @param finest no decimal beyond this one counts: programs that compute with binary fractions write some fifteen
 */
export const roundsTo = (exact: Decimal, told: Decimal, finest: number): boolean => {
  const { digits, scale } = subtractDecimal(exact, told)
  return (digits < 0n ? -digits : digits) * 10n ** BigInt(Math.min(told.scale, finest)) < 10n ** BigInt(scale)
}

const digitsAt = ({ digits, scale }: Decimal, wanted: number): bigint =>
  scale === wanted ? digits : digits * 10n ** BigInt(wanted - scale)
