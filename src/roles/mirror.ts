// A second back end that sees what stations say: a copy of their CALLs and SENDs goes to it over connections of its own, one per station.
// Its answers end here, its commands pass the node's policy, and neither its silence nor its end is felt by anybody else.
import { asFault, Fault } from '../base/fault.ts'
import type { Cancel, Clock, Link, LinkEvents, Random } from '../base/ports.ts'
import { type Answer, Connection, objection } from '../ocpp/connection.ts'
import { CALL, type Call, ERROR, RESULT, readFrame, SEND, type Send } from '../ocpp/frame.ts'
import type { ForeignDoor, PlainStation } from './foreign-door.ts'
import type { MirrorOutbox } from './mirror-outbox.ts'

export interface MirrorParts {
  readonly door: ForeignDoor
  readonly outbox: MirrorOutbox
  readonly clock: Clock
  readonly random: Random
  /** A command of the mirror's for a station. Rejects with Fault `refused` where the policy does not allow it. */
  readonly command: (station: PlainStation, call: Call) => Promise<Answer>
  readonly failed: (fault: Fault) => void
  /** The station is gone, and this session with it. */
  readonly ended: (session: MirrorSession) => void
}

const MIN_WAIT_MS = 1_000
const MAX_WAIT_MS = 120_000
/** For a sign of life behind a SEND, which nobody answers. */
const ALIVE_MS = 30_000
/** Times that a message is tried on a mirror that does not answer. */
const ATTEMPTS = 3

/** One station's part of a mirror, for as long as the station is connected. */
export class MirrorSession {
  readonly #station: PlainStation
  readonly #parts: MirrorParts
  #connection: Connection | undefined
  #link: Link | undefined
  #cancel: Cancel
  #failures = 0
  #unanswered = { key: '', times: 0 }
  #draining = false
  #over = false

  constructor(station: PlainStation, parts: MirrorParts) {
    this.#station = station
    this.#parts = parts
    this.#cancel = this.#dial()
  }

  get isUp(): boolean {
    return this.#connection !== undefined
  }

  /** Shown every frame of the station. Returns at once, and never throws. */
  see(text: string): void {
    const { id, version } = this.#station
    const said = saidIn(text)
    // what is not sound is the first back end's to answer, and no copy of it is due
    if (!said || this.#over || objection(version, said) || (said.type === SEND && version !== 'ocpp2.1')) return
    this.#parts.outbox.put(id, version, said)
    void this.#drain()
  }

  stop(code: number, reason: string): void {
    if (this.#over) return
    this.#over = true
    this.#cancel()
    this.#connection?.close(code, reason)
    this.#connection = undefined
    this.#parts.ended(this)
  }

  #dial(): Cancel {
    const { door } = this.#parts
    return door.dial(this.#station, { up: (link) => this.#up(link), failed: (fault) => this.#lost(fault) })
  }

  #up(link: Link): void {
    const { clock, command, failed } = this.#parts
    const connection: Connection = new Connection(
      link,
      { version: this.#station.version, clock },
      {
        call: (call) => command(this.#station, call),
        flaw: failed,
        closed: () => this.#ended(connection),
      },
    )
    this.#connection = connection
    this.#link = link
    void this.#drain()
  }

  #ended(connection: Connection): void {
    if (this.#connection !== connection) return
    this.#connection = undefined
    this.#lost()
  }

  #lost(fault?: Fault): void {
    if (this.#over) return
    if (fault) this.#parts.failed(fault)
    const { clock, random } = this.#parts
    const spread = (random.bytes(1)[0] ?? 0) / 256
    const wait = Math.min(MIN_WAIT_MS * 2 ** this.#failures++, MAX_WAIT_MS) * (1 + spread)
    this.#cancel = clock.after(wait, () => {
      this.#cancel = this.#dial()
    })
  }

  /** One message after the other, each once the one before it was heard, whatever the answer. */
  async #drain(): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    const { outbox, failed } = this.#parts
    try {
      for (let connection = this.#connection; connection; connection = this.#connection) {
        const next = outbox.next(this.#station.id, this.#station.version)
        if (!next) break
        outbox.counters.sent++
        const fault = await this.#tell(connection, next.message).then(() => undefined, asFault)
        if (fault?.code === 'timeout') this.#silent(next.key, connection)
        else if (fault?.code !== 'link-lost') this.#heard(next.key)
      }
    } catch (error) {
      failed(asFault(error))
    } finally {
      this.#draining = false
    }
  }

  /** Resolves when it was heard. Throws Fault `timeout`, `link-lost` and what an answer may be that cannot be used. */
  async #tell(connection: Connection, message: Call | Send): Promise<void> {
    if (message.type === CALL) {
      await connection.request(message)
      return
    }
    connection.send(message)
    if (await this.#link?.alive(ALIVE_MS)) return
    const isOver = this.#connection !== connection
    throw new Fault(isOver ? 'link-lost' : 'timeout', `no sign of life behind ${message.action}`)
  }

  #heard(key: string): void {
    this.#failures = 0
    this.#parts.outbox.counters.received++
    this.#parts.outbox.done(key)
  }

  /** A message that is never answered is given up after a while, so that those behind it have their turn. */
  #silent(key: string, connection: Connection): void {
    this.#unanswered = { key, times: this.#unanswered.key === key ? this.#unanswered.times + 1 : 1 }
    if (this.#unanswered.times >= ATTEMPTS) this.#parts.outbox.drop(key)
    connection.close(POLICY_VIOLATION, 'does not answer')
    this.#ended(connection)
  }
}

/** A station's link that others may listen to. They are told first, of frames and of the end, and can stop neither. */
export const watched = (link: Link, sessions: readonly MirrorSession[]): Link => ({
  get id() {
    return link.id
  },
  get waiting() {
    return link.waiting
  },
  open: (events: LinkEvents) =>
    link.open({
      text(frame) {
        for (const session of sessions) session.see(frame)
        events.text(frame)
      },
      binary: (frame) => events.binary(frame),
      closed(code, reason) {
        for (const session of sessions) session.stop(code, reason)
        events.closed(code, reason)
      },
    }),
  send: (frame) => link.send(frame),
  alive: (ms) => link.alive(ms),
  close: (code, reason) => link.close(code, reason),
})

/** The answer of a station as a mirror gets it. */
export const isAnswer = (message: { readonly type: number }): message is Answer => message.type === RESULT || message.type === ERROR

const saidIn = (text: string): Call | Send | undefined => {
  try {
    const message = readFrame(text)
    return message.type === CALL || message.type === SEND ? message : undefined
  } catch {
    // the first back end's to answer
    return undefined
  }
}

const POLICY_VIOLATION = 1008
