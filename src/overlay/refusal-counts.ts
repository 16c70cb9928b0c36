// Refusals beyond those that are written down one by one: counted by rule, by who is answerable, and by action. Strangers can cause them without
// end and make up names without end, so who proved to be somebody never shares a place with who did not.
import type { Json } from '../base/ports.ts'

/** What is counted: an entry of the journal that is not written. */
export interface Refused {
  readonly kind: string
  readonly text: string
  readonly rule?: string
  readonly data?: Json
}

/** `data` of the journal's entry of the kind `refusals`. */
export interface CountedRefusals {
  /** When the first of them was, milliseconds since 1970. */
  readonly since: number
  readonly counts: readonly Counted[]
}

export interface Counted {
  readonly kind: string
  readonly rule: string
  /** Whose valid signature it carried, or the neighbour it came over; missing where nobody stands for it. */
  readonly by?: string
  /** Missing where this one had too many to name. */
  readonly action?: string
  readonly count: number
}

/** Actions that are named of one, and how many are told apart in all; beyond, only rules are. */
const ACTIONS = 8
const ROWS = 128

export class RefusalCounts {
  readonly #rows = new Map<string, { readonly row: Omit<Counted, 'count'>; count: number }>()
  /** How many are named of each. */
  readonly #actions = new Map<string, number>()
  readonly #since: number

  constructor(now: number) {
    this.#since = now
  }

  add(entry: Refused): void {
    const row = this.#placeOf(entry)
    const key = JSON.stringify(row)
    const known = this.#rows.get(key)
    if (known) known.count++
    else this.#rows.set(key, { row, count: 1 })
  }

  /** With its action where there is room to tell that apart. */
  #placeOf(entry: Refused): Omit<Counted, 'count'> {
    const { kind, rule = '' } = entry
    const by = answerable(entry)
    const about = { kind, rule, ...(by !== undefined && { by }) }
    const exact = { ...about, action: actionOf(entry) }
    if (this.#rows.has(JSON.stringify(exact))) return exact
    const named = this.#actions.get(by ?? '') ?? 0
    if (named >= ACTIONS || this.#rows.size >= ROWS) return this.#rows.size < 2 * ROWS ? about : { kind, rule }
    this.#actions.set(by ?? '', named + 1)
    return exact
  }

  /** What was counted, as an entry of the journal. */
  entry(node: string) {
    const counts = [...this.#rows.values()].map(({ row, count }) => ({ ...row, count }))
    const all = counts.reduce((sum, { count }) => sum + count, 0)
    const data = { since: this.#since, counts } satisfies CountedRefusals
    return { kind: 'refusals' as const, subject: node, text: `${all} refusals that are counted and not written down one by one`, data }
  }
}

const answerable = ({ data }: Refused): string | undefined => {
  const { by, hop } = (data ?? {}) as { readonly by?: readonly { readonly node: string }[]; readonly hop?: string }
  return by?.[0]?.node ?? hop
}

/** As the text of an order's entry begins with it; of anything else there is none. */
const actionOf = ({ kind, text }: Refused): string => (kind === 'order-refused' ? (text.split(':')[0] ?? '').slice(0, 64) : '')

/** Reads what `entry` wrote, for figures. */
export const countedIn = (data: Json | undefined): readonly Counted[] => ((data ?? {}) as Partial<CountedRefusals>).counts ?? []
