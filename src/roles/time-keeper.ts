// Keeps a node's clock right by asking nodes that it trusts for the time, and tells the time to who asks. The machine's clock is never
// touched: steered-clock.ts holds the offset, clock-quality.ts says what it is good for (docs/protocol.md §4.13).

import { asFault, Fault } from '../base/fault.ts'
import type { Cancel, Clock, Json, Random } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { type Envelope, payloadOf, RESULT } from '../ocpp/frame.ts'
import { answeringBefore } from '../overlay/answering.ts'
import { CLOSE_MS } from '../overlay/clock-quality.ts'
import type { Guard } from '../overlay/guard.ts'
import type { Journal } from '../overlay/journal.ts'
import type { Local, OverlayNode } from '../overlay/node.ts'
import type { Identity } from '../overlay/signature.ts'
import type { Fix, SteeredClock } from '../overlay/steered-clock.ts'
import { agreedTime, majorityOf, type Said } from '../overlay/time-agreement.ts'
import { judgeTime, newNonce, stateTime, TIME } from '../overlay/time-statement.ts'
import type { TrustStore } from '../overlay/trust.ts'
import type { KeyNews } from './key-news.ts'

export interface TimeSettings {
  readonly clock: SteeredClock
  /** Node ids. */
  readonly from: readonly string[]
  /** How many of them must agree; more than half of three or more, and else the first that answers, where it is missing. */
  readonly agree?: number
  /** Between questions while there is a good answer. */
  readonly everySeconds?: number
}

/** An answer that took longer says too little. */
export const ROUND_TRIP_MS = 2_000
/** Between questions while there is none. */
const RETRY_MS = 10_000
const EVERY_SECONDS = 600
/** A step that the journal has. */
const STEP_MS = 1_000

export interface TimeKeeperParts extends TimeSettings {
  readonly self: string
  readonly random: Random
  readonly engine: Engine
  readonly trust: TrustStore
  readonly journal: Pick<Journal, 'write'>
  readonly ask: (node: string, action: string, payload: Json, timeoutMs: number) => Promise<Envelope>
  /** Told when the clock was moved by more than a second. */
  readonly stepped: () => void
  readonly failed: (fault: Fault) => void
}

export class TimeKeeper {
  readonly #parts: TimeKeeperParts
  #cancel: Cancel = () => undefined
  #isAsking = false
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(parts: TimeKeeperParts) {
    this.#parts = parts
    this.#schedule()
  }

  /** A way may lead to a source now. */
  moved(ids: readonly string[]): void {
    if (this.#isLost && ids.length > 0) void this.sync()
  }

  /** Asks the sources, one after the other until one is believed, or all where several must agree. Never rejects. */
  async sync(): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    const { from, clock, agree = majorityOf(from.length) } = this.#parts
    this.#askedAt = clock.ticks()
    try {
      if (agree > 1) await this.#agree(from, agree)
      else await this.#first(from)
    } catch (error) {
      this.#parts.failed(asFault(error))
    } finally {
      this.#isAsking = false
    }
  }

  async #first(from: readonly string[]): Promise<void> {
    for (const node of from) {
      const said = await this.#askedOf(node)
      if (said) return takeFix(said, { ...this.#parts, by: node })
    }
  }

  /** One that lies, or whose key is stolen, is outvoted, and named. */
  async #agree(from: readonly string[], needed: number): Promise<void> {
    const answers = await Promise.all(from.map((node) => this.#askedOf(node)))
    const said = answers.filter((each) => each !== undefined)
    const found = agreedTime(said, needed, this.#parts.clock.ticks())
    if (!found && said.length < needed) return
    if (!found) throw disagreement(`${said.map(({ by }) => by).join(', ')} do not agree on the time, and it takes ${needed}`)
    await takeFix(found.fix, { ...this.#parts, by: found.by.join(', ') })
    if (found.others.length > 0) throw disagreement(`${found.others.join(', ')} tells another time than ${found.by.join(', ')}`)
  }

  /** What a source says; nothing where it is not to be believed, or does not answer, which shows in the bound. */
  async #askedOf(node: string): Promise<Said | undefined> {
    try {
      return { ...(await this.#fixOf(node)), by: node }
    } catch (error) {
      const fault = asFault(error)
      // that one says what nobody can believe is news
      if (fault.code === 'refused') this.#parts.failed(fault)
      return undefined
    }
  }

  stop(): void {
    this.#cancel()
  }

  async #fixOf(node: string): Promise<Fix> {
    const { clock, random, ask } = this.#parts
    const nonce = newNonce(random)
    const sent = clock.ticks()
    const { message } = await ask(node, TIME, { nonce }, ROUND_TRIP_MS)
    const answer = message.type === RESULT ? message.payload.value : null
    const { time, bound } = judgeTime(answer, { node, nonce }, this.#parts)
    return fixOf(clock, { time, bound, sent })
  }

  get #isLost(): boolean {
    return (this.#parts.clock.bound ?? Number.POSITIVE_INFINITY) > CLOSE_MS
  }

  /** Looks often, so that a jump is noticed; asks when it is time to. */
  #schedule(): void {
    const { clock, everySeconds = EVERY_SECONDS } = this.#parts
    this.#cancel = clock.after(RETRY_MS, () => {
      this.#schedule()
      if (this.#isLost || clock.ticks() - this.#askedAt >= everySeconds * 1_000) void this.sync()
    })
  }
}

const disagreement = (why: string): Fault => new Fault('refused', why, { rule: 'time-disagrees' })

interface Kept {
  readonly id: string
  readonly overlay: OverlayNode
  readonly guard: Guard
  readonly journal: Journal
  readonly keys: Pick<KeyNews, 'again'> | undefined
}

/** The keeper of a node's time; nobody where it has nobody to ask. */
export const keepTime = (
  { id, overlay, guard, journal, keys }: Kept,
  { time, ...parts }: Pick<TimeKeeperParts, 'random' | 'engine' | 'trust' | 'failed'> & { readonly time?: TimeSettings },
): TimeKeeper | undefined => {
  const ask = (node: string, action: string, payload: Json, timeoutMs: number): Promise<Envelope> =>
    overlay.ask(guard.sealCall(overlay.compose(node, action, payloadOf(payload), { ocpp: 'ocpp2.1', timeoutMs })))
  const stepped = (): void => {
    guard.clockStepped()
    keys?.again()
  }
  return time && new TimeKeeper({ ...parts, ...time, self: id, journal, ask, stepped })
}

/**
 * What an answer says of the time, now that it is there: it was right at some moment of the round trip.
 * @throws Fault `timeout` where that took too long
 */
export const fixOf = (clock: SteeredClock, { time, bound, sent }: { time: number; bound: number; sent: number }): Fix => {
  const ticks = clock.ticks()
  const trip = ticks - sent
  if (trip > ROUND_TRIP_MS) throw new Fault('timeout', `the answer took ${Math.round(trip)} ms, which says too little of the time`)
  return { time: time + trip / 2, bound: bound + trip / 2, ticks }
}

/** Sets the clock, and writes down a step. */
export const takeFix = async (
  fix: Fix,
  { clock, journal, stepped, self, by }: Pick<TimeKeeperParts, 'clock' | 'journal' | 'stepped' | 'self'> & { by: string },
): Promise<void> => {
  const isFirst = clock.bound === undefined
  const step = clock.set(fix)
  // before the first answer nothing was judged by this clock, so its counts begin here in any case
  if (isFirst || Math.abs(step) > STEP_MS) stepped()
  if (Math.abs(step) <= STEP_MS) return
  const text = `the clock was ${step > 0 ? 'behind' : 'ahead'} by ${Math.abs(Math.round(step / 1_000))} s, says ${by}: it is read with an offset`
  await journal.write({ kind: 'security', subject: self, rule: 'clock-stepped', text })
}

/** A node that tells the time, as far as anybody vouches for its own clock. */
export const tellingTime = (local: Local, teller: { guard: () => Guard; clock: Pick<Clock, 'now'>; identity: Identity }): Local => {
  const tell = async (_envelope: Envelope, question: Json): Promise<Json> => {
    const { state, bound } = teller.guard().quality
    if (state === 'untrusted' || bound === undefined)
      throw new Fault('refused', 'refused by rule time-unknown: nobody vouches for the clock of this node', { rule: 'time-unknown' })
    return stateTime(question, { time: teller.clock.now(), bound }, teller.identity)
  }
  return answeringBefore(local, (action) => (action === TIME ? tell : undefined))
}
