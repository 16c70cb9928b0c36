// Charging profiles between the wire and the engine: 1.6 and 2.x name and nest the same things differently.
import type { OCPP16, OCPP21 } from 'typed-ocpp'
import type { Stretch } from './profiles.ts'
import type { Profile, ProfilePurpose, Schedule, Supply } from './schedule.ts'

type Profile16 = OCPP16.SetChargingProfileRequest['csChargingProfiles']
type Schedule16 = Profile16['chargingSchedule']
type Profile21 = OCPP21.SetChargingProfileRequest['chargingProfile']
type Schedule21 = Profile21['chargingSchedule'][number]

/** A set of optional members, less those that are undefined. */
type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

export const present = <T extends object>(members: T): Present<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<T>

export const PURPOSE_16: Readonly<Record<Profile16['chargingProfilePurpose'], ProfilePurpose>> = {
  ChargePointMaxProfile: 'ChargingStationMaxProfile',
  TxDefaultProfile: 'TxDefaultProfile',
  TxProfile: 'TxProfile',
}

export const isPurpose = (name: string): name is ProfilePurpose => PURPOSES.has(name)
const PURPOSES: ReadonlySet<string> = new Set<ProfilePurpose>([
  'ChargingStationExternalConstraints',
  'ChargingStationMaxProfile',
  'TxDefaultProfile',
  'TxProfile',
])

/** @throws nothing: the schema has been checked */
export const readProfile16 = (profile: Profile16): Profile => ({
  id: profile.chargingProfileId,
  stackLevel: profile.stackLevel,
  purpose: PURPOSE_16[profile.chargingProfilePurpose],
  kind: profile.chargingProfileKind,
  ...present({
    recurrency: profile.recurrencyKind,
    validFrom: instant(profile.validFrom),
    validTo: instant(profile.validTo),
    transactionId: profile.transactionId?.toString(),
  }),
  schedule: readSchedule(profile.chargingSchedule),
})

/** Undefined where the profile needs what this station cannot do: priority charging, local generation, dynamic limits, setpoints (OCPP 2.1 Q, K28). */
export const readProfile21 = (profile: Profile21): Profile | undefined => {
  const { chargingProfilePurpose: purpose, chargingProfileKind: kind } = profile
  const [schedule] = profile.chargingSchedule
  if (!isPurpose(purpose) || kind === 'Dynamic' || schedule === undefined) return undefined
  if (schedule.chargingSchedulePeriod.some(({ limit }) => limit === undefined)) return undefined
  return {
    id: profile.id,
    stackLevel: profile.stackLevel,
    purpose,
    kind,
    ...present({
      recurrency: profile.recurrencyKind,
      validFrom: instant(profile.validFrom),
      validTo: instant(profile.validTo),
      transactionId: profile.transactionId,
    }),
    schedule: readSchedule(schedule),
  }
}

/** Composite stretches as schedule periods. Watts are whole; amperes have one decimal, rounded down, so that no limit grows by conversion. */
export const writePeriods = (stretches: readonly Stretch[], unit: 'W' | 'A', supply: Supply): { startPeriod: number; limit: number }[] =>
  stretches.map(({ startPeriod, limitW }) => ({
    startPeriod,
    limit: unit === 'W' ? limitW : Math.floor((limitW * 10) / (supply.volts * supply.phases)) / 10,
  }))

const readSchedule = (schedule: Schedule16 | Schedule21): Schedule => ({
  unit: schedule.chargingRateUnit,
  ...present({ start: instant(schedule.startSchedule), duration: schedule.duration }),
  periods: schedule.chargingSchedulePeriod.map(({ startPeriod, limit = 0, numberPhases }) => ({
    startPeriod,
    limit,
    ...present({ numberPhases }),
  })),
})

const instant = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text))
