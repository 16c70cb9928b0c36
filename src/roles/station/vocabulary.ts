// What a version of OCPP must be able to say and hear for the one session engine. Two tables fulfil it: vocabulary-16.ts, vocabulary-2x.ts.
import type { Json } from '../../base/ports.ts'
import type { StationSettings } from './parts.ts'
import type { Site } from './site.ts'
import type { BootReason, EvseStatus, Registration, Sample, Session, SessionEvent, Speech, Verdict } from './terms.ts'

/** Answers an inbound CALL whose payload has passed its schema. What must happen after the answer goes through `site.soon`. */
export type Command = (request: object, site: Site) => Promise<object>

/** Ties a handler to the payload types of its action; the schema check before it is what makes the cast true. */
export const command =
  <Q extends object, A extends object>(run: (request: Q, site: Site) => A | Promise<A>): Command =>
  async (request, site) =>
    run(request as Q, site)

export interface BootAnswer {
  readonly status: Registration
  /** Heartbeat interval, or when not accepted the wait before the next try; 0: up to the station. */
  readonly intervalS: number
}

/** What the answer to a transaction message tells. */
export interface EventAnswer {
  readonly verdict?: Verdict
  /** The back end's number for the session, OCPP 1.6 only. */
  readonly number?: number
}

export interface Vocabulary {
  /** The longest token. */
  readonly tokenLength: number
  boot(settings: StationSettings, reason: BootReason): Speech
  readBoot(answer: Json): BootAnswer
  heartbeat(): Speech
  /** The version's word for the state; a change of state that keeps the word is not reported. */
  statusWord(status: EvseStatus, plugged: boolean): string
  /** `evse` 0 is the station as a whole, where `reportsStation`; `word` is one of `statusWord`. */
  status(evse: number, word: string, time: number): Speech
  readonly reportsStation: boolean
  authorize(token: string): Speech
  readAuthorize(answer: Json): Verdict
  /** The messages for a session's event; none where the version has no message for it. */
  event(event: SessionEvent, session: Session): Speech[]
  readEvent(answer: Json): EventAnswer
  /** A queued payload with the number that the back end has given the session since. */
  numbered(payload: Json, number: number | undefined): Json
  /** The session's id on the wire; undefined while it has none. */
  transactionId(session: Session): string | undefined
  /** Meter values outside a session's own events. */
  meterValues(evse: number, sample: Sample, session: Session | undefined): Speech
  readonly commands: Readonly<Record<string, Command>>
}
