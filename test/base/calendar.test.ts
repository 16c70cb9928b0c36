import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utcMilliseconds } from '../../src/base/calendar.ts'

test('every time that a Date writes is read as that time', () => {
  const last = Date.parse('9999-12-31T23:59:59Z') / 1000
  const first = Date.parse('0000-01-01T00:00:00Z') / 1000
  fc.assert(
    fc.property(fc.integer({ min: first, max: last }), (seconds) => {
      expect(utcMilliseconds(new Date(seconds * 1000).toISOString().slice(0, 19))).toBe(seconds * 1000)
    }),
  )
})

test('every day of the month and no other is one', () => {
  for (const year of [1900, 1970, 2000, 2023, 2024, 2100])
    for (let month = 0; month <= 13; month++)
      for (let day = 0; day <= 32; day++) {
        const date = [String(year), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-')
        const exists = new Date(Date.UTC(year, month - 1, day)).toISOString().startsWith(date)
        expect([date, utcMilliseconds(`${date}T12:00:00`) !== undefined]).toEqual([date, exists])
      }
})

test.each(['2024-05-05T24:00:00', '2024-05-05T23:60:00', '2024-05-05T23:59:60'])('%s is no time', (wall) => {
  expect(utcMilliseconds(wall)).toBeUndefined()
})
