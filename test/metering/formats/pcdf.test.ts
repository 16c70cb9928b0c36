// PCDF lines: what is signed and what its members mean. Sessions of them are among the golden vectors.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8, utf8Text } from '../../../src/base/bytes.ts'
import { formatDecimal } from '../../../src/base/decimal.ts'
import { Fault } from '../../../src/base/fault.ts'
import { contentOf } from '../../../src/metering/content.ts'
import { pcdf } from '../../../src/metering/formats/pcdf.ts'
import { pcdfLine, pcdfText } from '../../../tools/transparency-vectors/pcdf.ts'
import { ask } from '../../transparency/support.ts'

const read = (text: string) => [...pcdf.read(contentOf(utf8(text)))]
const one = (text: string) => {
  const [record] = read(text)
  if (record === undefined || record instanceof Fault) throw new Error(`expected a record, got ${record}`)
  return record
}

describe('the line', () => {
  it('is recognised, wrapped, quoted or not', () => {
    for (const text of ['128.8.0(ST:', '\u0002128.8.0(', ' "128.8.0(']) expect(pcdf.recognise(contentOf(utf8(text)))).toBe(true)
    for (const text of ['', '128.8.1(', '128-8-0(']) expect(pcdf.recognise(contentOf(utf8(text)))).toBe(false)
  })

  it('is signed up to its signature', () => {
    for (const line of [pcdfLine(), `\u0002${pcdfLine()}\u0003`, `"${pcdfLine()}"`]) {
      expect(utf8Text(one(line).signed[0]?.bytes ?? utf8(''))).toBe(pcdfText())
    }
  })

  it('holds a whole session in local time', () => {
    const { readings, stated, session, source, problems } = one(pcdfLine())
    expect(readings).toMatchObject([
      { marker: 'begin', time: { iso: '2026-03-01T08:00:00' } },
      { marker: 'end', time: { iso: '2026-03-01T09:00:00' }, unit: 'kWh' },
    ])
    expect(stated && formatDecimal(stated.value)).toBe('10.500')
    expect({ session, source, problems }).toEqual({
      session: 'tx-0001',
      source: { meter: 'CPV00000001', user: 'RFID DEADBEEF' },
      problems: [],
    })
  })

  it('shows every member with its place', () => {
    const text = pcdfText()
    const fields = one(pcdfLine()).fields()
    expect(fields.map(({ name }) => name).join(' ')).toBe('ST CT CD TV BV CSC SP RV SI CS HW DT PK')
    for (const { value, at = 0, length = 0 } of fields) expect(text.slice(at, at + length)).toBe(value)
  })
})

describe('one altered letter', () => {
  it('is never valid', async () => {
    const text = pcdfText()
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 0, max: 6 }), async (at, bit) => {
        const altered = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1)
        const line = pcdfLine().replace(text, () => altered)
        expect(['invalid', 'unreadable']).toContain((await ask({ 'r.pcdf': line })).verdict)
      }),
      { numRuns: 200 },
    )
  })
})
