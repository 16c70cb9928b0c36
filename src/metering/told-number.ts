// Numbers as documents around records write them. Compared is what any reader of them would show: blanks around it do not count, and where
// there are more digits or powers of ten than are computed with here, it is the nearest that a binary fraction of 64 bits holds, to 15 decimals.
import { type Decimal, decimalIn } from '../base/decimal.ts'

/**
 * Undefined for a text that is no number: it says nothing.
 * @param power of ten, as somebody writes it beside the number; one that is no whole number counts for nothing
 */
export const toldNumber = (text: string | undefined, power = '0'): Decimal | undefined => {
  const bare = text?.trim() ?? ''
  const exponent = Number(power)
  const shift = Number.isInteger(exponent) ? exponent : 0
  const exact = decimalIn(bare, String(shift))
  if (exact !== undefined || !NUMBER.test(bare)) return exact
  const shown = Number(bare) * 10 ** shift
  // zero times infinity is no number
  return Number.isNaN(shown) ? decimalIn('0') : decimalIn(Math.max(-MOST, Math.min(MOST, shown)).toFixed(15))
}

const NUMBER = /^[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
/** Beyond it a number has no decimals as text, and nobody has charged so much. */
const MOST = 1e20

/** Units that people take for energy: watts and hours in that order, or letters that look like them. */
export const LIKE_ENERGY = /w.*h|[^\x20-\x7e°Ωµμ]/i
