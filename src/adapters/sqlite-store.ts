// The durable Store: one SQLite file in a folder of its own, written by one process. What is committed while the disk is busy shares the
// next transaction and the next flush; the process goes on meanwhile. It knows nothing of what the documents mean.
import { accessSync, closeSync, constants, fdatasync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { Fault } from '../base/fault.ts'
import { jsonText, keyInterval } from '../base/memory-store.ts'
import type { Change, Json, Range, Row, Store } from '../base/ports.ts'
import { readJson } from '../base/read-json.ts'

export interface StoreOptions {
  /** Called before each group of commits is written; what it throws fails them all. Lets a test fill the disk. */
  readonly beforeCommit?: () => void
  /** A group is written when it is this old, ms, however much still comes: whoever is in it waits no longer for those behind. 2 */
  readonly groupMs?: number
  /** Makes safe what was written to that file; a test holds the disk up, or lets it fail. */
  readonly sync?: (file: number) => Promise<void>
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
    return new SqliteStore(path, openFiles(join(path, 'store.db')), options)
  } catch (thrown) {
    throw storeFault(path, thrown)
  }
}

/** A transaction grows to this many changes before it is committed within the turn: beyond it, a larger one is no cheaper per change. */
const GROUP_LIMIT = 500

/** Layout of the file; a program refuses a higher number than it knows. */
const LAYOUT = 1

interface Files {
  readonly db: DatabaseSync
  /** The write-ahead log, as a file of its own. */
  readonly log: number
}

const openFiles = (file: string): Files => {
  const db = new DatabaseSync(file)
  try {
    // The exclusive lock is taken by the first access and kept until the process closes the file or dies. NORMAL leaves to us when a commit
    // is safe, and goes on seeing to the order of log and file (https://sqlite.org/pragma.html#pragma_synchronous).
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    // 16 MiB of log before it is taken over into the file: the one thing left that holds the process up for the disk
    db.exec('PRAGMA wal_autocheckpoint = 4000')
    const layout = Number(db.prepare('PRAGMA user_version').get()?.user_version)
    if (layout > LAYOUT)
      throw new Fault('store-failed', `expected store layout ${LAYOUT} or older, found ${layout}: a newer release wrote it`)
    db.exec(`CREATE TABLE IF NOT EXISTS documents (collection TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (collection, key)) WITHOUT ROWID;
      PRAGMA user_version = ${LAYOUT}`)
    // the log has stood since this line wrote to it, and is taken away by nobody but `close`
    return { db, log: openSync(`${file}-wal`, 'r+') }
  } catch (thrown) {
    db.close()
    throw thrown
  }
}

/** Commits of one transaction: all of them are safe, or none. */
interface Group {
  readonly done: PromiseWithResolvers<void>
  /** When its first change came, ms. */
  readonly since: number
  changes: number
  /** Rows that are not as they were: without any there is nothing to make safe. */
  rows: number
}

const SQL = {
  get: 'SELECT value FROM documents WHERE collection = ? AND key = ?',
  forward: 'SELECT key, value FROM documents WHERE collection = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?',
  reverse: 'SELECT key, value FROM documents WHERE collection = ? AND key >= ? AND key < ? ORDER BY key DESC LIMIT ?',
  put: 'INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value',
  delete: 'DELETE FROM documents WHERE collection = ? AND key = ?',
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
} as const

class SqliteStore implements Store {
  readonly #path: string
  readonly #db: DatabaseSync
  readonly #log: number
  readonly #statements: Readonly<Record<keyof typeof SQL, StatementSync>>
  readonly #options: StoreOptions
  /** Its transaction is open. */
  #group: Group | undefined
  /** Their transactions are in the log, and the log is not on disk. */
  #written: Group[] = []
  /** Under way while anything waits for the disk. */
  #flushing: Promise<void> | undefined
  /** Why nothing can be committed any more. */
  #broken: Fault | undefined

  constructor(path: string, { db, log }: Files, options: StoreOptions) {
    this.#path = path
    this.#db = db
    this.#log = log
    this.#options = options
    const prepared = Object.entries(SQL).map(([name, sql]) => [name, db.prepare(sql)])
    this.#statements = Object.fromEntries(prepared)
  }

  get(collection: string, key: string): Json | undefined {
    return this.#guard(() => {
      const row = this.#statements.get.get(collection, key)
      return row === undefined ? undefined : readJson(row.value as string)
    })
  }

  list(collection: string, range: Range = {}): Row[] {
    return this.#guard(() => {
      const { low, high } = keyInterval(range)
      const rows = this.#statements[range.reverse === true ? 'reverse' : 'forward'].all(collection, low, high, range.limit ?? -1)
      return rows.map(({ key, value }) => ({ key: key as string, value: readJson(value as string) }))
    })
  }

  /** Changes are applied at once inside an open transaction, so that reads see them; one failure undoes the whole group. */
  commit(changes: readonly Change[]): Promise<void> {
    let texts: (string | undefined)[]
    try {
      if (this.#broken !== undefined) throw this.#broken
      texts = changes.map(jsonText)
    } catch (fault) {
      return Promise.reject(fault)
    }
    this.#group ??= { done: Promise.withResolvers<void>(), since: performance.now(), changes: 0, rows: 0 }
    const group = this.#group
    group.changes += changes.length
    try {
      group.rows += this.#apply(changes, texts)
      if (group.changes >= GROUP_LIMIT) this.#end()
    } catch (thrown) {
      this.#abandon(group, thrown)
    }
    this.#flushing ??= turn().then(() => this.#flush())
    return group.done.promise
  }

  async close(): Promise<void> {
    this.#broken ??= new Fault('store-failed', 'the store is closed')
    await this.#flushing
    if (!this.#db.isOpen) return
    this.#guard(() => this.#db.close())
    closeSync(this.#log)
  }

  /** What comes while one group is made safe is the next, and so on until nothing came. */
  async #flush(): Promise<void> {
    while (this.#group !== undefined || this.#written.length > 0) {
      await this.#quiet()
      this.#end()
      const groups = this.#written
      this.#written = []
      try {
        // what is as it was has been made safe before
        if (groups.some(({ rows }) => rows > 0)) await (this.#options.sync ?? onDisk)(this.#log)
        for (const group of groups) this.#settle(group)
      } catch (thrown) {
        // what the disk kept of it nobody knows (fsync(2)): whoever asked hears that it failed, and nothing more is built on it
        this.#broken = storeFault(this.#path, thrown)
        for (const group of [...groups, ...this.#written.splice(0)]) this.#settle(group, this.#broken)
        if (this.#group !== undefined) this.#abandon(this.#group, this.#broken)
      }
    }
    this.#flushing = undefined
  }

  #apply(changes: readonly Change[], texts: readonly (string | undefined)[]): number {
    const { begin, put, delete: remove } = this.#statements
    if (!this.#db.isTransaction) begin.run()
    let rows = 0
    for (let i = 0; i < changes.length; i++) {
      const { collection, key } = changes[i] as Change
      const text = texts[i]
      rows += Number((text === undefined ? remove.run(collection, key) : put.run(collection, key, text)).changes)
    }
    return rows
  }

  /** One transaction serves all that comes in a row: it is full after the first turn that added nothing to it, or when it is old enough. */
  async #quiet(): Promise<void> {
    const { groupMs = 2 } = this.#options
    for (let before = 0, group = this.#group; group !== undefined; group = this.#group) {
      if (group.changes === before || performance.now() - group.since > groupMs) break
      before = group.changes
      await turn()
    }
  }

  /** Ends the open transaction, if there is one: a group that reached its limit has gone before its turn ended. */
  #end(): void {
    const group = this.#group
    if (group === undefined) return
    try {
      this.#options.beforeCommit?.()
      this.#statements.commit.run()
      this.#group = undefined
      this.#written.push(group)
    } catch (thrown) {
      this.#abandon(group, thrown)
    }
  }

  #abandon(group: Group, thrown: unknown): void {
    this.#group = undefined
    try {
      // a full disk makes SQLite roll back by itself
      if (this.#db.isTransaction) this.#statements.rollback.run()
    } finally {
      this.#settle(group, storeFault(this.#path, thrown))
    }
  }

  #settle({ since, done }: Group, fault?: Fault): void {
    this.#options.committed?.((performance.now() - since) / 1000, fault === undefined)
    if (fault === undefined) done.resolve()
    else done.reject(fault)
  }

  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (thrown) {
      throw storeFault(this.#path, thrown)
    }
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** In a thread of the pool: a disk that takes its time holds up who waits for it, and nobody else. */
const onDisk = promisify(fdatasync)

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
