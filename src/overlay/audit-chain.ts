// Whether the entries of one journal are all there and as they were written: hash by hash, and against every head that somebody holds. Says
// nothing of what the entries mean.
import { asFault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import type { FoundHead } from './audit-reader.ts'
import { entryHash, type JournalBase, type JournalRow } from './journal.ts'
import { CLOCK_SLACK_MS, contradiction, isHeldBy, type JournalHead, readHead } from './journal-heads.ts'
import type { TrustStore } from './trust.ts'

/** What an audit can find, and what it makes of the journal. */
export const AUDIT_CODES = {
  'entry-altered': 'tampered',
  'entry-doubled': 'tampered',
  'history-rewritten': 'tampered',
  'history-split': 'tampered',
  'entries-cut': 'tampered',
  'back-dated': 'tampered',
  'order-forged': 'tampered',
  'answer-forged': 'tampered',
  'report-forged': 'tampered',
  'entries-missing': 'unproven',
  'entries-later': 'unproven',
  'tail-unsigned': 'unproven',
  unwitnessed: 'unproven',
  'time-backwards': 'unproven',
  'head-unusable': 'unproven',
  'input-unusable': 'unproven',
  'order-unproven': 'unproven',
  'order-untimely': 'unproven',
  'answer-unproven': 'unproven',
} as const satisfies Record<string, 'tampered' | 'unproven'>
export type AuditCode = keyof typeof AUDIT_CODES

export interface Finding {
  readonly code: AuditCode
  /** Whose journal. */
  readonly node?: string
  /** The entry, or the first of several. */
  readonly seq?: number
  readonly detail: string
}

export interface JournalReport {
  readonly node: string
  readonly first: number
  readonly last: number
  readonly entries: number
  /** Up to which entry the node's own signature reaches. */
  readonly signedUpTo: number
  /** Up to which entry another node holds such a signature, and who. */
  readonly witnessedUpTo: number
  readonly witnesses: readonly string[]
}

export interface AuditWorld {
  readonly trust: TrustStore
  readonly engine: Engine
  /** What encrypted orders say, by their frame, as far as the auditor has keys to read them with (audit-secrets.ts). */
  readonly opened?: ReadonlyMap<string, Json>
}

export interface ReadHead {
  readonly head: JournalHead
  readonly heldBy?: string
}

/**
 * The heads that were signed by the node that they are of, with a key that is trusted; what is said of the others is told. Who holds one is
 * believed where that is its holder's own word: a file may come from the one who is judged.
 */
export const readHeads = (heads: readonly FoundHead[], world: AuditWorld, tell: (finding: Finding) => void): ReadHead[] =>
  heads.flatMap(({ value, heldBy, held, isEntry }) => {
    try {
      const { head } = readHead(value, world)
      const isHeld = heldBy !== undefined && (isEntry || isHeldBy(head, heldBy, held, world))
      return [{ head, ...(isHeld && { heldBy }) }]
    } catch (error) {
      tell({ code: 'head-unusable', detail: asFault(error).message })
      return []
    }
  })

/** Audits the entries of one node, in any order and with repetitions, against its heads. */
export const auditChain = (
  rows: readonly JournalRow[],
  heads: readonly ReadHead[],
  engine: Engine,
  tell: (finding: Finding) => void,
): JournalReport => {
  const chain = new Chain(rows, engine, tell)
  chain.links()
  for (const { head } of heads) chain.against(head)
  chain.tail(heads)
  const signed = heads.filter(({ head }) => chain.fits(head))
  const witnessed = signed.filter(({ heldBy }) => heldBy !== undefined && heldBy !== chain.node)
  if (witnessed.length === 0)
    tell({
      code: 'unwitnessed',
      node: chain.node,
      detail: 'no other node says in its own name that it holds a head of this journal that fits it',
    })
  const upTo = (list: readonly ReadHead[]): number => list.reduce((most, { head }) => Math.max(most, head.seq), 0)
  return {
    ...{ node: chain.node, first: chain.first, last: chain.last, entries: chain.size },
    ...{ signedUpTo: upTo(signed), witnessedUpTo: upTo(witnessed) },
    witnesses: [...new Set(witnessed.map(({ heldBy }) => heldBy as string))].toSorted(),
  }
}

class Chain {
  readonly node: string
  readonly #tell: (code: AuditCode, seq: number, detail: string) => void
  readonly #rows = new Map<number, JournalRow>()
  readonly #hashes = new Map<number, string>()
  readonly first: number
  readonly last: number

  constructor(rows: readonly JournalRow[], engine: Engine, tell: (finding: Finding) => void) {
    this.node = rows[0]?.node ?? ''
    this.#tell = (code, seq, detail) => tell({ code, node: this.node, seq, detail })
    for (const row of rows.toSorted((a, b) => a.seq - b.seq)) {
      const hash = hashOf(row, engine)
      const known = this.#hashes.get(row.seq)
      if (known !== undefined && known !== hash) this.#tell('entry-doubled', row.seq, `there are two different entries ${row.seq}`)
      this.#rows.set(row.seq, row)
      this.#hashes.set(row.seq, hash)
    }
    const numbers = [...this.#rows.keys()]
    this.first = numbers[0] ?? 0
    this.last = numbers.at(-1) ?? 0
  }

  get size(): number {
    return this.#rows.size
  }

  /** Each entry names the one before it, and time does not go back. */
  links(): void {
    if (this.first > 1) this.#tell('entries-missing', 1, `entries 1 to ${this.first - 1} are not here`)
    let before: JournalRow | undefined
    for (const row of this.#rows.values()) {
      if (row.seq < 1) this.#tell('entry-altered', row.seq, 'entries count from 1')
      if (row.seq === 1 && row.previous !== '') this.#tell('entry-altered', 1, 'the first entry names one before it')
      if (before && row.seq > before.seq + 1) this.#missing(before.seq + 1, row.seq - 1)
      else if (before && this.#hashes.get(before.seq) !== row.previous)
        this.#tell('entry-altered', before.seq, `entry ${before.seq} is not the one that entry ${row.seq} was written after`)
      if (before && row.at < before.at - CLOCK_SLACK_MS)
        this.#tell(
          'time-backwards',
          row.seq,
          `entry ${row.seq} says ${iso(row.at)}, the one before it ${iso(before.at)}: the clock was set back, or the entry back-dated`,
        )
      before = row
    }
  }

  /** A head pins every entry up to its own, and those that it names before it; its time lies between two entries. */
  against(head: JournalHead): void {
    const wrong = [...head.before, head].find((point) => this.#hashes.has(point.seq) && this.#hashes.get(point.seq) !== point.hash)
    if (wrong)
      this.#tell(
        'history-rewritten',
        wrong.seq,
        `up to entry ${wrong.seq} this is not the journal that ${this.node} signed at ${iso(head.at)}`,
      )
    const [at, next] = [this.#rows.get(head.seq), this.#rows.get(head.seq + 1)]
    if (at && at.at > head.at + CLOCK_SLACK_MS)
      this.#tell('back-dated', head.seq, `entry ${head.seq} says ${iso(at.at)}, but was signed at ${iso(head.at)}`)
    if (next && next.at < head.at - CLOCK_SLACK_MS)
      this.#tell('back-dated', next.seq, `entry ${next.seq} says ${iso(next.at)}, but was not there yet at ${iso(head.at)}`)
  }

  /** What lies behind the last entry that is here, and whether the last ones are signed at all. */
  tail(heads: readonly ReadHead[]): void {
    const newest = heads.reduce<JournalHead | undefined>((most, { head }) => (most && most.seq >= head.seq ? most : head), undefined)
    const fitting = heads.filter(({ head }) => this.fits(head)).map(({ head }) => head)
    if (newest && newest.seq > this.last) {
      // an export that its node signed at its last entry, earlier than the head, may just be older than that
      const isOlder = fitting.some(({ seq, at }) => seq === this.last && at <= newest.at)
      const detail = `entries ${this.last + 1} to ${newest.seq} are not here, and ${this.node} signed for them at ${iso(newest.at)}`
      this.#tell(isOlder ? 'entries-later' : 'entries-cut', this.last + 1, detail)
    }
    const signedUpTo = fitting.reduce((most, { seq }) => Math.max(most, seq), 0)
    if (signedUpTo < this.last && !(newest && newest.seq > this.last))
      this.#tell('tail-unsigned', signedUpTo + 1, `no signature of ${this.node} reaches entries ${signedUpTo + 1} to ${this.last}`)
  }

  fits({ seq, hash }: JournalBase): boolean {
    return this.#hashes.get(seq) === hash
  }

  #missing(from: number, to: number): void {
    this.#tell('entries-missing', from, from === to ? `entry ${from} is not here` : `entries ${from} to ${to} are not here`)
  }
}

/** Heads of one node that cannot both be of one journal that only grew: proof by its own signatures, with no entry at hand. */
export const auditHeads = (heads: readonly ReadHead[], tell: (finding: Finding) => void): void => {
  const distinct = new Map(heads.map(({ head }) => [`${head.seq} ${head.hash}`, head]))
  const sorted = [...distinct.values()].toSorted((a, b) => a.seq - b.seq)
  for (const [i, one] of sorted.entries()) {
    const other = sorted.slice(i + 1).find((each) => contradiction(one, each) === 'split')
    if (!other) continue
    const detail = `${one.node} signed entry ${one.seq} at ${iso(one.at)} and entry ${other.seq} at ${iso(other.at)}, of two histories`
    tell({ code: 'history-split', node: one.node, seq: one.seq, detail })
  }
}

const hashOf = (row: JournalRow, engine: Engine): string => {
  try {
    return entryHash(row, engine)
  } catch {
    // what has no canonical form was never written by a journal: its hash fits nothing
    return 'none'
  }
}

const iso = (ms: number): string => {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString()
}
