// Numbers and times of what is live, as a reader of a language writes them. What was signed is written by src/transparency/format.ts.

import { meterTime } from '../../src/transparency/format.ts'
import type { Language as Notation } from '../../src/transparency/index.ts'
import type { Language } from './i18n.ts'

export { decimal, kilowattHours, meterTime } from '../../src/transparency/format.ts'

/** A meter's time without seconds and offset, where many stand below each other; the whole of it stands with the session. */
export const meterMinute = (iso: string, notation: Notation): string =>
  meterTime(iso, notation).replace(/( \d\d:\d\d)(:\d\d)?( UTC| \(.*\))?$/, '$1')

/** The clock time of an instant in the reader's zone. */
export const clockTime = (at: number, language: Language): string =>
  Number.isFinite(at) ? new Date(at).toLocaleTimeString(language, { hour12: false }) : ''

/** `7:04` or `1:07:04` between two instants in milliseconds. */
export const duration = (from: number, to: number): string => {
  const seconds = Math.max(0, Math.floor((to - from) / 1000))
  if (!Number.isFinite(seconds)) return ''
  const two = (n: number) => String(n).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** How long something lasted, with its units, so that nobody takes minutes for hours: `1 h 7 min 4 s`, `54 min`. Between two instants in milliseconds. */
export const lasting = (from: number, to: number): string => {
  const seconds = Math.max(0, Math.floor((to - from) / 1000))
  if (!Number.isFinite(seconds)) return ''
  const parts = [`${Math.floor(seconds / 3600)} h`, `${Math.floor(seconds / 60) % 60} min`, `${seconds % 60} s`]
  return parts.filter((part) => !part.startsWith('0 ')).join(' ') || '0 s'
}

/** A length of time in its largest unit, for keys: `3 days`, `5 hours`. Milliseconds. */
export const span = (ms: number, language: Language): string => {
  const [unit, size] = SPANS.find(([, each]) => ms >= 2 * each) ?? (['second', 1000] as const)
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(Math.max(0, Math.floor(ms / size)))
}

const SPANS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** Date and minute of an instant in the reader's zone. */
export const timeOfDay = (at: number, language: Language): string =>
  Number.isFinite(at) ? new Date(at).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' }) : ''

/** Power for a live display: three digits are enough, `11.0 kW`. */
export const kilowatts = (watts: number, language: Language): string => `${number(watts / 1000, language, 1)} kW`

/** Energy for a live display, from a number in Wh. */
export const liveEnergy = (wh: number, language: Language): string => `${number(wh / 1000, language, 2)} kWh`

export const number = (value: number, language: Language, digits = 0): string =>
  value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** Hex in groups of four bytes, so that two of them can be compared by eye. */
export const grouped = (hex: string, group = 8): string => hex.match(new RegExp(`.{1,${group}}`, 'g'))?.join(' ') ?? ''
