// What keeps a site charging while its back end cannot be reached: reports of its stations are kept on disk and answered
// in the back end's name, and go out in order, once, when the way is free again. Only what stands in the table below is
// answered; everything else honestly fails. OCPP knows no such part: it closes the station's socket instead (Part 4 §6.3).
import { asFault, Fault } from '../base/fault.ts'
import type { Cancel, Clock, Json, Random, Store } from '../base/ports.ts'
import { CALL, type Envelope, ERROR, payloadOf, RESULT, readEnvelope, writeEnvelope } from '../ocpp/frame.ts'
import { errorAnswer, refusalOf } from '../overlay/error-answer.ts'
import type { OverlayNode } from '../overlay/node.ts'
import type { Peer } from '../overlay/peer.ts'
import { lesson, type OfflineRow, type OfflineWorld, offlineRow } from './offline-answers.ts'

const OUTBOX = 'outbox'
/** Failures that say nothing about the message: the way to the back end is not there. */
const NO_WAY: readonly string[] = ['unreachable', 'link-lost', 'timeout', 'queue-full']
/** What may be different the next time. A kept message was acknowledged already, so the back end's full disk must not lose it. */
const NOT_YET: readonly string[] = [...NO_WAY, 'store-failed']
const RETRY_MS = 1_000

export interface AutonomyParts {
  readonly node: OverlayNode
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  /** Messages one station may have waiting on disk; beyond it a message is refused, and the station keeps it itself. */
  readonly limitPerStation?: number
  /** Told how many messages wait whenever that changes. */
  readonly changed?: (waiting: number) => void
  readonly failed?: (fault: Fault) => void
  /** Told of a kept message that the back end refused for good. */
  readonly rejected?: (station: string, fault: Fault) => void
}

export class Autonomy {
  /** Since the start: reports not kept because too many of their station wait, and kept ones that the back end refused for good. */
  readonly counters = { full: 0, rejected: 0 }
  readonly #parts: AutonomyParts
  /** Keys in the outbox per station, in order; a station with an entry has everything else queued behind. */
  readonly #queues = new Map<string, string[]>()
  readonly #draining = new Set<string>()
  readonly #retries = new Map<string, Cancel>()
  #number = 0
  #stopped = false

  constructor(parts: AutonomyParts) {
    this.#parts = parts
    for (const { key } of parts.store.list(OUTBOX)) {
      const [station, number] = key.split('/') as [string, string]
      this.#queue(station).push(key)
      this.#number = Math.max(this.#number, Number(number))
    }
  }

  /** Messages that wait on disk. */
  get waiting(): number {
    let sum = 0
    for (const queue of this.#queues.values()) sum += queue.length
    return sum
  }

  /** How many wait of each station that has any. */
  get queues(): number[] {
    return [...this.#queues.values()].map(({ length }) => length)
  }

  /** A CALL of a station: passed on where there is a way, else kept and answered here. */
  async request(envelope: Envelope, from: Peer): Promise<Envelope> {
    const { node } = this.#parts
    const row = envelope.message.type === CALL ? offlineRow(envelope.header.ocpp ?? 'ocpp2.1', envelope.message.action) : undefined
    // what this station said before still waits: its later reports must not overtake it
    if (row?.keep && this.#queues.has(from.id)) return node.request(envelope, from, (passed) => this.#answer(passed, row))
    const answer = await node.request(envelope, from)
    if (row && isNoWay(answer)) return this.#answerOffline(envelope, from, { row, failure: answer })
    this.#learn(envelope, answer)
    return answer
  }

  /** The way to the back end may be free again: sends what waits, each station's messages one after the other. */
  drain(): void {
    for (const station of this.#queues.keys()) this.#start(station)
  }

  stop(): void {
    this.#stopped = true
    for (const cancel of this.#retries.values()) cancel()
    this.#retries.clear()
  }

  /** The firewall has let the message pass before, so here it says only in which form. */
  async #answerOffline(envelope: Envelope, from: Peer, { row, failure }: { row: OfflineRow; failure: Envelope }): Promise<Envelope> {
    const { node } = this.#parts
    try {
      return await this.#answer(node.screen(envelope, from), row, failure)
    } catch (error) {
      const fault = asFault(error)
      if (fault.code === 'dropped') throw fault
      return errorAnswer(envelope, fault, node.id)
    }
  }

  async #answer(envelope: Envelope, row: OfflineRow, failure?: Envelope): Promise<Envelope> {
    const { message } = envelope
    const station = envelope.path[0] as string
    const answer = message.type === CALL ? row.answer(message.payload.value as { [key: string]: Json }, station, this.#world()) : undefined
    if (answer === undefined)
      return (
        failure ??
        errorAnswer(
          envelope,
          new Fault('unreachable', 'the back end cannot be reached, and nothing known here allows an answer'),
          this.#parts.node.id,
        )
      )
    const { node } = this.#parts
    const reply = { type: RESULT, id: message.id, payload: payloadOf(answer) } as const
    const screened = node.screen({ destination: [station], path: [node.id], header: {}, message: reply }, undefined, envelope)
    const answered = 'payload' in screened.message ? screened.message.payload.value : answer
    if (row.keep) await this.#keep({ ...envelope, header: { ...envelope.header, answered } })
    return screened
  }

  async #keep(envelope: Envelope): Promise<void> {
    const station = envelope.path[0] as string
    const kept = this.#queues.get(station)?.length ?? 0
    if (kept >= (this.#parts.limitPerStation ?? 10_000)) {
      this.counters.full++
      throw new Fault('queue-full', `${kept} messages of ${station} wait on disk already`)
    }
    const key = `${station}/${String(++this.#number).padStart(12, '0')}`
    await this.#parts.store.commit([{ collection: OUTBOX, key, value: writeEnvelope(envelope) }])
    this.#queue(station).push(key)
    this.#parts.changed?.(this.waiting)
    this.#retry(station)
  }

  async #drainStation(station: string): Promise<void> {
    if (this.#draining.has(station)) return
    this.#draining.add(station)
    try {
      for (;;) {
        const key = this.#queues.get(station)?.[0]
        if (key === undefined || !(await this.#deliver(key))) break
        const queue = this.#queue(station)
        queue.shift()
        if (queue.length === 0) this.#queues.delete(station)
        this.#parts.changed?.(this.waiting)
      }
    } finally {
      this.#draining.delete(station)
    }
    if (this.#queues.has(station)) this.#retry(station)
  }

  /** Sends one kept message. True when it is done with: answered, or refused for good. */
  async #deliver(key: string): Promise<boolean> {
    const { node, store } = this.#parts
    const text = store.get(OUTBOX, key)
    if (typeof text === 'string') {
      const envelope = readEnvelope(text)
      try {
        const answer = await node.ask({ ...envelope, path: [...envelope.path, node.id] })
        const { fault = answer.message.type === ERROR ? answer.message.code : undefined } = refusalOf(answer)
        if (fault !== undefined && NOT_YET.includes(fault)) return false
        if (fault !== undefined) this.#rejected(envelope, fault)
      } catch (error) {
        if (NO_WAY.includes(asFault(error).code)) return false
        throw error
      }
    }
    await store.commit([{ collection: OUTBOX, key, value: undefined }])
    return true
  }

  #rejected({ path, message }: Envelope, fault: string): void {
    this.counters.rejected++
    const action = message.type === CALL ? message.action : ''
    this.#parts.rejected?.(path[0] as string, new Fault('remote-error', `a kept ${action} was refused: ${fault}`, { id: message.id }))
  }

  #retry(station: string): void {
    if (this.#stopped || this.#retries.has(station)) return
    const again = (): void => {
      this.#retries.delete(station)
      if (!this.#queues.has(station)) return
      if (this.#parts.node.routes.hasUplink) this.#start(station)
      else this.#retry(station)
    }
    this.#retries.set(station, this.#parts.clock.after(RETRY_MS, again))
  }

  /** Drains in the background. A store that fails now is tried again later: the messages are still on disk. */
  #start(station: string): void {
    this.#drainStation(station).catch((error) => {
      this.#parts.failed?.(asFault(error))
      this.#retry(station)
    })
  }

  /** Remembers what the back end accepted, so that the same people can charge while it is away. */
  #learn(question: Envelope, answer: Envelope): void {
    const change = lesson(question, answer, this.#world())
    // a convenience, not a fact that money hangs on: nobody waits for it
    if (change) this.#parts.store.commit([change]).catch((error) => this.#parts.failed?.(asFault(error)))
  }

  #world(): OfflineWorld {
    const { clock, random, store } = this.#parts
    return { now: clock.now(), random, store }
  }

  #queue(station: string): string[] {
    const queue = this.#queues.get(station) ?? []
    this.#queues.set(station, queue)
    return queue
  }
}

const isNoWay = (answer: Envelope): boolean => NO_WAY.includes(refusalOf(answer).fault ?? '')
