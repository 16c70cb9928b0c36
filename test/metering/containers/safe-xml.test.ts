import { describe, expect, it } from 'vitest'
import { base64, unhex, utf8 } from '../../../src/base/bytes.ts'
import type { Part } from '../../../src/metering/container.ts'
import { safeXml } from '../../../src/metering/containers/safe-xml.ts'
import { contentOf } from '../../../src/metering/content.ts'
import { Budget, LIMITS } from '../../../src/metering/limits.ts'
import * as made from '../../../tools/transparency-vectors/maker.ts'
import { sealer } from '../../../tools/transparency-vectors/sealed.ts'
import { ask } from '../../transparency/support.ts'

const open = (xml: string): readonly Part[] => safeXml.open(contentOf(utf8(xml)), new Budget(LIMITS, () => 0))

const textsOf = (xml: string): (string | undefined)[] =>
  open(xml).map((part) =>
    part.kind === 'slot' ? [...part.contents].map(({ text }) => text).find((text) => text?.startsWith('OCMF')) : undefined,
  )

describe('safe-xml', () => {
  it.each([
    ['<values>', true],
    ['<?xml version="1.0"?>\n<!-- from <b> -->\n<s:values xmlns:s="x">', false],
    ['<?xml version="1.0"?>\n<s:values xmlns:s="x">', true],
    ['<!DOCTYPE values><values>', true],
    ['<valuesx>', false],
    ['<current>', false],
    ['values', false],
  ])('%s is recognised: %s', (text, expected) => {
    expect(safeXml.recognise(contentOf(utf8(text)))).toBe(expected)
  })

  it('gives every value with its key, whatever the namespace', () => {
    const xml = made.safeXml([{ data: 'OCMF|1', key: 'k1' }, { data: 'OCMF|2' }])
    for (const namespace of ['', ' xmlns=""', ' xmlns="http://transparenz.software/schema/2018/07"']) {
      const parts = open(xml.replace('<values>', `<values${namespace}>`))
      expect(parts).toEqual([
        expect.objectContaining({ kind: 'slot', name: 'value[1]', keys: ['k1'] }),
        expect.objectContaining({ kind: 'slot', name: 'value[2]', keys: [] }),
      ])
    }
  })

  it('reads entities, CDATA and declared encodings', () => {
    const base64 = Buffer.from('OCMF|3').toString('base64')
    const hex = Buffer.from('OCMF|4').toString('hex')
    const value = (text: string, encoding = 'plain') => `<value><signedData encoding="${encoding}">${text}</signedData></value>`
    const xml = `<values>${value('OCMF|&lt;&#49;')}${value('<![CDATA[OCMF|<2]]>')}${value(base64, 'base64')}${value(hex)}</values>`
    expect(textsOf(xml)).toEqual(['OCMF|<1', 'OCMF|<2', 'OCMF|3', 'OCMF|4'])
  })

  it('looks only into values, and says that there was more', () => {
    const station = '<chargingStation xmlns="x"><EVSE><signedData>OCMF|evil</signedData></EVSE></chargingStation>'
    const xml = `<values>${station}<signedData>OCMF|evil</signedData><value><signedData>OCMF|1</signedData></value></values>`
    expect(textsOf(xml)).toEqual(['OCMF|1', undefined])
    expect(open(xml).at(-1)).toMatchObject({ kind: 'missing', name: undefined, fault: { code: 'record-malformed' } })
  })

  it('tells what stands of the station, as something that nobody signed', () => {
    const station = '<chargingStation id="S1" xmlns="x"><EVSE id="E1"><connector><type>Type-2</type></connector></EVSE></chargingStation>'
    const value = '<value><signedData>OCMF|1</signedData></value>'
    for (const xml of [`<values>${station}${value}</values>`, `<values>${value}${station}</values>`])
      expect(open(xml)).toMatchObject([
        {
          unsigned: [
            { name: 'chargingStation.id', value: 'S1' },
            { name: 'chargingStation.EVSE.id', value: 'E1' },
            { name: 'chargingStation.EVSE.connector.type', value: 'Type-2' },
          ],
        },
      ])
    expect(open(`<values>${value}</values>`)).toMatchObject([{ unsigned: [] }])
  })

  it('says which value has nothing to offer', () => {
    const faults = open('<values><value/><value><signedData> </signedData></value><value><encodedData>x</encodedData></value></values>')
    const codes = faults.map((part) => part.kind === 'missing' && part.fault.code)
    // sealed data is sound, and only not opened
    expect(codes).toEqual(['record-malformed', 'record-malformed', 'algorithm-unsupported'])
    expect(open('<values><value><signedData>a</signedData><signedData>b</signedData></value></values>')).toMatchObject([
      { kind: 'missing' },
    ])
  })

  it('names what sealed data is sealed with, and opens nothing', () => {
    // SEQUENCE { 1.2.3.4, 1, [0] SEQUENCE { [0] rsaEncryption, [2] 2048 bits }, 4 bytes }
    const layer = 'a0153013a00b06092a864886f70d010101a20402020800'
    const seal = `302506032a0304020101${layer}0404deadbeef`
    const told = (text: string) => open(`<values><value><encodedData>${text}</encodedData></value></values>`)[0]
    const message = 'by procedure 1.2.3.4, version 1, with 1.2.840.113549.1.1.1: 4 bytes'
    for (const text of [seal, ` ${seal.slice(0, 9)} ${seal.slice(9)}`, base64(unhex(seal))])
      expect(told(text)).toMatchObject({
        kind: 'missing',
        fault: { code: 'algorithm-unsupported', message: expect.stringContaining(message) },
      })
    for (const text of [seal.slice(2), `${seal}00`, seal.replace('a015', 'a0ff'), 'x', ''])
      expect(told(text)).toMatchObject({ fault: { message: expect.stringContaining('in a way that is not known') } })
  })

  describe('sealed data', () => {
    const { key, seal } = sealer()
    const record = made.ocmfText(made.payload()).replace(/\|\{[^{}]*\}$/, '|{}')
    const xml = (sealed: string, beside = key): string =>
      `<values><value><encodedData format="OCMF" encoding="hex">${sealed}</encodedData><publicKey>${beside}</publicKey></value></values>`
    const judged = async (text: string) => {
      const { verdict, sessions, inputs } = await ask({ 'r.xml': text })
      return [verdict, sessions.map(({ energyWh }) => energyWh), inputs.flatMap(({ fault }) => fault?.code ?? [])]
    }

    it('is opened by the key beside it, and proves nothing', async () => {
      const { sessions } = await ask({ 'r.xml': xml(seal(record)) })
      expect(sessions[0]).toMatchObject({ verdict: 'unproven', energyWh: '10500', keyTrust: 'none' })
      expect(sessions[0]?.records[0]?.signature).toEqual({ state: 'unsupported', algorithm: 'RSA-IIP' })
    })

    it.each([0, 1, 250, 251, 252])('of any length is opened: %i bytes behind a whole block', async (more) => {
      const length = 251 * Math.ceil(record.length / 251) + more
      expect(await judged(xml(seal(record.padEnd(length))))).toEqual(['unproven', ['10500'], []])
    })

    it('of another width is opened', async () => {
      const wide = sealer(3072)
      expect(await judged(xml(wide.seal(record), wide.key))).toEqual(['unproven', ['10500'], []])
    })

    it.each<[string, (blocks: Uint8Array[]) => Uint8Array[]]>([
      ['blocks exchanged', ([head, a, b, ...rest]) => [head, b, a, ...rest] as Uint8Array[]],
      ['a block taken out', ([head, , ...rest]) => [head, ...rest] as Uint8Array[]],
      ['a block added', (blocks) => [...blocks, blocks.at(-1) as Uint8Array]],
      ['a length that is none', ([head, ...rest]) => [(head as Uint8Array).map((byte, i) => (i === 253 ? byte ^ 4 : byte)), ...rest]],
      ['no first block', ([, ...rest]) => rest],
    ])('with %s is refused', async (_, change) => {
      expect(await judged(xml(seal(record, change)))).toEqual(['unreadable', [], ['record-malformed']])
    })

    it('that was altered, or that another key sealed, is refused', async () => {
      const good = seal(record)
      const altered = `${good.slice(0, -10)}${good.at(-10) === '0' ? '1' : '0'}${good.slice(-9)}`
      for (const text of [xml(altered), xml(good, sealer().key), xml(good.slice(0, -2))]) expect((await judged(text))[0]).toBe('unreadable')
      expect(await judged(xml(good, made.hexKeyOf(made.SIGNER)))).toEqual(['unreadable', [], ['algorithm-unsupported']])
      expect(await judged(xml(good, ''))).toEqual(['unreadable', [], ['algorithm-unsupported']])
    })

    it('beside signed data is refused: two readers would read two records', async () => {
      const both = xml(seal(record)).replace('<publicKey>', `<signedData>${made.ocmfText(made.payload())}</signedData><publicKey>`)
      expect(await judged(both)).toEqual(['unreadable', [], ['record-malformed']])
    })
  })

  it('has no encoding called constructor', () => {
    expect(textsOf('<values><value><signedData encoding="constructor">OCMF|1</signedData></value></values>')).toEqual(['OCMF|1'])
  })

  it.each([
    ['<values>', 'unclosed'],
    ['<values><value></values>', 'crossed'],
    ['<values>&evil;</values>', 'an entity'],
    ['<!DOCTYPE values [<!ENTITY a "b">]><values>&a;</values>', 'a document type'],
    ['<!DOCTYPE values SYSTEM "http://127.0.0.1/x"><values/>', 'an outer document type'],
    ['<?xml version="jndi:ldap://x"?><values/>', 'a bad declaration'],
    ['<values/><values/>', 'two roots'],
    ['<values a="1" a="2"/>', 'an attribute given twice'],
    ['<values>\u0000</values>', 'a forbidden character'],
  ])('refuses %s: %s', (xml) => {
    expect(() => open(xml)).toThrow(expect.objectContaining({ code: 'record-malformed' }))
  })

  it('stops at its limits', () => {
    expect(() => open(`<values>${'<a>'.repeat(1000)}`)).toThrow(expect.objectContaining({ code: 'limit-exceeded' }))
    const attributes = Array.from({ length: 65 }, (_, i) => `a${i}=""`).join(' ')
    expect(() => open(`<values ${attributes}/>`)).toThrow(expect.objectContaining({ code: 'limit-exceeded' }))
    const few = new Budget({ ...LIMITS, records: 2 }, () => 0)
    const values = contentOf(utf8(`<values>${'<value/>'.repeat(3)}</values>`))
    expect(() => safeXml.open(values, few)).toThrow(expect.objectContaining({ code: 'limit-exceeded' }))
    let time = 0
    const late = new Budget({ ...LIMITS, milliseconds: 3 }, () => time++)
    const long = contentOf(utf8(`<values>${'<value/>'.repeat(100_000)}</values>`))
    expect(() => safeXml.open(long, late)).toThrow(expect.objectContaining({ code: 'limit-exceeded' }))
  })
})
