// Values that one could read otherwise than they are signed: they are refused, and their honest twin is valid.
import { describe, expect, it } from 'vitest'
import { hex } from '../../src/base/bytes.ts'
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
