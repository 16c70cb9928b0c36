import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/base/bytes.ts'
import { contentOf } from '../../src/metering/content.ts'

describe('contentOf', () => {
  it.each([
    ['UTF-8', utf8('grün')],
    ['UTF-8 with a mark', Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8('grün'))],
    ['UTF-16 little end first', Uint8Array.of(0xff, 0xfe, ...Buffer.from('grün', 'utf16le'))],
    ['UTF-16 big end first', Uint8Array.of(0xfe, 0xff, ...Buffer.from('grün', 'utf16le').swap16())],
  ])('reads %s', (_, bytes) => {
    expect(contentOf(bytes).text).toBe('grün')
  })

  it('reads Latin-1 where an XML declaration says so, and only there', () => {
    const xml = '<?xml version="1.0" encoding="ISO-8859-1"?><a>grün</a>'
    expect(contentOf(Buffer.from(xml, 'latin1')).text).toBe(xml)
    expect(contentOf(Buffer.from('grün', 'latin1')).text).toBeUndefined()
    // what is UTF-8 stays UTF-8: stations copy the declaration without thinking
    expect(contentOf(utf8(xml)).text).toBe(xml)
  })

  it('reads a text of Windows with a few letters beyond ASCII', () => {
    const table = `Ort;Beleg\r\nKöln;${'x'.repeat(200)}\r\n`
    expect(contentOf(Buffer.from(table, 'latin1')).text).toBe(table)
    expect(contentOf(Buffer.from(`${table}\0`, 'latin1')).text).toBeUndefined()
    expect(contentOf(Buffer.from(`${table}${'ü'.repeat(30)}`, 'latin1')).text).toBeUndefined()
  })

  it('says of other bytes that they are no text', () => {
    expect(contentOf(Uint8Array.of(0xff, 0x00, 0x80)).text).toBeUndefined()
    expect(contentOf(Uint8Array.of(0xff, 0xfe, 0x41)).text).toBeUndefined()
  })
})
