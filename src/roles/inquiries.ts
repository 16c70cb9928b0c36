// Orders whose answer was lost: nobody knows whether they were obeyed. They are written down, and the station is asked (never
// ordered again) until it says, over any number of restarts.
import { asFault, type Fault } from '../base/fault.ts'
import type { Cancel, Clock, Json, Store } from '../base/ports.ts'
import { CALL, type Envelope, RESULT } from '../ocpp/frame.ts'
import { isVersion, type Version } from '../ocpp/version.ts'
import { refusalOf } from '../overlay/error-answer.ts'
import type { Journal } from '../overlay/journal.ts'
import { type Finding, isHarmless, questionAbout } from './inquiry-table.ts'

const COLLECTION = 'unknown-orders'
const FIRST_MS = 1_000
const LONGEST_MS = 60_000
const GIVE_UP_MS = 24 * 3_600_000
/** Beyond it an order is written down and not asked about. */
const OPEN_ORDERS = 1_000
/** Failures after which the station may still answer the next time. */
const NOT_YET: readonly (string | undefined)[] = ['unreachable', 'link-lost', 'timeout', 'queue-full']

const SENTENCES: Readonly<Record<Finding, string>> = {
  done: 'was obeyed',
  'not-done': 'was not obeyed',
  asked: 'may have been obeyed: the station was told to report its state',
  untold: 'may have been obeyed: the station cannot say',
}

interface Order {
  readonly station: string
  readonly version: Version
  readonly action: string
  readonly payload: { readonly [key: string]: Json }
  /** The message id. */
  readonly id: string
  readonly since: number
}

export interface InquiryParts {
  readonly store: Store
  readonly clock: Clock
  readonly journal: Pick<Journal, 'write'>
  readonly ask: (station: string, question: { action: string; payload: Json; ocpp: Version }) => Promise<Envelope>
  readonly failed: (fault: Fault) => void
}

export class Inquiries {
  readonly #parts: InquiryParts
  readonly #timers = new Map<string, Cancel>()
  #stopped = false

  constructor(parts: InquiryParts) {
    this.#parts = parts
    for (const { key } of parts.store.list(COLLECTION)) this.#plan(key, FIRST_MS)
  }

  /** Orders that nobody knows the end of yet. */
  get open(): number {
    return this.#timers.size
  }

  /** An order went out and no answer came back. Resolves when that is written down. */
  async lost({ destination, header, message }: Envelope, reason: string): Promise<void> {
    if (message.type !== CALL || isHarmless(message.action)) return
    const { journal, store, clock } = this.#parts
    const { ocpp: version = 'ocpp2.1' } = header
    const station = destination.at(-1) as string
    const payload = message.payload.value as Order['payload']
    const order = { station, version, action: message.action, payload, id: message.id, since: clock.now() } satisfies Order
    const question = questionAbout(version, order)
    const isAsked = question !== undefined && this.open < OPEN_ORDERS
    const next = isAsked ? `${question.action} will tell` : 'OCPP has no question that would tell'
    if (isAsked) await store.commit([{ collection: COLLECTION, key: message.id, value: order }])
    await journal.write({
      kind: 'order-unknown',
      subject: station,
      text: `nobody knows whether ${message.action} was obeyed (${reason}); ${next}`,
      data: { action: message.action, id: message.id },
    })
    if (isAsked) this.#plan(message.id, FIRST_MS)
  }

  stop(): void {
    this.#stopped = true
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
  }

  #plan(key: string, ms: number): void {
    if (this.#stopped) return
    const run = (): void => {
      this.#askAbout(key, ms).catch((error) => {
        this.#parts.failed(asFault(error))
        this.#plan(key, LONGEST_MS)
      })
    }
    this.#timers.set(key, this.#parts.clock.after(ms, run))
  }

  async #askAbout(key: string, waited: number): Promise<void> {
    const order = orderOf(this.#parts.store.get(COLLECTION, key))
    const question = order && questionAbout(order.version, order)
    if (!order || !question) return this.#close(key)
    const finding = await this.#findingOf(order)
    if (this.#stopped) return
    if (finding !== undefined) return this.#settle(order, SENTENCES[finding])
    if (this.#parts.clock.now() - order.since > GIVE_UP_MS) return this.#settle(order, 'may have been obeyed: nobody could be asked')
    this.#plan(key, Math.min(2 * waited, LONGEST_MS))
  }

  /** Undefined where the station did not get to answer. */
  async #findingOf(order: Order): Promise<Finding | undefined> {
    const question = questionAbout(order.version, order)
    if (!question) return 'untold'
    try {
      const answer = await this.#parts.ask(order.station, { action: question.action, payload: question.payload, ocpp: order.version })
      if (answer.message.type === RESULT) return question.read(answer.message.payload.value as Order['payload'])
      return NOT_YET.includes(refusalOf(answer).fault) ? undefined : 'untold'
    } catch (error) {
      const fault = asFault(error)
      if (NOT_YET.includes(fault.code)) return undefined
      throw fault
    }
  }

  async #settle({ station, action, id }: Order, sentence: string): Promise<void> {
    await this.#parts.journal.write({ kind: 'order-settled', subject: station, text: `${action} ${sentence}`, data: { action, id } })
    await this.#close(id)
  }

  async #close(key: string): Promise<void> {
    await this.#parts.store.commit([{ collection: COLLECTION, key, value: undefined }])
    this.#timers.delete(key)
  }
}

const orderOf = (value: Json | undefined): Order | undefined => {
  const order = value as (Json & Partial<Order>) | undefined
  return order && isVersion(order.version) ? (order as Partial<Order> as Order) : undefined
}
