// What costs more than its length: shapes that a reader might look at again and again, make too many things of, or tell too often. Each is so
// large that the square of it would take half a minute, and is answered at once. Bombs and limits of archives are in hostile.test.ts.
import { zlibSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../src/base/bytes.ts'
import { tarOf } from '../../tools/transparency-vectors/archives.ts'
import { safeXml } from '../../tools/transparency-vectors/maker.ts'
import { ask } from './support.ts'

type Content = string | Uint8Array

const record = (members: string, readings: readonly string[] = ['"TX":"B"']): string =>
  `OCMF|{${members},"RD":[${readings
    .map((more) => `{"TM":"2026-03-01T08:00:00,000+0100 S","RV":1,"RU":"kWh","ST":"G",${more}}`)
    .join(',')}]}|{"SD":"3006020101020101"}`

const session = (number: number, members = `"PG":"T${number}","MS":"m${number}"`): string => record(members, ['"TX":"B"', '"TX":"E"'])

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index))

const CONTEXT = '"@context":"https://open.charging.cloud/contexts/CTR+json"'

const transparencyRecord = (original: string, values: number): string =>
  `{${CONTEXT},"chargingSessions":[{"original":${JSON.stringify(original)},"measurements":[{"unit":"KWH","values":[${many(values, () => '{"value":"999"}').join()}]}]}]}`

const telegrams = (bytes: readonly number[], count: number): Uint8Array => {
  const all = new Uint8Array(bytes.length * count + 16).fill(0x1b)
  all.set([0x1b, 0x1b, 0x1b, 0x1b, 1, 1, 1, 1])
  for (let i = 0; i < count; i++) all.set(bytes, 8 + bytes.length * i)
  all.set([0x1b, 0x1b, 0x1b, 0x1b, 0x1a, 0, 0, 0], all.length - 8)
  return all
}

/** Every object of the stream is the same large list. */
const pdfOf = (count: number): Uint8Array => {
  const table = '1 0 '.repeat(count)
  const noise = many(count, (index) => ((index * 2_654_435_761) >>> 0).toString()).join(' ')
  const stream = zlibSync(utf8(`${table}[${noise}]`))
  const head = `<</Type/ObjStm/N ${count}/First ${table.length}/Filter/FlateDecode/Length ${stream.length}>>`
  return concat(utf8(`%PDF-1.7\n1 0 obj\n${head}stream\n`), stream, utf8('\nendstream\nendobj\n%%EOF\n'))
}

const N = 200_000

const SHAPES: readonly (readonly [shape: string, make: () => Readonly<Record<string, Content>>])[] = [
  ['blanks in a name of OCMF', () => ({ a: record(`"MS":"a${' '.repeat(N)}b"`) })],
  ['an identification of PCDF', () => ({ a: pcdf(`${'*1'.repeat(N)}*\u00e9`) })],
  ['comments behind blanks in XML', () => ({ a: `<Billing>${' '.repeat(N)}${'<!---->'.repeat(N)}</Billing>` })],
  ['comments behind blanks in signed data', () => ({ a: `<values><value><signedData>${' '.repeat(N)}${'<!---->'.repeat(N)}` })],
  ['empty lines in files of keys', () => Object.fromEntries(many(40, (i) => [`publicKey${i}`, `${'\n'.repeat(60_000)}x`]))],
  ['marks in the names of keys', () => ({ 'a.tar': tarOf(many(100, (i) => ({ name: `a${'_'.repeat(990)}x${i}`, content: utf8('x') }))) })],
  ['sessions of one charge detail record', () => ({ a: cdr(7000) })],
  ['values beside the readings of two sessions', () => ({ a: transparencyRecord(`${long(1)}\n${long(2)}`, 4000) })],
  ['a readings list beside many sessions', () => ({ a: transparencyRecord(many(3000, session).join('\n'), 3000) })],
  ['objects of a PDF that lie over each other', () => ({ 'a.pdf': pdfOf(20_000) })],
  ['boxes of a drawing', () => ({ 'a.svg': drawing(300) })],
  ['escapes in a telegram', () => ({ a: telegrams(Array<number>(8).fill(0x1b), 1_000_000) })],
  ['telegrams without an end', () => ({ a: telegrams([0x1b, 0x1b, 0x1b, 0x1b, 1, 1, 1, 1], 500_000) })],
  ['lines of Alfen that are none', () => ({ a: `AP;0;3;\n${'AP;\n'.repeat(1_000_000)}` })],
  ['lines of PCDF that are none', () => ({ a: `128.8.0(\n${'x\n'.repeat(1_000_000)}` })],
  ['values of chargeIT that are none', () => ({ a: `{"signedMeterValues":[${'0,'.repeat(700_000)}0]}` })],
  ['signed values of OCPI that are none', () => ({ a: `{"signed_values":[${'{},'.repeat(300_000)}{}]}` })],
  ['charging sessions that are none', () => ({ a: `{"chargingSessions":[${'0,'.repeat(700_000)}0]}` })],
  ['keys beside each of many sessions', () => ({ a: withKeys(3000, 10_000) })],
  ['keys beside each value of a live link', () => ({ a: liveLink(8000) })],
  ['documents in lines', () => ({ a: '{"x":1}\n'.repeat(450_000) })],
]

const pcdf = (identification: string): string =>
  `128.8.0(ST:200101000000)(CT:200101000001)(CD:000001)(TV:0)(BV:1)(CSC:0)(SP:1)(RV:1.000*kWh)(SI:${identification})(CS:00000000)(HW:00000000000)(DT:0)(PK:04)(SG:)`

const cdr = (sessions: number): string =>
  `{"cdr_token":{},"charging_periods":[],"total_energy":1,"signed_data":{"signed_values":[${many(sessions, (i) => `{"signed_data":${JSON.stringify(session(i))}}`).join()}]}}`

const long = (number: number): string =>
  record(
    `"PG":"T${number}","MS":"m${number}"`,
    many(2000, (i) => (i === 1999 ? '"TX":"E","RI":"1-0:1.8.0"' : i === 0 ? '"TX":"B","RI":"1-0:1.8.0"' : '"TX":"C"')),
  )

const drawing = (boxes: number): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 1000"><path d="${'M0 0h1000v1000h-1000z'.repeat(boxes)}"/></svg>`

const withKeys = (sessions: number, keys: number): string => {
  const key = (index: number): string => `{"subject":"x","value":"04${index.toString(16).padStart(128, '0')}"}`
  const one = (index: number): string => `{"EVSEId":"x","original":${JSON.stringify(session(index))}}`
  return `{${CONTEXT},"chargingSessions":[${many(sessions, one).join()}],"publicKeys":[${many(keys, key).join()}]}`
}

const liveLink = (count: number): string => {
  const keys = many(count, (i) => `{"value":"04${i.toString(16).padStart(128, '0')}"}`)
  const values = many(count, (i) => JSON.stringify(session(i)))
  const context = '"@context":"https://open.charging.cloud/contexts/chargeTransparency/live/link/1"'
  return `{${context},"chargingStationOperator":{"publicKeys":[${keys}]},"signedMeterValues":{"values":[${values}]}}`
}

const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

describe('a question of many', () => {
  it.each(SHAPES)('%s costs what its length does', async (_, make) => {
    const files = make()
    const before = cpu()
    const { inputs } = await ask(files, { now: () => performance.now() })
    expect(cpu() - before).toBeLessThan(4000)
    expect(inputs.filter(({ fault }) => fault?.code === 'internal')).toEqual([])
  })
})

describe('a check', () => {
  it('tells a thousand of the readings that fall', async () => {
    const readings = many(3000, (index) => `"TX":"${index === 0 ? 'B' : 'C'}","RV":${3000 - index}`)
    const text = record('"PG":"T1"', readings).replaceAll('"RV":1,', '')
    const [session] = (await ask({ a: text })).sessions
    expect(session?.checks.filter(({ code }) => code === 'energy-decreasing')).toHaveLength(1000)
    expect(session?.verdict).toBe('invalid')
  })
})

describe('an answer', () => {
  const length = async (files: Readonly<Record<string, Content>>): Promise<number> => JSON.stringify(await ask(files)).length
  const documents = many(1500, (index) => record(`"PG":"T${index}"`)).join('\n')

  it.each([
    ['the name of a member', { 'a.tar': tarOf([{ name: 'x'.repeat(60_000), content: utf8(documents) }]) }],
    [
      'a register that every reading inherits',
      { a: record('"PG":"T1"', [`"TX":"B","RI":"${'r'.repeat(60_000)}"`, ...Array<string>(1500).fill('"TX":"C"')]) },
    ],
    ['what stands once beside all values', { a: station(documents) }],
  ])('does not tell %s for each record', async (_, files) => {
    expect(await length(files)).toBeLessThan(20_000_000)
  })
})

/** A station of fifty elements with names of a thousand characters around 1,500 records. */
const station = (documents: string): string => {
  const name = (index: number): string => `e${'y'.repeat(1000)}${index}`
  const elements = many(50, (index) => `<${name(index)}>z</${name(index)}>`).join('')
  return safeXml(documents.split('\n').map((data) => ({ data }))).replace(
    '<values>',
    `<values><chargingStation>${elements}</chargingStation>`,
  )
}
