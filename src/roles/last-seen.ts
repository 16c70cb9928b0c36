// When each station was last heard of. Telemetry: kept in memory, written at most every 30 s and only beside a commit that
// happens anyway, because a row per heartbeat would wear the disk out for something the next heartbeat tells again.
import type { Change, Store } from '../base/ports.ts'
import { isoTime } from './behaviours/time.ts'

const FLUSH_MS = 30_000
/** Rows that one commit may carry along. */
const FLUSH_ROWS = 256

export class LastSeen {
  readonly #times: Map<string, number>
  readonly #unwritten = new Set<string>()
  #flushed = 0

  constructor(store: Pick<Store, 'list'>) {
    this.#times = new Map(store.list('seen').map(({ key, value }) => [key, Date.parse(String(value))]))
  }

  /** Milliseconds since 1970 by station id. */
  get times(): ReadonlyMap<string, number> {
    return this.#times
  }

  note(station: string, now: number): void {
    this.#times.set(station, now)
    this.#unwritten.add(station)
  }

  /** What should be written by now; the caller commits it together with its own. */
  changes(now: number): Change[] {
    if (now - this.#flushed < FLUSH_MS) return []
    this.#flushed = now
    const changes: Change[] = []
    for (const station of this.#unwritten) {
      if (changes.length === FLUSH_ROWS) break
      this.#unwritten.delete(station)
      changes.push({ collection: 'seen', key: station, value: isoTime(this.#times.get(station) ?? now) })
    }
    return changes
  }
}
