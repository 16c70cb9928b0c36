// What keeps a site charging while its back end cannot be reached: reports of its stations are kept on disk and answered
// in the back end's name, and go out in order, once, when the way is free again. Only what stands in the table below is
// answered; everything else honestly fails. OCPP knows no such part: it closes the station's socket instead (Part 4 §6.3).
import { asFault, Fault } from '../base/fault.ts'
import type { Cancel, Clock, Json, Random, Store } from '../base/ports.ts'
import { CALL, type Envelope, ERROR, payloadOf, RESULT } from '../ocpp/frame.ts'
import { refusalOf } from '../overlay/error-answer.ts'
import type { Guard } from '../overlay/guard.ts'
import type { OverlayNode } from '../overlay/node.ts'
import type { Peer } from '../overlay/peer.ts'
import { isSigned } from '../overlay/sighting.ts'
import { lesson, type OfflineRow, type OfflineWorld, offlineRow } from './offline-answers.ts'
import { type Kept, Outbox, type Quota } from './outbox.ts'

/** Failures that say nothing about the message: the way to the back end is not there. */
const NO_WAY: readonly string[] = ['unreachable', 'link-lost', 'timeout', 'queue-full']
/** What may be different the next time. A kept message was acknowledged already, so the back end's full disk must not lose it. */
const NOT_YET: readonly string[] = [...NO_WAY, 'store-failed']
const RETRY_MS = 1_000
/** Stations whose kept messages go out at the same time: what is said now must find room beside what was said yesterday. */
const DRAINS_AT_ONCE = 32

export interface AutonomyParts {
  readonly node: OverlayNode
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  /** Signs what is answered in the back end's name: it counts because this node stands for it (docs/protocol.md §5). */
  readonly guard: Pick<Guard, 'countersign' | 'sealAnswer' | 'leavesOpen'>
  /** What may wait on disk. */
  readonly quota?: Partial<Quota>
  /** Told how many messages wait whenever that changes. */
  readonly changed?: (waiting: number) => void
  readonly failed?: (fault: Fault) => void
  /** Told of a kept message that the back end refused for good. */
  readonly rejected?: (station: string, fault: Fault) => void
  /** Told when kept messages of a station are given up for want of room, and how many it were in the end. */
  readonly dropped?: (station: string, count: number, isOver: boolean) => void
}

export class Autonomy {
  /** Since the start: reports not kept for want of room, and kept ones that the back end refused for good. */
  readonly counters = { full: 0, rejected: 0 }
  /** A station with an entry has everything else queued behind. */
  readonly outbox: Outbox
  readonly #parts: AutonomyParts
  readonly #draining = new Set<string>()
  /** Stations whose turn to drain comes when another's is over. */
  readonly #turns = new Set<string>()
  readonly #retries = new Map<string, Cancel>()
  #stopped = false

  constructor(parts: AutonomyParts) {
    this.#parts = parts
    this.outbox = new Outbox(parts)
  }

  /** Messages that wait on disk. */
  get waiting(): number {
    return this.outbox.waiting
  }

  /** How many wait of each station that has any. */
  get queues(): number[] {
    return this.outbox.lengths
  }

  /** A CALL of a station: passed on where there is a way, else kept and answered here. */
  async request(envelope: Envelope, from: Peer): Promise<Envelope> {
    const { node } = this.#parts
    const row = envelope.message.type === CALL ? offlineRow(envelope.header.ocpp ?? 'ocpp2.1', envelope.message.action) : undefined
    // what this station said before still waits: its later reports must not overtake it
    if (row?.keep && this.outbox.has(from.id)) return node.request(envelope, from, (passed) => this.#answer(passed, row))
    const answer = await this.#passOn(envelope, { from, repeatable: row !== undefined })
    if (row && this.#isNoWay(envelope, answer)) return this.#answerOffline(envelope, from, { row, failure: answer })
    this.#learn(envelope, answer)
    return answer
  }

  /**
   * Passed on, and where its way did not get through, over the next one: what stands in the table may be repeated with the same
   * message id, because the back end counts it once. Anything else fails as it did.
   */
  async #passOn(envelope: Envelope, { from, repeatable }: { from: Peer; repeatable: boolean }): Promise<Envelope> {
    const { node } = this.#parts
    for (let tries = node.routes.uplinks.length; ; tries--) {
      const way = this.#way(envelope)
      const answer = await node.request(envelope, from)
      if (!this.#isNoWay(envelope, answer) || way === undefined) return answer
      node.routes.doubt(way)
      const next = this.#way(envelope)
      if (!repeatable || tries <= 1 || next === undefined || next === way) return answer
    }
  }

  /** Also where it is open whether the answer was the back end's: the same message id counts once there. */
  #isNoWay(question: Envelope, answer: Envelope): boolean {
    return NO_WAY.includes(refusalOf(answer).fault ?? '') || this.#parts.guard.leavesOpen(question, answer)
  }

  #way({ destination, path }: Envelope): Peer | undefined {
    return this.#parts.node.routes.next(destination.at(-1) as string, undefined, path[0])
  }

  /** The way to the back end may be free again: sends what waits, each station's messages one after the other. */
  drain(): void {
    for (const station of this.outbox.stations) this.#start(station)
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
      return node.refusal(envelope, fault)
    }
  }

  async #answer(envelope: Envelope, row: OfflineRow, failure?: Envelope): Promise<Envelope> {
    const { message } = envelope
    const station = envelope.path[0] as string
    const answer = message.type === CALL ? row.answer(message.payload.value as { [key: string]: Json }, station, this.#world()) : undefined
    if (answer === undefined)
      return (
        failure ??
        this.#parts.node.refusal(
          envelope,
          new Fault('unreachable', 'the back end cannot be reached, and nothing known here allows an answer'),
        )
      )
    const { node } = this.#parts
    const reply = { type: RESULT, id: message.id, payload: payloadOf(answer) } as const
    const screened = node.screen({ destination: [station], path: [node.id], header: {}, message: reply }, undefined, envelope)
    const answered = 'payload' in screened.message ? screened.message.payload.value : answer
    if (row.keep) await this.#keep(this.#parts.guard.countersign({ ...envelope, header: { ...envelope.header, answered } }))
    return isSigned(screened) ? screened : this.#parts.guard.sealAnswer(envelope, screened)
  }

  async #keep(envelope: Envelope): Promise<void> {
    try {
      await this.outbox.keep(envelope)
    } catch (error) {
      if (asFault(error).code === 'queue-full') this.counters.full++
      throw error
    }
    this.#parts.changed?.(this.waiting)
    this.#retry(envelope.path[0] as string)
  }

  async #drainStation(station: string): Promise<void> {
    this.#draining.add(station)
    try {
      for (let kept = this.outbox.head(station); kept && !this.#stopped; kept = this.outbox.head(station)) {
        if (!(await this.#deliver(kept))) break
        this.#parts.changed?.(this.waiting)
      }
    } finally {
      this.#draining.delete(station)
      const [next] = this.#turns
      if (next !== undefined) this.#start(next)
    }
    if (this.outbox.has(station)) this.#retry(station)
  }

  /** Sends one kept message. True when it is done with: answered, or refused for good. */
  async #deliver(kept: Kept): Promise<boolean> {
    const { node } = this.#parts
    const envelope = this.outbox.read(kept)
    if (envelope) {
      const way = this.#way(envelope)
      const fault = await this.#failureOf({ ...envelope, path: [...envelope.path, node.id] })
      if (fault !== undefined && NO_WAY.includes(fault) && way) node.routes.doubt(way)
      if (fault !== undefined && NOT_YET.includes(fault)) return false
      if (fault !== undefined) this.#rejected(envelope, fault)
    }
    await this.outbox.done(kept)
    return true
  }

  async #failureOf(envelope: Envelope): Promise<string | undefined> {
    try {
      const answer = await this.#parts.node.ask(envelope)
      return refusalOf(answer).fault ?? (answer.message.type === ERROR ? answer.message.code : undefined)
    } catch (error) {
      const { code } = asFault(error)
      if (NO_WAY.includes(code)) return code
      throw error
    }
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
      if (!this.outbox.has(station)) return
      if (this.#parts.node.routes.hasUplink) this.#start(station)
      else this.#retry(station)
    }
    this.#retries.set(station, this.#parts.clock.after(RETRY_MS, again))
  }

  /** Drains in the background. A store that fails now is tried again later: the messages are still on disk. */
  #start(station: string): void {
    this.#turns.delete(station)
    if (this.#draining.has(station) || this.#stopped) return
    if (this.#draining.size >= DRAINS_AT_ONCE) {
      this.#turns.add(station)
      return
    }
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
}
