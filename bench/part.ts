// What a benchmark part is and what it says. A part measures next to its yardstick in the same run, because only their ratio survives
// a change of machine. CPU time is in microseconds per unit of work unless a row says otherwise.

export interface Plan {
  /** Milliseconds of one measuring window of a part that loads other processes. */
  readonly windowMs: number
  /** Milliseconds of CPU time in one window of a part that measures this process. */
  readonly cpuMs: number
  /** Windows of the part and of its yardstick, in turns. */
  readonly rounds: number
  readonly stations: number
  /** Stations on one link that ask and are asked, and how often each. */
  readonly crossing: { readonly stations: number; readonly each: number }
  /** Stations that come back at the same time. */
  readonly storm: number
  /** How long a neighbour floods a node. */
  readonly floodMs: number
  /** How long live events are told, 10,000 a second. */
  readonly liveMs: number
  /** Bytes of a stream over breaking links; of one that is timed; and how long calls are made beside one on a narrow line, ms. */
  readonly streams: { readonly long: number; readonly timed: number; readonly besideMs: number }
  /** Idle stations whose memory is measured. */
  readonly idle: number
  /** Files in a folder that is judged. */
  readonly files: number
  /** Where the process under test writes its CPU profile. */
  readonly profile?: string
}

export interface Row {
  readonly part: string
  readonly what: string
  readonly value: number
  readonly unit: string
  readonly yardstick?: { readonly what: string; readonly value: number }
  readonly ratio?: number
  readonly target?: { readonly of: 'ratio' | 'value'; readonly most: number }
  /** Absent where nothing is demanded. */
  readonly ok?: boolean
  /** What else was seen, for bench/last.json. */
  readonly seen?: { readonly [name: string]: number | readonly number[] }
}

export interface Part {
  readonly name: string
  readonly measure: (plan: Plan) => Promise<Row[]>
}

/** A row with its ratio and verdict. */
export const row = (known: Omit<Row, 'ratio' | 'ok'>): Row => {
  const ratio = known.yardstick && known.value / known.yardstick.value
  const measured = known.target?.of === 'ratio' ? ratio : known.value
  return {
    ...known,
    ...(ratio !== undefined && { ratio }),
    ...(known.target !== undefined && measured !== undefined && { ok: measured <= known.target.most }),
  }
}

export const least = (values: readonly number[]): number => Math.min(...values)

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}
