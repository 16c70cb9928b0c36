// EMH values in JSON: what is signed and what the members mean. Sessions of them are among the golden vectors.
import { describe, expect, it } from 'vitest'
import { hex } from '../../../src/base/bytes.ts'
import { formatDecimal } from '../../../src/base/decimal.ts'
import { Fault } from '../../../src/base/fault.ts'
import { chargeitEmh } from '../../../src/metering/formats/chargeit-emh.ts'
import { contentOfText } from '../../../src/metering/json-document.ts'
import { emhValue, oldContainer } from '../../../tools/transparency-vectors/chargeit-emh.ts'
import { edlBlock, edlEnd, keyHex } from '../../../tools/transparency-vectors/edl-maker.ts'
import type { Fields } from '../../../tools/transparency-vectors/maker.ts'
import { vectorSigner } from '../../../tools/transparency-vectors/signer.ts'
import { neverOtherBytes } from '../altered-character.ts'

const read = (value: Fields) => [...chargeitEmh.read(contentOfText(JSON.stringify(value)))]
const one = (value: Fields) => {
  const [record] = read(value)
  if (record === undefined || record instanceof Fault) throw new Error(`expected a record, got ${record}`)
  return record
}
const B = edlBlock()

describe('the value', () => {
  it('is recognised by its members, without a context', () => {
    const recognised = (value: Fields): boolean => chargeitEmh.recognise(contentOfText(JSON.stringify(value)))
    expect(recognised(emhValue(B))).toBe(true)
    expect(recognised({ ...emhValue(B), '@context': 'x' })).toBe(false)
    expect(recognised({ ...emhValue(B), measurand: undefined })).toBe(false)
    expect(chargeitEmh.recognise(contentOfText('[]'))).toBe(false)
  })

  it('signs the block that its members make', () => {
    const { signed, signature, keys } = one(emhValue(B))
    expect(hex(signed[0]?.bytes ?? new Uint8Array())).toBe(hex(B))
    expect(signature).toMatchObject({ state: 'ready', choices: [{ method: { curve: 'secp192r1', hash: 'SHA-256' } }] })
    expect(keys).toEqual([keyHex(vectorSigner('secp192r1', 'emh'))])
  })

  it('says what the meter says, and marks the rest as not signed', () => {
    const { readings, source, session, pagination, unsigned, problems } = one(emhValue(B))
    expect(readings).toMatchObject([{ obis: '1-0:1.17.0*255', unit: 'Wh', time: { iso: '2026-03-01T08:00:00+01:00' }, logbook: '0007' }])
    expect(readings.map(({ value }) => value && formatDecimal(value))).toEqual(['10000.0'])
    expect({ source, session, pagination: pagination?.number, problems }).toEqual({
      source: { meter: '0901434850000000000A', user: 'DEADBEEF' },
      session: '1772351990',
      pagination: 20,
      problems: [],
    })
    expect(unsigned).toContainEqual({ name: 'transactionId', value: 'tx-0001' })
  })

  it('adds both offsets to the time that is signed', () => {
    const summer = { timestampLocal: { timestamp: 1_772_344_800, localOffset: 60, seasonOffset: 60 } }
    const value = { ...emhValue(B), measuredValue: { ...(emhValue(B).measuredValue as object), ...summer } }
    const record = one(value)
    expect(hex(record.signed[0]?.bytes ?? new Uint8Array())).toBe(hex(B))
    expect(record.readings[0]?.time?.iso).toBe('2026-03-01T08:00:00+02:00')
  })

  it.each<[string, Fields]>([
    ['a contract that is not ASCII', { contract: { id: 'ä', timestampLocal: { timestamp: 1, localOffset: 0, seasonOffset: 0 } } }],
    [
      'a contract that is too long',
      { contract: { id: 'x'.repeat(129), timestampLocal: { timestamp: 1, localOffset: 0, seasonOffset: 0 } } },
    ],
    ['no contract', { contract: null }],
    ['a number of five bytes', { measurementId: '0100000014' }],
    ['a time before 1970', { contract: { id: 'A', timestampLocal: { timestamp: 1, localOffset: -60, seasonOffset: 0 } } }],
    ['an offset of two days', { contract: { id: 'A', timestampLocal: { timestamp: 1, localOffset: 2880, seasonOffset: 0 } } }],
    ['a status that is no number', { additionalInfo: { status: 'ok', indexes: { timer: 1, logBook: '0001' } } }],
  ])('is malformed with %s', (_, over) => {
    expect(read({ ...emhValue(B), ...over })).toEqual([expect.objectContaining({ code: 'record-malformed' })])
  })

  it.each<[string, string, string]>([
    ['no signature', '', 'absent'],
    ['a signature that is not hexadecimal', 'xyz', 'malformed'],
    ['a signature that is cut', 'ab', 'malformed'],
  ])('is kept with %s', (_, signature, state) => {
    expect(one({ ...emhValue(B), signature }).signature.state).toBe(state)
  })

  it('names a unit beside the value that is not the signed one', () => {
    const withUnit = (unit: string) => ({ ...emhValue(B), measuredValue: { ...(emhValue(B).measuredValue as object), unit } })
    expect(['WATT_HOUR', 'watt hours', 'Wh', ''].map((unit) => one(withUnit(unit)).problems)).toEqual([[], [], [], []])
    for (const unit of ['KILO_WATT_HOUR', 'kWh', 'W'])
      expect(one(withUnit(unit)).problems).toEqual([`the unit beside measuredValue is ${unit}, and Wh is signed`])
  })

  it('names the logbook behind the signature that is not the signed one', () => {
    expect(one(emhValue(B, new Uint8Array(50).fill(1))).problems).toEqual(['the logbook behind the signature is 0101, 0007 was signed'])
  })
})

describe('one altered character', () => {
  it('is never valid with other signed bytes', async () => {
    await neverOtherBytes('session.chargy', oldContainer([emhValue(B), emhValue(edlEnd())]), 300)
  })
})
