// The words of a charging session, free of any OCPP version. The engine speaks them; a vocabulary turns them into messages.
import type { Json } from '../../base/ports.ts'

/** A message to be said: what an OCPP CALL holds besides its id. */
export interface Speech {
  readonly action: string
  readonly payload: Json
}

export const speech = (action: string, payload: object): Speech => ({ action, payload: payload as Json })

/** The finest set of connector states, OCPP 1.6 §4.9; the 2.x states are coarser. */
export type EvseStatus = 'Available' | 'Preparing' | 'Charging' | 'SuspendedEVSE' | 'SuspendedEV' | 'Finishing' | 'Unavailable'

/** OCPP 2.x ChargingStateEnumType without Idle: a session here needs a plugged vehicle. */
export type ChargingState = 'EVConnected' | 'Charging' | 'SuspendedEV' | 'SuspendedEVSE'

/** Why a session ended, with the word of each version for it and the 2.x trigger that goes with it. */
export const STOP_REASONS = {
  local: { v16: 'Local', v2: 'Local', trigger: 'StopAuthorized' },
  remote: { v16: 'Remote', v2: 'Remote', trigger: 'RemoteStop' },
  unplugged: { v16: 'EVDisconnected', v2: 'EVDisconnected', trigger: 'EVCommunicationLost' },
  deauthorised: { v16: 'DeAuthorized', v2: 'DeAuthorized', trigger: 'Deauthorized' },
  powerLoss: { v16: 'PowerLoss', v2: 'PowerLoss', trigger: 'AbnormalCondition' },
  hardReset: { v16: 'HardReset', v2: 'ImmediateReset', trigger: 'ResetCommand' },
  softReset: { v16: 'SoftReset', v2: 'ImmediateReset', trigger: 'ResetCommand' },
  unlock: { v16: 'UnlockCommand', v2: 'Other', trigger: 'UnlockCommand' },
} as const satisfies Record<string, { v16: string; v2: string; trigger: string }>
export type StopReason = keyof typeof STOP_REASONS

export type Trigger =
  | 'Authorized'
  | 'CablePluggedIn'
  | 'RemoteStart'
  | 'ChargingStateChanged'
  | 'MeterValuePeriodic'
  | 'Trigger'
  | (typeof STOP_REASONS)[StopReason]['trigger']

export type SampleContext = 'Transaction.Begin' | 'Transaction.End' | 'Sample.Periodic' | 'Trigger'

/** What the meter showed at one instant. */
export interface Sample {
  readonly time: number
  readonly context: SampleContext
  readonly energyWh: number
  readonly powerW?: number
  /** A signed record of the same instant. */
  readonly signed?: SignedSample
}

export interface SignedSample {
  /** The OCMF text. */
  readonly text: string
  readonly method: string
  /** SubjectPublicKeyInfo in hex. */
  readonly publicKeyHex: string
}

/** How the driver was identified; the same words stand in the begin and the end record (OCMF 1.4 §4.2, table 3). */
export interface UserAssignment {
  readonly token: string
  readonly level: 'TRUSTED' | 'VERIFIED' | 'HEARSAY'
  readonly flags: readonly string[]
}

/** A charging session as it is kept in the store while it runs. */
export interface Session {
  /** Ours, and in 2.x the transaction id on the wire. */
  readonly id: string
  readonly evse: number
  readonly user: UserAssignment
  readonly group?: string
  readonly remoteStartId?: number
  readonly startedAt: number
  readonly begin: Sample
  /** The next event's number. OCPP 2.0.1 E01: from 0 for each transaction. */
  readonly seq: number
  readonly state: ChargingState
  /** The back end's number for the session, OCPP 1.6 only, once StartTransaction was answered. */
  readonly number?: number
}

export interface SessionEvent {
  readonly kind: 'begin' | 'update' | 'end'
  readonly trigger: Trigger
  readonly time: number
  readonly offline: boolean
  readonly samples: readonly Sample[]
  readonly reason?: StopReason
  /** The token that ended the session, where one did. */
  readonly token?: string
}

/** A back end's word on a token. */
export interface Verdict {
  /** `Accepted`, or the version's word for why not. */
  readonly status: string
  readonly group?: string
  /** Not to be trusted from the cache after this time. */
  readonly expires?: number
}

export type BootReason = 'PowerUp' | 'RemoteReset' | 'Triggered' | 'FirmwareUpdate'
export type Registration = 'Accepted' | 'Pending' | 'Rejected'

export const iso = (time: number): string => new Date(time).toISOString()

/** An RFID serial number is hex; anything else was handed out by a back end. */
export const isCardSerial = (token: string): boolean => /^(?:[0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})$/i.test(token)
