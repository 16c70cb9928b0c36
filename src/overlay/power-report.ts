// What a report says of power, current and voltage, in payloads of every version. What an order says they may be is in power-limit.ts; whether a
// report is believed, and what is kept of it, is decided elsewhere.
import type { Json } from '../base/ports.ts'
import { CALL, type Message } from '../ocpp/frame.ts'

export interface PowerReading {
  /** When it was measured, by the clock of whoever measured; milliseconds since 1970. */
  readonly at: number
  /** Of all phases together. */
  readonly watts?: number
  /** Of the phase that draws most. */
  readonly amperes?: number
  /** Between a phase and neutral, the highest. */
  readonly volts?: number
}

/** What a report is about. */
export interface ReportPlace {
  /** OCPP 1.6 connector or 2.x EVSE; 0 is the grid connection. Missing in all events of a transaction but the one that names it. */
  readonly evse?: number
  readonly transaction?: string
}

export interface PowerReport extends ReportPlace {
  /** When the session began, in the report that says so, milliseconds since 1970. */
  readonly began?: number
  readonly readings: readonly PowerReading[]
}

/** Orders after which another power may be drawn. */
export const LIMITING: readonly string[] = ['SetChargingProfile', 'ClearChargingProfile']

/** Nothing of a message that is no report of a meter. A report may name an EVSE and hold no reading of power. */
export const powerReport = (message: Message): PowerReport | undefined => {
  const place = reportPlace(message)
  if (!place) return undefined
  const { meterValue, eventType, timestamp } = reportOf(message) ?? {}
  const began = timeOf(timestamp)
  return {
    ...place,
    ...(eventType === 'Started' && began !== undefined && { began }),
    readings: listOf(meterValue).flatMap(readingsOf),
  }
}

/** Of a report of a meter, without what was measured. */
export const reportPlace = (message: Message): ReportPlace | undefined => {
  const report = reportOf(message)
  if (!report) return undefined
  const { evse, evseId, connectorId, transactionInfo, transactionId } = report
  const place = evseId ?? membersOf(evse).id ?? connectorId
  const transaction = membersOf(transactionInfo).transactionId ?? transactionId
  return {
    ...(typeof place === 'number' && { evse: place }),
    ...((typeof transaction === 'string' || typeof transaction === 'number') && { transaction: String(transaction) }),
  }
}

/** Whether a report holds a reading of power or current: for the many of which nobody ever asks what it was. */
export const tellsPower = (message: Message): boolean => {
  const values = listOf(reportOf(message)?.meterValue)
  return values.some((value) => listOf(membersOf(value).sampledValue).some(isWhole)) || values.some((value) => readingsOf(value).length > 0)
}

/** The power of all phases in one sample, as most meters give it. */
const isWhole = (sample: Json): boolean => {
  const { measurand, phase } = membersOf(sample)
  return measurand === 'Power.Active.Import' && phase === undefined && sampleOf(sample).length > 0
}

const reportOf = (message: Message): Members | undefined =>
  message.type === CALL && (message.action === 'MeterValues' || message.action === 'TransactionEvent')
    ? membersOf(message.payload.value)
    : undefined

export type Members = { readonly [name: string]: Json | undefined }
export const membersOf = (value: Json | undefined): Members =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Members) : {}
const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])

export const timeOf = (value: Json | undefined): number | undefined => {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

const readingsOf = (value: Json): PowerReading[] => {
  const { timestamp, sampledValue } = membersOf(value)
  const at = timeOf(timestamp)
  if (at === undefined) return []
  const samples = listOf(sampledValue).flatMap(sampleOf)
  const of = (...measurands: readonly string[]): Sample[] => samples.filter(({ measurand }) => measurands.includes(measurand))
  const watts = wattsOf(of('Power.Active.Import'))
  const amperes = highest(of('Current.Import').filter(({ phase }) => phase !== undefined && PHASES.includes(phase)))
  const volts = highest(of('Voltage').filter(({ phase }) => phase === undefined || PHASES.includes(phase.replace(/-N$/, ''))))
  if (watts === undefined && amperes === undefined) return []
  return [{ at, ...(watts !== undefined && { watts }), ...(amperes !== undefined && { amperes }), ...(volts !== undefined && { volts }) }]
}

interface Sample {
  readonly measurand: string
  readonly phase: string | undefined
  readonly value: number
}

const PHASES: readonly string[] = ['L1', 'L2', 'L3']
/** What is read, by its unit, with the factor to W, A or V; the first is that of a sample without a unit. */
const UNITS: Readonly<Record<string, Readonly<Record<string, number | undefined>> | undefined>> = {
  'Power.Active.Import': { W: 1, kW: 1_000, MW: 1_000_000 },
  'Current.Import': { A: 1, mA: 0.001 },
  Voltage: { V: 1 },
}

const sampleOf = (sample: Json): Sample[] => {
  const { measurand, phase, format, value, unit, unitOfMeasure } = membersOf(sample)
  const units = typeof measurand === 'string' && Object.hasOwn(UNITS, measurand) ? UNITS[measurand] : undefined
  if (typeof measurand !== 'string' || !units || format === 'SignedData') return []
  const { unit: named = unit ?? Object.keys(units)[0], multiplier = 0 } = membersOf(unitOfMeasure)
  const factor = typeof named === 'string' && Object.hasOwn(units, named) ? units[named] : undefined
  const number = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : Number.NaN
  const scaled = number * (factor ?? Number.NaN) * 10 ** Number(multiplier)
  return Number.isFinite(scaled) ? [{ measurand, phase: typeof phase === 'string' ? phase : undefined, value: scaled }] : []
}

/** The power of all phases together: as it was reported, or their sum where each was. Of one phase alone nothing. */
const wattsOf = (samples: readonly Sample[]): number | undefined => {
  const whole = samples.findLast(({ phase }) => phase === undefined)
  if (whole) return whole.value
  const single = PHASES.map((name) => samples.findLast(({ phase }) => phase === name)?.value)
  return single.reduce((sum, each) => (sum === undefined || each === undefined ? undefined : sum + each), 0)
}

const highest = (samples: readonly Sample[]): number | undefined =>
  samples.length === 0 ? undefined : Math.max(...samples.map(({ value }) => value))
