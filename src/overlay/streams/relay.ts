// A stream that passes this node: two legs on two links. Frames are moved between those two and from nowhere else, no more than was
// granted, and nothing of them is changed but how much may be granted.
import { Fault } from '../../base/fault.ts'
import type { Cancel, Clock } from '../../base/ports.ts'
import { HEADER, type StreamFrame, writeCredit, writeReset } from './frame.ts'
import { STREAM_CLASSES, type StreamClass } from './stream.ts'
import type { Leg, LegView, StreamLink } from './stream-link.ts'

/** Frames of one stream that may wait here, one way, however small they are. */
export const FRAMES_WAITING = 1_024
/** Nothing comes of a stream for so long: its ends are gone. Each says something every 15 s. */
const IDLE_MS = 120_000
/** So long it is kept when it is over, so that a break in its last moment is told. */
const LINGER_MS = 10_000

export interface Passing {
  readonly id: string
  readonly class: StreamClass
  /** Who asked for it, and whom. */
  readonly origin: string
  readonly destination: string
  readonly links: readonly [StreamLink, StreamLink]
}

export class Relay {
  readonly passing: Passing
  readonly #clock: Clock
  readonly #legs: readonly [RelayLeg, RelayLeg]
  readonly #gone: (relay: Relay) => void
  #heard: number
  #timer: Cancel
  #isGone = false

  /** @param gone told once when the stream has left this node */
  constructor(passing: Passing, clock: Clock, gone: (relay: Relay) => void) {
    this.passing = passing
    this.#clock = clock
    this.#gone = gone
    this.#heard = clock.now()
    this.#timer = clock.after(IDLE_MS, () => this.#idle())
    const [one, other] = passing.links
    const legs = [new RelayLeg(this, one), new RelayLeg(this, other)] as const
    legs[0].other = legs[1]
    legs[1].other = legs[0]
    this.#legs = legs
    one.add(legs[0])
    other.add(legs[1])
  }

  heard(): void {
    this.#heard = this.#clock.now()
    if (!this.#legs.every((leg) => leg.isOver)) return
    this.#timer()
    this.#timer = this.#clock.after(LINGER_MS, () => this.end())
  }

  /** It leaves this node. `fault` is told over every link but `except`. */
  end(fault?: Fault, except?: StreamLink): void {
    this.tell(fault && writeReset(this.passing.id, fault), except)
  }

  /** Another way was found: who is on the old one only is told. */
  leave(links: readonly StreamLink[]): void {
    const frame = writeReset(this.passing.id, new Fault('link-lost', 'the stream goes another way'))
    if (this.#isGone) return
    this.end()
    for (const { link } of this.#legs) if (!links.includes(link)) link.sendNow(frame)
  }

  /** The same as `end` with a reset that is written already. */
  tell(frame: Uint8Array | undefined, except?: StreamLink): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#timer()
    for (const leg of this.#legs) leg.link.remove(leg)
    if (frame) for (const { link } of this.#legs) if (link !== except) link.sendNow(frame)
    this.#gone(this)
  }

  #idle(): void {
    const silent = this.#clock.now() - this.#heard
    if (silent >= IDLE_MS) this.end(new Fault('timeout', 'nothing was heard of the stream'))
    else this.#timer = this.#clock.after(IDLE_MS - silent, () => this.#idle())
  }
}

/** What comes over its link goes out over the other's. */
class RelayLeg implements Leg {
  readonly rank: number
  readonly id: string
  readonly link: StreamLink
  other: RelayLeg = this
  readonly #relay: Relay
  /** Frames that came over the other link and go out here. */
  #queue: Uint8Array[] = []
  #waiting = 0
  /** Behind the last byte that went out here. */
  #passed = 0
  /** What the neighbour here has taken, and takes. */
  #credit = { taken: 0, limit: 0 }
  /** What this node has told the neighbour here that it takes. */
  #granted = 0
  /** Credit came from the far end: it is passed on even where it says nothing new, because it says that the end is there. */
  #isDue = false
  #told = { taken: 0, limit: 0 }
  /** Where the stream that goes out here ends. */
  #end = Number.POSITIVE_INFINITY

  constructor(relay: Relay, link: StreamLink) {
    this.#relay = relay
    this.id = relay.passing.id
    this.rank = STREAM_CLASSES.indexOf(relay.passing.class)
    this.link = link
  }

  /** Whether what goes out here was taken to its end. */
  get isOver(): boolean {
    return this.#credit.taken > this.#end
  }

  get ready(): number {
    return this.#queue[0]?.length ?? 0
  }

  take(): Uint8Array {
    const frame = this.#queue.shift() as Uint8Array
    const bytes = frame.length - HEADER
    this.#waiting -= bytes
    this.#passed += bytes
    this.other.#grantMore()
    return frame
  }

  control(): Uint8Array | undefined {
    const { taken, limit } = this.#next()
    if (!this.#isDue && taken === this.#told.taken && limit <= this.#told.limit) return undefined
    this.#isDue = false
    this.#told = { taken, limit }
    this.#granted = Math.max(this.#granted, limit)
    return writeCredit(this.id, taken, limit)
  }

  came(frame: StreamFrame): void {
    this.#relay.heard()
    if (frame.type === 'data') this.other.#pass(frame.bytes, frame.offset, this.#granted)
    else if (frame.type === 'fin') this.other.#finish(frame.bytes, frame.offset)
    else if (frame.type === 'reset') this.#relay.tell(frame.bytes, this.link)
    else if (frame.type === 'credit') this.#credited(frame.taken, frame.limit)
  }

  failed(fault: Fault): void {
    this.#relay.end(fault)
  }

  lost(): void {
    this.#relay.end(new Fault('link-lost', `the link to ${this.link.carrier.id} broke`), this.link)
  }

  view(): LegView {
    return {
      id: this.id,
      class: this.#relay.passing.class,
      waiting: this.#waiting,
      credit: Math.max(0, this.#credit.limit - this.#passed - this.#waiting),
    }
  }

  #pass(frame: Uint8Array, offset: number, granted: number): void {
    const bytes = frame.length - HEADER
    if (offset + bytes > granted) throw new Fault('limit-exceeded', `sent up to ${offset + bytes}, and only ${granted} was granted`)
    if (this.#queue.length >= FRAMES_WAITING) throw new Fault('limit-exceeded', `${FRAMES_WAITING} frames wait already`)
    if (this.#queue.length === 0) this.#passed = offset
    this.#waiting += bytes
    this.#queue.push(frame)
    this.link.wake(this)
  }

  /** The end takes no room that would have to be granted. */
  #finish(frame: Uint8Array, offset: number): void {
    if (this.#end !== Number.POSITIVE_INFINITY) throw new Fault('frame-malformed', 'the end came twice')
    this.#end = offset
    this.#queue.push(frame)
    this.link.wake(this)
  }

  #credited(taken: number, limit: number): void {
    this.#credit = { taken: Math.max(taken, this.#credit.taken), limit: Math.max(limit, this.#credit.limit) }
    this.other.#isDue = true
    this.other.link.wake(this.other)
    this.#relay.heard()
  }

  /** What the neighbour here is told: as much as the far end takes, and no more than may wait here. */
  #next(): { taken: number; limit: number } {
    const { taken, limit } = this.other.#credit
    return { taken, limit: Math.min(limit, Math.max(this.other.#passed, taken) + this.link.grant) }
  }

  /** Small steps are not told. */
  #grantMore(): void {
    if (this.#next().limit - this.#told.limit >= this.link.grant / 4) this.link.wake(this)
  }
}
