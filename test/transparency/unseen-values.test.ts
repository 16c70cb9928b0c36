// Values that one could read otherwise than they are signed: they are refused, and their honest twin is valid.
import { describe, expect, it } from 'vitest'
import { hex } from '../../src/base/bytes.ts'
import { alfenBlock, alfenEnd, alfenLine } from '../../tools/transparency-vectors/alfen.ts'
import { energyDocument } from '../../tools/transparency-vectors/chargepoint.ts'
import { edlBlock, edlEnd, edlSignature, edlTelegram, keyHex } from '../../tools/transparency-vectors/edl-maker.ts'
import { END, type Fields, ocmfText, payload, present, reading, safeXml } from '../../tools/transparency-vectors/maker.ts'
import { ask, askAbout, faults, findings } from './support.ts'

describe('a telegram of which less is signed than it says', () => {
  const telegrams = [edlBlock(), edlEnd()].map((block) => hex(edlTelegram(block, edlSignature(block))))
  const told = async (...data: readonly string[]) => {
    const found = await ask({ 'a.xml': safeXml(data.map((each) => ({ data: each, key: keyHex(), format: 'SML_EDL40_P' }))) })
    return { verdict: found.verdict, faults: faults(found) }
  }
  const [first = '', last = ''] = telegrams

  it('is valid as the meter sent it', async () => {
    expect(await told(first, last)).toEqual({ verdict: 'valid', faults: [] })
    const padded = last.replace('0101094445414442454546', `01018802${'4445414442454546'.padEnd(256, '0')}`)
    expect(await told(first, padded)).toEqual({ verdict: 'valid', faults: [] })
  })

  it.each([
    ['the meter', '0b0901434850000000000a0172', '0d0901434850000000000aabcd0172'],
    ['the contract', '0101094445414442454546', `01018804${'4445414442454546'.padEnd(256, '0')}4747`],
    ['the power of ten', '621e52ff', '621e5300ff'],
    ['the number of the record', '01016500000015', '0101690000000100000015'],
    ['the time', '726203736569a3f200', '72620373690000000169a3f200'],
  ])('is refused for %s', async (_, from, to) => {
    const altered = last.replace(from, to)
    expect(altered).not.toBe(last)
    expect(await told(first, altered)).toEqual({ verdict: 'incomplete', faults: ['a.xml/value[2] record-malformed'] })
  })
})

const of = (values: readonly Fields[], over: Fields = {}): string => ocmfText(payload({ ...over, RD: values.map(present) }))

describe('energy that the car gave', () => {
  const energies = async (...values: readonly Fields[]) => (await askAbout(of(values))).sessions.map(({ energyWh }) => energyWh)
  const both = (RI: string): Fields[] => [reading({ RI }), reading({ ...END, RI })]

  it.each(['1-0:2.8.0', '2.8.0', '1-0:2.8', '0100020800FF', '01-00:C2.08.00*FF', '1-0:22.8.0'])('is none it drew, as %s', async (RI) => {
    expect(await energies(...both(RI))).toEqual([undefined])
    expect(await energies(...both('1.8.0'), ...both(RI).map((each) => ({ ...each, RV: '#1.000' })))).toEqual(['10500'])
  })

  it('begins and ends in one register, however that is spelled', async () => {
    for (const RI of ['1.8.0', '0100010800FF', '1-0:1.8.0*255'])
      expect(await energies(reading(), reading({ ...END, RI }))).toEqual(['10500'])
    for (const RI of ['2.8.0', '0100020800FF']) expect((await askAbout(of([reading(), reading({ ...END, RI })]))).verdict).toBe('invalid')
  })
})

describe('time from one record to the next', () => {
  const at = (hours: string, over: Fields): Fields => reading({ TM: `2026-03-01T${hours}:00,000+0100 S`, ...over })
  const given = { RI: '1-0:2.8.0', RV: '#0.000' }
  const first = [at('08:00', {}), at('08:30', { TX: 'C', RV: '#15.000' }), at('08:00', given), at('08:10', { ...given, TX: 'C' })]
  const last = (hours: string): string => of([at(hours, { TX: 'E', RV: '#20.500' }), at(hours, { ...given, TX: 'E' })], { PG: 'T2' })

  it('falls for none of the registers that the first one told in turn', async () => {
    expect((await askAbout(of(first), last('08:30'))).verdict).toBe('valid')
    const { verdict, sessions } = await askAbout(of(first), last('08:29'))
    expect([verdict, sessions.map(findings)]).toEqual(['invalid', [['time-backwards:fail']]])
  })
})

describe('a number longer than any meter counts', () => {
  const ones = '1'.repeat(59)
  const price = { TT: '001;EUR;0;999999999.999999;0;0' }
  const value = (text: string) => ({ timestamp: '2026-03-01T08:00:00Z', value: text })
  const ctr = { measurements: [{ energyMeterId: 'M', unit: 'kWh', obis: '1-0:1.8.0', values: [value('1'), value(ones)] }] }

  it.each([
    ['OCMF', { 'a.ocmf': of([reading(), reading({ ...END, RV: ones })]) }, 'invalid'],
    ['OCMF with exponents', { 'a.ocmf': of([reading({ RV: '#1e-40' }), reading({ ...END, RV: '#1e40' })]) }, 'invalid'],
    ['OCMF with a price', { 'a.ocmf': of([reading(), reading({ ...END, RV: '9'.repeat(50) })], price) }, 'invalid'],
    ['Alfen', { 'a.txt': `${alfenLine(alfenBlock({ scaler: 216n }))}\n${alfenLine(alfenEnd({ scaler: 40n }))}` }, 'invalid'],
    ['ChargePoint', { secrrct: energyDocument({ meter_endreading: ones }) }, 'invalid'],
    ['a CTR', { 'a.json': JSON.stringify({ begin: '', chargingSessions: [ctr] }) }, 'unproven'],
  ])('in %s leaves the other sessions of the question as they are', async (_, files, verdict) => {
    const good = of([reading(), reading(END)], { PG: 'T9', MS: 'CPM-0009' })
    const answer = await ask({ ...files, 'good.ocmf': good })
    expect(answer.sessions.map((session) => session.verdict).toSorted()).toEqual([verdict, 'unproven'].toSorted())
  })

  it('is far from what an honest one says', async () => {
    const [begin, end] = ['0.000000000000000001', '20500000000000000.123456789012345678']
    const { verdict, sessions } = await askAbout(of([reading({ RV: `#${begin}` }), reading({ ...END, RV: `#${end}` })], price))
    expect([verdict, sessions[0]?.energyWh]).toEqual(['valid', '20500000000000000123.456789012345677'])
    expect(sessions[0]?.cost?.amount).toBe('204999999999999796240000.00')
  })
})
