// The audit: a clean export is sound, and whatever is done to one that other nodes hold heads of is found (S18), by code and place.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import type { Json } from '../../src/base/ports.ts'
import { type Envelope, payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import { audit } from '../../src/overlay/audit.ts'
import { AUDIT_CODES } from '../../src/overlay/audit-chain.ts'
import { HeadBook } from '../../src/overlay/head-book.ts'
import { Journal, type JournalRow } from '../../src/overlay/journal.ts'
import { type HeldHead, headJson, heldHead, nextHead, type SignedHead, signHead } from '../../src/overlay/journal-heads.ts'
import { callOf, caught, engine, keysOf, makeGuard, settle, virtualClock } from './support.ts'

const keys = keysOf({ lc: 'local-controller', grid: 'grid-operator', cs: 'station', gateway: 'gateway' })
const world = { trust: keys.trust, engine }
const PROFILE = {
  evseId: 2,
  chargingProfile: { id: 1, chargingSchedule: [{ chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 4200 }] }] },
  limit: 4200,
}

/** A controller's journal with an order obeyed, one refused and `noise` others; its heads, as the gateway holds them. */
const record = async (noise = 3) => {
  const clock = virtualClock()
  const { guard, journal, store } = makeGuard(clock, 'lc', { trust: keys.trust, identity: keys.identity('lc') })
  const grid = makeGuard(clock, 'grid', { trust: keys.trust, identity: keys.identity('grid') }).guard
  const cs = makeGuard(clock, 'cs', { trust: keys.trust, identity: keys.identity('cs') }).guard
  const book = new HeadBook(store)
  const heads: Json[] = []
  const sign = async (heldBy: string) => {
    const signed = await book.sign(journal.newest(), clock.now(), keys.identity('lc'))
    if (signed) heads.push(heldHead(signed, keys.identity(heldBy)))
  }
  const question = grid.sealCall(
    callOf({ from: 'grid', to: 'cs' }, { id: 'm1', action: 'SetChargingProfile', payload: payloadOf(PROFILE) }),
  )
  await guard.admit(question, 'lc')
  const answer: Envelope = {
    ...{ destination: ['grid'], path: ['cs'], header: {} },
    message: { type: RESULT, id: 'm1', payload: payloadOf({ status: 'Accepted' }) },
  }
  guard.answered(question, Promise.resolve(cs.sealAnswer(question, answer)))
  await settle()
  await clock.advance(1_000)
  await sign('gateway')
  await clock.advance(60_000)
  await caught(guard.admit(question, 'lc'))
  for (let i = 0; i < noise; i++) {
    if (i < 10) await clock.advance(60_000)
    await journal.write({ kind: 'node', subject: 'gateway', text: `came ${i}` })
  }
  await sign('gateway')
  return { rows: journal.read(0, 100_000), heads, clock, journal, question, guard }
}

const judge = (rows: readonly unknown[], heads: readonly Json[]) => audit([{ name: 'x', text: JSON.stringify([...rows, ...heads]) }], world)
const codes = (rows: readonly unknown[], heads: readonly Json[]) => judge(rows, heads).findings.map(({ code }) => code)

const clean = await record()

describe('a clean export', () => {
  it('is sound, and says who limited which charging point, and that it was obeyed', () => {
    const report = judge(clean.rows, clean.heads)
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({
      verdict: 'sound',
      journals: [{ node: 'lc', first: 1, last: 6, signedUpTo: 6, witnessedUpTo: 6, witnesses: ['gateway'] }],
      orders: [
        {
          ...{ node: 'lc', seq: 1, station: 'cs', evse: 2, action: 'SetChargingProfile', limits: ['4200 W'], rule: 'grid-limit' },
          ...{ decision: 'accepted', by: [{ node: 'grid', role: 'grid-operator', state: 'verified' }] },
          ...{ obeyed: 'answered', answer: { says: 'Accepted', receipt: 'verified' } },
        },
        { seq: 3, decision: 'refused', rule: 'signature-expired', obeyed: 'no' },
      ],
    })
  })

  it('may come as pages of the API, with times as text, in any order and overlapping', () => {
    const page = (rows: readonly JournalRow[]) => ({
      name: 'p',
      text: JSON.stringify(rows.map((row) => ({ ...row, at: new Date(row.at).toISOString() }))),
    })
    const heads = { name: 'h', text: clean.heads.map((head) => JSON.stringify(head)).join('\n') }
    expect(audit([heads, page(clean.rows.slice(2)), page(clean.rows.slice(0, 4))], world).verdict).toBe('sound')
  })

  it('answers for one charging point and one time', () => {
    const ask = (question: object) => audit([{ name: 'x', text: JSON.stringify(clean.rows) }], world, question).orders.map(({ seq }) => seq)
    expect(ask({ station: 'cs', evse: 2 })).toEqual([1, 3])
    expect(ask({ station: 'cs', evse: 1 })).toEqual([])
    expect(ask({ station: 'other' })).toEqual([])
    expect(ask({ to: clean.rows[2]?.at })).toEqual([1])
    expect(ask({ from: clean.rows[2]?.at })).toEqual([3])
  })

  it('of 10,000 entries takes seconds', async () => {
    const { rows, heads } = await record(9_997)
    const start = performance.now()
    expect(judge(rows, heads).verdict).toBe('sound')
    expect(performance.now() - start).toBeLessThan(5_000)
  })
})

/** Writes the chain anew from an entry on, as one who has the disk but not the key can. */
const rechained = async (rows: readonly JournalRow[], drop: number): Promise<JournalRow[]> => {
  const clock = virtualClock()
  const forged = new Journal({ node: 'lc', store: memoryStore(), engine, clock })
  for (const { seq, at, kind, subject, text, rule, data } of rows) {
    if (seq === drop) continue
    await clock.advance(at - clock.now())
    await forged.write({ kind, subject, text, ...(rule && { rule }), ...(data !== undefined && { data }) })
  }
  return forged.read(0, 1_000)
}

describe('what somebody did to an export is found', () => {
  const place = fc.nat(clean.rows.length - 1)
  const hit = (rows: readonly unknown[], expected: readonly string[]) => {
    const report = judge(rows, clean.heads)
    expect(report.verdict).not.toBe('sound')
    expect(report.findings.map(({ code }) => code)).toEqual(expect.arrayContaining([...expected]))
    return report
  }

  it('removed, anywhere', () => {
    fc.assert(
      fc.property(place, (i) => void hit(clean.rows.toSpliced(i, 1), [i === clean.rows.length - 1 ? 'entries-cut' : 'entries-missing'])),
    )
  })

  it('removed, and the others counted anew', () => {
    fc.assert(
      fc.property(place, (i) => {
        const rows = clean.rows.toSpliced(i, 1).map((row, n) => ({ ...row, seq: n + 1 }))
        expect(hit(rows, []).verdict).toBe('tampered')
      }),
    )
  })

  it('altered: any member of any entry', () => {
    const change = fc.constantFrom<Partial<JournalRow>>(
      { subject: 'x' },
      { text: 'x' },
      { rule: 'x' },
      { kind: 'queue' },
      { data: 1 },
      { previous: 'ab' },
    )
    fc.assert(
      fc.property(
        place,
        change,
        (i, changed) => void expect(hit(clean.rows.with(i, { ...row(i), ...changed }), []).verdict).toBe('tampered'),
      ),
    )
  })

  it('back-dated, by any time', () => {
    const by = fc.integer({ min: 1, max: 86_400_000 })
    fc.assert(
      fc.property(
        place,
        by,
        (i, ms) => void expect(hit(clean.rows.with(i, { ...row(i), at: row(i).at - ms }), []).verdict).toBe('tampered'),
      ),
    )
  })

  it('exchanged, any two', () => {
    fc.assert(
      fc.property(place, place, (i, j) => {
        fc.pre(i !== j)
        const rows = clean.rows.with(i, { ...row(j), seq: i + 1 }).with(j, { ...row(i), seq: j + 1 })
        expect(hit(rows, ['entry-altered']).verdict).toBe('tampered')
      }),
    )
  })

  it('cut at the end, anywhere', () => {
    fc.assert(fc.property(place, (i) => void hit(clean.rows.slice(0, i), CUT[i] ?? ['entries-cut'])))
  })

  it('written anew, with every hash right', async () => {
    for (const { seq } of clean.rows)
      expect(hit(await rechained(clean.rows, seq), seq < 3 ? ['history-rewritten'] : []).verdict).toBe('tampered')
  })

  const row = (i: number): JournalRow => clean.rows[i] as JournalRow
})

describe('what a node did that has the key', () => {
  it('two histories: shown to two neighbours, found by whoever holds both heads, with no entry at hand', async () => {
    const clock = virtualClock()
    const head = async (text: string) => {
      const store = memoryStore()
      const journal = new Journal({ node: 'lc', store, engine, clock })
      await journal.write({ kind: 'node', subject: 'x', text })
      const signed = await new HeadBook(store).sign(journal.newest(), clock.now(), keys.identity('lc'))
      return headJson(signed ?? expect.unreachable())
    }
    expect(codes([], [await head('a'), await head('b')])).toEqual(['input-unusable', 'history-split'])
    expect(codes([], [await head('a'), await head('a')])).toEqual(['input-unusable'])
  })

  it('an entry back-dated before a head that it gave away, or a head before an entry: every hash and signature is right', async () => {
    const { rows, heads, journal } = await record(1)
    const { head } = heads.at(-1) as unknown as SignedHead
    const HOUR = 3_600_000
    const grown = async (entryAt: number, headAt: number) => {
      const store = memoryStore()
      for (const row of rows)
        await store.commit([{ collection: 'journal', key: String(row.seq).padStart(12, '0'), value: { ...row } as Json }])
      const late = new Journal({ node: 'lc', store, engine, clock: virtualClock(entryAt) })
      await late.write({ kind: 'node', subject: 'x', text: 'late' })
      const after = signHead(nextHead({ node: 'lc', ...late.newest() }, headAt, head), keys.identity('lc'))
      return codes(late.read(0, 99), [...heads, heldHead(after, keys.identity('gateway'))])
    }
    expect(journal.newest().seq).toBe(head.seq)
    expect(await grown(head.at + 1_000, head.at + 2_000)).toEqual([])
    expect(await grown(head.at - HOUR, head.at + 2_000)).toContain('back-dated')
    expect(await grown(head.at + HOUR, head.at + 2_000)).toContain('back-dated')
  })

  it('an order put in that nobody signed, or an answer', async () => {
    const { clock, journal, question, guard } = await record()
    const forged = { ...question, message: { ...question.message, payload: payloadOf({ limit: 9 }) } } as Envelope
    await caught(guard.admit(forged, 'lc'))
    const last = journal.read(0, 99).at(-1) as JournalRow
    await journal.write({
      kind: 'order-accepted',
      subject: 'grid',
      text: last.text,
      rule: 'r',
      ...(last.data !== undefined && { data: last.data }),
    })
    const answered = journal.read(0, 99)[1] as JournalRow
    const { frame } = answered.data as { frame: string }
    await journal.write({ ...entryOf(answered), data: { order: 1, frame: frame.replace('Accepted', 'Rejected') } })
    const signed = await new HeadBook(memoryStore()).sign(journal.newest(), clock.now(), keys.identity('lc'))
    const report = judge(journal.read(0, 99), signed ? [heldHead(signed, keys.identity('gateway'))] : [])
    expect(report.findings.map(({ code, seq }) => [code, seq])).toEqual([
      ['answer-forged', journal.newest().seq],
      ['order-forged', last.seq + 1],
    ])
  })
})

/** By how many entries are left: after the second the node signed, so an export that ends there may just be old. */
const CUT: Readonly<Record<number, readonly string[]>> = { 0: ['input-unusable'], 2: ['entries-later'] }

const entryOf = ({ kind, subject, text }: JournalRow) => ({ kind, subject, text })

describe('what is not proven', () => {
  it('without a head nothing covers the end, and nobody is a witness', () => {
    expect(codes(clean.rows, [])).toEqual(['tail-unsigned', 'unwitnessed'])
    const own = clean.heads.map((head) => ({ ...(head as object), heldBy: 'lc' }))
    expect(codes(clean.rows, own)).toEqual(['unwitnessed'])
  })

  it('nobody is a witness by the word of another: who is judged may have written the file', async () => {
    const { head, signature, held } = clean.heads.at(-1) as object as HeldHead
    const by = (node: string, key: string) => heldHead({ head, signature } as object as SignedHead, keys.identity(node, key))
    const own = by('lc', 'lc')
    const bare = { head, signature, heldBy: 'gateway' }
    for (const claim of [
      bare,
      { ...bare, heldBy: 'grid', held },
      { ...bare, held: signature },
      by('gateway', 'lc'),
      { ...own, heldBy: 'gateway' },
    ])
      expect(codes(clean.rows, [claim, own])).toEqual(['unwitnessed'])
    expect(codes(clean.rows, [by('gateway', 'gateway')])).toEqual([])
  })

  it('an export that its node signed is older than a head, not cut', () => {
    expect(codes(clean.rows.slice(0, 2), clean.heads)).toEqual(['entries-later'])
    expect(codes(clean.rows.slice(0, 3), clean.heads)).toEqual(['entries-cut'])
  })

  it('a key that is not trusted proves nothing', () => {
    const few = keysOf({ lc: 'local-controller' })
    const report = audit([{ name: 'x', text: JSON.stringify([...clean.rows, ...clean.heads]) }], { trust: few.trust, engine })
    expect(report.findings.map(({ code }) => code)).toEqual(['order-unproven', 'answer-unproven', 'unwitnessed'])
    expect(report.orders[0]?.by).toMatchObject([{ node: 'grid', state: 'unproven' }])
    const nobody = audit([{ name: 'x', text: JSON.stringify(clean.heads) }], { trust: keysOf({}).trust, engine })
    expect(nobody.findings.map(({ code }) => code)).toEqual(['input-unusable', 'head-unusable', 'head-unusable'])
  })

  it('rubbish is named', () => {
    expect(judge([{ hello: 1 }], []).findings.map(({ code }) => code)).toEqual(['input-unusable', 'input-unusable'])
    expect(audit([{ name: 'f', text: 'no json' }], world).findings[0]).toMatchObject({ code: 'input-unusable' })
    expect(audit([], world)).toMatchObject({ verdict: 'unproven', journals: [] })
  })

  it('a clock that was set back shows', async () => {
    const { journal, clock } = await record(0)
    const back = new Journal({ node: 'lc', store: memoryStore(), engine, clock: virtualClock(clock.now() - 86_400_000) })
    for (const each of journal.read(0, 9)) await back.write(entryOf(each))
    expect(
      codes([...journal.read(0, 3), { ...(back.read(0, 9)[0] as JournalRow), seq: 4, previous: journal.newest().hash }], []),
    ).toContain('time-backwards')
  })
})

it('every code says how much it weighs', () => {
  expect(Object.values(AUDIT_CODES).every((kind) => kind === 'tampered' || kind === 'unproven')).toBe(true)
})
