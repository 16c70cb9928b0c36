// Session events on their way to the back end: put into words, queued, and what the answers teach.
import type { Change, Clock, Json, Random, Store } from '../../base/ports.ts'
import type { Answer } from '../../ocpp/connection.ts'
import type { Call } from '../../ocpp/frame.ts'
import type { Configuration } from './configuration.ts'
import type { Evse } from './evse.ts'
import { Outbox, type Queued } from './outbox.ts'
import type { Log } from './parts.ts'
import type { Session, SessionEvent, Verdict } from './terms.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface TransactionsParts {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly configuration: Configuration
  readonly vocabulary: Vocabulary
  readonly station: string
  readonly log: Log
  readonly evses: readonly Evse[]
  /** Messages kept while there is nobody to take them. */
  readonly queueLimit: number
  deliver(call: Call, own: number): Promise<Answer>
  /** The back end's word on the driver of a running session. */
  judged(evse: Evse, verdict: Verdict): void
  /** The queue is shorter, or a session has its number. */
  changed(): void
}

/** A number the back end gave a 1.6 session, as long as messages of that session may wait for it. */
const NUMBERS = 'station-number'

export class Transactions {
  readonly outbox: Outbox
  readonly #parts: TransactionsParts

  constructor(parts: TransactionsParts) {
    this.#parts = parts
    const { vocabulary, store, clock, random, configuration, station, log, deliver } = parts
    this.outbox = new Outbox({
      store,
      clock,
      random,
      configuration,
      station,
      log,
      deliver,
      address: ({ payload, session }) => vocabulary.numbered(payload, this.#numberOf(session)),
      settled: (item, answer) => this.#settled(item, answer),
      done: (item, answer) => this.#done(item, answer),
    })
  }

  /** Keeps the event and makes the changes, durably and at once. Throws Fault `store-failed`. */
  queue(session: Session, event: SessionEvent, changes: readonly Change[]): Promise<void> {
    const { vocabulary, queueLimit, log } = this.#parts
    // OCPP 2.0.1 E04: when room runs out, values in between go first; begins and ends, which bills hang on, never
    const full = event.kind === 'update' && this.outbox.length >= queueLimit && event.samples.every(({ signed }) => signed === undefined)
    if (full) log('warn', 'the queue is full; a value in between is dropped', { evse: session.evse, seq: session.seq })
    const speeches = full ? [] : vocabulary.event(event, session)
    return this.outbox.put(speeches, { session: session.id, last: event.kind === 'end' }, changes)
  }

  /** The back end's number for the session goes to disk together with the end of the message that earned it. */
  #settled({ session, last }: Queued, answer: Json | undefined): Change[] {
    const { station, vocabulary, evses } = this.#parts
    const key = `${station}/${session}`
    if (last) return [{ collection: NUMBERS, key, value: undefined }]
    const { number } = answer === undefined ? {} : vocabulary.readEvent(answer)
    if (number === undefined) return []
    return [{ collection: NUMBERS, key, value: number }, ...evses.flatMap((evse) => evse.number(session, number))]
  }

  #done({ session }: Queued, answer: Json | undefined): void {
    const { evses, vocabulary, judged, changed } = this.#parts
    changed()
    const { verdict } = answer === undefined ? {} : vocabulary.readEvent(answer)
    const evse = evses.find((one) => one.session?.id === session)
    if (evse !== undefined && verdict !== undefined) judged(evse, verdict)
  }

  #numberOf(session: string): number | undefined {
    const number = this.#parts.store.get(NUMBERS, `${this.#parts.station}/${session}`)
    return typeof number === 'number' ? number : undefined
  }
}
