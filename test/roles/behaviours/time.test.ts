import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, isoTime, readMoment } from '../../../src/roles/behaviours/time.ts'

describe('isoTime', () => {
  it('writes what Date writes, whatever was written before', () => {
    const near = fc.integer({ min: 0, max: 3 }).chain((day) => fc.double({ min: day * DAY, max: (day + 1) * DAY, noNaN: true }))
    const any = fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 })
    fc.assert(
      fc.property(fc.array(fc.oneof(near, any, fc.constantFrom(-0.5, -1, DAY - 1, DAY)), { maxLength: 20 }), (times) => {
        for (const ms of times) expect(isoTime(ms)).toBe(new Date(ms).toISOString())
      }),
    )
  })

  it('throws for what is no time, as Date does', () => {
    for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, 9e15]) expect(() => isoTime(ms)).toThrow(RangeError)
    expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z')
  })
})

describe('readMoment', () => {
  const NOW = Date.parse('2026-03-01T08:00:00Z')

  it.each([
    ['2026-03-01T08:00:00Z', { at: NOW }],
    ['2026-03-01T09:00:00.000+0100', { at: NOW }],
    ['2026-03-01T08:00:00', { at: NOW, flag: 'time-without-zone' }],
    ['2001-03-01T08:00:00Z', { at: Date.parse('2001-03-01T08:00:00Z'), flag: 'clock-doubtful' }],
    ['yesterday', { at: NOW, flag: 'time-unreadable' }],
  ])('reads %s', (text, moment) => expect(readMoment(text, NOW)).toEqual(moment))
})
