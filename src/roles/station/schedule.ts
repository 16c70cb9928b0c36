// The arithmetic of one charging profile: which limit it sets at an instant, and at which instants that changes. No state.
// OCPP 2.0.1 Part 2 block K §3; OCPP 1.6 §3.13.

export type ProfilePurpose = 'ChargingStationExternalConstraints' | 'ChargingStationMaxProfile' | 'TxDefaultProfile' | 'TxProfile'

export interface SchedulePeriod {
  /** Seconds from the schedule's start. */
  readonly startPeriod: number
  readonly limit: number
  readonly numberPhases?: number
}

export interface Schedule {
  readonly unit: 'W' | 'A'
  /** Milliseconds since 1970. */
  readonly start?: number
  /** Seconds. */
  readonly duration?: number
  readonly periods: readonly SchedulePeriod[]
}

export interface Profile {
  readonly id: number
  readonly stackLevel: number
  readonly purpose: ProfilePurpose
  readonly kind: 'Absolute' | 'Recurring' | 'Relative'
  readonly recurrency?: 'Daily' | 'Weekly'
  /** Milliseconds since 1970; valid before `validTo`. */
  readonly validFrom?: number
  readonly validTo?: number
  /** As on the wire. */
  readonly transactionId?: string
  /** One in 1.6; up to three in 2.x, of which a station without ISO 15118 follows the first. */
  readonly schedule: Schedule
}

/** How amperes become watts. */
export interface Supply {
  readonly volts: number
  readonly phases: number
}

const DAY_MS = 86_400_000
const RECURRENCE_MS = { Daily: DAY_MS, Weekly: 7 * DAY_MS } as const

/** The limit in W, or undefined where the profile says nothing at `time`. */
export const limitOf = (profile: Profile, time: number, supply: Supply, sessionStart: number | undefined): number | undefined => {
  if (time < (profile.validFrom ?? Number.NEGATIVE_INFINITY) || time >= (profile.validTo ?? Number.POSITIVE_INFINITY)) return undefined
  const { schedule } = profile
  const elapsed = (time - startAt(profile, time, sessionStart)) / 1000
  if (elapsed < 0 || elapsed >= (schedule.duration ?? Number.POSITIVE_INFINITY)) return undefined
  const period = schedule.periods.findLast(({ startPeriod }) => startPeriod <= elapsed)
  if (period === undefined) return undefined
  return schedule.unit === 'W' ? period.limit : period.limit * supply.volts * Math.min(supply.phases, period.numberPhases ?? supply.phases)
}

/** The instants in [from, to) at which the profile's limit may change. */
export const changesOf = (profile: Profile, from: number, to: number, sessionStart: number | undefined): number[] => {
  const { schedule } = profile
  const offsets = [
    ...schedule.periods.map(({ startPeriod }) => startPeriod),
    ...(schedule.duration === undefined ? [] : [schedule.duration]),
  ]
  const step = profile.kind === 'Recurring' ? RECURRENCE_MS[profile.recurrency ?? 'Daily'] : Number.POSITIVE_INFINITY
  const times = [profile.validFrom ?? from, profile.validTo ?? from]
  // Infinity ends the loop after its first round
  for (let start = startAt(profile, from, sessionStart); start < to; start += step)
    times.push(start, ...offsets.map((s) => start + s * 1000))
  return times.filter((time) => time >= from && time < to)
}

/** When the run of the schedule began that covers `time`. */
const startAt = (profile: Profile, time: number, sessionStart: number | undefined): number => {
  const start = profile.schedule.start
  if (profile.kind === 'Relative' || start === undefined) return sessionStart ?? time
  if (profile.kind === 'Absolute') return start
  const step = RECURRENCE_MS[profile.recurrency ?? 'Daily']
  return time < start ? start : start + Math.floor((time - start) / step) * step
}
