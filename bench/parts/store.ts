// Durable commits: 50 at once, as 50 stations that speak at the same moment cause them, next to one bare SQLite transaction; in CPU time,
// in how many are durable in a second, and in how much later a single one is.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openStore } from '../../src/adapters/sqlite-store.ts'
import type { Change } from '../../src/base/ports.ts'
import { cpuOf } from '../cpu.ts'
import { median, type Part, type Plan, type Row, row } from '../part.ts'

export const storing: Part = { name: 'store', measure: (plan) => measure(plan) }

const COMMITS = 50
const CHANGES = 2

const measure = async (plan: Plan): Promise<Row[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'chargeproof-bench-'))
  const store = openStore(join(folder, 'store'))
  const bare = bareTransaction(join(folder, 'bare.db'))
  try {
    const group = async (): Promise<void> => {
      await Promise.all(Array.from({ length: COMMITS }, (_, i) => store.commit(rowsOf(i))))
    }
    const events = await inTurns(group, bare.run, plan)
    const single = await inTurns(
      () => store.commit(rowsOf(0)),
      () => bare.write(1),
      { ...plan, windowMs: plan.windowMs / 10 },
    )
    const cpu = await cpuOf({ group, bare: bare.run }, plan)
    return [
      row({
        part: 'store',
        what: `a commit of ${CHANGES} rows, ${COMMITS} at once`,
        value: cpu.group / COMMITS,
        unit: 'µs CPU',
        yardstick: { what: 'the rows in one bare transaction', value: cpu.bare / COMMITS },
      }),
      row({
        part: 'store',
        what: `an event until durable, ${COMMITS} at once`,
        value: (events.ours * 1_000) / COMMITS,
        unit: 'µs',
        yardstick: { what: 'groups in bare transactions', value: (events.bare * 1_000) / COMMITS },
        // 60 of 100 events in the same time
        target: { of: 'ratio', most: 1 / 0.6 },
      }),
      row({
        part: 'store',
        what: 'added to an event that comes alone',
        value: Math.max(0, single.ours - single.bare),
        unit: 'ms',
        target: { of: 'value', most: 10 },
        seen: { 'ms alone': single.ours, 'yardstick ms alone': single.bare },
      }),
    ]
  } finally {
    bare.close()
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const keys = (commit: number): string[] => Array.from({ length: CHANGES }, (_, i) => `cs${commit}/${i}`)
const rowsOf = (commit: number): Change[] => keys(commit).map((key) => ({ collection: 'meters', key, value: reading() }))

/** Never the same twice: a row that is as it was costs no disk, neither ours nor SQLite's. */
const reading = () => ({ stationId: 'cs1', place: 1, at: '2026-03-01T08:00:00.000Z', powerW: 11034.5, registerWh: String(readings++) })
let readings = 48_231

/** The same settings and the same table as the store, and nothing around them. */
const bareTransaction = (file: string): { run: () => void; write: (commits: number) => void; close: () => void } => {
  const db = new DatabaseSync(file)
  db.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE documents (collection TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (collection, key)) WITHOUT ROWID`)
  const put = db.prepare('INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
  const write = (commits: number): void => {
    db.exec('BEGIN IMMEDIATE')
    for (let i = 0; i < commits; i++) for (const key of keys(i)) put.run('meters', key, JSON.stringify(reading()))
    db.exec('COMMIT')
  }
  return { run: () => write(COMMITS), write, close: () => db.close() }
}

/** Milliseconds of each run by the clock, the median of all, in windows that take turns. */
const inTurns = async (ours: () => Promise<void>, bare: () => void, plan: Plan): Promise<{ ours: number; bare: number }> => {
  const times = { ours: [] as number[], bare: [] as number[] }
  for (let round = 0; round < plan.rounds; round++) {
    for (const [side, work] of [['ours', ours] as const, ['bare', bare] as const]) {
      for (const end = performance.now() + plan.windowMs / 5; performance.now() < end; ) {
        const start = performance.now()
        await work()
        times[side].push(performance.now() - start)
      }
    }
  }
  return { ours: median(times.ours), bare: median(times.bare) }
}
