import { describe, expect, it } from 'vitest'
import { registerOf } from '../../src/metering/obis.ts'

describe('registerOf', () => {
  it('gives one name to the spellings of one register', () => {
    const spellings = ['1-0:1.8.0', '1-0:1.8.0*255', '01-00:01.08.00.FF', '01-00:01.08.00*FF', '1.8.0', '1-0:1.8', '0100010800ff']
    const names = spellings.map((obis) => registerOf(obis, 'kWh').name)
    expect(new Set(names)).toEqual(new Set(['1-0:1.8.0*255']))
  })

  it('tells registers apart', () => {
    const names = ['1-0:1.8.0', '1-0:1.8.0*198', '1-0:1.8.1', '1-0:2.8.0', '1-b:1.8.0', '01-00:B2.08.00*FF'].map(
      (obis) => registerOf(obis, 'kWh').name,
    )
    expect(new Set(names).size).toBe(6)
  })

  it.each([
    ['1-0:1.8.0', 'kWh', 'billing', 2],
    ['1-b:1.8.e', 'kWh', 'billing', 2],
    ['01-00:98.08.00.FF', 'kWh', 'billing', 1],
    ['01-00:B3.08.00*FF', 'Wh', 'billing', 1],
    ['01-00:B2.08.00*FF', 'Wh', 'billing', 2],
    ['1-0:1.8.1', 'kWh', 'billing', 5],
    ['01-00:98.08.02*FF', 'kWh', 'billing', 4],
    ['1-0:2.8.0', 'kWh', 'billing', undefined],
    ['01-00:C2.08.00*FF', 'kWh', 'billing', undefined],
    ['2.8.0', 'kWh', 'billing', undefined],
    ['1-0:2.8', 'kWh', 'billing', undefined],
    ['0100020800FF', 'kWh', 'billing', undefined],
    ['0100B30800FF', 'kWh', 'billing', 1],
    ['1-0:42.8.0', 'kWh', 'billing', undefined],
    ['1-0:41.8.0', 'kWh', 'billing', 3],
    ['1.8', 'kWh', 'billing', 3],
    ['1-b:1.9.0', 'kWh', 'other', undefined],
    ['01-00:00.08.06.FF', 'sec', 'other', undefined],
    [undefined, 'kWh', 'billing', 3],
    [undefined, 's', 'other', undefined],
    ['something', 'kWh', 'billing', 3],
  ] as const)('%s in %s is %s', (obis, unit, purpose, preference) => {
    expect(registerOf(obis, unit)).toMatchObject({ purpose, ...(preference === undefined ? {} : { preference }) })
    expect(registerOf(obis, unit).preference).toBe(preference)
  })
})
