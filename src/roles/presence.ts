// Who came and who went, as a node's journal tells it: one entry for each change, none for a repetition.
import type { Journal } from '../overlay/journal.ts'
import type { Routes } from '../overlay/routes.ts'

export interface PresenceParts {
  readonly routes: Routes
  readonly journal: Journal
  /** A journal that cannot be written: presence is news, nobody waits for it. */
  readonly failed: (error: unknown) => void
}

export class Presence {
  readonly #parts: PresenceParts
  readonly #online = new Set<string>()

  constructor(parts: PresenceParts) {
    this.#parts = parts
  }

  moved(ids: readonly string[]): void {
    for (const id of new Set(ids)) this.#look(id)
  }

  #look(id: string): void {
    const { routes, journal, failed } = this.#parts
    const place = routes.place(id)
    const isOnline = place?.online === true
    if (isOnline === this.#online.has(id)) return
    if (isOnline) this.#online.add(id)
    else this.#online.delete(id)
    const via = isOnline && place.path.length > 1 ? ` over ${place.path.slice(0, -1).join(' > ')}` : ''
    const protocol = isOnline && place.protocol ? `, ${place.protocol}` : ''
    const text = isOnline ? `can be reached${via}${protocol}` : 'cannot be reached any more'
    journal.write({ kind: place?.role === 'station' ? 'station' : 'node', subject: id, text }).catch(failed)
  }
}
