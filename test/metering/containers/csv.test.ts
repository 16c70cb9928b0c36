// Tables: how rows are cut, and what is said beside a record. Whole tables are among the golden vectors.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/base/bytes.ts'
import { csv } from '../../../src/metering/containers/csv.ts'
import { rowsIn } from '../../../src/metering/containers/csv-rows.ts'
import { contentOf } from '../../../src/metering/content.ts'
import { pdfOf } from '../../../tools/transparency-vectors/archives.ts'
import { beginRecord, endRecord, hexKeyOf, ocmfText, SIGNER } from '../../../tools/transparency-vectors/maker.ts'
import { ask } from '../../transparency/support.ts'
import { partsOf } from './support.ts'

const cellsOf = (text: string, delimiter: string) => [...rowsIn(text, delimiter)].map(({ cells }) => cells)
const RECORD = ocmfText(beginRecord())
const TABLE = `Session;Record;Key\r\nS-1;${RECORD};${hexKeyOf(SIGNER)}\r\nS-1;${ocmfText(endRecord())};${hexKeyOf(SIGNER)}\r\n`

describe('rows', () => {
  it('are what was written, however it was quoted', () => {
    const delimiter = fc.constantFrom(';', ',', '\t')
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ';', ',', '\t', '\n', '\r', ' ', 'ä') })
    const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 })
    fc.assert(
      fc.property(delimiter, rows, (mark, table) => {
        const text = table.map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(mark)).join('\n')
        expect(cellsOf(text, mark)).toEqual(table.filter((row) => row.some((each) => each.trim() !== '')))
      }),
    )
  })

  it('are not cut within a record that nobody quoted', () => {
    expect(cellsOf('1,OCMF|{"a":"}","b":[1,2]}|{"SD":"x,y"},2', ',')).toEqual([['1', 'OCMF|{"a":"}","b":[1,2]}|{"SD":"x,y"}', '2']])
    expect(cellsOf('1;AP;0;3;KEY;DATA;SIG;;2', ';')).toEqual([['1', 'AP;0;3;KEY;DATA;SIG', '', '2']])
  })

  it('end where a quote does not', () => {
    expect([...rowsIn('a;b\nc;"d\ne;f', ';')].map(({ torn }) => torn)).toEqual([false, true])
    expect([...rowsIn('a;"b"c\nd', ';')].map(({ torn }) => torn)).toEqual([true])
  })
})

describe('a table', () => {
  it('is one where a record stands in a cell, and nowhere else', () => {
    const isOne = (text: string) => csv.recognise(contentOf(utf8(text)))
    expect([TABLE, `x;${RECORD}`, `"${RECORD.replaceAll('"', '""')}"`].map(isOne)).toEqual([true, true, true])
    expect([RECORD, 'a;b\nc;d', '', '{"a":1}', 'AP;0;3;K;D;S;', `"${'a'.repeat(99)}`].map(isOne)).toEqual(new Array(6).fill(false))
  })

  it('shows the other cells as not signed, by the names of their columns', async () => {
    const { verdict, sessions } = await ask({ 'sessions.csv': TABLE })
    expect(verdict).toBe('valid')
    expect(sessions[0]?.records[0]?.unsigned).toEqual([
      { name: 'Session', value: 'S-1' },
      { name: 'Key', value: hexKeyOf(SIGNER) },
    ])
  })

  it('may hang on a PDF, as a file of any kind may', async () => {
    const attachments = { 'sessions.csv': utf8(TABLE), 'more.chargy': utf8(JSON.stringify({ chargingSessions: [] })) }
    const { verdict, inputs } = await ask({ 'invoice.pdf': pdfOf({ attachments }) })
    expect([verdict, inputs.map(({ name, format }) => `${name} ${format}`)]).toEqual([
      'valid',
      ['invoice.pdf pdf', 'invoice.pdf/sessions.csv csv', 'invoice.pdf/more.chargy ctr'],
    ])
  })

  it('has as many rows as there may be records', () => {
    expect(() => partsOf(csv, utf8(TABLE), { records: 1 })).toThrow(expect.objectContaining({ code: 'limit-exceeded' }))
  })
})
