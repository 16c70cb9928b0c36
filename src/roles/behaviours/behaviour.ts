// What a use case of a back end is: pure handlers that say what to answer, what to keep and what to tell. The desk commits
// what they return and only then answers, so "durable before the answer" holds by construction. Nothing here acts.
import type { Change, Json, Random, Store } from '../../base/ports.ts'
import type { Version } from '../../ocpp/version.ts'
import type { JsonObject } from './fields.ts'
import type { TokenSetting, TokenTable } from './tokens.ts'

export type { JsonObject } from './fields.ts'

/** A CALL (or SEND) of a station, its payload valid by the schema of its action. */
export interface Incoming {
  readonly station: string
  readonly version: Version
  readonly id: string
  readonly action: string
  readonly payload: JsonObject
  /** When it arrived here, milliseconds since 1970. */
  readonly at: number
  /** Record route, the station first. */
  readonly path: readonly string[]
  readonly signed: boolean
  /** Whether the sender proved to be that station: by its own key, or with its credentials at a door of this node. Nobody did where it is missing. */
  readonly isProven?: () => boolean
  /** The answer that a local controller already gave while it was cut off; what it promised is kept, above all its transaction id. */
  readonly answered?: Json
}

/** An incoming message with the fingerprint of its action and payload. */
export interface Received extends Incoming {
  readonly print: string
}

export interface DeskEvent {
  readonly type: 'boot' | 'status' | 'transaction' | 'meter' | 'security' | 'notice'
  readonly data: Json
}

export interface Outcome {
  readonly answer: JsonObject
  readonly changes: readonly Change[]
  readonly events: readonly DeskEvent[]
}

export interface Settings {
  readonly heartbeatSeconds: number
  /** What a BootNotification is answered with; Accepted if not given. */
  readonly registration?: 'Accepted' | 'Pending' | 'Rejected'
  /** Whether a certificate authority answers requests for certificates; and for which stations it looks at a request though nobody proved whose it is. */
  readonly certificates?: { readonly released: readonly string[] }
  /** By idTag or idToken, upper and lower case alike (CiString20Type, identifierString). */
  readonly tokens: Readonly<Record<string, TokenSetting>>
}

export type Reader = Pick<Store, 'get' | 'list'>

/** What a handler may look at. */
export interface Desk {
  readonly store: Reader
  readonly settings: Settings
  readonly tokens: TokenTable
  readonly random: Random
}

/** Throws a Fault to refuse; then nothing is kept. */
export type Handler = (received: Received, desk: Desk) => Outcome

export interface Behaviour {
  readonly handlers: { readonly [version in Version]?: Readonly<Record<string, Handler>> }
  /** A repeated message gets the first one's answer and has no second effect. */
  readonly once: boolean
}

/** Both 2.x versions by one set of handlers. */
export const for2x = (handlers: Readonly<Record<string, Handler>>): Behaviour['handlers'] => ({
  'ocpp2.0.1': handlers,
  'ocpp2.1': handlers,
})

export const answerOnly = (answer: JsonObject): Outcome => ({ answer, changes: [], events: [] })
