// The charging profiles a station holds: kept in the store, combined into the one limit that counts. OCPP 2.0.1 K01; OCPP 1.6 §3.13.
import type { Change, Json, Store } from '../../base/ports.ts'
import { changesOf, limitOf, type Profile, type ProfilePurpose, type Supply } from './schedule.ts'

export interface ProfileFilter {
  readonly id?: number
  readonly evse?: number
  readonly purpose?: ProfilePurpose
  readonly stackLevel?: number
}

/** For whom a limit is asked. */
export interface Scope {
  /** 0: the station as a whole. */
  readonly evse: number
  /** What relative schedules are relative to. */
  readonly sessionStart?: number
  /** How many EVSEs share the station's limit. */
  readonly sharing: number
  /** What the hardware gives, in W. */
  readonly maxPowerW: number
}

/** A stretch of a composite schedule: seconds from its start, and W. */
export interface Stretch {
  readonly startPeriod: number
  readonly limitW: number
}

/** `evse` 0: the station, or for a TxDefaultProfile each EVSE. */
interface Installed {
  readonly evse: number
  readonly profile: Profile
}

const COLLECTION = 'station-profiles'

export class Profiles {
  readonly supply: Supply
  readonly #store: Store
  readonly #station: string
  #installed: readonly Installed[]

  constructor(store: Store, station: string, supply: Supply) {
    this.#store = store
    this.#station = station
    this.supply = supply
    this.#installed = store.list(COLLECTION, { prefix: `${station}/` }).map((row) => row.value as object as Installed)
  }

  get count(): number {
    return this.#installed.length
  }

  has(id: number): boolean {
    return this.#installed.some(({ profile }) => profile.id === id)
  }

  /** Takes the place of the one with the same id, or with the same EVSE, purpose and stack level (OCPP 2.0.1 K01). Throws `store-failed`. */
  async install(evse: number, profile: Profile): Promise<void> {
    const entry: Installed = { evse, profile }
    const replaced = this.#installed.filter((one) => one.profile.id === profile.id || sameSlot(one, entry))
    await this.#store.commit([...replaced.map((one) => this.#removal(one)), { ...this.#removal(entry), value: entry as object as Json }])
    this.#installed = [...this.#installed.filter((one) => !replaced.includes(one)), entry]
  }

  /** @returns how many were removed. Throws `store-failed` */
  async clear(filter: ProfileFilter): Promise<number> {
    const gone = this.#installed.filter((one) => matches(one, filter))
    if (gone.length === 0) return 0
    await this.#store.commit(gone.map((one) => this.#removal(one)))
    this.#installed = this.#installed.filter((one) => !gone.includes(one))
    return gone.length
  }

  /** The limit in whole W at `time`: the least of all that apply, and of what the hardware gives. */
  limitAt(time: number, scope: Scope): number {
    const { evse, sharing, maxPowerW } = scope
    const share = evse === 0 ? 1 : Math.max(1, sharing)
    const own = (purpose: ProfilePurpose, at: readonly number[] = [evse]): number | undefined => this.#leading(time, purpose, at, scope)
    const whole = (purpose: ProfilePurpose): number => (this.#leading(time, purpose, [0], scope) ?? Number.POSITIVE_INFINITY) / share
    const limits = [
      evse === 0 ? maxPowerW * sharing : maxPowerW,
      whole('ChargingStationMaxProfile'),
      whole('ChargingStationExternalConstraints'),
    ]
    if (evse !== 0) {
      // a TxProfile overrules the default for its transaction (OCPP 2.0.1 K01, §3.3)
      const transaction = own('TxProfile') ?? own('TxDefaultProfile', [evse, 0])
      limits.push(own('ChargingStationExternalConstraints') ?? maxPowerW, transaction ?? maxPowerW)
    }
    return Math.floor(Math.max(0, Math.min(...limits)))
  }

  /** The limits from `from` for `seconds`, one stretch per change. */
  composite(from: number, seconds: number, scope: Scope): Stretch[] {
    const to = from + seconds * 1000
    const times = this.#installed.flatMap(({ profile }) => changesOf(profile, from, to, scope.sessionStart))
    const stretches: Stretch[] = []
    for (const time of [...new Set([from, ...times])].sort((a, b) => a - b)) {
      const limitW = this.limitAt(time, scope)
      if (stretches.at(-1)?.limitW !== limitW) stretches.push({ startPeriod: Math.floor((time - from) / 1000), limitW })
    }
    return stretches
  }

  /** The highest stack level that says something at `time`; a profile of the EVSE itself before one for all (OCPP 2.0.1 K01). */
  #leading(time: number, purpose: ProfilePurpose, evses: readonly number[], scope: Scope): number | undefined {
    const ranked = this.#installed
      .filter((one) => one.profile.purpose === purpose && evses.includes(one.evse))
      .sort((a, b) => b.profile.stackLevel - a.profile.stackLevel || b.evse - a.evse)
    for (const { profile } of ranked) {
      const limit = limitOf(profile, time, this.supply, scope.sessionStart)
      if (limit !== undefined) return limit
    }
    return undefined
  }

  #removal({ evse, profile }: Installed): Change {
    return { collection: COLLECTION, key: `${this.#station}/${evse}/${profile.id}`, value: undefined }
  }
}

const sameSlot = (a: Installed, b: Installed): boolean =>
  a.evse === b.evse && a.profile.purpose === b.profile.purpose && a.profile.stackLevel === b.profile.stackLevel

const matches = ({ evse, profile }: Installed, filter: ProfileFilter): boolean =>
  (filter.id === undefined || filter.id === profile.id) &&
  (filter.evse === undefined || filter.evse === evse) &&
  (filter.purpose === undefined || filter.purpose === profile.purpose) &&
  (filter.stackLevel === undefined || filter.stackLevel === profile.stackLevel)
