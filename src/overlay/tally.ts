// Keeps a flood of the same decision from flooding the journal: the first is written at once, those like it within a minute
// are counted and written as one.
import type { Cancel, Clock } from '../base/ports.ts'
import type { Journal, JournalEntry } from './journal.ts'

const WINDOW_MS = 60_000
/** Kinds of decisions that are told apart in a window; further ones are counted by their rule alone. */
const KINDS = 100

export interface TallyParts {
  readonly journal: Pick<Journal, 'write'>
  readonly clock: Clock
  /** Told when a row could not be written. */
  readonly failed: () => void
}

export class Tally {
  readonly #parts: TallyParts
  readonly #seen = new Map<string, { readonly entry: JournalEntry; more: number }>()
  #cancel: Cancel | undefined

  constructor(parts: TallyParts) {
    this.#parts = parts
  }

  /** @param likeness what makes two entries alike */
  note(likeness: string, entry: JournalEntry): void {
    const key = this.#seen.has(likeness) || this.#seen.size < KINDS ? likeness : `${entry.rule}`
    const known = this.#seen.get(key)
    if (known) {
      known.more++
      return
    }
    this.#seen.set(key, { entry, more: 0 })
    this.#cancel ??= this.#parts.clock.after(WINDOW_MS, () => this.flush())
    this.#write(entry)
  }

  /** Writes what was only counted, and starts anew. */
  flush(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const counted = [...this.#seen.values()].filter(({ more }) => more > 0)
    this.#seen.clear()
    for (const { entry, more } of counted) this.#write({ ...entry, text: `${entry.text}; ${more} more like it`, data: { more } })
  }

  #write(entry: JournalEntry): void {
    this.#parts.journal.write(entry).catch(this.#parts.failed)
  }
}
