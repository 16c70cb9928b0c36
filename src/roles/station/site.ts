// What a command from the back end may do to a station, in the words of no version. The vocabularies' commands ask for these.
import type { Meter } from '../meter.ts'
import type { StationCertificates } from './certificates.ts'
import type { Configuration } from './configuration.ts'
import type { Firmware } from './firmware.ts'
import type { Logs } from './logs.ts'
import type { Monitors } from './monitors.ts'
import type { StationSettings } from './parts.ts'
import type { ProfileFilter, Stretch } from './profiles.ts'
import type { Profile, Supply } from './schedule.ts'
import type { EvseStatus, Session, Speech } from './terms.ts'

export interface RemoteStart {
  readonly token: string
  /** Left out: any that is free. */
  readonly evse?: number
  readonly remoteStartId?: number
  /** A TxProfile for the session to come. */
  readonly profile?: Profile
}

export interface EvseFacts {
  readonly id: number
  readonly status: EvseStatus
  readonly operative: boolean
  readonly meter: Pick<Meter, 'reading'>
}

export interface Site {
  readonly settings: StationSettings
  readonly configuration: Configuration
  readonly supply: Supply
  readonly evses: readonly EvseFacts[]
  /** Registered with the back end. */
  readonly accepted: boolean
  now(): number
  /** Runs when the answer to the command is on its way. */
  soon(run: () => void): void
  /** Tells the back end, now or not at all; what must not be lost goes another way. */
  say(speech: Speech): void
  /** The running session with that id on the wire. */
  session(transactionId: string): Session | undefined
  /** Whether messages (of the session) wait to be sent. */
  queued(transactionId?: string): boolean
  /** Whether the order will be tried. */
  remoteStart(order: RemoteStart): boolean
  remoteStop(transactionId: string): boolean
  setProfile(evse: number, profile: Profile): Promise<boolean>
  clearProfiles(filter: ProfileFilter): Promise<boolean>
  /** Undefined for an EVSE that there is not. */
  composite(evse: number, seconds: number): readonly Stretch[] | undefined
  /** `evse` 0: all of them. */
  changeAvailability(evse: number, operative: boolean): Promise<'Accepted' | 'Scheduled' | 'Rejected'>
  /** Opens the lock; `end` says whether a session may be ended for it. */
  unlock(evse: number, end: boolean): 'unlocked' | 'unknown' | 'busy'
  reset(order: { readonly hard: boolean; readonly whenIdle: boolean }): 'Accepted' | 'Scheduled'
  forgetTokens(): Promise<void>
  /** What the station reports by itself. */
  readonly monitors: Monitors
  /** Absent where the station can fetch and send no files. */
  readonly firmware: Firmware | undefined
  readonly logs: Logs | undefined
  /** Where the station keeps a client certificate. */
  readonly certificates: StationCertificates | undefined
  askForCertificate(): void
  /** Hangs up and dials again. */
  reconnect(): void
  trigger(message: TriggeredMessage, evse?: number): void
}

export type TriggeredMessage = 'boot' | 'heartbeat' | 'status' | 'meterValues' | 'transaction'
