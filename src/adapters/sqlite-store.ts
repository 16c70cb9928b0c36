// The durable Store: one SQLite file in a folder of its own, written by one process. Commits that come
// one upon the other share one transaction and one flush to disk. It knows nothing of what the documents mean.
import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { Fault } from '../base/fault.ts'
import { jsonText, keyInterval } from '../base/memory-store.ts'
import type { Change, Json, Range, Row, Store } from '../base/ports.ts'

export interface StoreOptions {
  /** Called before each group of commits is written; what it throws fails them all. Lets a test fill the disk. */
  readonly beforeCommit?: () => void
  /** A group is written when it is this old, ms, however much still comes: whoever is in it waits no longer for those behind. 2 */
  readonly groupMs?: number
  /** Told of each group how long it took, from its first change on, and whether it is on disk. */
  readonly committed?: (seconds: number, isSafe: boolean) => void
}

/**
 * Opens the store in the folder `path`, which is made (readable by its owner only) where it does not exist.
 * @throws Fault `store-failed`: another process has it open, the file is damaged, made by a newer release, or cannot be written
 */
export const openStore = (path: string, options: StoreOptions = {}): Store => {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    // asked first: SQLite would only speak of an input or output error
    accessSync(path, constants.W_OK)
    return new SqliteStore(path, openDatabase(join(path, 'store.db')), options)
  } catch (thrown) {
    throw storeFault(path, thrown)
  }
}

/** A transaction grows to this many changes before it is committed within the turn: beyond it, a larger one is no cheaper per change. */
const GROUP_LIMIT = 500

/** Layout of the file; a program refuses a higher number than it knows. */
const LAYOUT = 1

const openDatabase = (file: string): DatabaseSync => {
  const db = new DatabaseSync(file)
  try {
    // the exclusive lock is taken by the first access and kept until the process closes the file or dies
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    const layout = Number(db.prepare('PRAGMA user_version').get()?.user_version)
    if (layout > LAYOUT)
      throw new Fault('store-failed', `expected store layout ${LAYOUT} or older, found ${layout}: a newer release wrote it`)
    db.exec(`CREATE TABLE IF NOT EXISTS documents (collection TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (collection, key)) WITHOUT ROWID;
      PRAGMA user_version = ${LAYOUT}`)
    return db
  } catch (thrown) {
    db.close()
    throw thrown
  }
}

/** Commits that are waiting for the same transaction. */
interface Group {
  readonly done: PromiseWithResolvers<void>
  /** When its first change came, ms. */
  readonly since: number
  changes: number
}

const SQL = {
  get: 'SELECT value FROM documents WHERE collection = ? AND key = ?',
  forward: 'SELECT key, value FROM documents WHERE collection = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?',
  reverse: 'SELECT key, value FROM documents WHERE collection = ? AND key >= ? AND key < ? ORDER BY key DESC LIMIT ?',
  put: 'INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  delete: 'DELETE FROM documents WHERE collection = ? AND key = ?',
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
} as const

class SqliteStore implements Store {
  readonly #path: string
  readonly #db: DatabaseSync
  readonly #statements: Readonly<Record<keyof typeof SQL, StatementSync>>
  readonly #options: StoreOptions
  #group: Group | undefined
  /** How long the last flush held everything up, ms. */
  #flushMs = 0

  constructor(path: string, db: DatabaseSync, options: StoreOptions) {
    this.#path = path
    this.#db = db
    this.#options = options
    const prepared = Object.entries(SQL).map(([name, sql]) => [name, db.prepare(sql)])
    this.#statements = Object.fromEntries(prepared)
  }

  get(collection: string, key: string): Json | undefined {
    return this.#guard(() => {
      const row = this.#statements.get.get(collection, key)
      return row === undefined ? undefined : JSON.parse(row.value as string)
    })
  }

  list(collection: string, range: Range = {}): Row[] {
    return this.#guard(() => {
      const { low, high } = keyInterval(range)
      const rows = this.#statements[range.reverse === true ? 'reverse' : 'forward'].all(collection, low, high, range.limit ?? -1)
      return rows.map(({ key, value }) => ({ key: key as string, value: JSON.parse(value as string) }))
    })
  }

  /** Changes are applied at once inside an open transaction, so that reads see them; one failure undoes the whole group. */
  commit(changes: readonly Change[]): Promise<void> {
    let texts: (string | undefined)[]
    try {
      if (!this.#db.isOpen) throw new Fault('store-failed', 'the store is closed')
      texts = changes.map(jsonText)
    } catch (fault) {
      return Promise.reject(fault)
    }
    this.#group ??= this.#openGroup()
    const group = this.#group
    group.changes += changes.length
    try {
      this.#apply(changes, texts)
      if (group.changes >= GROUP_LIMIT) this.#flush()
    } catch (thrown) {
      this.#abandon(group, thrown)
    }
    return group.done.promise
  }

  async close(): Promise<void> {
    this.#flush()
    if (this.#db.isOpen) this.#guard(() => this.#db.close())
  }

  #openGroup(): Group {
    const group: Group = { done: Promise.withResolvers<void>(), since: performance.now(), changes: 0 }
    setImmediate(() => this.#flushWhenQuiet(group, 0))
    return group
  }

  /**
   * One flush serves all that comes in a row: the group is written after the first turn that added nothing to it. Where no such turn
   * comes it is written all the same, and a slow disk has the process to itself for half the time at the most.
   */
  #flushWhenQuiet(group: Group, before: number): void {
    if (group !== this.#group) return
    const { changes, since } = group
    const { groupMs = 2 } = this.#options
    if (changes === before || performance.now() - since > Math.max(groupMs, this.#flushMs)) this.#flush()
    else setImmediate(() => this.#flushWhenQuiet(group, changes))
  }

  #apply(changes: readonly Change[], texts: readonly (string | undefined)[]): void {
    const { begin, put, delete: remove } = this.#statements
    if (!this.#db.isTransaction) begin.run()
    for (let i = 0; i < changes.length; i++) {
      const { collection, key } = changes[i] as Change
      const text = texts[i]
      if (text === undefined) remove.run(collection, key)
      else put.run(collection, key, text)
    }
  }

  /** Commits what is waiting, if anything is: a group that reached its limit has gone before its turn ended. */
  #flush(): void {
    const group = this.#group
    if (group === undefined) return
    const start = performance.now()
    try {
      this.#options.beforeCommit?.()
      this.#statements.commit.run()
    } catch (thrown) {
      this.#abandon(group, thrown)
      return
    }
    this.#group = undefined
    this.#flushMs = performance.now() - start
    this.#told(group, true)
    group.done.resolve()
  }

  #abandon(group: Group, thrown: unknown): void {
    this.#group = undefined
    try {
      // a full disk makes SQLite roll back by itself
      if (this.#db.isTransaction) this.#statements.rollback.run()
    } finally {
      this.#told(group, false)
      group.done.reject(storeFault(this.#path, thrown))
    }
  }

  #told({ since }: Group, isSafe: boolean): void {
    this.#options.committed?.((performance.now() - since) / 1000, isSafe)
  }

  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (thrown) {
      throw storeFault(this.#path, thrown)
    }
  }
}

/** What a person can do, by SQLite's primary result code (https://sqlite.org/rescode.html). */
const ADVICE: Readonly<Record<number, string>> = {
  5: 'another process uses it; end that one first',
  8: 'it cannot be written; check the owner and the mount of the folder',
  10: 'the disk reported an error; check the disk, then start again',
  11: 'the file is damaged; stop, keep a copy of the folder, and restore the last backup',
  13: 'the disk is full; make room',
  14: 'it cannot be opened; check the owner and the mode of the folder',
  26: 'the file is damaged or not a store; stop, keep a copy of the folder, and restore the last backup',
}

const storeFault = (path: string, thrown: unknown): Fault => {
  if (thrown instanceof Fault) return thrown
  const code = thrown instanceof Error && 'errcode' in thrown && typeof thrown.errcode === 'number' ? thrown.errcode : undefined
  // the low byte is the primary code, the rest says where it arose
  const advice = code === undefined ? undefined : ADVICE[code & 0xff]
  const found = thrown instanceof Error ? thrown.message : String(thrown)
  return new Fault('store-failed', `the store in ${path} failed: ${advice ?? found}`, { path, sqlite: code }, thrown)
}
