// Frames of one link on their way to their owner. A link has its share of each turn of the event loop; what it brings beyond that waits for
// the next turn, and its socket is not read meanwhile: whoever sends much, or what takes long, waits for himself and not others for him.
import { crowdWork } from './young-heap.ts'

/** What a link may do in one turn: so many frames, and none after so many milliseconds. */
const SHARE = { frames: 64, ms: 1 }

export interface Inlet<Frame> {
  readonly deliver: (frame: Frame) => void
  readonly pause: () => void
  readonly resume: () => void
}

export class Inbox<Frame> {
  readonly #inlet: Inlet<Frame>
  /** There is one where the share of a turn was not enough. */
  #waiting: Frame[] | undefined

  constructor(inlet: Inlet<Frame>) {
    this.#inlet = inlet
  }

  take(frame: Frame): void {
    if (this.#waiting !== undefined) this.#waiting.push(frame)
    else if (turn.isLeft(this)) this.#deliver(frame)
    else {
      this.#waiting = [frame]
      this.#inlet.pause()
      this.#nextTurn()
    }
  }

  /** Hands over what waits, now: nothing comes after it. */
  finish(): void {
    // an owner that has enough halfway empties the rest
    while (this.#waiting !== undefined && this.#waiting.length > 0) this.#inlet.deliver(this.#waiting.shift() as Frame)
  }

  /** What waits is wanted no more. */
  clear(): void {
    this.#waiting?.splice(0)
  }

  #deliver(frame: Frame): void {
    const start = performance.now()
    this.#inlet.deliver(frame)
    turn.spend(performance.now() - start)
  }

  #nextTurn(): void {
    // what took long is what was kept, too
    if (turn.isSpent) crowdWork()
    setImmediate(() => this.#goOn())
  }

  #goOn(): void {
    const waiting = this.#waiting ?? []
    while (waiting.length > 0 && turn.isLeft(this)) this.#deliver(waiting.shift() as Frame)
    if (waiting.length > 0) this.#nextTurn()
    else {
      this.#waiting = undefined
      this.#inlet.resume()
    }
  }
}

/** The share of the link whose frames come at the moment: those of one link come one upon the other. */
class Turn {
  #owner: object | undefined
  #frames = 0
  #ms = 0

  isLeft(owner: object): boolean {
    if (owner !== this.#owner) this.#begin(owner)
    return this.#frames < SHARE.frames && !this.isSpent
  }

  get isSpent(): boolean {
    return this.#ms >= SHARE.ms
  }

  spend(ms: number): void {
    this.#frames++
    this.#ms += ms
  }

  #begin(owner: object): void {
    // one for all links of the turn
    if (this.#owner === undefined) setImmediate(() => this.#end())
    this.#owner = owner
    this.#frames = 0
    this.#ms = 0
  }

  #end(): void {
    this.#owner = undefined
  }
}

const turn = new Turn()
