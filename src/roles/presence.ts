// Who came and who went, as a node's journal tells it: one entry for each change, none for a repetition. Where many come and go at once
// the entries follow at a pace, and who came and went in between is not news.
import type { Cancel, Clock } from '../base/ports.ts'
import { Bucket, type Rate } from '../overlay/damping.ts'
import type { Journal } from '../overlay/journal.ts'
import type { Routes } from '../overlay/routes.ts'

/** Entries of a node: each is hashed and flushed to disk, and any neighbour can cause thousands. */
const ENTRIES: Rate = { burst: 100, perSecond: 250 }
/** Then what may be written by now is written: a dozen entries, one flush. */
const PAUSE_MS = 50

export interface PresenceParts {
  readonly clock: Clock
  readonly routes: Routes
  readonly journal: Journal
  /** A journal that cannot be written: presence is news, nobody waits for it. */
  readonly failed: (error: unknown) => void
}

export class Presence {
  readonly #parts: PresenceParts
  readonly #online = new Set<string>()
  readonly #bucket: Bucket
  /** To be looked at, in the order in which they moved. */
  readonly #waiting = new Set<string>()
  #timer: Cancel | undefined

  constructor(parts: PresenceParts) {
    this.#parts = parts
    this.#bucket = new Bucket(ENTRIES, parts.clock.now())
  }

  moved(ids: readonly string[]): void {
    for (const id of ids) this.#waiting.add(id)
    if (!this.#timer) this.#lookAtAll()
  }

  stop(): void {
    this.#timer?.()
    this.#waiting.clear()
  }

  #lookAtAll(): void {
    const { clock } = this.#parts
    this.#timer = undefined
    for (const id of this.#waiting) {
      if (this.#isNews(id) && !this.#bucket.take(clock.now())) {
        this.#timer = clock.after(PAUSE_MS, () => this.#lookAtAll())
        return
      }
      this.#waiting.delete(id)
      this.#look(id)
    }
  }

  #isNews(id: string): boolean {
    return (this.#parts.routes.place(id)?.online === true) !== this.#online.has(id)
  }

  #look(id: string): void {
    if (!this.#isNews(id)) return
    const { routes, journal, failed } = this.#parts
    const place = routes.place(id)
    const isOnline = place?.online === true
    if (isOnline) this.#online.add(id)
    else this.#online.delete(id)
    const via = isOnline && place.path.length > 1 ? ` over ${place.path.slice(0, -1).join(' > ')}` : ''
    const protocol = isOnline && place.protocol ? `, ${place.protocol}` : ''
    const text = isOnline ? `can be reached${via}${protocol}` : 'cannot be reached any more'
    journal.write({ kind: place?.role === 'station' ? 'station' : 'node', subject: id, text }).catch(failed)
  }
}
