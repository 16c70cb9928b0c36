// Fields at fixed places, little endian.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/base/bytes.ts'
import { type BlockField, blockFields, blockNumber, blockObis, blockText } from '../../src/metering/block.ts'

const field = (form: BlockField['form'], length: number, at = 0): BlockField => ({ at, length, form, meaning: 'm' })

describe('blockNumber', () => {
  it('is what a DataView reads', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 9, maxLength: 9 }), (bytes) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset)
        expect(blockNumber(bytes, field('unsigned', 8, 1))).toBe(view.getBigUint64(1, true))
        expect(blockNumber(bytes, field('signed', 8, 1))).toBe(view.getBigInt64(1, true))
        expect(blockNumber(bytes, field('signed', 1, 3))).toBe(BigInt(view.getInt8(3)))
        expect(blockNumber(bytes, field('unsigned', 4, 5))).toBe(BigInt(view.getUint32(5, true)))
      }),
    )
  })
})

describe('blockText', () => {
  it.each([
    ['AB\0\0', 'AB'],
    ['ABCD', 'ABCD'],
    ['\0\0\0\0', ''],
    ['A\0B\0', undefined],
    ['A\nBC', undefined],
    ['A\u007f\0\0', undefined],
  ])('reads %j as %j', (bytes, text) => {
    expect(blockText(utf8(bytes), field('text', 4))).toBe(text)
  })
})

describe('blockFields', () => {
  it('lists every field with its place', () => {
    const table = { a: field('hex', 2), b: field('text', 2, 2), c: field('signed', 1, 4), d: field('text', 1, 5) }
    expect(blockFields(Uint8Array.of(0xab, 1, 0x41, 0, 0xff, 0x80), table)).toEqual([
      { name: 'a', value: 'ab01', meaning: 'm', at: 0, length: 2 },
      { name: 'b', value: 'A', meaning: 'm', at: 2, length: 2 },
      { name: 'c', value: '-1', meaning: 'm', at: 4, length: 1 },
      { name: 'd', value: '80', meaning: 'm', at: 5, length: 1 },
    ])
  })

  it('writes OBIS codes in decimal', () => {
    expect(blockObis(Uint8Array.of(9, 1, 0, 1, 8, 0, 255), field('hex', 6, 1))).toBe('1-0:1.8.0*255')
  })
})
