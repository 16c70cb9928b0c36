// What a node decided: each entry bound to the one before it, none missing, durable before anybody is told.
import { describe, expect, it } from 'vitest'
import { hex, utf8 } from '../../src/base/bytes.ts'
import { canonicalJson } from '../../src/base/canonical-json.ts'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json, Store } from '../../src/base/ports.ts'
import { Journal, type JournalEntry, type JournalRow } from '../../src/overlay/journal.ts'
import { caught, engine, settle, virtualClock } from './support.ts'

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

describe('a flood of refusals', () => {
  const refusal = (action: string, rule: string, data: Json = { by: [] }): JournalEntry => ({
    ...{ kind: 'order-refused', subject: 'cs', rule, data },
    text: `${action}: refused by rule ${rule}`,
  })
  const flooded = (store: Store = memoryStore()) => {
    const parts = setUp(store)
    const journal = new Journal({ node: 'lc', store, engine, clock: parts.clock, refusals: { burst: 2, perSecond: 0.001 } })
    return { ...parts, journal }
  }

  it('fills no disk: some are written one by one, each of the rest is counted, and everything else is written as ever', async () => {
    const { clock, journal } = flooded()
    let answered = 0
    for (let i = 1; i <= 50; i++) void journal.writeRefusal(refusal(`no ${i % 3}`, 'r')).then(() => answered++)
    await journal.write(entry('yes'))
    // nobody is answered before it is durable that he was refused
    await settle()
    expect(answered).toBe(2)
    await clock.advance(1_000)
    expect(answered).toBe(50)
    void journal.writeRefusal(refusal('later', 'r'))
    await clock.advance(1_000)
    const rows = journal.read(0, 99)
    expect(rows.map(({ kind }) => kind)).toEqual(['order-refused', 'order-refused', 'node', 'refusals', 'refusals'])
    const counts = ['no 0', 'no 1', 'no 2'].map((action) => ({ kind: 'order-refused', rule: 'r', action, count: 16 }))
    expect(rows[3]).toMatchObject({ subject: 'lc', text: expect.stringContaining('48 refusals'), data: { counts } })
    expect(rows[4]).toMatchObject({ data: { counts: [{ action: 'later', count: 1 }] } })
    expect(firstFlaw(rows)).toBeUndefined()
  })

  it('hides nobody: who signed, and the neighbour it came over, keep places of their own, however many names are made up', async () => {
    const { clock, journal } = flooded()
    for (let i = 0; i < 5_000; i++) void journal.writeRefusal(refusal(`a${i}`, 'deny-by-default'))
    for (let i = 0; i < 300; i++)
      void journal.writeRefusal(refusal(`b${i}`, 'deny-by-default', { by: [{ node: 'insider', role: 'csms', kid: 'k' }] }))
    void journal.writeRefusal(refusal('Reset', 'grid-limit', { by: [{ node: 'grid', role: 'grid', kid: 'g' }] }))
    void journal.writeRefusal({ kind: 'message-refused', subject: 'x', rule: 'signature-intact', text: 'no', data: { hop: 'box' } })
    await clock.advance(1_000)
    const { counts } = (journal.read(2, 9)[0] as JournalRow).data as { counts: { by?: string; action?: string; count: number }[] }
    expect(counts).toContainEqual({ kind: 'order-refused', rule: 'grid-limit', by: 'grid', action: 'Reset', count: 1 })
    expect(counts).toContainEqual({ kind: 'message-refused', rule: 'signature-intact', by: 'box', action: '', count: 1 })
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(5_300)
    expect(counts.length).toBeLessThan(30)
    expect(counts.filter(({ by }) => by === 'insider').reduce((sum, { count }) => sum + count, 0)).toBe(300)
  })

  it('is counted to the last when the node stops, and whoever cannot be counted is told', async () => {
    let full = false
    const { journal } = flooded(
      memoryStore({
        beforeCommit: () => {
          if (full) throw new Error('the disk is full')
        },
      }),
    )
    for (let i = 0; i < 2; i++) await journal.writeRefusal(refusal('a', 'r'))
    const counted = journal.writeRefusal(refusal('b', 'r'))
    await journal.flush()
    await counted
    expect(journal.read(2, 9)).toMatchObject([{ kind: 'refusals', data: { counts: [{ action: 'b', count: 1 }] } }])
    full = true
    const lost = caught(journal.writeRefusal(refusal('c', 'r')))
    await journal.flush()
    expect((await lost).code).toBe('store-failed')
  })
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
