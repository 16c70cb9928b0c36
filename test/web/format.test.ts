import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clockTime, decimal, duration, grouped, kilowattHours, kilowatts, lasting, meterTime } from '../../apps/web/format.ts'

describe('format', () => {
  it.each([
    ['7350.5', '7.3505 kWh', '7,3505 kWh'],
    ['0', '0.000 kWh', '0,000 kWh'],
    ['1', '0.001 kWh', '0,001 kWh'],
    ['14000', '14.000 kWh', '14,000 kWh'],
    ['14000.500', '14.0005 kWh', '14,0005 kWh'],
    ['-250', '-0.250 kWh', '-0,250 kWh'],
    ['9007199254740993.1', '9007199254740.9931 kWh', '9007199254740,9931 kWh'],
    ['1e3', '1e3', '1e3'],
  ])('shows %s Wh as %s', (wh, en, de) => {
    expect(kilowattHours(wh, 'en')).toBe(en)
    expect(kilowattHours(wh, 'de')).toBe(de)
  })

  it('never loses a digit of an energy', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (wh) => {
        const [whole = '', rest = ''] = kilowattHours(String(wh), 'en').replace(' kWh', '').split('.')
        expect(BigInt(whole + rest)).toBe(wh)
      }),
    )
  })

  it.each([
    ['2024-05-01T12:00:05+02:00', '2024-05-01 12:00:05 (+02:00)', '01.05.2024 12:00:05 (+02:00)'],
    ['2024-05-01T12:00:05.123Z', '2024-05-01 12:00:05 UTC', '01.05.2024 12:00:05 UTC'],
    ['2024-05-01T12:00:05', '2024-05-01 12:00:05', '01.05.2024 12:00:05'],
    ['yesterday', 'yesterday', 'yesterday'],
  ])('shows the meter’s own time of %s', (iso, en, de) => {
    expect(meterTime(iso, 'en')).toBe(en)
    expect(meterTime(iso, 'de')).toBe(de)
  })

  it('writes decimals, power, durations and hex as readers expect', () => {
    expect(decimal('12.50', 'de')).toBe('12,50')
    expect(decimal('abc.d', 'de')).toBe('abc.d')
    expect(kilowatts(11_040, 'de')).toBe('11,0 kW')
    expect(duration(0, 3_723_000)).toBe('1:02:03')
    expect(duration(0, 63_000)).toBe('1:03')
    expect(duration(Number.NaN, 0)).toBe('')
    expect([3_723_000, 3_600_000, 3_240_000, 999].map((ms) => lasting(0, ms))).toEqual(['1 h 2 min 3 s', '1 h', '54 min', '0 s'])
    expect(lasting(Number.NaN, 0)).toBe('')
    expect(clockTime(Number.NaN, 'en')).toBe('')
    expect(grouped('00112233445566')).toBe('00112233 445566')
  })
})
