// The streams on one link to a neighbour: what comes is handed to the stream it belongs to, what goes is sent in its order, so much at a
// time as the link carries. What a stream does with a frame is its leg's business (relay.ts, endpoint.ts).
import { asFault, Fault } from '../../base/fault.ts'
import type { Cancel, Clock } from '../../base/ports.ts'
import { LONGEST_FRAME, readStreamFrame, type StreamFrame, writeLinkCredit } from './frame.ts'
import { type Source, Turns } from './turns.ts'
import { LinkWindow } from './window.ts'

/** Stream bytes that may stand in the socket; text frames do not wait for it. */
export const SOCKET_SHARE = 65_536
/** Streams of one link, those that are over and linger included. */
export const STREAMS_PER_LINK = 256
/** What all streams of a link together may have granted, one way. */
const GRANT_BUDGET = 8 * 1024 * 1024
const SMALLEST_GRANT = 32 * 1024
/** How often a socket that is full is looked at, where nobody tells that it is not. */
const LOOK_MS = 5

/** What stream frames go out through: a link between two nodes. */
export interface Carrier {
  /** The neighbour. */
  readonly id: string
  /** Bytes that wait in its socket. */
  readonly waiting: number
  send(frame: Uint8Array): void
  close(code: number, reason: string): void
}

/** What a link shows of a stream. */
export interface LegView {
  readonly id: string
  readonly class: string
  /** Bytes that wait here for the neighbour. */
  readonly waiting: number
  /** Bytes that the neighbour may still be sent. */
  readonly credit: number
}

/** One stream where it meets one link. */
export interface Leg extends Source {
  readonly id: string
  /** The next small frame that goes before all data: credit, or a reset. */
  control(): Uint8Array | undefined
  /** @throws Fault where the neighbour broke a rule: then the stream is reset */
  came(frame: StreamFrame): void
  /** The neighbour broke a rule. */
  failed(fault: Fault): void
  /** The link is gone. */
  lost(): void
  view(): LegView
}

export class StreamLink {
  readonly carrier: Carrier
  readonly #clock: Clock
  readonly #legs = new Map<string, Leg>()
  readonly #turns = new Turns()
  readonly #window: LinkWindow
  /** Legs with small frames due. */
  readonly #due = new Set<Leg>()
  #reserved = 0
  #sent = 0
  #taken = 0
  #acknowledged = 0
  #isNoting = false
  #look: Cancel | undefined
  #closed = false

  constructor(carrier: Carrier, clock: Clock) {
    this.carrier = carrier
    this.#clock = clock
    this.#window = new LinkWindow(clock)
  }

  get size(): number {
    return this.#legs.size
  }

  /** What one stream may grant its sender here: the more streams, the less. */
  get grant(): number {
    return Math.max(SMALLEST_GRANT, Math.floor(GRANT_BUDGET / Math.max(8, this.#legs.size)))
  }

  get isClosed(): boolean {
    return this.#closed
  }

  leg(id: string): Leg | undefined {
    return this.#legs.get(id)
  }

  /** @throws Fault `queue-full` */
  checkRoom(): void {
    const taken = this.#legs.size + this.#reserved
    if (taken >= STREAMS_PER_LINK) throw new Fault('queue-full', `${taken} streams run over the link to ${this.carrier.id} already`)
  }

  /** Keeps room for a stream that is being opened, until it is given back. Throws as `checkRoom`. */
  reserve(): () => void {
    this.checkRoom()
    this.#reserved++
    return () => {
      this.#reserved--
    }
  }

  add(leg: Leg): void {
    this.#legs.set(leg.id, leg)
  }

  /** What of it was due is not sent any more. */
  remove(leg: Leg): void {
    if (this.#legs.get(leg.id) === leg) this.#legs.delete(leg.id)
    this.#turns.remove(leg)
    this.#due.delete(leg)
  }

  /** A leg has something to send. */
  wake(leg: Leg): void {
    if (this.#legs.get(leg.id) !== leg) return
    this.#due.add(leg)
    this.#turns.add(leg)
    this.#pump()
  }

  /** Sends a small frame at once, whatever waits. */
  sendNow(frame: Uint8Array): void {
    if (!this.#closed) this.carrier.send(frame)
  }

  /** @throws Fault `frame-malformed`, `limit-exceeded`: the frame is dropped */
  received(bytes: Uint8Array): void {
    const frame = readStreamFrame(bytes)
    if (frame.type === 'linkCredit') this.#credited(frame.taken)
    else this.#handOn(frame, bytes.length)
  }

  closed(): void {
    this.#closed = true
    this.#look?.()
    const legs = [...this.#legs.values()]
    this.#legs.clear()
    for (const leg of legs) leg.lost()
  }

  view() {
    const { size: window, underWay, rate } = this.#window
    return {
      peer: this.carrier.id,
      ...{ window: Math.round(window), underWay },
      bytesPerSecond: Math.round(rate * 1000),
      sent: this.#sent,
      received: this.#taken,
      streams: [...this.#legs.values()].map((leg) => leg.view()),
    }
  }

  #credited(taken: number): void {
    try {
      this.#window.took(taken)
    } catch (error) {
      this.carrier.close(1008, 'credit for what was not sent')
      throw error
    }
    this.#pump()
  }

  #handOn(frame: Exclude<StreamFrame, { type: 'linkCredit' }>, bytes: number): void {
    if (frame.type === 'data' || frame.type === 'fin') this.#note(bytes)
    const leg = this.#legs.get(frame.id)
    try {
      // what was on its way when a stream ended comes late, and means nothing
      leg?.came(frame)
    } catch (error) {
      leg?.failed(asFault(error))
    }
  }

  /** One acknowledgement for everything that came in one piece. */
  #note(bytes: number): void {
    this.#taken += bytes
    if (this.#isNoting) return
    this.#isNoting = true
    void Promise.resolve().then(() => {
      this.#isNoting = false
      this.#pump()
    })
  }

  #pump(): void {
    if (this.#closed) return
    this.#small()
    const { carrier } = this
    const fits = (bytes: number): boolean => this.#window.fits(bytes) && carrier.waiting + bytes <= SOCKET_SHARE
    for (let frame = this.#turns.next(fits); frame; frame = this.#turns.next(fits)) {
      this.#window.sent(frame.length)
      this.#sent += frame.length
      carrier.send(frame)
    }
    if (carrier.waiting + LONGEST_FRAME > SOCKET_SHARE) this.#lookLater()
  }

  /** Small frames are made when they can go, so that however slow the neighbour is they do not become many. */
  #small(): void {
    const { carrier } = this
    if (carrier.waiting > SOCKET_SHARE) return
    if (this.#taken > this.#acknowledged && !this.#isNoting) {
      this.#acknowledged = this.#taken
      carrier.send(writeLinkCredit(this.#taken))
    }
    for (const leg of this.#due) {
      if (carrier.waiting > SOCKET_SHARE) return
      this.#due.delete(leg)
      const frame = leg.control()
      if (frame) carrier.send(frame)
    }
  }

  #lookLater(): void {
    this.#look ??= this.#clock.after(LOOK_MS, () => {
      this.#look = undefined
      this.#pump()
    })
  }
}
