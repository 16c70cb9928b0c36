// A pair of links joined by two queues: what one sends the other is told, one frame per microtask, in order.
// Stands in for a WebSocket in tests; it loses nothing until it is told to.
import type { Link, LinkEvents } from '../../src/base/ports.ts'

let pairs = 0

/** Two ends of one connection. A close reaches both ends, after the frames that were sent before it. */
export const memoryLinks = (): [MemoryLink, MemoryLink] => {
  const pair = ++pairs
  const one = new MemoryLink(`memory-${pair}a`)
  const other = new MemoryLink(`memory-${pair}b`)
  one.peer = other
  other.peer = one
  return [one, other]
}

type Delivery = (events: LinkEvents) => void

export class MemoryLink implements Link {
  readonly id: string
  waiting = 0
  /** As if TLS ran under it. */
  exporter: Uint8Array | undefined
  peer: MemoryLink | undefined
  #events: LinkEvents | undefined
  #inbox: Delivery[] = []
  #running = false
  #closing = false
  #closed = false
  #cut = false

  constructor(id: string) {
    this.id = id
  }

  open(events: LinkEvents): void {
    if (this.#events !== undefined) throw new Error(`${this.id} was opened before`)
    this.#events = events
    this.#run()
  }

  send(frame: string | Uint8Array): void {
    if (this.#closing || this.#cut) return
    this.waiting += frame.length
    // what comes out of a socket is not the sender's memory
    const sent = typeof frame === 'string' ? frame : frame.slice()
    this.peer?.deliver((events) => {
      this.waiting -= sent.length
      if (typeof sent === 'string') events.text(sent)
      else events.binary(sent)
    })
  }

  /** At once, without waiting for `ms`: tests have no time to lose. */
  alive(_ms: number): Promise<boolean> {
    return Promise.resolve(!this.#closing && !this.#cut)
  }

  /** Pulls the cable: nothing passes from now on, and neither end is told. */
  cut(): void {
    this.#cut = true
    const { peer } = this
    if (peer !== undefined && !peer.#cut) peer.cut()
  }

  close(code: number, reason: string): void {
    if (this.#closing) return
    this.#closing = true
    if (!this.#cut) this.peer?.closeOn(code, reason)
    this.closeOn(code, reason)
  }

  closeOn(code: number, reason: string): void {
    this.deliver((events) => {
      this.#closing = true
      this.#closed = true
      events.closed(code, reason)
    })
  }

  deliver(delivery: Delivery): void {
    this.#inbox.push(delivery)
    this.#run()
  }

  #run(): void {
    if (this.#running || this.#events === undefined || this.#inbox.length === 0) return
    this.#running = true
    queueMicrotask(() => {
      this.#running = false
      const delivery = this.#inbox.shift()
      // the next frame is on its way even if this one makes its receiver throw
      this.#run()
      if (delivery !== undefined && this.#events !== undefined && !this.#closed) delivery(this.#events)
    })
  }
}
