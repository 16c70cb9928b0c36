// What a report says of power, and what an order says power may be: the two sides of "was it obeyed". Reads payloads of every version;
// whether a report is believed, and what is kept of it, is decided elsewhere.
import type { Json } from '../base/ports.ts'
import { CALL, type Message } from '../ocpp/frame.ts'

export interface PowerReading {
  /** When it was measured, by the clock of whoever measured; milliseconds since 1970. */
  readonly at: number
  readonly watts: number
}

/** What a report is about. */
export interface ReportPlace {
  /** OCPP 1.6 connector or 2.x EVSE; 0 is the grid connection. Missing in all events of a transaction but the one that names it. */
  readonly evse?: number
  readonly transaction?: string
}

export interface PowerReport extends ReportPlace {
  readonly readings: readonly PowerReading[]
}

/** Orders after which another power may be drawn. */
export const LIMITING: readonly string[] = ['SetChargingProfile', 'ClearChargingProfile']

/** Nothing of a message that is no report of a meter. A report may name an EVSE and hold no reading of power. */
export const powerReport = (message: Message): PowerReport | undefined => {
  const place = reportPlace(message)
  return place && { ...place, readings: listOf(reportOf(message)?.meterValue).flatMap(readingsOf) }
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

/** Whether a report holds a reading of power: for the many of which nobody ever asks what it was. */
export const tellsPower = (message: Message): boolean =>
  listOf(reportOf(message)?.meterValue).some((value) =>
    listOf(membersOf(value).sampledValue).some((sample) => wattsOf(membersOf(sample)) !== undefined),
  )

const reportOf = (message: Message): Members | undefined =>
  message.type === CALL && (message.action === 'MeterValues' || message.action === 'TransactionEvent')
    ? membersOf(message.payload.value)
    : undefined

/**
 * What a charging profile lets be drawn at a moment, in watts. Undefined where the profile has no limit in watts for it, or where that hangs
 * on more than the order itself: amperes, a profile relative to a session, several schedules for the vehicle to choose from.
 * @param orderedAt when a schedule without a start of its own begins, ms
 */
export const powerLimit = (message: Message, orderedAt: number): ((at: number) => number | undefined) | undefined => {
  if (message.type !== CALL || message.action !== 'SetChargingProfile') return undefined
  const { chargingProfile, csChargingProfiles } = membersOf(message.payload.value)
  const profile = membersOf(chargingProfile ?? csChargingProfiles)
  const [schedule, ...others] = Array.isArray(profile.chargingSchedule) ? profile.chargingSchedule : [profile.chargingSchedule]
  const { chargingRateUnit, chargingSchedulePeriod, startSchedule, duration } = membersOf(schedule)
  const periods = listOf(chargingSchedulePeriod).map(membersOf)
  if (others.length > 0 || chargingRateUnit !== 'W' || periods.length === 0) return undefined
  const isConstant = periods.length === 1 && periods[0]?.startPeriod === 0 && duration === undefined
  if (!isConstant && profile.chargingProfileKind !== 'Absolute') return undefined
  const begin = timeOf(startSchedule) ?? orderedAt
  const [from, to] = [timeOf(profile.validFrom) ?? 0, timeOf(profile.validTo) ?? Number.POSITIVE_INFINITY]
  const end = typeof duration === 'number' ? begin + duration * 1000 : Number.POSITIVE_INFINITY
  return (at) => {
    if (at < from || at >= to || at < begin || at >= end) return undefined
    const limit = periods.findLast(({ startPeriod }) => typeof startPeriod === 'number' && begin + startPeriod * 1000 <= at)?.limit
    return typeof limit === 'number' ? limit : undefined
  }
}

/** The session that a charging profile is for; undefined where it is for whatever charges. */
export const limitedTransaction = (message: Message): string | undefined => {
  if (message.type !== CALL) return undefined
  const { chargingProfile, csChargingProfiles } = membersOf(message.payload.value)
  const { transactionId } = membersOf(chargingProfile ?? csChargingProfiles)
  return transactionId === undefined ? undefined : String(transactionId)
}

type Members = { readonly [name: string]: Json | undefined }
const membersOf = (value: Json | undefined): Members =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Members) : {}
const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])

const timeOf = (value: Json | undefined): number | undefined => {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

const readingsOf = (value: Json): PowerReading[] => {
  const { timestamp, sampledValue } = membersOf(value)
  const at = timeOf(timestamp)
  if (at === undefined) return []
  return listOf(sampledValue).flatMap((sample) => {
    const watts = wattsOf(membersOf(sample))
    return watts === undefined ? [] : [{ at, watts }]
  })
}

/** Factors to W; a power without a unit is in W. */
const UNITS: Readonly<Record<string, number | undefined>> = { W: 1, kW: 1_000, MW: 1_000_000 }

/** The power of all phases together; of one phase alone nothing. */
const wattsOf = ({ measurand, phase, format, value, unit, unitOfMeasure }: Members): number | undefined => {
  if (measurand !== 'Power.Active.Import' || phase !== undefined || format === 'SignedData') return undefined
  const { unit: named = unit ?? 'W', multiplier = 0 } = membersOf(unitOfMeasure)
  const factor = typeof named === 'string' && Object.hasOwn(UNITS, named) ? UNITS[named] : undefined
  const number = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : Number.NaN
  const watts = number * (factor ?? Number.NaN) * 10 ** Number(multiplier)
  return Number.isFinite(watts) ? watts : undefined
}
