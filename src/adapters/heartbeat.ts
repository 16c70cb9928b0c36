// One timer for all that beat in the same rhythm: ten thousand links need not have a timer and two closures each. It knows nothing of links.
import type { Cancel, Clock } from '../base/ports.ts'

export interface Beating {
  /** @param wasLate this process came more than half an interval late itself, so that silence meanwhile proves nothing */
  beat(wasLate: boolean): void
}

export class Heartbeat {
  readonly #clock: Clock
  readonly #ms: number
  /** When each is due, by the clock. All wait equally long, so they stand in the order in which they are due. */
  readonly #due = new Map<Beating, number>()
  #timer: Cancel | undefined

  constructor(clock: Clock, ms: number) {
    this.#clock = clock
    this.#ms = ms
  }

  /** It beats once, an interval from now; who wants to go on is added again. */
  add(one: Beating): void {
    this.#due.set(one, this.#clock.now() + this.#ms)
    // behind others it is their turn first
    if (this.#due.size === 1) this.#timer ??= this.#clock.after(this.#ms, () => this.#beat())
  }

  /** The last one to go takes the timer along: a pending one keeps a process alive. */
  remove(one: Beating): void {
    if (!this.#due.delete(one) || this.#due.size > 0) return
    this.#timer?.()
    this.#timer = undefined
  }

  #beat(): void {
    this.#timer = undefined
    const now = this.#clock.now()
    // found first: one that is added again while others beat would beat twice, as soon as the clock ticks meanwhile
    for (const one of this.#found(now)) {
      const due = this.#due.get(one)
      // taken out by one that beat before it
      if (due === undefined) continue
      this.#due.delete(one)
      one.beat(now - due > this.#ms / 2)
    }
    const [next] = this.#due.values()
    if (next !== undefined) this.#timer ??= this.#clock.after(Math.max(0, next - now), () => this.#beat())
  }

  #found(now: number): readonly Beating[] {
    const found: Beating[] = []
    for (const [one, due] of this.#due) {
      // further away than an interval: the clock was set back, and when it is due nobody can tell
      if (due > now && due <= now + this.#ms) break
      found.push(one)
    }
    return found
  }
}

const known = new WeakMap<Clock, Map<number, Heartbeat>>()

/** The one of that clock and interval, ms. */
export const heartbeatOf = (clock: Clock, ms: number): Heartbeat => {
  const ofClock = known.get(clock) ?? new Map<number, Heartbeat>()
  known.set(clock, ofClock)
  const beat = ofClock.get(ms) ?? new Heartbeat(clock, ms)
  ofClock.set(ms, beat)
  return beat
}
