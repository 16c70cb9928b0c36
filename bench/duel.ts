// A process under test against its yardstick: the same load on both in turns, CPU time of each per call.
import { Child, type ProcessName } from './child.ts'
import { least, median, type Plan, type Row, row } from './part.ts'
import type { LoadResult } from './processes/load.ts'

export interface Contender {
  readonly process: Child
  /** URL of its OCPP endpoint without the station id. */
  readonly url: string
  /** Rejects unless what it was asked was really done, that many times. */
  readonly done?: (calls: number) => Promise<void>
  /** Who speaks to it, where that is not plain stations: what it is told as it connects, and with each window. */
  readonly load?: { readonly name: ProcessName; readonly connect: object; readonly run: object }
}

export interface Duel {
  readonly part: string
  readonly what: string
  readonly against: string
  /** CPU time at most this many times the yardstick's. */
  readonly most: number
}

/**
 * Both contenders are up already; they are left to their owner. Of all windows the one of least CPU time per call counts, on either side:
 * whatever disturbs a window makes it slower, nothing makes it faster.
 */
export const duel = async (terms: Duel, { node, yardstick }: { node: Contender; yardstick: Contender }, plan: Plan): Promise<Row> => {
  const sides = [new Side(node, plan), new Side(yardstick, plan)] as const
  try {
    for (const side of sides) await side.connect()
    // twice: code that is optimised early may be thrown away again
    for (const side of [...sides, ...sides]) await side.window(plan.windowMs)
    for (let round = 0; round < plan.rounds; round++) for (const side of sides) side.keep(await side.window(plan.windowMs))
    for (const side of sides) await side.done()
  } finally {
    await Promise.all(sides.map((side) => side.end()))
  }
  const [ours, theirs] = sides
  return row({
    part: terms.part,
    what: terms.what,
    value: least(ours.cpu),
    unit: 'µs CPU/call',
    yardstick: { what: terms.against, value: least(theirs.cpu) },
    target: { of: 'ratio', most: terms.most },
    seen: { ...ours.told(''), ...theirs.told('yardstick ') },
  })
}

interface Window extends LoadResult {
  readonly cpu: number
}

class Side {
  readonly #contender: Contender
  readonly #stations: number
  readonly #load: Child
  readonly #windows: Window[] = []
  #calls = 0

  constructor(contender: Contender, plan: Plan) {
    this.#contender = contender
    this.#stations = plan.stations
    this.#load = new Child(contender.load?.name ?? 'load', { role: 'other' })
  }

  connect(): Promise<void> {
    const { url, load } = this.#contender
    return this.#load.ask('connect', load ? { url, ...load.connect } : { url, count: this.#stations, prefix: 'cs' })
  }

  /** Every call that began in the window has its answer when it ends, so the CPU time is theirs and theirs alone. */
  async window(ms: number): Promise<Window> {
    const before = await this.#contender.process.ask<number>('cpu')
    const result = await this.#load.ask<LoadResult>('run', { ms, ...this.#contender.load?.run })
    const after = await this.#contender.process.ask<number>('cpu')
    this.#calls += result.calls
    return { ...result, cpu: (after - before) / result.calls }
  }

  keep(window: Window): void {
    this.#windows.push(window)
  }

  get cpu(): number[] {
    return this.#windows.map(({ cpu }) => cpu)
  }

  /** The other windows say how much the machine was disturbed. */
  told(prefix: string): Record<string, number | readonly number[]> {
    const middle = (pick: (window: Window) => number): number => Math.round(median(this.#windows.map(pick)))
    return {
      [`${prefix}windows`]: this.cpu,
      [`${prefix}calls per second`]: middle(({ calls, seconds }) => calls / seconds),
      [`${prefix}p50 µs`]: middle(({ p50 }) => p50),
      [`${prefix}p99 µs`]: middle(({ p99 }) => p99),
    }
  }

  async done(): Promise<void> {
    await this.#contender.done?.(this.#calls)
  }

  end(): Promise<void> {
    return this.#load.end()
  }
}
