// Refusals as the dashboard counts them, and links seen from both ends.
import { describe, expect, it } from 'vitest'
import { linkPairs } from '../../apps/web/dashboard/link-pairs.ts'
import { apply, EMPTY, KEPT, type LiveEvent } from '../../apps/web/dashboard/live.ts'
import { readJournal, readLink, readMessage, readRoute } from '../../apps/web/dashboard/model.ts'
import { grouped, refusalsIn } from '../../apps/web/dashboard/refusals.ts'

const answer = (at: number, more: object = {}) =>
  readMessage(
    {
      at,
      from: 'cs1',
      to: 'stranger',
      type: 'error',
      action: 'Reset',
      code: 'SecurityError',
      rule: 'deny-by-default',
      refusedBy: 'lc1',
      ...more,
    },
    at,
    0,
  )
const entry = (at: number, more: object = {}) => {
  const row = {
    seq: at,
    at,
    node: 'lc1',
    kind: 'order-refused',
    subject: 'stranger',
    text: 'Reset: no',
    rule: 'deny-by-default',
    toldBy: 'lc1',
  }
  const read = readJournal({ ...row, ...more })
  if (!read) throw new Error('expected an entry')
  return read
}

describe('refusals', () => {
  it('that were answered and written down happened once', () => {
    const groups = grouped(refusalsIn([answer(10), answer(20)], [entry(11), entry(21, { hop: 'gw' }), entry(31, { hop: '' })]), 0)
    expect(groups).toEqual([{ at: 31, by: 'lc1', rule: 'deny-by-default', origin: 'stranger', hop: 'gw', text: 'Reset: no', count: 3 }])
  })

  it('of a station are known from its answer alone, and of whoever names nobody from who answered', () => {
    const groups = grouped(refusalsIn([answer(10, { refusedBy: '', rule: '' }), answer(12, { code: 'GenericError' })], []), 0)
    expect(groups).toMatchObject([{ by: 'cs1', rule: '', text: 'Reset', count: 1 }])
  })

  it('are told by kind, not by presence, and forgotten after their time', () => {
    const refusals = refusalsIn(
      [],
      [entry(10), entry(500, { kind: 'security', rule: '', subject: 'cs9' }), entry(600, { kind: 'order-accepted' })],
    )
    expect(grouped(refusals, 100).map(({ origin }) => origin)).toEqual(['cs9'])
  })

  it('are not pushed out by traffic, and are bounded themselves', () => {
    const refused: LiveEvent[] = [{ type: 'journal', data: entry(1) }]
    const traffic = Array.from({ length: KEPT.messages + 5 }, (_, key): LiveEvent => ({ type: 'message', data: readMessage({}, key, 1) }))
    const live = apply(apply(EMPTY, [...refused, ...refused]), traffic)
    expect(live.refusals).toHaveLength(1)
    const flood = Array.from({ length: 3000 }, (_, at): LiveEvent => ({ type: 'message', data: answer(at) }))
    expect(apply(live, flood).refusals).toHaveLength(KEPT.refusals)
  })
})

describe('a link', () => {
  const link = (node: string, peer: string, kind: string) => {
    const read = readLink({ node, peer, kind, up: true, since: '1970-01-01T00:00:01Z' })
    if (!read) throw new Error('expected a link')
    return read
  }

  it('is one, told of from either end, named after the end that dialled', () => {
    const pairs = linkPairs([link('csms', 'gw', 'overlay'), link('gw', 'csms', 'uplink'), link('gw', 'cs', 'station')])
    expect(pairs.map(({ link, other }) => [link.node, link.peer, other?.node])).toEqual([
      ['gw', 'csms', 'csms'],
      ['gw', 'cs', undefined],
    ])
    expect(pairs[0]?.link.since).toBe(1000)
  })
})

describe('a route', () => {
  it('says how it was learned, and of a neighbour that is its link', () => {
    expect(readRoute({ id: 'gw', path: ['gw'] })).toMatchObject({ learned: 'link', next: 'gw', seq: '', expires: 0 })
    const told = { id: 'cs', path: ['gw', 'cs'], learned: 'announced', via: 'gw', seq: 7, expires: '1970-01-01T00:00:02Z' }
    expect(readRoute(told)).toMatchObject({ learned: 'announced', next: 'gw', seq: '7', expires: 2000 })
    expect(readRoute({ id: 'cs', path: ['gw', 'cs'], learned: '<b>' })).toMatchObject({ learned: '', next: 'gw' })
    expect(readRoute({ path: [] })).toBeUndefined()
  })
})
