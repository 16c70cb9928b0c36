// A clock that is set by what others say of the time, without touching the machine's: from the first answer on it counts the machine's
// ticks. Its bound grows with every tick since, and is gone when the machine's clock and its ticks disagree. Who is asked: time-keeper.ts.
import type { Cancel, Clock, Machine } from '../base/ports.ts'
import type { TimeSource } from './clock-quality.ts'

/** A quartz drifts by 100 ppm at most, in heat and cold; twice that. */
const DRIFT = 0.000_2
/** Beyond this, and what a machine that is being set right may slew (500 ppm), ticks were missed: it slept, or was moved. */
const JUMP_MS = 2_000
const SLEW = 0.001

/** What somebody said of the time. */
export interface Fix {
  /** Milliseconds since 1970. */
  readonly time: number
  /** By how much it may be wrong, ms. */
  readonly bound: number
  /** The machine's ticks when it was so. */
  readonly ticks: number
}

export class SteeredClock implements Clock, TimeSource {
  readonly #machine: Machine
  #fix: (Fix & { readonly wall: number }) | undefined

  constructor(machine: Machine) {
    this.#machine = machine
  }

  now(): number {
    return this.#fix ? Math.round(this.#fix.time + this.#since(this.#fix)) : this.#machine.now()
  }

  after(ms: number, run: () => void): Cancel {
    return this.#machine.after(ms, run)
  }

  ticks(): number {
    return this.#machine.ticks()
  }

  /** What is added to the machine's clock now, ms; 0 as long as nobody said anything. */
  get offset(): number {
    return this.now() - this.#machine.now()
  }

  /** By how much `now` may be wrong, ms; undefined before anybody was asked, and after the machine slept or was set. */
  get bound(): number | undefined {
    const fix = this.#fix
    if (!fix || this.#hasJumped(fix)) return undefined
    return fix.bound + this.#since(fix) * DRIFT
  }

  /**
   * Sets the clock, unless what it has is as good.
   * @returns by how much it was moved, ms; 0 where it was left
   */
  set(fix: Fix): number {
    const { bound } = this
    if (bound !== undefined && bound <= fix.bound) return 0
    const before = this.now()
    this.#fix = { ...fix, wall: this.#machine.now() - (this.#machine.ticks() - fix.ticks) }
    return this.now() - before
  }

  #since({ ticks }: Fix): number {
    return this.#machine.ticks() - ticks
  }

  #hasJumped(fix: Fix & { readonly wall: number }): boolean {
    const passed = this.#since(fix)
    return Math.abs(this.#machine.now() - fix.wall - passed) > JUMP_MS + passed * SLEW
  }
}
