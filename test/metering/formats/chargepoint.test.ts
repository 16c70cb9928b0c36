// ChargePoint documents: what is signed and what its members mean, and how two files become one record.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/base/bytes.ts'
import { formatDecimal } from '../../../src/base/decimal.ts'
import { Fault } from '../../../src/base/fault.ts'
import { contentOf } from '../../../src/metering/content.ts'
import { chargepoint } from '../../../src/metering/formats/chargepoint.ts'
import { chargepointVectors, energyDocument } from '../../../tools/transparency-vectors/chargepoint.ts'
import { ask, faults } from '../../transparency/support.ts'

const one = (text: string) => {
  const [record] = chargepoint.read(contentOf(utf8(text)))
  if (record === undefined || record instanceof Fault) throw new Error(`expected a record, got ${record}`)
  return record
}

const question = (name: string) => chargepointVectors.cases().find((each) => each.name === name)?.question ?? {}

describe('the document', () => {
  it('is recognised by its members', () => {
    expect(chargepoint.recognise(contentOf(utf8(energyDocument())))).toBe(true)
    for (const text of ['', '{}', '{"station_mac":1}', `[${energyDocument()}]`]) {
      expect(chargepoint.recognise(contentOf(utf8(text)))).toBe(false)
    }
  })

  it('is signed as the file is, byte for byte', () => {
    const text = `${energyDocument()}\r\n`
    expect(one(text).signed).toEqual([{ name: 'file', bytes: utf8(text) }])
  })

  it('holds a whole session', () => {
    const { readings, source, session, stated, problems } = one(energyDocument())
    expect(readings.map(({ marker, value, time }) => [marker, value && formatDecimal(value), time?.iso])).toEqual([
      ['begin', '74.6', '2026-03-01T07:00:00+00:00'],
      ['end', '86.6', '2026-03-01T08:00:00+00:00'],
    ])
    expect(source).toEqual({ meter: 'CPV0001S', gateway: '0024b10000c0ffee_2', chargePoint: '0024b10000c0ffee_2', user: 'DEADBEEF' })
    expect([session, stated && formatDecimal(stated.value), problems]).toEqual(['55', '12.0', []])
  })
})

describe('two files', () => {
  it('make one record, in any order', async () => {
    const { sessions, inputs } = await ask(question('signature-first'))
    expect(sessions).toMatchObject([
      { verdict: 'valid', records: [{ input: 'secrrct', signature: { curve: 'secp224k1', hash: 'SHA-256' } }] },
    ])
    expect(inputs.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'secrrct.sign record',
      '0024b10000c0ffee_2.pem key',
      'secrrct record',
    ])
  })

  it('are each told of when the other is missing', async () => {
    expect(faults(await ask(question('signature-alone')))).toContain('secrrct.sign input-unknown')
    expect((await ask(question('signature-absent'))).verdict).toBe('unproven')
  })

  it('are not mixed up between folders', async () => {
    const files = question('two-pairs')
    expect((await ask(files)).verdict).toBe('valid')
    const swapped = { ...files, '1/secrrct.sign': files['2/secrrct.sign'] ?? '', '2/secrrct.sign': files['1/secrrct.sign'] ?? '' }
    expect((await ask(swapped)).verdict).toBe('invalid')
  })

  it('take the method of the key', async () => {
    for (const [curve, hash] of [
      ['secp256r1', 'SHA-256'],
      ['secp384r1', 'SHA-384'],
      ['secp521r1', 'SHA-512'],
    ]) {
      expect((await ask(question(`algorithm-${curve}`))).sessions[0]?.records[0]?.signature).toMatchObject({ state: 'valid', curve, hash })
    }
  })
})
