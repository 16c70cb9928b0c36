// Durable commits: 50 at once, as 50 stations that speak at the same moment cause them, next to one bare SQLite transaction.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openStore } from '../../src/adapters/sqlite-store.ts'
import { cpuOf } from '../cpu.ts'
import { type Part, type Plan, type Row, row } from '../part.ts'

export const storing: Part = { name: 'store', measure: (plan) => measure(plan) }

const COMMITS = 50
const CHANGES = 2

const measure = async (plan: Plan): Promise<Row[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'chargeproof-bench-'))
  const store = openStore(join(folder, 'store'))
  const bare = bareTransaction(join(folder, 'bare.db'))
  try {
    const group = async (): Promise<void> => {
      await Promise.all(
        Array.from({ length: COMMITS }, (_, i) => store.commit(keys(i).map((key) => ({ collection: 'meters', key, value: DOCUMENT })))),
      )
    }
    const start = performance.now()
    await group()
    const waited = performance.now() - start
    const cpu = await cpuOf({ group, bare: bare.run }, plan)
    return [
      row({
        part: 'store',
        what: `a commit of ${CHANGES} rows, ${COMMITS} at once`,
        value: cpu.group / COMMITS,
        unit: 'µs CPU',
        yardstick: { what: 'the rows in one bare transaction', value: cpu.bare / COMMITS },
        seen: { 'ms of the first group until durable': waited },
      }),
    ]
  } finally {
    bare.close()
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const keys = (commit: number): string[] => Array.from({ length: CHANGES }, (_, i) => `cs${commit}/${i}`)
const DOCUMENT = { stationId: 'cs1', place: 1, at: '2026-03-01T08:00:00.000Z', powerW: 11034.5, registerWh: '48231.7' }

/** The same settings and the same table as the store, and nothing around them. */
const bareTransaction = (file: string): { run: () => void; close: () => void } => {
  const db = new DatabaseSync(file)
  db.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE documents (collection TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (collection, key)) WITHOUT ROWID`)
  const put = db.prepare('INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
  const run = (): void => {
    db.exec('BEGIN IMMEDIATE')
    for (let i = 0; i < COMMITS; i++) for (const key of keys(i)) put.run('meters', key, JSON.stringify(DOCUMENT))
    db.exec('COMMIT')
  }
  return { run, close: () => db.close() }
}
