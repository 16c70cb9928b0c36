// What a session costs by its signed tariff: exact, rounded once, and only from what the meter vouches for.
import { describe, expect, it } from 'vitest'
import { beginRecord, END, endRecord, type Fields, ocmfText, payload, present, reading } from '../../tools/transparency-vectors/maker.ts'
import { during } from '../../tools/transparency-vectors/ocmf-rules.ts'
import { askAbout, findings } from './support.ts'

const costOf = async (TT: string, begin: Fields = {}, end: Fields = {}) => {
  const { sessions } = await askAbout(ocmfText(payload({ TT, RD: [reading(begin), reading({ ...END, ...end })].map(present) })))
  return sessions[0]?.cost
}

describe('the cost of a session', () => {
  it('is computed by energy and time, exact and rounded once', async () => {
    const times = { TM: '2026-03-01T08:37:00,000+0100 S' }
    expect(await costOf('001;EUR;250;79;15;1', { RV: '#987.321' }, { ...times, RV: '#991.654' })).toEqual({
      tariff: '001;EUR;250;79;15;1',
      currency: 'EUR',
      parts: [
        { unit: 'start', quantity: '1', centsEach: '250', cents: '250' },
        { unit: 'kWh', quantity: '4.333', centsEach: '79', cents: '342.307' },
        { unit: 'min', quantity: '36', centsEach: '15', cents: '540' },
      ],
      exactCents: '1132.307',
      amount: '11.32',
    })
  })

  it.each([
    ['half a cent is rounded up', '003;EUR;0.5;0', '0.01'],
    ['less than half a cent down', '003;EUR;0.499999;0', '0.00'],
    ['minutes before the first that costs are free', '001;EUR;0;0;5;61', '0.00'],
    ['the price after charging is not in the sum', '002;EUR;0;10;99', '1.05'],
  ])('%s', async (_, TT, amount) => {
    expect((await costOf(TT))?.amount).toBe(amount)
  })

  it('counts a started minute and a started Wh', async () => {
    expect((await costOf('003;EUR;0;1', {}, { TM: '2026-03-01T09:00:00,001+0100 S' }))?.exactCents).toBe('61')
    expect((await costOf('001;EUR;0;1000;0;0', {}, { RV: '#20.5001' }))?.exactCents).toBe('10501.000')
  })

  it('says what the tariff prices and the record does not tell', async () => {
    expect(await costOf('002;EUR;199;69;20')).toMatchObject({ unknown: 'time-after-charging' })
    expect(await costOf('002;EUR;199;69;0')).not.toHaveProperty('unknown')
  })

  it.each([
    ['a clock that is not set', '003;EUR;0;1', { TM: '2026-03-01T08:00:00,000+0100 I' }, {}],
    ['a clock that was set in between', '003;EUR;0;1', { TM: '2026-03-01T08:00:00,000+0100 R' }, {}],
    ['a clock that only counts from then on', '003;EUR;0;1', {}, { TM: '2026-03-01T09:00:00,000+0100 R' }],
    ['time that must not be billed', '003;EUR;0;1', {}, { EF: 't' }],
    ['an invalid session', '001;EUR;0;1;0;0', {}, { RV: '#1' }],
    ['a free text', '59 ct/kWh', {}, {}],
  ])('is not told for %s', async (_, TT, begin, end) => {
    expect(await costOf(TT, begin, end)).toBeUndefined()
  })

  it('is told for time that one clock counted', async () => {
    const [begin, end] = ['08', '09'].map((hour) => ({ TM: `2026-03-01T${hour}:00:00,000+0100 R` }))
    expect((await costOf('003;EUR;0;1', begin, end))?.amount).toBe('0.60')
  })

  it('is not told where the tariff changes on the way', async () => {
    const TT = '001;EUR;0;10;0;0'
    const of = async (TX: string, between: Fields = { TT }) => {
      const middle = during({ TT: undefined, ...between }, { TX })
      const records = [beginRecord({ TT }), middle, endRecord({ PG: 'T3', TT })]
      const { sessions } = await askAbout(...records.map((fields) => ocmfText(fields)))
      return sessions.map(({ verdict, cost }) => [verdict, cost?.amount])
    }
    expect(await of('C')).toEqual([['valid', '1.05']])
    expect(await of('C', {})).toEqual([['valid', '1.05']])
    expect(await of('T')).toEqual([['valid', undefined]])
    expect(await of('T', {})).toEqual([['valid', undefined]])
    expect(await of('C', { TT: 'by night' })).toEqual([['valid', undefined]])
  })

  it('does not need the clock where time costs nothing', async () => {
    expect((await costOf('001;EUR;0;10;0;0', { TM: '2026-03-01T08:00:00,000+0100 I' }))?.amount).toBe('1.05')
  })

  it('comes with a word about a tariff that is broken', async () => {
    const { sessions } = await askAbout(ocmfText(payload({ TT: '001;EUR;01;1;1;1' })))
    expect(sessions.map(findings)).toEqual([['record-deviates:warn']])
    expect(sessions[0]).not.toHaveProperty('cost')
  })
})
