// The desk of a back end: finds the handler of a message, lets it decide, commits what it decided, and only then answers.
// What the messages mean is in behaviours/; sockets, signatures and routes are elsewhere.
import { Fault } from '../base/fault.ts'
import type { Cancel, Change, Clock, Json, Random, Store } from '../base/ports.ts'
import { actionKind } from '../ocpp/actions.ts'
import { VERSIONS, type Version } from '../ocpp/version.ts'
import { AnswerMemory } from './answer-memory.ts'
import { authorize } from './behaviours/authorize.ts'
import type { Behaviour, Desk, DeskEvent, Handler, Incoming, Received, Settings } from './behaviours/behaviour.ts'
import { boot } from './behaviours/boot.ts'
import { certificates } from './behaviours/certificates.ts'
import { dataTransfer } from './behaviours/data-transfer.ts'
import { heartbeat } from './behaviours/heartbeat.ts'
import { meterValues2x, meterValues16 } from './behaviours/meter-values.ts'
import { notify } from './behaviours/notify.ts'
import { securityEvent } from './behaviours/security-event.ts'
import { status } from './behaviours/status.ts'
import { tokenTable } from './behaviours/tokens.ts'
import { transactions2x } from './behaviours/transactions-2x.ts'
import { transactions16 } from './behaviours/transactions-16.ts'
import { fingerprint } from './fingerprint.ts'
import { LastSeen } from './last-seen.ts'

export interface CsmsDeskParts {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly settings: Settings
}

/** Whatever a back end can do, one behaviour per use case. */
const BEHAVIOURS: readonly Behaviour[] = [
  boot,
  heartbeat,
  status,
  authorize,
  transactions16,
  transactions2x,
  meterValues16,
  meterValues2x,
  dataTransfer,
  securityEvent,
  notify,
  certificates,
]

export class CsmsDesk {
  readonly #store: Store
  readonly #desk: Desk
  readonly #answers: AnswerMemory
  readonly #seen: LastSeen
  readonly #listeners = new Set<(event: DeskEvent) => void>()
  /** The message of each station that is being handled, and those that wait for it. */
  readonly #turns = new Map<string, (() => void)[]>()

  constructor({ store, random, settings }: CsmsDeskParts) {
    this.#store = store
    this.#desk = { store, settings, random, tokens: tokenTable(settings.tokens) }
    this.#answers = new AnswerMemory(store)
    this.#seen = new LastSeen(store)
  }

  /** When each station was last heard of, milliseconds since 1970. */
  get seen(): ReadonlyMap<string, number> {
    return this.#seen.times
  }

  /** Tells of each event after it is durable. A listener must not throw. */
  onEvent(listener: (event: DeskEvent) => void): Cancel {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /**
   * Resolves with the answer's payload when all that the message changes is durable. Messages of one station are handled one after the
   * other: what a message reads must not be undone by a commit that fails later.
   * @throws Fault `action-unknown` (NotImplemented), `remote-error` with code NotSupported (the version has the action, this back end does not), `store-failed`
   */
  handle(incoming: Incoming): Promise<Json> {
    const waiting = this.#turns.get(incoming.station)
    if (waiting === undefined) {
      this.#turns.set(incoming.station, [])
      return this.#answer(incoming)
    }
    return new Promise((resolve) => waiting.push(() => resolve(this.#answer(incoming))))
  }

  async #answer(incoming: Incoming): Promise<Json> {
    try {
      const { handler, once } = handlerOf(incoming)
      this.#seen.note(incoming.station, incoming.at)
      const received: Received = { ...incoming, print: once ? fingerprint(`${incoming.action} ${JSON.stringify(incoming.payload)}`) : '' }
      const before = once ? this.#answers.recall(received) : { reused: false }
      if (before.answer !== undefined) return before.answer

      const { answer, changes, events } = handler(received, this.#desk)
      const kept = once ? [...changes, ...this.#answers.changes(received, answer)] : changes
      if (kept.length > 0) await this.#commit(kept, incoming.at)
      if (before.reused) this.#tell(reusedId(received))
      for (const event of events) this.#tell(event)
      return answer
    } finally {
      this.#next(incoming.station)
    }
  }

  #next(station: string): void {
    const next = this.#turns.get(station)?.shift()
    if (next === undefined) this.#turns.delete(station)
    else next()
  }

  #commit(changes: readonly Change[], now: number): Promise<void> {
    const seen = this.#seen.changes(now)
    return this.#store.commit(seen.length > 0 ? [...changes, ...seen] : changes)
  }

  #tell(event: DeskEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}

interface Entry {
  readonly handler: Handler
  readonly once: boolean
}

const entriesOf = (version: Version): [string, Entry][] =>
  BEHAVIOURS.flatMap(({ handlers, once }) =>
    Object.entries(handlers[version] ?? {}).map(([action, handler]): [string, Entry] => [action, { handler, once }]),
  )

/** Maps, because a station may call its action `constructor`. */
const HANDLERS: ReadonlyMap<Version, ReadonlyMap<string, Entry>> = new Map(
  VERSIONS.map((version) => [version, new Map(entriesOf(version))]),
)

const handlerOf = ({ version, action }: Incoming): Entry => {
  const entry = HANDLERS.get(version)?.get(action)
  if (entry !== undefined) return entry
  if (actionKind(version, action) === undefined) throw new Fault('action-unknown', `the action is not part of ${version}`, { action })
  throw new Fault('remote-error', 'this back end does not do what the action asks for', { code: 'NotSupported', action })
}

/** Simple stations count from 1 again after a restart, so the message is a new one; but it may also be somebody playing. */
const reusedId = ({ station, id, action }: Received): DeskEvent => ({
  type: 'security',
  data: { station, kind: 'message-id-reused', detail: 'a message id came again within 24 h with another message', message: id, action },
})
