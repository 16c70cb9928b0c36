// The durable queue of messages that money hangs on. What is put here survives a power cut, leaves in order, and is taken out
// only when it was answered. OCPP 2.0.1 E04, E12, E13; OCPP 1.6 §3.7.
import { asFault, type FaultCode } from '../../base/fault.ts'
import type { Cancel, Change, Clock, Json, Random, Row, Store } from '../../base/ports.ts'
import type { Answer } from '../../ocpp/connection.ts'
import { CALL, type Call, payloadOf, RESULT } from '../../ocpp/frame.ts'
import type { Configuration } from './configuration.ts'
import type { Log } from './parts.ts'
import type { Speech } from './terms.ts'

export interface Queued {
  /** Of the message; the same at every attempt, so that the receiver can tell a repetition. */
  readonly id: string
  readonly action: string
  readonly payload: Json
  /** The session it belongs to. */
  readonly session: string
  /** Nothing of the session comes after it. */
  readonly last: boolean
  /** How often it was answered with an error. */
  readonly attempts: number
}

export interface OutboxParts {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly configuration: Configuration
  readonly station: string
  readonly log: Log
  /** @param own the number of the message among all that went through the queue */
  deliver(call: Call, own: number): Promise<Answer>
  /** The payload as it must go out now. */
  address(item: Queued): Json
  /** What else changes, in the same commit, when the item leaves the queue: answered, or given up (`answer` undefined). */
  settled(item: Queued, answer: Json | undefined): readonly Change[]
  /** Told once that is durable. */
  done(item: Queued, answer: Json | undefined): void
}

const COLLECTION = 'station-queue'
/** The highest number that was given away: an empty queue does not tell, and numbers must not begin again. */
const COUNTS = 'station-count'

/** Faults after which the back end may never have seen the message. */
const NO_ANSWER: ReadonlySet<string> = new Set<FaultCode>(['timeout', 'link-lost', 'unreachable', 'queue-full', 'refused'])

export class Outbox {
  readonly #parts: OutboxParts
  /** Keys that can be read already but are not durable yet: they must not leave. */
  readonly #unkept = new Set<string>()
  #next: number
  #length: number
  #open = false
  #pumping = false
  #wait: Cancel | undefined

  constructor(parts: OutboxParts) {
    this.#parts = parts
    const rows = parts.store.list(COLLECTION, { prefix: `${parts.station}/` })
    const last = rows.at(-1)
    this.#length = rows.length
    this.#next = 1 + Math.max(last === undefined ? 0 : this.#number(last.key), Number(parts.store.get(COUNTS, parts.station) ?? 0))
  }

  /** Whether anything (of that session) waits to be sent or answered. */
  holds(session?: string): boolean {
    if (session === undefined) return this.#length > 0
    return this.#parts.store.list(COLLECTION, { prefix: `${this.#parts.station}/` }).some((row) => queued(row).session === session)
  }

  /** The lowest number that waits, and the highest that was given away. */
  said(): { low: number; top: number } {
    const [head] = this.#parts.store.list(COLLECTION, { prefix: `${this.#parts.station}/`, limit: 1 })
    return { low: head === undefined ? this.#next : this.#number(head.key), top: this.#next - 1 }
  }

  #number(key: string): number {
    return Number(key.slice(this.#parts.station.length + 1))
  }

  get length(): number {
    return this.#length
  }

  /** Queues the messages and makes `changes`, all in one; resolves when both are durable. Throws Fault `store-failed`. */
  async put(speeches: readonly Speech[], of: Pick<Queued, 'session' | 'last'>, changes: readonly Change[]): Promise<void> {
    const rows = speeches.map(({ action, payload }) => {
      const key = `${this.#parts.station}/${String(this.#next++).padStart(12, '0')}`
      return { collection: COLLECTION, key, value: { id: this.#parts.random.uuid(), action, payload, ...of, attempts: 0 } }
    })
    for (const { key } of rows) this.#unkept.add(key)
    try {
      await this.#parts.store.commit([...rows, { collection: COUNTS, key: this.#parts.station, value: this.#next - 1 }, ...changes])
      this.#length += rows.length
    } finally {
      for (const { key } of rows) this.#unkept.delete(key)
      void this.#pump()
    }
  }

  /** There is someone to send to. */
  resume(): void {
    this.#open = true
    void this.#pump()
  }

  pause(): void {
    this.#open = false
    this.#wait?.()
    this.#wait = undefined
  }

  /** Sends the head of the queue until the queue is empty, nobody listens, or a failure asks for a pause. */
  async #pump(): Promise<void> {
    if (this.#pumping || this.#wait !== undefined) return
    this.#pumping = true
    try {
      while (this.#open) {
        const [head] = this.#parts.store.list(COLLECTION, { prefix: `${this.#parts.station}/`, limit: 1 })
        if (head === undefined || this.#unkept.has(head.key)) break
        const pauseMs = await this.#send(head.key, queued(head))
        if (pauseMs > 0 && this.#open) {
          this.#sleep(pauseMs)
          break
        }
      }
    } catch (thrown) {
      // only the store can throw here; the item still stands, so nothing is lost
      this.#parts.log('error', 'the queue could not be written', { code: asFault(thrown).code })
      this.#sleep(this.#intervalMs())
    } finally {
      this.#pumping = false
    }
  }

  /** One attempt. @returns how long to wait before the next one, ms */
  async #send(key: string, item: Queued): Promise<number> {
    let answer: Answer
    try {
      answer = await this.#parts.deliver(
        { type: CALL, id: item.id, action: item.action, payload: payloadOf(this.#parts.address(item)) },
        this.#number(key),
      )
    } catch (thrown) {
      const { code } = asFault(thrown)
      if (!NO_ANSWER.has(code)) return this.#refused(key, item, code)
      // whether it was acted on is unknown, so it is said again with the same id, for as long as it takes
      this.#parts.log('warn', 'no answer to a queued message', { action: item.action, id: item.id, code })
      return this.#intervalMs()
    }
    if (answer.type !== RESULT) return this.#refused(key, item, answer.code)
    await this.#settle(key, item, answer.payload.value)
    return 0
  }

  /** Answered, but not with what was hoped for: tried some more times, then given up (OCPP 2.0.1 E13). */
  async #refused(key: string, item: Queued, code: string): Promise<number> {
    const { log, configuration } = this.#parts
    const attempts = item.attempts + 1
    const data = { action: item.action, id: item.id, code, attempts }
    if (attempts < configuration.number('messageAttempts')) {
      log('warn', 'a queued message was refused', data)
      await this.#parts.store.commit([{ collection: COLLECTION, key, value: { ...item, attempts } }])
      // OCPP 2.0.1 E13: the interval times the number of attempts made
      return this.#intervalMs() * attempts
    }
    log('error', 'a queued message was given up', data)
    await this.#settle(key, item, undefined)
    return 0
  }

  async #settle(key: string, item: Queued, answer: Json | undefined): Promise<void> {
    await this.#parts.store.commit([{ collection: COLLECTION, key, value: undefined }, ...this.#parts.settled(item, answer)])
    this.#length -= 1
    this.#parts.done(item, answer)
  }

  #intervalMs(): number {
    return this.#parts.configuration.number('messageAttemptInterval') * 1000
  }

  #sleep(ms: number): void {
    this.#wait = this.#parts.clock.after(ms, () => {
      this.#wait = undefined
      void this.#pump()
    })
  }
}

const queued = ({ value }: Row): Queued => value as object as Queued
