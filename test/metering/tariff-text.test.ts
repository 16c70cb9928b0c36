// The three profiles of tariffs that OCMF carries as text.
import { describe, expect, it } from 'vitest'
import { formatDecimal } from '../../src/base/decimal.ts'
import { readTariffText } from '../../src/metering/tariff-text.ts'

const shown = (text: string) => {
  const tariff = readTariffText(text)
  if (typeof tariff !== 'object') return tariff
  const { profile, currency, start, perKwh, perMinute, freeMinutes, perMinuteAfterCharging } = tariff
  const prices = [start, perKwh, perMinute].map(formatDecimal)
  return [profile, currency, ...prices, freeMinutes, perMinuteAfterCharging && formatDecimal(perMinuteAfterCharging)]
}

describe('readTariffText', () => {
  it.each([
    ['001;EUR;250;79;15;1', ['001', 'EUR', '250', '79', '15', 1, undefined]],
    ['001;CHF;0;0.5;1.25;0', ['001', 'CHF', '0', '0.5', '1.25', 0, undefined]],
    ['002;EUR;199;69;20', ['002', 'EUR', '199', '69', '0', 0, '20']],
    ['003;EUR;50;2.5', ['003', 'EUR', '50', '0', '2.5', 0, undefined]],
  ])('reads %s', (text, expected) => {
    expect(shown(text)).toEqual(expected)
  })

  it.each(['', '59 ct/kWh', '004;EUR;1', '001', '0010;EUR;1;1;1;1'])('leaves %j alone', (text) => {
    expect(readTariffText(text)).toBeUndefined()
  })

  it.each([
    '001;EUR;250;79;15',
    '001;EUR;250;79;15;1;1',
    '001;EUR;250;079;15;1',
    '001;EUR;-1;79;15;1',
    '001;EUR;1;79;15;1.5',
    '001;EUR;1,5;79;15;1',
    '001;EUR; 1;79;15;1',
    '001;EUR;1e2;79;15;1',
    '001;euro;1;79;15;1',
    '003;EUR;1;',
  ])('calls %s broken', (text) => {
    expect(readTariffText(text)).toBe('malformed')
  })
})
