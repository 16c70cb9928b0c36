import { describe, expect, it } from 'vitest'
import { apply, EMPTY, KEPT, type LiveEvent, totalPower } from '../../apps/web/dashboard/live.ts'
import {
  readJournal,
  readLink,
  readList,
  readMessage,
  readParkEvent,
  readStation,
  readTransaction,
} from '../../apps/web/dashboard/model.ts'
import { chart } from '../../apps/web/dashboard/power.ts'

const transaction = (id: string, state: string, powerW: number): LiveEvent => {
  const data = readTransaction({ id, stationId: 'cs1', state, startedAt: '2026-01-01T00:00:00Z', energyWh: '12.5', powerW, signed: true })
  if (data === undefined) throw new Error('expected a transaction')
  return { type: 'transaction', data }
}

describe('the live picture', () => {
  it('replaces what it knows and adds what is new', () => {
    const live = apply(EMPTY, [transaction('a', 'running', 1000), transaction('b', 'running', 500), transaction('a', 'running', 2000)])
    expect(live.transactions.map((each) => each.id)).toEqual(['a', 'b'])
    expect(totalPower(live)).toBe(2500)
    expect(totalPower(apply(live, [transaction('a', 'ended', 2000)]))).toBe(500)
  })

  it('keeps lists that did not change, so that nothing is drawn anew for them', () => {
    const live = apply(EMPTY, [transaction('a', 'running', 1)])
    expect(apply(live, [transaction('a', 'running', 2)]).stations).toBe(live.stations)
  })

  it('bounds messages and takes each journal entry once', () => {
    const messages = Array.from({ length: KEPT.messages + 5 }, (_, key): LiveEvent => ({ type: 'message', data: readMessage({}, key, 1) }))
    expect(
      apply(EMPTY, messages)
        .messages.map((each) => each.key)
        .at(0),
    ).toBe(5)
    const entry = readJournal({ seq: 3, at: '2026-01-01T00:00:00Z', node: 'gw', kind: 'order-refused' })
    if (entry === undefined) throw new Error('expected an entry')
    const once = apply(EMPTY, [{ type: 'journal', data: entry }])
    expect(apply(once, [{ type: 'journal', data: entry }]).journal).toHaveLength(1)
    expect(apply(once, [{ type: 'journal', data: { ...entry, seq: 4 } }]).journal).toHaveLength(2)
  })
})

describe('reading the API', () => {
  it('takes null and wrong types as absent, and leaves out what has no id', () => {
    expect(readStation({ id: 'cs1', protocol: null, online: 'yes', path: [1, null, 'lc1'] })).toMatchObject({
      protocol: '',
      online: false,
      path: ['1', 'lc1'],
    })
    expect(readStation({ protocol: 'ocpp1.6' })).toBeUndefined()
    expect(readLink({ node: 'a' })).toBeUndefined()
    expect(readList({ not: 'a list' }, readStation)).toEqual([])
    expect(readTransaction({ id: 't', energyWh: '1e400' })).toMatchObject({ energyWh: 0 })
  })

  it('takes the time of arrival for a message without one', () => {
    expect(readMessage({ at: 'noon', signature: 'certainly' }, 0, 42)).toMatchObject({ at: 42, signature: 'unchecked' })
    expect(readMessage({ at: '1970-01-01T00:00:01Z' }, 0, 42).at).toBe(1000)
  })

  it('shows whatever else a journal entry or a park event holds', () => {
    expect(
      readJournal({ seq: 1, at: 5, node: 'gw', kind: 'node', extra: { a: 1 }, data: { hop: 'gw', frame: '[2]' }, previous: 'ff' }),
    ).toMatchObject({
      at: 5,
      rest: 'extra {"a":1}',
      hop: 'gw',
      proof: '{\n "frame": "[2]"\n}',
    })
    expect(readParkEvent({ name: 'cut', title: { en: 'Cut' } })).toMatchObject({ title: { en: 'Cut', de: 'Cut' }, active: false })
  })
})

describe('the power chart', () => {
  const size = { width: 100, height: 50 }

  it('ends at the right with the newest sample, under a round top', () => {
    const { line, top, dot } = chart(
      [
        { at: 0, watts: 0 },
        { at: 1000, watts: 90_000 },
      ],
      size,
      2000,
    )
    expect(top).toBe(100_000)
    expect(line).toBe('50,50 100,5')
    expect(dot).toEqual({ x: 100, y: 5 })
  })

  it('drops samples older than the period, and draws no line of one', () => {
    expect(
      chart(
        [
          { at: 0, watts: 1 },
          { at: 5000, watts: 1 },
        ],
        size,
        2000,
      ).line,
    ).toBe('')
    expect(chart([], size, 2000)).toMatchObject({ line: '', dot: undefined, top: 2000 })
  })
})
