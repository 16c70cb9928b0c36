// How late this process comes to its work: the delay of timers over the last ten seconds. One meter for all nodes in it.
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Between two looks of the meter, ms; its own rhythm is no delay. */
const RESOLUTION_MS = 20
const WINDOW_MS = 10_000

export interface Lag {
  /** Seconds. */
  readonly median: number
  readonly p99: number
  readonly most: number
}

export class LagMeter {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  #last: Lag | undefined

  constructor(windowMs = WINDOW_MS) {
    this.#histogram.enable()
    // must not keep a process alive that has nothing else to do
    setInterval(() => this.#turn(), windowMs).unref()
  }

  /** Of the last whole window; of what there is so far, in the first. */
  get lag(): Lag {
    return this.#last ?? this.#read()
  }

  #turn(): void {
    this.#last = this.#read()
    this.#histogram.reset()
  }

  #read(): Lag {
    const late = (nanoseconds: number): number => Math.max(0, (Number.isFinite(nanoseconds) ? nanoseconds : 0) / 1e9 - RESOLUTION_MS / 1e3)
    const { max } = this.#histogram
    return { median: late(this.#histogram.percentile(50)), p99: late(this.#histogram.percentile(99)), most: late(max) }
  }
}

let meter: LagMeter | undefined

/** Starts the meter of this process where it does not run yet. */
export const lagMeter = (): LagMeter => {
  meter ??= new LagMeter()
  return meter
}
