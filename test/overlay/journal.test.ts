// What a node decided: each entry bound to the one before it, none missing, durable before anybody is told.
import { describe, expect, it } from 'vitest'
import { hex, utf8 } from '../../src/base/bytes.ts'
import { canonicalJson } from '../../src/base/canonical-json.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Store } from '../../src/base/ports.ts'
import { Journal, type JournalEntry, type JournalRow } from '../../src/overlay/journal.ts'
import { caught, engine, virtualClock } from './support.ts'

const entry = (text: string): JournalEntry => ({ kind: 'node', subject: 'cs', text, data: { b: 1, a: [text] } })
const setUp = (store: Store = memoryStore()) => {
  const clock = virtualClock()
  const told: JournalRow[] = []
  return { clock, told, store, journal: new Journal({ node: 'lc', store, engine, clock, told: (row) => told.push(row) }) }
}

/** What an auditor does: recompute every hash. The number of the first row that does not fit, or nothing. */
const firstFlaw = (rows: readonly JournalRow[]): number | undefined => {
  let previous = ''
  for (const [i, row] of rows.entries()) {
    if (row.seq !== i + 1 || row.previous !== previous) return i + 1
    previous = hex(engine.digest('SHA-256', utf8(canonicalJson({ ...row }))))
  }
  return undefined
}

it('a flood of refusals fills no disk: some are written down, the rest is counted, and everything else is written as ever', async () => {
  const { clock, store } = setUp()
  const journal = new Journal({ node: 'lc', store, engine, clock, refusals: { burst: 2, perSecond: 1 } })
  for (let i = 1; i <= 50; i++) await journal.writeRefusal({ ...entry(`no ${i}`), kind: 'order-refused' })
  await journal.write(entry('yes'))
  await clock.advance(1_000)
  for (let i = 51; i <= 53; i++) await journal.writeRefusal({ ...entry(`no ${i}`), kind: 'order-refused' })
  const said = ['no 1', 'no 2', 'yes', 'no 51 (48 refusals before it are not written down)']
  expect(journal.read(0, 99).map(({ text }) => text)).toEqual(said)
  expect(firstFlaw(journal.read(0, 99))).toBeUndefined()
})

describe('the journal', () => {
  it('is a chain, with time and node, over restarts', async () => {
    const { journal, clock, store, told } = setUp()
    await journal.write(entry('1'))
    await clock.advance(5)
    await Promise.all([journal.write(entry('2')), journal.write(entry('3'))])
    await setUp(store).journal.write(entry('4'))
    const rows = journal.read(0, 10)
    expect(rows.map(({ seq, text, node }) => [seq, text, node])).toEqual([1, 2, 3, 4].map((n) => [n, String(n), 'lc']))
    expect((rows[1]?.at ?? 0) - (rows[0]?.at ?? 0)).toBe(5)
    expect(firstFlaw(rows)).toBeUndefined()
    expect(told).toEqual(rows.slice(0, 3))
    expect(journal.read(2, 1).map(({ text }) => text)).toEqual(['3'])
  })

  it('shows every change: altered, removed, exchanged, put in', async () => {
    const { journal } = setUp()
    for (const text of ['1', '2', '3', '4']) await journal.write(entry(text))
    const rows = journal.read(0, 10)
    const [a, b, c, d] = rows as [JournalRow, JournalRow, JournalRow, JournalRow]
    expect(firstFlaw([a, { ...b, text: 'x' }, c, d])).toBe(3)
    expect(firstFlaw([a, { ...b, at: b.at + 1 }, c, d])).toBe(3)
    expect(firstFlaw([a, { ...b, data: { a: ['2'], b: 2 } }, c, d])).toBe(3)
    expect(firstFlaw([a, c, d])).toBe(2)
    expect(firstFlaw([a, { ...c, seq: 2 }, { ...d, seq: 3 }])).toBe(2)
    expect(firstFlaw([a, { ...c, seq: 2 }, { ...b, seq: 3 }, d])).toBe(2)
    expect(firstFlaw([a, b, { ...b, seq: 3 }, c, d])).toBe(3)
    expect(firstFlaw([a, b, c, d])).toBeUndefined()
  })

  it('leaves no gap where the store failed, for those who wrote at the same time and right after', async () => {
    let full = true
    const { journal, told } = setUp(
      memoryStore({
        beforeCommit: () => {
          if (full) throw new Error('the disk is full')
        },
      }),
    )
    const lost = [journal.write(entry('lost')), journal.write(entry('lost too'))].map(caught)
    // as soon as the store gave up, before anybody was told so
    const right = Promise.resolve()
      .then(() => undefined)
      .then(() => {
        full = false
        return journal.write(entry('kept'))
      })
    expect((await Promise.all(lost)).map(({ code }) => code)).toEqual(['store-failed', 'store-failed'])
    await right
    await journal.write(entry('after'))
    const rows = journal.read(0, 10)
    expect(rows.map(({ text }) => text)).toEqual(['kept', 'after'])
    expect(firstFlaw(rows)).toBeUndefined()
    expect(told).toEqual(rows)
  })

  it('tells nobody before an entry is durable', async () => {
    const { journal, told } = setUp()
    const written = journal.write(entry('1'))
    expect(told).toEqual([])
    await written
    expect(told).toHaveLength(1)
  })
})
