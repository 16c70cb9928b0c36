// The desk of a back end: finds the handler of a message, lets it decide, commits what it decided, and only then answers.
// What the messages mean is in behaviours/; sockets, signatures and routes are elsewhere.
import { asFault, Fault } from '../base/fault.ts'
import type { Cancel, Clock, Json, Random, Store } from '../base/ports.ts'
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
  readonly #clock: Clock
  readonly #desk: Desk
  readonly #answers: AnswerMemory
  readonly #seen: LastSeen
  readonly #listeners = new Set<(event: DeskEvent) => void>()
  /** The message of each station that is being handled; the next one waits for it. */
  readonly #turns = new Map<string, Promise<void>>()

  constructor({ store, clock, random, settings }: CsmsDeskParts) {
    this.#store = store
    this.#clock = clock
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
    const { station } = incoming
    const before = this.#turns.get(station)
    const answer = before === undefined ? this.#answer(incoming) : before.then(() => this.#answer(incoming))
    const turn: Promise<void> = answer.then(done, done)
    const turns = this.#turns
    turns.set(station, turn)
    function done(): void {
      if (turns.get(station) === turn) turns.delete(station)
    }
    return answer
  }

  async #answer(incoming: Incoming): Promise<Json> {
    const { handler, once } = handlerOf(incoming)
    this.#seen.note(incoming.station, this.#clock.now())
    const received: Received = { ...incoming, print: once ? fingerprint(`${incoming.action} ${JSON.stringify(incoming.payload)}`) : '' }
    const before = once ? this.#answers.recall(received) : { reused: false }
    if (before.answer !== undefined) return before.answer

    const { answer, changes, events } = handler(received, this.#desk)
    await this.#commit(once ? [...changes, ...this.#answers.changes(received, answer)] : changes)
    if (before.reused) this.#tell(reusedId(received))
    for (const event of events) this.#tell(event)
    return answer
  }

  async #commit(changes: Parameters<Store['commit']>[0]): Promise<void> {
    if (changes.length === 0) return
    try {
      await this.#store.commit([...changes, ...this.#seen.changes(this.#clock.now())])
    } catch (thrown) {
      throw asFault(thrown, 'store-failed')
    }
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
