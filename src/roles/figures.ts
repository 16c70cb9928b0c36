// What a node counts of itself since it started, for those who watch over it. Names come from closed lists or from its own
// policy; all the same a tally holds only so many, because each becomes a time series that somebody stores for months.
import type { JournalRow } from '../overlay/journal.ts'
import { countedIn } from '../overlay/refusal-counts.ts'

const NAMES = 64
/** Where a tally is full, what is new is counted under this name. */
export const OTHER = 'other'

export class Tally {
  readonly #counts = new Map<string, number>()

  add(name: string, times = 1): void {
    const known = this.#counts.has(name) || this.#counts.size < NAMES ? name : OTHER
    this.#counts.set(known, (this.#counts.get(known) ?? 0) + times)
  }

  get entries(): readonly (readonly [name: string, count: number])[] {
    return [...this.#counts]
  }
}

export class Figures {
  /** Frames and messages that were not as they should be, by fault code. */
  readonly flaws = new Tally()
  /** Entries of the journal, by kind. */
  readonly journal = new Tally()
  /** Refusals in the journal, one by one or counted, by rule. */
  readonly refusals = new Tally()

  written({ kind, rule, data }: JournalRow): void {
    this.journal.add(kind)
    if (kind === 'refusals') for (const counted of countedIn(data)) this.refusals.add(counted.rule, counted.count)
    if (rule !== undefined && kind.endsWith('-refused')) this.refusals.add(rule)
  }
}
