// What a node's journal says, told to the back end: bounded, cut, and believed of its teller only.
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/base/ports.ts'
import { SEND } from '../../src/ocpp/frame.ts'
import type { JournalRow } from '../../src/overlay/journal.ts'
import { csmsLocal } from '../../src/roles/csms.ts'
import type { CsmsDesk } from '../../src/roles/csms-desk.ts'
import { JOURNAL_NOTE, JournalNotes, type ToldRow } from '../../src/roles/journal-notes.ts'
import type { NodeEvent } from '../../src/roles/network-node.ts'
import { askedOf, fakePeer, keysOf, makeNode, virtualClock } from '../overlay/support.ts'
import { dial, makeNetwork } from './park.ts'

const setUp = (id = 'lc', backend = 'csms') => {
  const clock = virtualClock()
  const { node } = makeNode(clock, id)
  const told: ToldRow[] = []
  const notes = new JournalNotes({ node, backend, clock, told: (row) => told.push(row) })
  const up = fakePeer('gateway')
  const attach = () => node.attach(up, { role: 'gateway', uplink: true })
  const sent = () =>
    up.sent.flatMap(({ message }) =>
      message.type === SEND && message.action === JOURNAL_NOTE ? [askedOf<{ rows: { seq: number }[] }>({ message }).rows] : [],
    )
  return { clock, notes, told, attach, sent }
}
const written = (seq: number, more: Partial<JournalRow> = {}): JournalRow => ({
  seq,
  at: 1_000 * seq,
  node: 'lc',
  kind: 'order-refused',
  subject: 'stranger',
  text: 'Reset: refused',
  rule: 'deny-by-default',
  previous: 'ff',
  ...more,
})
const note = (seq: number, more: object = {}): ToldRow & Json => {
  const { node, previous, ...row } = written(seq)
  return { ...row, ...more } as never
}

describe('what a node tells of its journal', () => {
  it('is what was decided, without payloads and hashes, a second later', async () => {
    const { clock, notes, attach, sent } = setUp()
    attach()
    const idle = clock.pending
    notes.written(written(1, { kind: 'order-accepted', data: { secret: 1 } }))
    notes.written(written(2, { kind: 'station' }))
    notes.written(written(3, { kind: 'node' }))
    notes.written(written(4, { kind: 'message-refused', data: { hop: 'gateway' }, text: 'x'.repeat(5000) }))
    await clock.advance(1000)
    expect(sent()).toEqual([
      [note(1, { kind: 'order-accepted' }), note(4, { kind: 'message-refused', hop: 'gateway', text: 'x'.repeat(500) })],
    ])
    await clock.advance(10_000)
    expect(sent()).toHaveLength(1)
    expect(clock.pending).toBe(idle)
  })

  it('waits for the uplink, the newest fifty of it, and fits a frame', async () => {
    const { clock, notes, attach, sent } = setUp()
    for (let seq = 1; seq <= 120; seq++) notes.written(written(seq, { text: '\u0001'.repeat(500), subject: 's'.repeat(48) }))
    await clock.advance(5000)
    attach()
    await clock.advance(1000)
    expect(sent().map((rows) => [rows.length, rows[0]?.seq, rows.at(-1)?.seq])).toEqual([[50, 71, 120]])
    expect(JSON.stringify(sent()).length).toBeLessThan(262_000)
  })

  it('is nothing where the node is the back end itself, and ends with it', async () => {
    const backend = setUp('csms', 'csms')
    backend.notes.written(written(1))
    const { clock, notes, attach, sent } = setUp()
    notes.written(written(1))
    notes.stop()
    attach()
    await clock.advance(5000)
    expect([backend.sent(), sent()]).toEqual([[], []])
  })
})

describe('what a back end hears of journals', () => {
  it('is believed of the teller alone, each entry once', () => {
    const { notes, told } = setUp('csms')
    notes.heard('lc', { rows: [note(1, { node: 'gateway' }), note(2)] })
    notes.heard('lc', { rows: [note(1), note(2), note(3, { hop: 'gw', rule: null })] })
    expect(told.map(({ node, seq }) => [node, seq])).toEqual([
      ['lc', 1],
      ['lc', 2],
      ['lc', 3],
    ])
    expect(notes.all()).toEqual(told)
    expect(told[2]).toEqual({ seq: 3, at: 3000, node: 'lc', kind: 'order-refused', subject: 'stranger', text: 'Reset: refused', hop: 'gw' })
  })

  it('begins anew where a journal did, but not where a note is repeated', () => {
    const { notes, told } = setUp('csms')
    notes.heard('lc', { rows: [note(8)] })
    notes.heard('lc', { rows: [note(1, { at: 9_000 })] })
    notes.heard('lc', { rows: [note(8)] })
    expect(told.map(({ seq, at }) => [seq, at])).toEqual([
      [8, 8000],
      [1, 9000],
    ])
  })

  it.each([
    ['no list', { rows: { length: 1 } }],
    ['nothing', {}],
    ['too many', { rows: Array.from({ length: 51 }, (_, i) => note(i)) }],
    ['a kind that is none', { rows: [note(1, { kind: '<script>' })] }],
    ['a time that is none', { rows: [note(1, { at: 1e300 })] }],
    ['a time no calendar has', { rows: [note(1, { at: 8.9e15 })] }],
    ['a number that is none', { rows: [note(1, { seq: -1 }), note(1, { seq: 'x' })] }],
    ['no text', { rows: [note(1, { text: 7 }), null, 7] }],
  ])('is not %s', (_, payload) => {
    const { notes, told } = setUp('csms')
    notes.heard('lc', payload as Json)
    expect([told, notes.all()]).toEqual([[], []])
  })

  it('does not fill the memory: fifty of a node, and the nodes heard last', () => {
    const { notes } = setUp('csms')
    for (let seq = 1; seq <= 200; seq++) notes.heard('lc', { rows: [note(seq, { text: 'x'.repeat(100_000), subject: 'y'.repeat(9_000) })] })
    expect(notes.all().map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, i) => 151 + i))
    expect(JSON.stringify(notes.all()).length).toBeLessThan(50_000)
    for (let i = 0; i < 300; i++) notes.heard(`n${i}`, { rows: [note(1)] })
    expect(notes.all()).toHaveLength(256)
    expect(notes.all().some(({ node }) => node === 'lc')).toBe(false)
  })

  it('comes over the overlay itself', async () => {
    const clock = virtualClock()
    const keys = keysOf({})
    const csms: ReturnType<typeof makeNetwork> = makeNetwork(
      clock,
      { id: 'csms' },
      {
        keys,
        local: csmsLocal({ desk: {} as CsmsDesk, clock, links: () => csms.links, notes: () => csms.notes, flaw: () => undefined }),
      },
    )
    const events: NodeEvent[] = []
    csms.watch((event) => events.push(event))
    const gateway = makeNetwork(clock, { id: 'gateway', uplinks: ['csms'] }, { keys })
    const lc = makeNetwork(clock, { id: 'lc', uplinks: ['gateway'] }, { keys })
    await dial(gateway, csms)
    await dial(lc, gateway)
    lc.refusedAtDoor({ id: 'cs', status: 401, reason: 'wrong password', remoteAddress: '10.0.0.9' })
    await clock.advance(2000)
    expect(csms.notes.all()).toMatchObject([{ node: 'lc', kind: 'security', subject: 'cs', text: 'wrong password (401), from 10.0.0.9' }])
    expect(events.filter(({ type }) => type === 'note')).toMatchObject([{ data: { node: 'lc', kind: 'security' } }])
    expect(lc.figures.journal.entries).toContainEqual(['security', 1])
  })
})
