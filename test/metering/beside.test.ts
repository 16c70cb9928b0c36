// What stands around a record and around what is around it: all of it is kept, and none of it is taken for another record's.
import { describe, expect, it } from 'vitest'
import { ofSeveral, withBeside } from '../../src/metering/beside.ts'
import { ocmf } from '../../src/metering/formats/ocmf.ts'
import { contentOfText } from '../../src/metering/json-document.ts'
import type { Marker, MeterRecord, ToldCount } from '../../src/metering/reading.ts'
import { beginRecord, endRecord, ocmfText, payload } from '../../tools/transparency-vectors/maker.ts'

const read = (text: string): MeterRecord => {
  const [record] = ocmf.read(contentOfText(text))
  if (record === undefined || !('signed' in record)) throw new Error('expected a record')
  return record
}
const [begin, end, whole] = [beginRecord(), endRecord(), payload()].map((fields) => read(ocmfText(fields))) as [
  MeterRecord,
  MeterRecord,
  MeterRecord,
]

const count = (place: ToldCount['place']): ToldCount => ({ name: place, value: { digits: 1n, scale: 0 }, unit: 'Wh', place, by: 'sample' })
const around = (name: string) => ({
  told: [{ records: 1 }],
  counts: [count('end')],
  remarks: [`${name} remarks`],
  problems: [`${name} finds`],
  unsigned: [{ name, value: '' }],
})

describe('what stands around a record', () => {
  it('is kept, whatever stands around that', () => {
    const { told, counts, remarks, problems, unsigned } = withBeside(withBeside(end, around('inner')), around('outer'))
    expect([told?.length, counts?.length]).toEqual([2, 2])
    expect([remarks, problems]).toEqual([
      ['inner remarks', 'outer remarks'],
      ['inner finds', 'outer finds'],
    ])
    expect(unsigned?.map(({ name }) => name)).toEqual(['inner', 'outer'])
  })

  it.each<[string, MeterRecord, Marker, boolean]>([
    ['a begin', begin, 'begin', false],
    ['a begin', begin, 'during', false],
    ['a begin', begin, 'end', true],
    ['an end', end, 'end', false],
    ['an end', end, 'during', false],
    ['an end', end, 'begin', true],
    ['both', whole, 'begin', false],
    ['both', whole, 'end', false],
  ])('calls %s what it is, or it warns', (_, record, label, contrary) => {
    expect(withBeside(record, { label }).remarks !== undefined).toBe(contrary)
  })

  it('is of several records no contradiction, and a number is said of the session', () => {
    const beside = { ...around('outer'), label: 'end' as const, counts: [count('begin'), count('end')] }
    const said = ofSeveral(beside)
    expect(said.counts?.map(({ place }) => place)).toEqual(['begin', 'end'])
    expect(said).toMatchObject({ remarks: ['outer finds', 'outer remarks'], told: [{ records: 1 }] })
    expect([said.label, said.problems]).toEqual([undefined, undefined])
  })
})
