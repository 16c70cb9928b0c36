// What messages of OCPP say in numbers beside a signed value, which nobody signed: the sampled value of 2.x, and the meter's last one in a
// StopTransaction of 1.6. They are compared with what is signed.
import { compareDecimal, type Decimal, decimalIn, roundsTo, scaleDecimal, subtractDecimal } from '../../base/decimal.ts'
import type { Beside } from '../beside.ts'
import { nodeAt, textAt } from '../json-document.ts'
import type { JsonNode } from '../json-text.ts'
import type { MeterRecord } from '../reading.ts'

type Contradictions = Required<Pick<Beside, 'problems' | 'remarks'>>

export const contradictedBy = (
  { sample, meterStop }: { readonly sample: JsonNode | undefined; readonly meterStop: string | undefined },
  record: MeterRecord,
): Contradictions => {
  const { problems, remarks } = besideSample(sample, record)
  return { problems: [...problems, ...besideStop(meterStop, textAt(sample, 'context'), record)], remarks }
}

/** OCPP 1.6 §6.49: Wh of the whole meter. Zero is what stations write that have none. */
const besideStop = (meterStop: string | undefined, context: string | undefined, { readings }: MeterRecord): string[] => {
  const told = meterStop === undefined || Number(meterStop) === 0 ? undefined : decimalIn(meterStop)
  const isEnd = readings.some(({ marker }) => marker === 'end') || context === 'Transaction.End'
  const measured = readings.some(({ value, unit }) => value !== undefined && inUnit(value, unit, 'Wh') !== undefined)
  return told === undefined || !isEnd || !measured || signedAbout(readings, told)
    ? []
    : [`meterStop is ${meterStop}, which is not what is signed`]
}

/**
 * The number beside a signed value of 2.x is the same reading (OCPP 2.1 Part 2, SampledValueType). Stations round it, take it a moment before,
 * and some write none, so it warns; where it is of something else than energy it cannot be compared. But a bill rests on the first and the
 * last: what is far from all that is signed there, in whichever unit of the two, is another value.
 */
const besideSample = (sample: JsonNode | undefined, { readings }: MeterRecord): Contradictions => {
  const [value, unit = 'Wh'] = [nodeAt(sample, 'value'), textAt(sample, 'unitOfMeasure', 'unit')]
  const measurand = textAt(sample, 'measurand') ?? ENERGY
  if (value?.type !== 'number' || measurand !== ENERGY || !(unit === 'Wh' || unit === 'kWh') || Number(value.text) === 0) return NOTHING
  const told = decimalIn(value.text, textAt(sample, 'unitOfMeasure', 'multiplier'))
  if (told === undefined) return NOTHING
  const signed = readings.flatMap((reading) => (reading.value === undefined ? [] : [inUnit(reading.value, reading.unit, unit)]))
  const same = signed.length === 0 || signed.some((exact) => exact !== undefined && roundsTo(exact, told, unit === 'kWh' ? 3 : 0))
  if (same) return NOTHING
  const lines = [`the value beside it is ${value.text} ${unit}, which is not what is signed`]
  return BOUNDS.has(textAt(sample, 'context') ?? '') && !signedAbout(readings, told)
    ? { problems: lines, remarks: [] }
    : { problems: [], remarks: lines }
}

const BOUNDS: ReadonlySet<string> = new Set(['Transaction.Begin', 'Transaction.End'])
/** Of Wh. */
const ABOUT: Decimal = { digits: 100n, scale: 0 }

/** Whether a reading, or what was charged between two of them, is about that many Wh or kWh: some stations write one and say the other. */
const signedAbout = (readings: MeterRecord['readings'], told: Decimal): boolean => {
  const energies = readings.flatMap(({ value, unit }) => (value === undefined ? [] : (inUnit(value, unit, 'Wh') ?? [])))
  const [first, last] = [energies[0], energies.at(-1)]
  const all = first === undefined || last === undefined ? energies : [...energies, subtractDecimal(last, first)]
  return [told, scaleDecimal(told, 3)].some((each) =>
    all.some((energy) => compareDecimal(sizeOf(subtractDecimal(energy, each)), ABOUT) <= 0),
  )
}

const sizeOf = ({ digits, scale }: Decimal): Decimal => ({ digits: digits < 0n ? -digits : digits, scale })

/** The measurand's default where a sampled value names none. */
const ENERGY = 'Energy.Active.Import.Register'

const inUnit = (value: Decimal, from: string, to: 'Wh' | 'kWh'): Decimal | undefined => {
  if (from === to) return value
  return from === 'kWh' ? scaleDecimal(value, 3) : from === 'Wh' ? scaleDecimal(value, -3) : undefined
}

const NOTHING: Contradictions = { problems: [], remarks: [] }
