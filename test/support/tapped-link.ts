// A link in the hands of who runs the node: what goes out and comes in can be rewritten, dropped, held back and invented, after
// every handshake was honest. The wire under it is a real one.
import { LinkAround } from '../../src/base/link-around.ts'
import type { LinkEvents } from '../../src/base/ports.ts'

export type Direction = 'out' | 'in'

/** What becomes of a frame: itself, another, several, or nothing. */
export type Rewriting = (direction: Direction, frame: string) => readonly string[]

export class TappedLink extends LinkAround {
  rewrite: Rewriting = (_direction, frame) => [frame]
  /** Who waits for the answer to a frame that the node knows nothing of, by message id. */
  readonly #answers = new Map<string, ((frame: string) => void)[]>()
  #events: LinkEvents | undefined

  override open(events: LinkEvents): void {
    this.#events = events
    super.open({
      ...events,
      text: (frame) => this.#came(frame),
      binary: (frame) => events.binary(frame),
      closed: (code, reason) => events.closed(code, reason),
    })
  }

  override send(frame: string | Uint8Array): void {
    if (typeof frame !== 'string') super.send(frame)
    else for (const each of this.rewrite('out', frame)) super.send(each)
  }

  /** Says something that the node never said; resolves with what is answered to that message id. */
  inject(frame: string, id: string): Promise<string> {
    return new Promise((resolve) => {
      const waiting = this.#answers.get(id)
      if (waiting) waiting.push(resolve)
      else this.#answers.set(id, [resolve])
      super.send(frame)
    })
  }

  /** Says something and waits for nothing. */
  say(frame: string): void {
    super.send(frame)
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
