// What a node refused and obeyed, told to the back end over the overlay itself, so that one screen shows it. News for people:
// the journal that counts stays on the disk of its node, and a note that is lost is not sent again (docs/protocol.md §9).
import type { Cancel, Clock, Json } from '../base/ports.ts'
import { isJournalKind, type JournalKind, type JournalRow } from '../overlay/journal.ts'
import type { OverlayNode } from '../overlay/node.ts'

export const JOURNAL_NOTE = 'org.chargeproof.JournalNote'
const INTERVAL_MS = 1_000
/** Of one node: as many fit a frame, wait for the link, and are kept by who hears them. */
const ROWS = 50
const TEXT_LENGTH = 500
const NAME_LENGTH = 64
/** Who comes and goes is known above from announcements, and what was measured from the reports themselves. */
const QUIET: readonly JournalKind[] = ['station', 'node', 'power-measured']
/** Nodes whose notes are kept: the origin of a note is but a claim. The one silent longest gives way. */
const REPORTERS = 256

/** A journal entry as another node told it: no hash, no data, its text cut. */
export interface ToldRow extends Pick<JournalRow, 'seq' | 'at' | 'node' | 'kind' | 'subject' | 'text' | 'rule'> {
  /** The neighbour that a refused message came over. */
  readonly hop?: string
}

export interface JournalNotesParts {
  readonly node: OverlayNode
  readonly backend: string
  readonly clock: Clock
  readonly told: (row: ToldRow) => void
}

export class JournalNotes {
  readonly #parts: JournalNotesParts
  #waiting: ToldRow[] = []
  #timer: Cancel | undefined
  /** What other nodes told, by node, the one heard last at the end. */
  readonly #others = new Map<string, readonly ToldRow[]>()

  constructor(parts: JournalNotesParts) {
    this.#parts = parts
  }

  /** This node's own journal has a new entry. */
  written(row: JournalRow): void {
    const { node, backend } = this.#parts
    if (backend === node.id || QUIET.includes(row.kind)) return
    this.#waiting = [...this.#waiting, noteOf(row)].slice(-ROWS)
    this.#wait()
  }

  /** A note of another node. Believed as far as it speaks of that node's own journal, and only what is new. */
  heard(from: string, payload: Json): void {
    const { rows } = payload as { readonly rows?: Json }
    if (!Array.isArray(rows) || rows.length > ROWS) return
    const known = this.#others.get(from) ?? []
    const fresh: ToldRow[] = []
    for (const each of rows) {
      const row = readRow(from, each)
      if (row && isNew(row, [...known, ...fresh])) fresh.push(row)
    }
    if (fresh.length === 0) return
    this.#others.delete(from)
    this.#others.set(from, [...known, ...fresh].slice(-ROWS))
    const [oldest] = this.#others.size > REPORTERS ? this.#others.keys() : []
    if (oldest !== undefined) this.#others.delete(oldest)
    for (const row of fresh) this.#parts.told(row)
  }

  /** What other nodes told, oldest first. */
  all(): ToldRow[] {
    return [...this.#others.values()].flat().sort((a, b) => a.at - b.at)
  }

  stop(): void {
    this.#timer?.()
    this.#waiting = []
  }

  #wait(): void {
    this.#timer ??= this.#parts.clock.after(INTERVAL_MS, () => this.#tell())
  }

  #tell(): void {
    const { node, backend } = this.#parts
    this.#timer = undefined
    if (!node.routes.hasUplink) {
      this.#wait()
      return
    }
    node.tell(backend, JOURNAL_NOTE, { rows: this.#waiting.map(({ node: _, ...row }) => row) })
    this.#waiting = []
  }
}

/** A journal that began anew counts from 1 again, but its clock went on. */
const isNew = ({ seq, at }: ToldRow, known: readonly ToldRow[]): boolean => {
  const last = known.at(-1)
  return !last || ((seq > last.seq || at > last.at) && !known.some((row) => row.seq === seq && row.at === at))
}

const noteOf = ({ seq, at, node, kind, subject, text, rule, data }: JournalRow): ToldRow => {
  const { hop } = (data ?? {}) as { readonly hop?: Json }
  return { seq, at, node, kind, subject, text: text.slice(0, TEXT_LENGTH), ...(rule && { rule }), ...(typeof hop === 'string' && { hop }) }
}

const readRow = (node: string, value: Json): ToldRow | undefined => {
  const { seq, at, kind, subject, text, rule, hop } = (value ?? {}) as { readonly [key: string]: Json | undefined }
  if (!isCount(seq) || !isCount(at) || !isJournalKind(kind) || typeof subject !== 'string' || typeof text !== 'string') return undefined
  return {
    seq,
    at,
    node,
    kind,
    subject: subject.slice(0, NAME_LENGTH),
    text: text.slice(0, TEXT_LENGTH),
    ...(typeof rule === 'string' && { rule: rule.slice(0, NAME_LENGTH) }),
    ...(typeof hop === 'string' && { hop: hop.slice(0, NAME_LENGTH) }),
  }
}

/** Also within what a Date can show. */
const isCount = (value: Json | undefined): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 8.64e15
