// A memory store that a test can break, hold up, and tear out: `copy` is what a machine finds on its disk after the power came back.
import { memoryStore } from '../../../src/base/memory-store.ts'
import type { Change, Json, Range, Row, Store } from '../../../src/base/ports.ts'

export class MemoryStore implements Store {
  /** While true, commits fail as on a full disk. */
  broken = false
  readonly #collections = new Set<string>()
  readonly #inner = memoryStore({
    beforeCommit: () => {
      if (this.broken) throw new Error('the disk is full')
    },
  })
  #held: Promise<void> | undefined

  get(collection: string, key: string): Json | undefined {
    return this.#inner.get(collection, key)
  }

  list(collection: string, range?: Range): Row[] {
    return this.#inner.list(collection, range)
  }

  async commit(changes: readonly Change[]): Promise<void> {
    for (const { collection } of changes) this.#collections.add(collection)
    const held = this.#held
    this.#held = undefined
    await this.#inner.commit(changes)
    await held
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  /** Makes the next commit take until the function it returns is called; what it changes can be read before. */
  holdNext(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#held = promise
    return resolve
  }

  async copy(): Promise<MemoryStore> {
    const other = new MemoryStore()
    const changes = [...this.#collections].flatMap((collection) => this.list(collection).map((row) => ({ collection, ...row })))
    await other.commit(changes)
    return other
  }
}
