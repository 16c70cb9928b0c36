// A store in memory that can be torn away: `copy` is what a machine finds on its disk after the power came back.
import { Fault } from '../../../src/base/fault.ts'
import type { Change, Json, Range, Row, Store } from '../../../src/base/ports.ts'

export class MemoryStore implements Store {
  readonly #rows = new Map<string, Json>()
  /** While true, every commit is refused as a full disk would. */
  broken = false

  get(collection: string, key: string): Json | undefined {
    return this.#rows.get(`${collection}\n${key}`)
  }

  list(collection: string, { prefix = '', after, limit, reverse = false }: Range = {}): Row[] {
    const start = `${collection}\n`
    const keys = [...this.#rows.keys()]
      .filter((key) => key.startsWith(start + prefix) && (after === undefined || key > start + after))
      .sort()
    if (reverse) keys.reverse()
    return keys.slice(0, limit).map((key) => ({ key: key.slice(start.length), value: this.#rows.get(key) ?? null }))
  }

  async commit(changes: readonly Change[]): Promise<void> {
    if (this.broken) throw new Fault('store-failed', 'the disk is full')
    for (const { collection, key, value } of changes) {
      // through JSON, as a real store does: what is not JSON would not come back
      if (value === undefined) this.#rows.delete(`${collection}\n${key}`)
      else this.#rows.set(`${collection}\n${key}`, JSON.parse(JSON.stringify(value)))
    }
  }

  async close(): Promise<void> {
    this.#rows.clear()
  }

  copy(): MemoryStore {
    const other = new MemoryStore()
    for (const [key, value] of this.#rows) other.#rows.set(key, value)
    return other
  }
}
