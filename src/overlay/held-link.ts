// A link that was opened once and is handed on: frames that come between its first owner and its second wait here, bounded.
import { Fault } from '../base/fault.ts'
import { LinkAround } from '../base/link-around.ts'
import type { Link, LinkEvents } from '../base/ports.ts'

/** What the second owner may find waiting: as much as a socket may hold (docs/protocol.md §6). */
const HELD_LIMIT = 4 * 1024 * 1024

export class HeldLink extends LinkAround {
  #owner: LinkEvents | undefined
  #held: ((events: LinkEvents) => void)[] = []
  #size = 0
  #opened = false
  #over = false

  /** Opens `link` for its first owner. */
  constructor(link: Link, first: LinkEvents) {
    super(link)
    this.#owner = first
    link.open({
      text: (frame) => this.#deliver(frame.length, (events) => events.text(frame)),
      binary: (frame) => this.#deliver(frame.length, (events) => events.binary(frame)),
      closed: (code, reason) => this.#deliver(0, (events) => events.closed(code, reason)),
    })
  }

  /** The first owner lets go: what comes from now on is for the one who opens the link next. */
  hold(): void {
    this.#owner = undefined
  }

  override open(events: LinkEvents): void {
    if (this.#opened) throw new Fault('internal', `link ${this.id} was opened before`)
    this.#opened = true
    // not inside this call: the owner may not have finished noting the link down
    void Promise.resolve().then(() => {
      for (let next = this.#held.shift(); next !== undefined; next = this.#held.shift()) next(events)
      this.#owner = events
    })
  }

  #deliver(size: number, delivery: (events: LinkEvents) => void): void {
    if (this.#owner) {
      delivery(this.#owner)
      return
    }
    this.#size += size
    // the end of the link, which weighs nothing, is always told
    if (this.#size <= HELD_LIMIT || size === 0) this.#held.push(delivery)
    else if (!this.#over) {
      this.#over = true
      this.close(1008, 'too much was sent before the link was opened')
    }
  }
}
