// What was signed, as a reader of a language writes it: as text, never through a binary float, so that what was signed is what is shown.
import type { Language } from './sentences.ts'

const POINT: Record<Language, string> = { en: '.', de: ',' }

/** Kilowatt-hours from an exact decimal string in Wh: `7350.5` is `7.3505 kWh`, with at least three decimals. Other text is returned as it is. */
export const kilowattHours = (wh: string, language: Language): string => {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(wh)
  if (!match) return wh
  const [, sign = '', whole = '', fraction = ''] = match
  const digits = whole.padStart(4, '0')
  const decimals = (digits.slice(-3) + fraction).replace(/^(\d{3}\d*?)0+$/, '$1')
  return `${sign}${digits.slice(0, -3).replace(/^0+(?=\d)/, '')}${POINT[language]}${decimals} kWh`
}

/** A decimal string with the language's decimal sign; nothing is rounded. */
export const decimal = (value: string, language: Language): string =>
  /^-?\d+(\.\d+)?$/.test(value) ? value.replace('.', POINT[language]) : value

/** A meter's time in the meter's own offset, never shifted to the reader's zone. Other text is returned as it is. */
export const meterTime = (iso: string, language: Language): string => {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d)?$/.exec(iso)
  if (!match) return iso
  const [, year, month, day, time, zone] = match
  const date = language === 'de' ? `${day}.${month}.${year}` : `${year}-${month}-${day}`
  return `${date} ${time}${zone === undefined ? '' : zone === 'Z' ? ' UTC' : ` (${zone})`}`
}
