// A link in the hands of who runs the node: what goes out and comes in can be rewritten, dropped, held back and invented, after
// every handshake was honest. The wire under it is a real one.
import type { Link, LinkEvents } from '../../src/base/ports.ts'

export type Direction = 'out' | 'in'

/** What becomes of a frame: itself, another, several, or nothing. */
export type Rewriting = (direction: Direction, frame: string) => readonly string[]

export class TappedLink implements Link {
  rewrite: Rewriting = (_direction, frame) => [frame]
  readonly #link: Link
  /** Who waits for the answer to a frame that the node knows nothing of, by message id. */
  readonly #answers = new Map<string, ((frame: string) => void)[]>()
  #events: LinkEvents | undefined

  constructor(link: Link) {
    this.#link = link
  }

  get id(): string {
    return this.#link.id
  }

  get waiting(): number {
    return this.#link.waiting
  }

  get exporter(): Uint8Array | undefined {
    return this.#link.exporter
  }

  open(events: LinkEvents): void {
    this.#events = events
    this.#link.open({
      ...events,
      text: (frame) => this.#came(frame),
      binary: (frame) => events.binary(frame),
      closed: (code, reason) => events.closed(code, reason),
    })
  }

  send(frame: string | Uint8Array): void {
    if (typeof frame !== 'string') this.#link.send(frame)
    else for (const each of this.rewrite('out', frame)) this.#link.send(each)
  }

  /** Says something that the node never said; resolves with what is answered to that message id. */
  inject(frame: string, id: string): Promise<string> {
    return new Promise((resolve) => {
      const waiting = this.#answers.get(id)
      if (waiting) waiting.push(resolve)
      else this.#answers.set(id, [resolve])
      this.#link.send(frame)
    })
  }

  /** Says something and waits for nothing. */
  say(frame: string): void {
    this.#link.send(frame)
  }

  alive(ms: number): Promise<boolean> {
    return this.#link.alive(ms)
  }

  close(code: number, reason: string): void {
    this.#link.close(code, reason)
  }

  #came(frame: string): void {
    const waiting = this.#answers.size > 0 && ANSWER.test(frame) ? this.#waiting(JSON.parse(frame) as unknown[]) : undefined
    if (waiting) waiting(frame)
    else for (const each of this.rewrite('in', frame)) this.#events?.text(each)
  }

  /** In a plain answer the id is the second element, in one of the overlay a later one. */
  #waiting(answer: readonly unknown[]): ((frame: string) => void) | undefined {
    const id = answer.find((each) => typeof each === 'string' && this.#answers.has(each)) as string
    const waiting = this.#answers.get(id)
    const first = waiting?.shift()
    if (waiting?.length === 0) this.#answers.delete(id)
    return first
  }
}

const ANSWER = /^\[[34],/
