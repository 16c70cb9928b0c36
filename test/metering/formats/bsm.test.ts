// BSM-WS36A snapshots: the signed bytes and what the data points mean. Sessions of them are among the golden vectors.
import { describe, expect, it } from 'vitest'
import { hex } from '../../../src/base/bytes.ts'
import { formatDecimal } from '../../../src/base/decimal.ts'
import { Fault } from '../../../src/base/fault.ts'
import type { Json } from '../../../src/base/ports.ts'
import { bsm } from '../../../src/metering/formats/bsm.ts'
import { contentOfText } from '../../../src/metering/json-document.ts'
import { bsmBytes, bsmEnd, bsmStart, bsmValue } from '../../../tools/transparency-vectors/bsm.ts'
import { newContainer } from '../../../tools/transparency-vectors/chargeit-emh.ts'
import type { Fields } from '../../../tools/transparency-vectors/maker.ts'
import { neverOtherBytes } from '../altered-character.ts'

const read = (value: Fields) => [...bsm.read(contentOfText(JSON.stringify(value)))]
const one = (value: Fields) => {
  const [record] = read(value)
  if (record === undefined || record instanceof Fault) throw new Error(`expected a record, got ${record}`)
  return record
}

describe('the snapshot', () => {
  it('is recognised by its context', () => {
    const recognised = (context: string): boolean => bsm.recognise(contentOfText(JSON.stringify({ '@context': context })))
    for (const host of ['chargeit-mobility.com', 'lichtblick.de', 'eneco.com']) {
      for (const version of ['v0', 'v1']) expect(recognised(`https://www.${host}/contexts/bsm-ws36a-json-${version}`)).toBe(true)
    }
    expect(recognised('https://www.example.com/contexts/bsm-ws36a-json-v0')).toBe(false)
    expect(recognised('https://www.eneco.com/contexts/bsm-ws36a-json-v2')).toBe(false)
  })

  it('signs its data points in their order, whatever the order in the file', () => {
    const value = bsmValue(bsmEnd())
    const turned = { ...value, additionalValues: [...(value.additionalValues as object[])].reverse() } as Fields
    for (const each of [value, turned]) expect(hex(one(each).signed[0]?.bytes ?? new Uint8Array())).toBe(hex(bsmBytes(bsmEnd())))
  })

  it('writes numbers and texts as the meter does', () => {
    const [signed] = one(bsmValue(bsmStart({ RCR: [150, 0, 30], W: [-5, 1, 27] }))).signed
    const text = hex(signed?.bytes ?? new Uint8Array())
    // 150 Wh, -5 times ten W, and the length before a text
    expect(text).toContain('00000096001e')
    expect(text).toContain('fffffffb011b')
    expect(text).toContain(`00000010${Buffer.from('001CPV0000000001').toString('hex')}`)
  })

  it('writes Latin-1 where it says so', () => {
    const value = JSON.stringify(bsmValue(bsmStart({ Meta1: 'Gr\u00fc\u00dfe' }), { contract: null })).replace(/UTF-8/g, 'ISO-8859-1')
    const [record] = [...bsm.read(contentOfText(value))]
    expect(record instanceof Fault ? '' : hex(record?.signed[0]?.bytes ?? new Uint8Array())).toContain('000000054772fcdf65')
  })

  it('says what the meter says', () => {
    const { readings, source, pagination, problems } = one(bsmValue(bsmEnd()))
    expect(readings).toMatchObject([
      {
        obis: '1-0:1.8.0*198',
        purpose: 'billing',
        preference: 2,
        marker: 'end',
        time: { iso: '2026-03-01T09:00:00+01:00' },
        uptime: 5_353_953,
      },
      { obis: '1-0:1.8.0*255', purpose: 'billing', marker: 'end', logbook: '110 at 5349406' },
    ])
    expect(readings.map(({ value }) => value && formatDecimal(value))).toEqual(['10500', '12020'])
    expect(readings[1]?.preference).toBeUndefined()
    expect({ source, number: pagination?.number, problems }).toEqual({
      source: { meter: '001CPV0000000001', user: 'rfid:deadbeef', chargePoint: 'DE*CPV*E0001*1', firmware: 'v1.2.34' },
      number: 306,
      problems: [],
    })
  })

  it.each([
    [0, 'during'],
    [1, 'begin'],
    [2, 'end'],
    [3, 'begin'],
    [4, 'end'],
    [5, undefined],
  ])('of kind %i is a reading %s', (kind, marker) => {
    expect(one(bsmValue(bsmStart({ Typ: [kind, 0, 255] }))).readings[0]?.marker).toBe(marker)
  })

  it('shows every point with its place', () => {
    const record = one(bsmValue(bsmStart()))
    const bytes = record.signed[0]?.bytes ?? new Uint8Array()
    const places = record.fields()
    expect(places.map(({ name }) => name).filter((name) => !name.includes('.'))).toHaveLength(17)
    const counted = places.reduce((sum, { length = 0 }) => sum + length, 0)
    // less the four lengths before the texts
    expect(counted).toBe(bytes.length - 4 * 4)
  })

  it.each([
    ['unknown', undefined],
    ['', undefined],
    ['DE*CPV*E0002', 'DE*CPV*E0002'],
  ])('takes the signed charge point %j as %j', (text, expected) => {
    expect(one(bsmValue(bsmStart({ Meta2: `evse-id: ${text}` }))).source.chargePoint).toBe(expected)
  })

  it.each<[string, Fields]>([
    ['another number', { measurementId: 9 }],
    ['another number, as a text that only looks the same', { measurementId: '0305' }],
    ['no number', { measurementId: undefined }],
    ['another time', { time: '2026-03-01T08:00:00+02:00' }],
    ['the same moment in another offset', { time: '2026-03-01T07:00:00Z' }],
    ['another meter', { meterInfo: { meterId: 'X' } }],
    ['another contract', { contract: { id: 'deadbeef' } }],
    ['another value', { value: { measurand: { name: 'RCR' }, measuredValue: { value: 1, scale: 0 } } }],
    ['another unit', { value: { measurand: { name: 'RCR' }, measuredValue: { value: 0, scale: 0, unitEncoded: 27 } } }],
    ['another measurand', { value: { measurand: { name: 'TotWhImp' }, measuredValue: { value: 0, scale: 0 } } }],
  ])('with %s beside the data points breaks its format', (_, over) => {
    expect(one(bsmValue(bsmStart(), over)).problems).toHaveLength(1)
  })

  it.each<[string, Fields]>([
    ['a fraction of nothing', { time: '2026-03-01T08:00:00.000+01:00' }],
    ['no value', { value: undefined }],
    ['the value', { value: value({ value: 10_500, scale: 0, unitEncoded: 30, unit: 'Wh' }) }],
    ['the value in tens', { value: value({ value: 1050, scale: 1 }) }],
    ['the value in tenths', { value: value({ value: 105_000, scale: -1 }) }],
  ])('with %s beside the data points keeps its format', (_, over) => {
    expect(one(bsmValue(bsmStart({ RCR: [10_500, 0, 30] }), over)).problems).toEqual([])
  })

  it.each<[string, Fields]>([
    ['a fraction', { time: '2026-03-01T08:00:00.500+01:00' }],
    ['the name of another unit', { value: value({ value: 10_500, scale: 0, unitEncoded: 30, unit: 'KILO_WATT_HOUR' }) }],
    ['the value in hundreds', { value: value({ value: 10_500, scale: 2 }) }],
    ['the value in tenths', { value: value({ value: 10_500, scale: -1 }) }],
    ['a value of more digits than a meter has', { value: value({ value: 123_456_789_012, scale: 0 }) }],
    ['a value below zero', { value: value({ value: -10_500, scale: 0 }) }],
    ['a value that is none', { value: value({ value: '10500 Wh', scale: 0 }) }],
    ['a scale that is none', { value: value({ value: 10_500, scale: 'none' }) }],
    ['a scale that nobody can count', { value: value({ value: 10_500, scale: 999_999 }) }],
    ['a value and no scale', { value: value({ value: 10_500 }) }],
  ])('with %s beside them breaks it', (_, over) => {
    expect(one(bsmValue(bsmStart({ RCR: [10_500, 0, 30] }), over)).problems).toHaveLength(1)
  })

  it('may have a contract in a tag without a kind', () => {
    expect(one(bsmValue(bsmStart({ Meta1: 'contract-id: 42' }), { contract: { id: '42' } })).problems).toEqual([])
  })

  it('survives offsets and times as wrong as 32 bits allow', () => {
    const value = bsmValue(bsmStart(), { time: undefined })
    const text = JSON.stringify(value).replace('"value":60', '"value":-2147483648').replace('"value":1772348400', '"value":4294967295')
    expect([...bsm.read(contentOfText(text))]).toMatchObject([{ problems: ['TZO is longer than a day'] }])
  })
})

const value = (measuredValue: Readonly<Record<string, string | number>>): Json => ({ measurand: { name: 'RCR' }, measuredValue })

describe('one altered character', () => {
  it('is never valid with other signed bytes', async () => {
    await neverOtherBytes('session.json', newContainer([bsmStart(), bsmEnd()].map((points) => bsmValue(points))), 300)
  })
})
