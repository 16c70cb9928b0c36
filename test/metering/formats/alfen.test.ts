// Alfen lines: what is signed, what each field means, and what is no line. Sessions of them are among the golden vectors.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/base/bytes.ts'
import { formatDecimal } from '../../../src/base/decimal.ts'
import { Fault } from '../../../src/base/fault.ts'
import { contentOf } from '../../../src/metering/content.ts'
import { ALFEN_BLOCK, alfen } from '../../../src/metering/formats/alfen.ts'
import { alfenBlock, alfenEnd, alfenLine } from '../../../tools/transparency-vectors/alfen.ts'
import { ask } from '../../transparency/support.ts'

const read = (text: string) => [...alfen.read(contentOf(utf8(text)))]
const one = (block: Uint8Array, type?: string) => {
  const [record] = read(alfenLine(block, type === undefined ? {} : { type }))
  if (record === undefined || record instanceof Fault) throw new Error(`expected a record, got ${record}`)
  return record
}

describe('the line', () => {
  it('is recognised, quoted or not', () => {
    for (const text of ['AP;0;3;', ' \n"AP;1']) expect(alfen.recognise(contentOf(utf8(text)))).toBe(true)
    for (const text of ['', 'ap;0', 'OCMF|AP;']) expect(alfen.recognise(contentOf(utf8(text)))).toBe(false)
  })

  it('is signed over the 82 bytes of its data', () => {
    const block = alfenBlock()
    expect(one(block)).toMatchObject({ signed: [{ name: 'data', bytes: block }], session: '7', pagination: { number: 20 }, problems: [] })
  })

  it('shows every byte of them in a field', () => {
    const covered = one(alfenBlock())
      .fields()
      .flatMap(({ at = 0, length = 0 }) => Array.from({ length }, (_, i) => at + i))
    expect(covered).toEqual(Array.from({ length: 82 }, (_, i) => i))
  })

  it.each(['AP;0;3;', 'AP;0;3;AA;AA;AA', 'AP;0;3;AA;AA;AA;AA;', 'AQ;0;3;AA;AA;AA;', 'AP;0;2;AA;AA;AA;'])('is malformed as %s', (text) => {
    expect(read(text)).toEqual([expect.objectContaining({ code: 'record-malformed' })])
  })

  it('is one of many, and a broken one hides no other', () => {
    const found = read(`${alfenLine(alfenBlock())}\r\nAP;x\n\n${alfenLine(alfenEnd())}`)
    expect(found.map((each) => each instanceof Fault)).toEqual([false, true, false])
  })
})

describe('the type before a line', () => {
  /** Of an adapter that signs no place. */
  const placeless = { adapterStatus: 0n }
  const told = async (first: string, last: string) => {
    const lines = [alfenLine(alfenBlock(placeless), { type: first }), alfenLine(alfenEnd(placeless), { type: last })]
    return (await ask({ 'session.txt': lines.join('\n') })).verdict
  }

  it('says which is the begin and which the end, where nobody signed it', async () => {
    expect([await told('0', '1'), await told('0', '2'), await told('2', '1')]).toEqual(['valid', 'incomplete', 'incomplete'])
  })
})

describe('its fields', () => {
  const readingOf = (block: Uint8Array) => one(block).readings[0]

  it('give the value exactly, with its power of ten', () => {
    const value = (digits: bigint, scaler: bigint) => {
      const found = readingOf(alfenBlock({ value: digits, scaler }))?.value
      return found && formatDecimal(found)
    }
    expect(value(12_345n, 0n)).toBe('12345')
    expect(value(12_345n, 0xffn)).toBe('1234.5')
    expect(value(12n, 2n)).toBe('1200')
    expect(value(9_223_372_036_854_775_807n, 0n)).toBe('9223372036854775807')
    expect(value(-1n, 0n)).toBe('-1')
    expect(value(1n, 100n)).toBeUndefined()
  })

  it('give true UTC', () => {
    expect(readingOf(alfenBlock())?.time).toEqual({ iso: '2026-03-01T07:00:00+00:00', ms: 1_772_348_400_000, clock: 'unstated' })
  })

  it.each([
    [1n << 13n, '1', 'begin'],
    [1n << 12n, '0', 'end'],
    [1n << 11n, '0', 'during'],
    [0n, '0', undefined],
    [3n << 12n, '1', undefined],
  ])('name the place by the signed status %s, not by the type %s', (adapterStatus, type, marker) => {
    const record = one(alfenBlock({ adapterStatus }), type)
    expect(record.readings[0]?.marker).toBe(marker)
    expect(record.remarks ?? []).toHaveLength(marker === undefined ? 0 : 1)
    expect(record.unsigned).toEqual([{ name: 'type', value: type }])
  })
})

describe('one altered bit', () => {
  it('is never valid', async () => {
    const [begin, end] = [alfenLine(alfenBlock()), alfenEnd()]
    await fc.assert(
      fc.asyncProperty(fc.nat(82 * 8 - 1), async (bit) => {
        const altered = end.slice()
        altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const [, , , , , signature = ''] = alfenLine(end).split(';')
        const line = alfenLine(altered, { type: '1' }).split(';').with(5, signature).join(';')
        expect((await ask({ 'r.txt': `${begin}\n${line}` })).verdict).toBe('invalid')
      }),
      { numRuns: 100 },
    )
    expect(Object.values(ALFEN_BLOCK).reduce((sum, { length }) => sum + length, 0)).toBe(82)
  })
})
