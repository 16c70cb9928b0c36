// What an order says may be drawn, at a moment: the least that it certainly allows and the most that it may allow, because phases, voltage and the
// beginning of a schedule do not always stand in it. What had to be assumed is named. Which of several profiles counts is in power-stack.ts.
import { type Members, membersOf, type PowerReading, timeOf } from './power-report.ts'

/** What does not stand in the order or in the report, and was taken for true. */
export const ASSUMPTIONS = [
  'three-phases',
  'even-phases',
  'reported-phases',
  'nominal-voltage',
  'begins-with-order',
  'session-begin',
] as const
export type Assumption = (typeof ASSUMPTIONS)[number]

/** A limit, from the least that is certainly allowed to the most that may be. */
export interface Range {
  readonly low: number
  readonly high: number
}

export interface Allowed extends Range {
  readonly unit: 'W' | 'A'
  /** That a limit in A is for, where the order says so. */
  readonly phases: number | undefined
  readonly assumed: readonly Assumption[]
}

export interface Moment {
  /** Milliseconds since 1970, as all times here. */
  readonly at: number
  readonly orderedAt: number
  /** When the session began, where that is known. */
  readonly since?: number | undefined
}

/** Above the limit by more than this is not obedience: one in twenty, for meters and control have their tolerances. */
const TOLERANCE = 1.05
/** Nominal, and the most that there may be (EN 50160 §4.2.2: 10 % more). */
const VOLTS = { nominal: 230, most: 253 }
const RECURRENCE: Readonly<Record<string, number | undefined>> = { Daily: 86_400_000, Weekly: 604_800_000 }

/** What a charging profile allows then; undefined where it says nothing of that moment, or nothing that a meter shows. */
export const allowedAt = (profile: Members, moment: Moment): Allowed | undefined => {
  const { at } = moment
  if (at < (timeOf(profile.validFrom) ?? 0) || at >= (timeOf(profile.validTo) ?? Number.POSITIVE_INFINITY)) return undefined
  const given = Array.isArray(profile.chargingSchedule) ? profile.chargingSchedule : [profile.chargingSchedule ?? null]
  const schedules = given.map(membersOf)
  const [{ chargingRateUnit: unit } = {}] = schedules
  // of several the vehicle chooses one: each may count
  if ((unit !== 'W' && unit !== 'A') || schedules.some(({ chargingRateUnit }) => chargingRateUnit !== unit)) return undefined
  const found = schedules.map((schedule) => periodsAt(schedule, profile, moment))
  const periods = found.flatMap((each) => each.periods)
  const limits = periods.map((period) => (period ? limitOf(period) : Number.POSITIVE_INFINITY))
  const [low, high] = [Math.min(...limits), Math.max(...limits)]
  if (!Number.isFinite(low)) return undefined
  const numbers = new Set(periods.map((period) => (typeof period?.numberPhases === 'number' ? period.numberPhases : undefined)))
  const [phases] = numbers.size === 1 ? numbers : []
  return { unit, low, high, phases, assumed: [...new Set(found.flatMap(({ assumed }) => assumed))] }
}

export interface Comparison {
  readonly verdict: 'within' | 'over' | 'unclear'
  readonly unit: 'W' | 'A'
  /** What the reading would have to be above to be disobedience, without tolerance. */
  readonly limit: number
  /** What was certainly allowed, as far as the assumptions hold. */
  readonly low: number
  readonly assumed: readonly Assumption[]
}

/** A reading against what was allowed when it was taken. Undefined where it shows nothing that can be compared. */
export const compare = ({ watts, amperes, volts }: PowerReading, allowed: Allowed): Comparison | undefined => {
  const judged = (value: number, { low, high }: Range, unit: 'W' | 'A', assumed: readonly Assumption[]): Comparison => ({
    verdict: value > high * TOLERANCE ? 'over' : value <= low * TOLERANCE ? 'within' : 'unclear',
    ...{ unit, low, limit: high, assumed: [...allowed.assumed, ...assumed] },
  })
  if (allowed.unit === 'A' && amperes !== undefined) return judged(amperes, allowed, 'A', ['reported-phases'])
  if (watts === undefined) return undefined
  if (allowed.unit === 'W') return judged(watts, allowed, 'W', [])
  // a limit in A is for each phase; without their number OCPP means three (2.0.1 Part 2, ChargingSchedulePeriodType; 1.6 §7.14)
  const phases = allowed.phases ?? 3
  const range = { low: allowed.low * phases * (volts ?? VOLTS.nominal), high: allowed.high * phases * (volts ?? VOLTS.most) }
  return judged(watts, range, 'W', [
    ...(allowed.phases === undefined ? (['three-phases'] as const) : []),
    ...(phases > 1 ? (['even-phases'] as const) : []),
    ...(volts === undefined ? (['nominal-voltage'] as const) : []),
  ])
}

interface Found {
  /** Each that may count then; undefined for none, so that nothing is limited. */
  readonly periods: readonly (Members | undefined)[]
  readonly assumed: readonly Assumption[]
}

/** The periods of a schedule that may count at a moment: one where it is known when the schedule began. */
const periodsAt = (schedule: Members, profile: Members, moment: Moment): Found => {
  const periods = (Array.isArray(schedule.chargingSchedulePeriod) ? schedule.chargingSchedulePeriod : []).map(membersOf)
  const length = typeof schedule.duration === 'number' ? schedule.duration * 1000 : Number.POSITIVE_INFINITY
  const isConstant = periods.length === 1 && periods[0]?.startPeriod === 0 && length === Number.POSITIVE_INFINITY
  if (isConstant && (profile.chargingProfileKind !== 'Absolute' || schedule.startSchedule === undefined)) return { periods, assumed: [] }
  const { begins, assumed } = beginsOf(schedule, profile, moment)
  // when it began nobody can tell: any of them, or none any more
  if (!begins) return { periods: length === Number.POSITIVE_INFINITY ? periods : [...periods, undefined], assumed }
  const periodAt = (begin: number): Members | undefined =>
    moment.at < begin || moment.at >= begin + length
      ? undefined
      : periods.findLast(({ startPeriod }) => typeof startPeriod === 'number' && begin + startPeriod * 1000 <= moment.at)
  return { periods: begins.map(periodAt), assumed }
}

/** When a schedule began that may count at a moment. */
const beginsOf = (
  { startSchedule }: Members,
  { chargingProfileKind, recurrencyKind }: Members,
  { at, orderedAt, since }: Moment,
): { readonly begins?: readonly number[]; readonly assumed: readonly Assumption[] } => {
  const start = timeOf(startSchedule)
  const every = typeof recurrencyKind === 'string' ? RECURRENCE[recurrencyKind] : undefined
  if (chargingProfileKind === 'Recurring')
    return start === undefined || every === undefined
      ? { assumed: [] }
      : { begins: [start + Math.max(0, Math.floor((at - start) / every)) * every], assumed: [] }
  if (chargingProfileKind !== 'Relative')
    return start === undefined ? { begins: [orderedAt], assumed: ['begins-with-order'] } : { begins: [start], assumed: [] }
  // "when the profile is activated, in most cases the start of the power delivery" (1.6 §7.10): of a session under way that may be either
  if (since === undefined) return { assumed: ['session-begin'] }
  return { begins: since >= orderedAt ? [since] : [since, orderedAt], assumed: ['session-begin'] }
}

/** Of single phases, setpoints and what else OCPP 2.1 has nothing can be said. */
const limitOf = ({ limit, limit_L2, limit_L3 }: Members): number =>
  typeof limit === 'number' && limit_L2 === undefined && limit_L3 === undefined ? limit : Number.POSITIVE_INFINITY
