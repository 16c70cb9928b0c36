import { describe, expect, it } from 'vitest'
import { END, type Fields, ocmfText, payload, present, reading } from '../../tools/transparency-vectors/maker.ts'
import { askAbout } from './support.ts'

const energyOf = async (...values: readonly Fields[]): Promise<string | undefined> =>
  (await askAbout(ocmfText(payload({ RD: values.map(present) })))).sessions[0]?.energyWh

const from = (RI: string, RV: string, over: Fields = {}): Fields => reading({ RI, RV, ...over })
const to = (RI: string, RV: string, over: Fields = {}): Fields => reading({ ...END, RI, RV, ...over })

const IMPORT = '01-00:01.08.00*FF'
const COMPENSATED = '01-00:98.08.00*FF'
const EXPORT = '01-00:02.08.00*FF'

describe('the energy of a session', () => {
  it.each([
    ['#57.584', '#58.685', 'kWh', '1101'],
    ['#0.2596', '#0.2597', 'kWh', '0.1'],
    ['#7753', '#7763', 'Wh', '10'],
    ['#0.1', '#0.3', 'kWh', '200'],
    ['#9007199254740993.001', '#9007199254740993.003', 'kWh', '2'],
    ['#10', '#10.0', 'kWh', '0'],
  ])('is exact: %s to %s %s', async (RV, end, RU, wh) => {
    expect(await energyOf(from(IMPORT, RV, { RU }), to(IMPORT, end, { RU }))).toBe(wh)
  })

  it('is what the car drew, not what it gave', async () => {
    expect(await energyOf(from(IMPORT, '#1'), from(EXPORT, '#5'), to(IMPORT, '#2'), to(EXPORT, '#9'))).toBe('1000')
    expect(await energyOf(from(EXPORT, '#5'), to(EXPORT, '#9'))).toBeUndefined()
  })

  it('is without the loss in the cable where the meter knows it', async () => {
    expect(await energyOf(from(IMPORT, '#1'), from(COMPENSATED, '#1'), to(IMPORT, '#2'), to(COMPENSATED, '#1.9'))).toBe('900')
  })

  it('is that of all rates together', async () => {
    const [first, second] = ['1-0:1.8.1', '1-0:1.8.2']
    const [begin, end] = [
      [from(IMPORT, '#3'), from(first, '#2'), from(second, '#1')],
      [to(IMPORT, '#8'), to(first, '#5'), to(second, '#3')],
    ]
    expect(await energyOf(...begin, ...end)).toBe('5000')
    expect(await energyOf(from(first, '#2'), to(first, '#5'))).toBe('3000')
    expect(await energyOf(from(first, '#2'), from(second, '#1'), to(first, '#5'), to(second, '#3'))).toBeUndefined()
  })

  it('is not told where two registers of one standing disagree', async () => {
    const other = '01-01:01.08.00*FF'
    expect(await energyOf(from(IMPORT, '#1'), from(other, '#1'), to(IMPORT, '#2'), to(other, '#3'))).toBeUndefined()
    expect(await energyOf(from(IMPORT, '#1'), from(other, '#1'), to(IMPORT, '#2'), to(other, '#2'))).toBe('1000')
  })
})
