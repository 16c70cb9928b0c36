// Numbers as documents around records write them: compared is what any reader of them would show.
import { type Decimal, nearDecimal } from '../base/decimal.ts'

/**
 * Undefined for a text that is no number: it says nothing. Blanks around it do not count.
 * @param power of ten, as somebody writes it beside the number; one that is no whole number counts for nothing
 */
export const toldNumber = (text: string | undefined, power = '0'): Decimal | undefined => {
  const exponent = Number(power)
  return nearDecimal(text?.trim() ?? '', Number.isInteger(exponent) ? String(exponent) : '0')
}

/** Units that people take for energy: watts and hours in that order, or letters that look like them. */
export const LIKE_ENERGY = /w.*h|[^\x20-\x7e°Ωµμ]/i
