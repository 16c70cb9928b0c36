// What a station is given (its nameplate, its ports, the guard at its door) and what it shows.

import type { FaultData } from '../../base/fault.ts'
import type { Cancel, Clock, Json, Link, Random, Store } from '../../base/ports.ts'
import type { Answer } from '../../ocpp/connection.ts'
import type { Call, ErrorMessage, Send } from '../../ocpp/frame.ts'
import type { Version } from '../../ocpp/version.ts'
import type { Count } from '../../overlay/count.ts'
import type { Meter } from '../meter.ts'
import type { StationCertificates } from './certificates.ts'
import type { SettingName } from './configuration.ts'
import type { UpkeepParts } from './files.ts'
import type { EvseStatus } from './terms.ts'

export interface StationSettings {
  readonly id: string
  readonly version: Version
  readonly vendor: string
  readonly model: string
  readonly serial: string
  readonly firmware?: string
  /** EVSEs, numbered from 1; each has one connector. */
  readonly evses: number
  /** Of one EVSE. */
  readonly maxPowerW: number
  /** Left out: DC above 43 kW, the most that three-phase AC charging gives. */
  readonly supply?: 'AC' | 'DC'
  /** First values of configuration keys; what a back end changed later wins. */
  readonly configuration?: Readonly<Partial<Record<SettingName, string>>>
  /** Transaction messages kept while offline before values in between are dropped. 10000 */
  readonly queueLimit?: number
  /** How long a reboot takes. */
  readonly rebootMs?: number
}

export interface Admitted {
  readonly allowed: true
  /** The command itself, where another carried it: it came encrypted. Nobody has held it against its schema yet. */
  readonly call?: Call
}
export interface Refused {
  readonly allowed: false
  /** Of the rule that refused; for the log. On the wire every refusal is a SecurityError. */
  readonly code: string
  readonly description: string
  readonly details: Json
}

/** The door for commands from the network, and the seal on what the station says. */
export interface StationGuard {
  /** Whether what the station says is signed: then it also says how far it has come. */
  readonly signs?: boolean
  /** Answers what is for the guard itself, such as news of keys; undefined for everything else. */
  told?(call: Call): Promise<Answer | undefined>
  admit(call: Call): Promise<Admitted | Refused>
  /** The answer to a command as it leaves, before it is signed: encrypted where the command was. */
  conceal?(call: Call, answer: Answer): Promise<Answer>
  seal<Said extends Answer | ErrorMessage>(call: Call, answer: Said): Said
  /**
   * A call of the station's own on its way to be encrypted; undefined where it leaves as it is.
   * Rejects with Fault `unreachable` while no key of the back end is known for that: it is kept, and never leaves in clear.
   */
  hide?(call: Call): Promise<Call> | undefined
  /** Of what nobody answers: a SEND, a CALLRESULTERROR. */
  sealTold<Told extends Send | ErrorMessage>(told: Told): Told
  /** @param count what the station has said so far, signed with the call */
  sealCall(call: Call, count?: Count): Call
  /**
   * What was answered to a call of the station's own, without signatures, and as it can be read. The call as it went out.
   * Rejects with Fault `refused` where the back end signs its answers, and this is not its, or cannot be read; `payload-invalid`
   */
  opened(call: Call, answer: Answer): Promise<Answer>
}

/** Lets everything in and seals nothing: a station without signatures. */
export const openGuard: StationGuard = {
  admit: () => Promise.resolve({ allowed: true }),
  seal: (_call, answer) => answer,
  sealTold: (told) => told,
  sealCall: (call) => call,
  opened: (_call, answer) => Promise.resolve(answer),
}

export interface EvseState {
  readonly evse: number
  readonly status: EvseStatus
  readonly plugged: boolean
  /** As on the wire; in OCPP 1.6 absent until the back end gave it a number. */
  readonly transactionId?: string
  readonly powerW: number
  /** Charged in the running session. */
  readonly energyWh: number
  /** The meter's register. */
  readonly registerWh: number
  /** Only while profiles limit the power below what the hardware gives. */
  readonly limitW?: number
}

/** What the reader at the EVSE shows. */
export interface Presented {
  readonly accepted: boolean
  /** `Accepted`, `Stopped`, or why not: the back end's word, `Occupied`, `Unavailable`. */
  readonly status: string
}

export type Log = (level: 'info' | 'warn' | 'error', text: string, data?: FaultData) => void

export interface StationParts {
  readonly clock: Clock
  readonly random: Random
  readonly store: Store
  readonly guard: StationGuard
  /** Answers actions that carry their own authority, before the guard is asked; nothing for all others. */
  readonly extension?: (call: Call) => Promise<Answer> | undefined
  meterFor(evse: number): Meter
  /** Keeps dialling and calls `onLink` for each new connection, until cancelled. */
  connect(onLink: (link: Link) => void): Cancel
  /** Without it the station takes no firmware and sends no log. */
  readonly upkeep?: UpkeepParts
  /** Without it the station has no certificate of its own to ask for. */
  readonly certificates?: StationCertificates
  readonly log?: Log
}

export const supplyOf = (settings: StationSettings): 'AC' | 'DC' => settings.supply ?? (settings.maxPowerW > 43_000 ? 'DC' : 'AC')
