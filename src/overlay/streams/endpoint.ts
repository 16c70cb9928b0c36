// One end of a stream. It outlives the links under it: what the other end has not taken is kept, and after a break both go on where the
// other had got to. How a new way is found is the opener's business (stream-layer.ts).
import { Fault } from '../../base/fault.ts'
import type { Cancel, Clock } from '../../base/ports.ts'
import { type StreamFrame, writeCredit, writeReset } from './frame.ts'
import { Incoming, WINDOW } from './incoming.ts'
import { Outgoing } from './outgoing.ts'
import { type ByteStream, STREAM_CLASSES, type StreamClass } from './stream.ts'
import type { Leg, LegView, StreamLink } from './stream-link.ts'

/** What was taken is told at the latest after so long. */
const TELL_MS = 50
/** Each end says so often that it is there; who hears nothing three times over believes the way to be gone. */
const BEAT_MS = 15_000
const SILENT_BEATS = 3
/** So long a way is missed before the stream is given up. */
export const PATIENCE_MS = 60_000
/** So long an end is kept when it is over, for the other to hear of it after a break. */
const LINGER_MS = 10_000

export interface EndpointParts {
  readonly id: string
  readonly class: StreamClass
  readonly peer: string
  readonly clock: Clock
  /** Whether this end asked for the stream: it speaks first on each way, and looks for the next. */
  readonly isOpener: boolean
  /** The way is gone, and the stream is not over. */
  readonly broken: (endpoint: Endpoint) => void
  /** It is over, one way or the other; told once. */
  readonly closed: (endpoint: Endpoint) => void
}

export class Endpoint implements ByteStream, Leg {
  readonly id: string
  readonly class: StreamClass
  readonly rank: number
  readonly peer: string
  readonly #parts: EndpointParts
  readonly #out: Outgoing
  readonly #in: Incoming
  #link: StreamLink | undefined
  /** Whether frames may be sent: the answering end waits for the opener's first, behind which every hop knows the way. */
  #isHeard = false
  #isDue = false
  #told = 0
  #tell: Cancel | undefined
  #beat: Cancel | undefined
  #silent = 0
  /** When the way was lost, or the end lingers: what ends it then. */
  #last: Cancel | undefined
  #fault: Fault | undefined
  #isOver = false
  /** Who waits for room, or for the end to be taken. */
  #waiting: (() => void)[] = []
  #writing: Promise<void> = Promise.resolve()

  constructor(parts: EndpointParts) {
    this.id = parts.id
    this.class = parts.class
    this.rank = STREAM_CLASSES.indexOf(parts.class)
    this.peer = parts.peer
    this.#parts = parts
    this.#out = new Outgoing(parts.id)
    this.#in = new Incoming(
      () => this.#took(),
      () => Math.min(WINDOW, this.#share),
    )
  }

  /** Of the memory of its link: what one stream may keep each way. Who has no way keeps nothing more. */
  get #share(): number {
    return this.#link?.grant ?? 0
  }

  get delivered(): number {
    return this.#out.delivered
  }

  get received(): AsyncIterable<Uint8Array> {
    return this.#in
  }

  get isOpener(): boolean {
    return this.#parts.isOpener
  }

  /** Up to where everything has come here, the end counted as one: what the other end is told when a way is found. */
  get reached(): number {
    return this.#in.received
  }

  get isOver(): boolean {
    return this.#isOver
  }

  write(bytes: Uint8Array): Promise<void> {
    const written = this.#writing.then(() => this.#write(bytes))
    this.#writing = written.catch(() => undefined)
    return written
  }

  async end(): Promise<void> {
    await this.#writing
    this.#out.end()
    this.#link?.wake(this)
    await this.#until(() => this.#out.isDone)
  }

  reset(fault: Fault): void {
    if (this.#isOver) return
    this.#link?.sendNow(writeReset(this.id, fault))
    this.#fail(fault)
  }

  /**
   * A way was found, and the other end has got so far.
   * @throws Fault `frame-malformed` where it cannot be there; `link-lost` where the way is gone again
   */
  attach(link: StreamLink, reached: number): void {
    if (link.isClosed) throw new Fault('link-lost', `the link to ${link.carrier.id} broke`)
    this.#detach()
    this.#out.resume(reached)
    this.#link = link
    this.#isHeard = this.#parts.isOpener
    this.#isDue = true
    this.#silent = 0
    this.#beat = this.#parts.clock.after(BEAT_MS, () => this.#beats())
    link.add(this)
    if (this.#isHeard) this.#stands()
    else this.#giveUpLater()
  }

  get ready(): number {
    return this.#isHeard ? this.#out.ready : 0
  }

  take(): Uint8Array {
    return this.#out.take()
  }

  control(): Uint8Array | undefined {
    if (!this.#isHeard || !this.#isDue) return undefined
    this.#isDue = false
    this.#tell?.()
    this.#tell = undefined
    const { taken, limit } = this.#in.grant()
    this.#told = taken
    return writeCredit(this.id, taken, limit)
  }

  came(frame: StreamFrame): void {
    this.#silent = 0
    if (!this.#isHeard && frame.type !== 'reset') this.#stands()
    if (frame.type === 'reset') {
      if (frame.fault.code === 'link-lost') this.#lose()
      else this.#fail(frame.fault)
    } else if (frame.type === 'credit') this.#credited(frame.taken, frame.limit)
    else if (frame.type === 'data' && !this.#in.data(frame.offset, frame.chunk)) this.#leaveWay('bytes are missing')
    else if (frame.type === 'fin' && !this.#in.fin(frame.offset)) this.#leaveWay('bytes are missing before the end')
  }

  failed(fault: Fault): void {
    this.reset(fault)
  }

  lost(): void {
    this.#lose()
  }

  view(): LegView {
    return { id: this.id, class: this.class, waiting: this.#out.waiting, credit: this.#out.credit }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      this.#check()
      if (this.#out.isEnded) throw new Fault('internal', 'the stream was written to behind its end')
      const written = this.#out.append(bytes.subarray(at), this.#share)
      at += written
      if (written > 0) this.#link?.wake(this)
      if (at < bytes.length) await this.#room()
    }
    this.#check()
  }

  #check(): void {
    if (this.#fault) throw this.#fault
  }

  /** Something has happened that one may have waited for. */
  #room(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  async #until(done: () => boolean): Promise<void> {
    while (!done()) {
      this.#check()
      await this.#room()
    }
  }

  #happened(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #credited(taken: number, limit: number): void {
    this.#out.credited(taken, limit)
    this.#link?.wake(this)
    this.#happened()
    this.#settle()
  }

  /** The reader has taken something: it is told when it is much, or soon. */
  #took(): void {
    if (this.#in.isDone || this.#in.taken - this.#told >= WINDOW / 8) this.#due()
    else this.#tell ??= this.#parts.clock.after(TELL_MS, () => this.#due())
    this.#settle()
  }

  #due(): void {
    this.#isDue = true
    this.#link?.wake(this)
  }

  #beats(): void {
    if (++this.#silent > SILENT_BEATS) this.#leaveWay('nothing was heard of the other end')
    else {
      this.#out.rest()
      this.#in.rest()
      this.#beat = this.#parts.clock.after(BEAT_MS, () => this.#beats())
      this.#due()
    }
  }

  /** The way leads to the other end, and every hop knows it. */
  #stands(): void {
    this.#isHeard = true
    if (!this.#isOver) this.#last?.()
    this.#link?.wake(this)
  }

  #leaveWay(why: string): void {
    this.#link?.sendNow(writeReset(this.id, new Fault('link-lost', why)))
    this.#lose()
  }

  #lose(): void {
    if (!this.#link) return
    this.#detach()
    if (!this.#isOver) this.#giveUpLater()
    this.#parts.broken(this)
  }

  #giveUpLater(): void {
    if (this.#isOver) return
    this.#last?.()
    const lost = (): void => this.#fail(new Fault('link-lost', `no way to ${this.peer} was found in time`))
    this.#last = this.#parts.clock.after(PATIENCE_MS, lost)
  }

  #detach(): void {
    this.#link?.remove(this)
    this.#link = undefined
    this.#beat?.()
    this.#tell?.()
    this.#tell = undefined
  }

  /** Both directions are taken to their ends. The other end may not know it yet. */
  #settle(): void {
    if (this.#isOver || !this.#out.isDone || !this.#in.isDone) return
    this.#isOver = true
    this.#last?.()
    this.#last = this.#parts.clock.after(LINGER_MS, () => this.#leave())
  }

  #fail(fault: Fault): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#fault = fault
    this.#in.fail(fault)
    this.#happened()
    this.#leave()
  }

  #leave(): void {
    this.#last?.()
    this.#detach()
    this.#parts.closed(this)
  }
}
