// What a node decided and why: append-only, each entry bound to the one before it by its hash, durable before the answer
// goes out. It lists decisions, not traffic.
import { hex, utf8 } from '../base/bytes.ts'
import { canonicalJson } from '../base/canonical-json.ts'
import type { Clock, Json, Store } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'

/** What an entry may be about; docs/operations.md says what a person does about each. */
export const JOURNAL_KINDS = [
  'order-accepted',
  'order-refused',
  'order-unknown',
  'order-settled',
  'message-refused',
  'station',
  'node',
  'security',
  'queue',
  'firewall',
  'policy',
] as const
export type JournalKind = (typeof JOURNAL_KINDS)[number]

export const isJournalKind = (value: unknown): value is JournalKind => JOURNAL_KINDS.some((kind) => kind === value)

export interface JournalEntry {
  readonly kind: JournalKind
  /** Whom or what it is about: a station or node id. */
  readonly subject: string
  readonly text: string
  /** The policy rule that decided. */
  readonly rule?: string
  readonly data?: Json
}

export interface JournalRow extends JournalEntry {
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly node: string
  /** SHA-256, hex, of the entry before this one in its RFC 8785 form; empty for the first. */
  readonly previous: string
}

const COLLECTION = 'journal'
const keyOf = (seq: number): string => String(seq).padStart(12, '0')

export class Journal {
  readonly #parts: { node: string; store: Store; engine: Engine; clock: Clock; told?: (row: JournalRow) => void }

  constructor(parts: { node: string; store: Store; engine: Engine; clock: Clock; told?: (row: JournalRow) => void }) {
    this.#parts = parts
  }

  /** Resolves when the entry is durable. Rejects with Fault `store-failed`. */
  async write(entry: JournalEntry): Promise<void> {
    const { node, store, clock } = this.#parts
    // read anew each time: the store shows what is on its way to the disk, and no longer shows what did not get there
    const last = this.#last()
    const row: JournalRow = { seq: (last?.seq ?? 0) + 1, at: clock.now(), node, ...entry, previous: last ? this.#hash(last) : '' }
    await store.commit([{ collection: COLLECTION, key: keyOf(row.seq), value: asJson(row) }])
    this.#parts.told?.(row)
  }

  /** Entries after a sequence number, oldest first. */
  read(after: number, limit: number): JournalRow[] {
    return this.#parts.store.list(COLLECTION, { after: keyOf(after), limit }).map(({ value }) => value as Partial<JournalRow> as JournalRow)
  }

  #last(): JournalRow | undefined {
    return this.#parts.store.list(COLLECTION, { reverse: true, limit: 1 })[0]?.value as JournalRow | undefined
  }

  #hash(row: JournalRow): string {
    return hex(this.#parts.engine.digest('SHA-256', utf8(canonicalJson(asJson(row)))))
  }
}

/** A row holds nothing but JSON; interfaces just have no index signature. */
const asJson = (row: JournalRow): Json => ({ ...row })
