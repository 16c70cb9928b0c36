// What a node decided and why: append-only, each entry bound to the one before it by its hash, durable before the answer
// goes out. It lists decisions, not traffic. Old entries can be sealed: they leave the store, and the chain goes on from their hash.
import { hex, utf8 } from '../base/bytes.ts'
import { canonicalJson } from '../base/canonical-json.ts'
import { Fault } from '../base/fault.ts'
import type { Cancel, Change, Clock, Json, Store } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { Bucket, type Rate } from './damping.ts'
import { RefusalCounts } from './refusal-counts.ts'

/** What an entry may be about; docs/operations.md says what a person does about each. */
export const JOURNAL_KINDS = [
  'order-accepted',
  'order-refused',
  'order-answered',
  'order-unknown',
  'order-settled',
  'power-measured',
  'message-refused',
  'refusals',
  'station',
  'node',
  'security',
  'queue',
  'firewall',
  'policy',
  'head',
  'firmware',
  'tunnel',
  'file',
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

/** The last entry that was sealed: its number and its hash, from which the chain goes on. */
export interface JournalBase {
  readonly seq: number
  readonly hash: string
}

/** Refusals that are written down one by one: strangers can cause them without end, and each costs some hundred bytes to 9 KiB of the disk for good. */
const REFUSALS: Rate = { burst: 20_000, perSecond: 1 }

/** Between two counts of those beyond, ms. */
const COUNTED_MS = 1_000

const COLLECTION = 'journal'
const BASE = 'journal-base'
const keyOf = (seq: number): string => String(seq).padStart(12, '0')
/** Entries that are read at once where many are. */
const PAGE = 500

export interface JournalParts {
  readonly node: string
  readonly store: Store
  readonly engine: Engine
  readonly clock: Clock
  readonly told?: (row: JournalRow) => void
  /** How many refusals are written down one by one; `REFUSALS` where it is missing. */
  readonly refusals?: Rate
}

export class Journal {
  readonly #parts: JournalParts
  readonly #refusals: Bucket
  /** What is counted and not written yet, and whoever waits until it is. */
  #counts: RefusalCounts | undefined
  #counted: { readonly done: PromiseWithResolvers<void>; readonly cancel: Cancel } | undefined

  constructor(parts: JournalParts) {
    this.#parts = parts
    this.#refusals = new Bucket(parts.refusals ?? REFUSALS, parts.clock.now())
  }

  /**
   * Resolves with the entry as it was written, when it is durable. Rejects with Fault `store-failed`.
   * @param along changes in the same store that stand or fall with the entry
   */
  async write(entry: JournalEntry, along: readonly Change[] = []): Promise<JournalRow> {
    const { node, store, clock } = this.#parts
    // read anew each time: the store shows what is on its way to the disk, and no longer shows what did not get there
    const { seq, hash } = this.newest()
    const row: JournalRow = { seq: seq + 1, at: clock.now(), node, ...entry, previous: hash }
    await store.commit([...along, { collection: COLLECTION, key: keyOf(row.seq), value: asJson(row) }])
    this.#parts.told?.(row)
    return row
  }

  /**
   * The same for what was refused. Beyond those that are written one by one it is counted, and the counts are written within a second: it
   * resolves when they are durable, so whoever is refused in a flood waits for that.
   */
  async writeRefusal(entry: JournalEntry): Promise<void> {
    const { clock } = this.#parts
    if (this.#refusals.take(clock.now())) {
      await this.write(entry)
      return
    }
    this.#counts ??= new RefusalCounts(clock.now())
    this.#counts.add(entry)
    this.#counted ??= { done: Promise.withResolvers(), cancel: clock.after(COUNTED_MS, () => void this.flush()) }
    await this.#counted.done.promise
  }

  /** Writes what was counted and not written yet. Never rejects: whoever waits is told. */
  async flush(): Promise<void> {
    const [counted, counts] = [this.#counted, this.#counts]
    if (!counted || !counts) return
    counted.cancel()
    this.#counted = undefined
    this.#counts = undefined
    await this.write(counts.entry(this.#parts.node)).then(() => counted.done.resolve(), counted.done.reject)
  }

  /** Entries after a sequence number, oldest first; sealed ones are not among them. */
  read(after: number, limit: number): JournalRow[] {
    return this.#parts.store.list(COLLECTION, { after: keyOf(after), limit }).map(({ value }) => value as Partial<JournalRow> as JournalRow)
  }

  /** The newest entry in this store that fits. It may look at all of them: for the start of a node. */
  newestOf(fits: (row: JournalRow) => boolean): JournalRow | undefined {
    const { seq: sealed } = this.base()
    for (let upTo = this.#last()?.seq ?? 0; upTo > sealed; upTo -= PAGE) {
      const found = this.read(Math.max(sealed, upTo - PAGE), PAGE).findLast((row) => row.seq <= upTo && fits(row))
      if (found) return found
    }
    return undefined
  }

  /** The newest entry, by number and hash; number 0 and no hash where there is none yet. */
  newest(): JournalBase {
    const last = this.#last()
    return last ? { seq: last.seq, hash: entryHash(last, this.#parts.engine) } : this.base()
  }

  /** When the newest entry was written, ms; 0 where there is none. */
  lastAt(): number {
    return this.#last()?.at ?? 0
  }

  /** The hash of an entry, or of the last sealed one; undefined where the store does not have it. */
  hashOf(seq: number): string | undefined {
    const base = this.base()
    if (seq === base.seq) return base.hash
    const row = this.#parts.store.get(COLLECTION, keyOf(seq)) as JournalRow | undefined
    return row && entryHash(row, this.#parts.engine)
  }

  /** Where the entries of this store begin: the last one that was sealed. */
  base(): JournalBase {
    return (this.#parts.store.get(BASE, 'base') as JournalBase | undefined) ?? { seq: 0, hash: '' }
  }

  /**
   * Takes the entries up to that number out of the store, once they are kept elsewhere; what stays is the hash that the next one names.
   * Rejects with Fault `store-failed`; Fault `internal` where there is no such entry.
   */
  async seal(upTo: number): Promise<void> {
    const { store } = this.#parts
    const base = this.base()
    const hash = this.hashOf(upTo)
    if (hash === undefined) throw new Fault('internal', `expected an entry to seal up to, there is no ${upTo}`)
    const sealed = this.read(base.seq, upTo - base.seq)
    const removed = sealed.map(({ seq }) => ({ collection: COLLECTION, key: keyOf(seq), value: undefined }))
    await store.commit([...removed, { collection: BASE, key: 'base', value: { seq: upTo, hash } }])
  }

  #last(): JournalRow | undefined {
    return this.#parts.store.list(COLLECTION, { reverse: true, limit: 1 })[0]?.value as JournalRow | undefined
  }
}

/** SHA-256, hex, of an entry in its RFC 8785 form: what the next entry names as `previous`. */
export const entryHash = (row: JournalRow, engine: Engine): string => hex(engine.digest('SHA-256', utf8(canonicalJson(asJson(row)))))

/** A row holds nothing but JSON; interfaces just have no index signature. */
const asJson = (row: JournalRow): Json => ({ ...row })
