// Meter values of 1.6 and 2.x alike, as far as a transaction needs them: the total import register, the power and signed
// records. Everything else in them is kept by the caller as it came. Energy is exact decimal text, never a float.
import { formatDecimal, parseDecimal, scaleDecimal } from '../../base/decimal.ts'
import type { Json } from '../../base/ports.ts'
import { integerOf, type JsonObject, objectOf, objectsOf, textOf } from './fields.ts'
import { type SignedRecord, signedRecordOf } from './signed-values.ts'
import { type Moment, readMoment } from './time.ts'
import type { Mark, Power } from './transaction.ts'

export interface Readings {
  /** Of the first meter value. */
  readonly first?: Moment | undefined
  readonly begins: readonly Mark[]
  readonly ends: readonly Mark[]
  /** Neither the begin nor the end, by what the station says. */
  readonly between: readonly Mark[]
  readonly power?: Power | undefined
  readonly signed: readonly SignedRecord[]
  /** `value-unreadable`, `unit-unknown`, and the flags of time.ts. */
  readonly notes: readonly string[]
}

/** @param received milliseconds since 1970, the time of arrival */
export const readMeterValues = (meterValues: Json | undefined, received: number): Readings => {
  const found: Found = { begins: [], ends: [], between: [], signed: [], notes: [], power: undefined, first: undefined }
  for (const meterValue of objectsOf(meterValues)) {
    const moment = readMoment(meterValue.timestamp, received)
    found.first ??= moment
    const { at, flag } = moment
    if (flag !== undefined) found.notes.push(flag)
    for (const sample of objectsOf(meterValue.sampledValue)) readSample(sample, at, found)
  }
  return found
}

interface Found extends Readings {
  readonly begins: Mark[]
  readonly ends: Mark[]
  readonly between: Mark[]
  readonly signed: SignedRecord[]
  readonly notes: string[]
  power: Power | undefined
  first: Moment | undefined
}

const readSample = (sample: JsonObject, at: number, found: Found): void => {
  const record = signedRecordOf(sample, at)
  if (record !== undefined) found.signed.push(record)
  if (sample.format === 'SignedData' || sample.phase !== undefined) return
  const measurand = sample.measurand ?? 'Energy.Active.Import.Register'
  if (measurand === 'Power.Active.Import') {
    const w = quantity(sample, POWER_UNITS, found)
    if (w !== undefined && (found.power === undefined || found.power.at <= at)) found.power = { at, w: Number(w) }
  } else if (measurand === 'Energy.Active.Import.Register' && AT_OUTLET.includes(sample.location)) {
    const wh = quantity(sample, ENERGY_UNITS, found)
    const edge = EDGES[textOf(sample.context) ?? '']
    if (wh !== undefined) found[edge ?? 'between'].push({ at, wh, rank: edge === undefined ? 0 : 1 })
  }
}

/** Where energy is billed; a sample that does not say is taken there (OCPP 1.6 §7.43 location, default Outlet). Upstream is a grid meter's. */
const AT_OUTLET: readonly (Json | undefined)[] = [undefined, 'Outlet', 'Upstream']
const EDGES: Readonly<Record<string, 'begins' | 'ends' | undefined>> = { 'Transaction.Begin': 'begins', 'Transaction.End': 'ends' }

/** Powers of ten over Wh or W; without a unit it is Wh or W itself. */
const ENERGY_UNITS: Readonly<Record<string, number | undefined>> = { Wh: 0, kWh: 3, MWh: 6 }
const POWER_UNITS: Readonly<Record<string, number | undefined>> = { W: 0, kW: 3, MW: 6 }

/** Decimal text in Wh or W. */
const quantity = (sample: JsonObject, units: Readonly<Record<string, number | undefined>>, found: Found): string | undefined => {
  const measure = objectOf(sample.unitOfMeasure)
  const unit = textOf(sample.unit) ?? textOf(measure.unit)
  const power = unit === undefined ? 0 : Object.hasOwn(units, unit) ? units[unit] : undefined
  if (power === undefined) {
    found.notes.push('unit-unknown')
    return undefined
  }
  const scaled = power + (integerOf(measure.multiplier) ?? 0)
  const text = typeof sample.value === 'number' ? String(sample.value) : (textOf(sample.value) ?? '').trim()
  // a JSON number in the unit itself, the usual case: its text is plain already
  if (scaled === 0 && typeof sample.value === 'number' && !text.includes('e')) return text
  try {
    return formatDecimal(scaleDecimal(parseDecimal(text), scaled))
  } catch {
    // a number that cannot be read is no number; it is told, not guessed
    found.notes.push('value-unreadable')
    return undefined
  }
}
