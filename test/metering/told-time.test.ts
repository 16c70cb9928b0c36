// Times around records: each way to write one, and what is none.
import { describe, expect, it } from 'vitest'
import { toldTime } from '../../src/metering/told-time.ts'

const at = (text: string | undefined): number | undefined => toldTime('x', text)?.ms

describe('a time that is told', () => {
  it.each([
    ['2026-03-01T07:00:00Z', '2026-03-01T07:00:00Z'],
    ['2026-03-01T07:00:00', '2026-03-01T07:00:00Z'],
    ['2026-03-01T07:00:00.999z', '2026-03-01T07:00:00Z'],
    ['2026-03-01T12:30:00+05:30', '2026-03-01T07:00:00Z'],
    ['2026-03-01T12:30:00+0530', '2026-03-01T07:00:00Z'],
    ['2026-02-28T21:30:00-09:30', '2026-03-01T07:00:00Z'],
    ['2026-03-01T07:00:00-00:00', '2026-03-01T07:00:00Z'],
    ['2026-03-01T07:00Z', '2026-03-01T07:00:00Z'],
  ])('is in UTC what it says: %s', (text, utc) => {
    expect(toldTime('name', text)).toEqual({ name: 'name', text, ms: Date.parse(utc) })
  })

  it.each([
    undefined,
    '',
    '2026-02-30T07:00:00Z',
    '2026-03-01',
    '2026-03-01T07:00',
    '1772348400',
    'x2026-03-01T07:00:00Z',
    '2026-03-01T07:00:00Zx',
  ])('says nothing where it is none: %s', (text) => expect(at(text)).toBeUndefined())
})
