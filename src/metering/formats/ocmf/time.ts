// OCMF's time stamps: `2019-06-26T08:57:44,337+0000 S` (OCMF 1.4 table 7, TM).
import { utcMilliseconds } from '../../../base/calendar.ts'
import type { ReadingTime } from '../../reading.ts'

/** Undefined for anything that is not a time of the calendar. A point for the comma and `Z` or `+hh:mm` are read too. */
export const readOcmfTime = (text: string): ReadingTime | undefined => {
  const match = TIME.exec(text.trim())
  if (match === null) return undefined
  const [, wall = '', fraction = '', zone = '', status = ''] = match
  const offset = zone.toUpperCase() === 'Z' ? '+00:00' : `${zone.slice(0, 3)}:${zone.slice(-2)}`
  const local = utcMilliseconds(wall)
  if (local === undefined) return undefined
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4))
  const shift = (offset.startsWith('-') ? -minutes : minutes) * 60_000
  const ms = local - shift + (fraction === '' ? 0 : Math.trunc(Number(`0.${fraction}`) * 1000))
  return {
    iso: `${wall}${fraction === '' ? '' : `.${fraction}`}${offset}`,
    ms,
    clock: CLOCKS[status as keyof typeof CLOCKS] ?? 'unknown',
  }
}

const TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:[,.](\d{1,9}))?(Z|z|[+-](?:0\d|1[0-4]):?[0-5]\d)(?: +([A-Z]))?$/

const CLOCKS = { S: 'synchronised', R: 'relative', I: 'informative', U: 'unknown' } as const
