// The order, the sums and the search of many sessions, and what is drawn and said of one.
import { describe, expect, it } from 'vitest'
import { matching, totalsOf, worstFirst } from '../../apps/web/verifier/overview.ts'
import { placeOf } from '../../apps/web/verifier/place.ts'
import { lineOf } from '../../apps/web/verifier/plot-points.ts'
import type { SessionReport, SessionState } from '../../src/transparency/index.ts'
import { ask } from '../transparency/support.ts'
import { bill } from './bill.ts'

const filesOf = (count: number) => Object.fromEntries(bill(count).map(({ name, text }) => [name, text]))

describe('a monthly bill', async () => {
  const { sessions } = await ask(filesOf(50))

  it('has the bad ones first, and the others in their order', () => {
    const states = worstFirst(sessions).map(({ verdict }) => verdict)
    expect(states.slice(0, 5)).toEqual(['invalid', 'invalid', 'incomplete', 'incomplete', 'valid'])
    expect(worstFirst(sessions).filter(({ verdict }) => verdict === 'valid')).toEqual(sessions.filter(({ verdict }) => verdict === 'valid'))
  })

  it('is summed up exactly, over what is valid only', () => {
    // 46 times 5.512 kWh
    expect(totalsOf(sessions)).toEqual({
      counts: { valid: 46, invalid: 2, incomplete: 2, unproven: 0 },
      energyWh: '253552',
      costs: [],
    })
    const priced = (amount: string, currency: string, verdict: SessionState = 'valid') =>
      ({ ...sessions[0], verdict, cost: { ...{ tariff: '', parts: [], exactCents: '' }, amount, currency } }) as SessionReport
    expect(totalsOf([priced('0.10', 'EUR'), priced('0.20', 'EUR'), priced('9', 'SEK'), priced('5', 'EUR', 'invalid')]).costs).toEqual([
      { currency: 'EUR', amount: '0.30' },
      { currency: 'SEK', amount: '9' },
    ])
  })

  it('is searched by what a reader sees of it', () => {
    const found = (text: string, state?: SessionState) =>
      matching(sessions, { text, ...(state !== undefined && { state }) }, 'de').map(({ meter }) => meter.id)
    expect(found('')).toHaveLength(50)
    expect(found('cpm-0003')).toHaveLength(4)
    expect(found('CPM-0003 15.03.2026')).toEqual(['CPM-0003'])
    expect(found('5,512 kwh')).toHaveLength(46)
    expect(found('BILL-0007.xml')).toHaveLength(1)
    expect(found('', 'invalid')).toHaveLength(2)
    expect(found('nobody')).toEqual([])
  })

  it('has a line for each session with values at two times', () => {
    const whole = sessions.find(({ verdict }) => verdict === 'valid')
    const line = whole && lineOf(whole)
    expect(line).toMatchObject({ register: '1-0:1.8.0', unit: 'kWh' })
    expect(line?.points.map(({ height }) => height)).toEqual([100, 101.21, 102.4, 103.65, 104.9, 105.3, 105.512])
    const begun = sessions.find(({ verdict }) => verdict === 'incomplete')
    expect(begun && lineOf(begun)).toBeUndefined()
  })

  it('has no place where nothing is said of one', () => {
    expect(sessions.map(placeOf)).toEqual(sessions.map(() => undefined))
  })
})

describe('the place of a session', async () => {
  const [session] = (await ask(filesOf(1))).sessions
  const [record] = session?.records ?? []
  const at = (details: Readonly<Record<string, string>>) => {
    if (session === undefined || record === undefined) throw new Error('expected a session of one record')
    const unsigned = Object.entries(details).map(([name, value]) => ({ name, value }))
    return placeOf({ ...session, records: [{ ...record, unsigned }] })
  }

  it('is the address beside the record, whoever wrote it and however', () => {
    expect(at({ 'placeInfo.address.town': 'Ulm', 'placeInfo.address.street': 'Weg 1', 'placeInfo.address.zipCode': '89073' })).toEqual({
      address: 'Weg 1 89073 Ulm',
    })
    expect(at({ 'cdr_location.postal_code': '10115', 'cdr_location.city': 'Berlin' })).toEqual({ address: '10115 Berlin' })
    expect(at({ 'geoLocation.lat': '48.03', 'geoLocation.lng': '-10.5' })).toEqual({ address: '', geo: 'geo:48.03,-10.5' })
  })

  it('is no other text that calls itself coordinates', () => {
    expect(at({ lat: 'javascript:alert(1)', lon: '1' })).toBeUndefined()
    expect(at({ lat: '48', lon: '1?q=x', city: 'Ulm' })).toEqual({ address: 'Ulm' })
  })
})
