// What a node counts of itself.
import { describe, expect, it } from 'vitest'
import type { JournalRow } from '../../src/overlay/journal.ts'
import { Figures, OTHER, Tally } from '../../src/roles/figures.ts'

describe('a tally', () => {
  it('counts by name, and what is too much under one', () => {
    const tally = new Tally()
    tally.add('a')
    for (let i = 0; i < 1000; i++) tally.add(`n${i}`)
    tally.add('a')
    expect(tally.entries).toHaveLength(65)
    expect(tally.entries[0]).toEqual(['a', 2])
    expect(tally.entries).toContainEqual([OTHER, 1000 - 63])
  })
})

describe('figures', () => {
  it('count entries by kind, and refusals by rule', () => {
    const figures = new Figures()
    const row = (kind: JournalRow['kind'], rule?: string): JournalRow => ({
      ...{ seq: 1, at: 1, node: 'n', subject: 's', text: 't', previous: '' },
      kind,
      ...(rule && { rule }),
    })
    for (const each of [row('order-accepted', 'r'), row('order-refused', 'r'), row('message-refused', 'signature-intact'), row('security')])
      figures.written(each)
    // what a flood is counted as
    figures.written({ ...row('refusals'), data: { since: 1, counts: [{ kind: 'order-refused', rule: 'r', action: 'Reset', count: 40 }] } })
    expect(figures.journal.entries.map(([kind]) => kind)).toEqual([
      'order-accepted',
      'order-refused',
      'message-refused',
      'security',
      'refusals',
    ])
    expect(figures.refusals.entries).toEqual([
      ['r', 41],
      ['signature-intact', 1],
    ])
  })
})
