// One reading in a signed block of an EDL40 meter or its kin: time, register, unit, scaler and value at their places.
import { scaleDecimal } from '../../../base/decimal.ts'
import { type BlockField, blockNumber, blockObis } from '../../block.ts'
import { registerOf } from '../../obis.ts'
import type { Reading, ReadingTime } from '../../reading.ts'

export type ReadingPlaces = Readonly<Record<'time' | 'obis' | 'unit' | 'scaler' | 'value', BlockField>>

export interface Circumstances {
  /** Of the local time, where the file says it; not signed. */
  readonly offsetMinutes: number | undefined
  readonly clock: ReadingTime['clock']
  /** Where the block has it. */
  readonly secondsRun?: number
  /** What is wrong is added to them. */
  readonly problems: string[]
}

export const readingAt = (block: Uint8Array, places: ReadingPlaces, circumstances: Circumstances): Reading => {
  const { offsetMinutes, problems } = circumstances
  const obis = blockObis(block, places.obis)
  const unit = blockNumber(block, places.unit)
  if (unit !== WATT_HOUR) problems.push(`the unit is ${unit}, not 30 for Wh`)
  const scaler = Number(blockNumber(block, places.scaler))
  const scales = Math.abs(scaler) <= MAX_SCALER
  if (!scales) problems.push(`the scaler is ${scaler}: no meter has such a one`)
  if (Math.abs(offsetMinutes ?? 0) > MAX_OFFSET) problems.push(`the time is ${offsetMinutes} minutes off UTC: no place has such a time`)
  const { name, purpose, preference } = registerOf(obis.replace(BEGIN, '*255'), 'Wh')
  return {
    obis,
    register: name,
    purpose,
    ...(preference === undefined ? {} : { preference }),
    ...(scales ? { value: scaleDecimal({ digits: blockNumber(block, places.value), scale: 0 }, scaler) } : {}),
    unit: 'Wh',
    time: blockTime(Number(blockNumber(block, places.time)), circumstances),
    unusable: [],
  }
}

const WATT_HOUR = 30n
const MAX_SCALER = 12
/** Minutes. It is not signed, and moves the time that is shown. */
const MAX_OFFSET = 14 * 60
/** Group F 128 is the same register a while ago, at the begin. */
const BEGIN = /\*128$/

/** @param local seconds since 1970 on the clock of the place */
const blockTime = (local: number, { offsetMinutes, clock, secondsRun }: Circumstances): ReadingTime => {
  const wall = new Date(local * 1000).toISOString().slice(0, 19)
  if (offsetMinutes === undefined) return { iso: wall, ms: local * 1000, clock }
  const size = Math.abs(offsetMinutes)
  const two = (number: number): string => String(number).padStart(2, '0')
  const offset = `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
  const time = { iso: `${wall}${offset}`, ms: (local - 60 * offsetMinutes) * 1000, unsignedOffsetMinutes: offsetMinutes, clock }
  return secondsRun === undefined ? time : { ...time, secondsRun }
}
