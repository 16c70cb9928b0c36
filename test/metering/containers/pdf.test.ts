import { zlibSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../../src/base/bytes.ts'
import { pdf } from '../../../src/metering/containers/pdf.ts'
import { contentOf } from '../../../src/metering/content.ts'
import { pdfOf } from '../../../tools/transparency-vectors/archives.ts'
import { partsOf, told } from './support.ts'

const one = (over: Partial<Parameters<typeof pdfOf>[0]> = {}): Uint8Array => pdfOf({ attachments: { 'a.xml': utf8('text') }, ...over })
const written = (...objects: readonly (string | Uint8Array)[]): Uint8Array =>
  concat(utf8('%PDF-1.7\n'), ...objects.map((each) => (typeof each === 'string' ? utf8(each) : each)), utf8('\n%%EOF\n'))
const stream = (number: number, dictionary: string, content: string | Uint8Array): Uint8Array =>
  concat(
    utf8(`${number} 0 obj <<${dictionary}>> stream\r\n`),
    typeof content === 'string' ? utf8(content) : content,
    utf8('\nendstream endobj\n'),
  )

describe('pdf', () => {
  it('gives what is attached, packed or not, with dictionaries in the open or in an object stream', () => {
    expect(pdf.recognise(contentOf(one()))).toBe(true)
    for (const bytes of [one(), one({ packed: true }), one({ filter: '' }), one({ filter: '[/Fl#61teDecode]' })])
      expect(told(partsOf(pdf, bytes))).toEqual(['a.xml=text'])
  })

  it('finds a file where the annotation names it, with its length in an object of its own and its name in UTF-16', () => {
    const name = '<FEFF00E4002E0078006D006C>'
    const bytes = written(
      `5 0 obj << /Subtype /FileAttachment /FS << /Type /Filespec /UF ${name} /EF << /F 7 0 R >> >> >> endobj\n`,
      stream(7, '/Length 8 0 R', 'text'),
      '8 0 obj 4 endobj',
    )
    expect(told(partsOf(pdf, bytes))).toEqual(['ä.xml=text\n'])
  })

  it('takes the last of several versions of an object', () => {
    const spec = '5 0 obj << /F (a\\(1\\).txt) /EF << /F 7 0 R >> >> endobj\n'
    const bytes = written(spec, stream(7, '/Length 3', 'old'), stream(7, '/Length 3', 'new'))
    expect(told(partsOf(pdf, bytes))).toEqual(['a(1).txt=new', 'a(1).txt!record-malformed'])
    const same = written(spec, stream(7, '/Length 3', 'new'), spec, stream(7, '/Length 3', 'new'))
    expect(told(partsOf(pdf, same))).toEqual(['a(1).txt=new'])
  })

  it('gives what an earlier version names too', () => {
    const spec = (target: number): string => `5 0 obj << /F (a) /EF << /F ${target} 0 R >> >> endobj\n`
    const bytes = written(spec(7), stream(7, '/Length 3', 'old'), spec(8), stream(8, '/Length 3', 'new'))
    expect(told(partsOf(pdf, bytes))).toEqual(['a=new', 'a=old'])
  })

  it.each([
    ['behind its end', (file: Uint8Array, more: Uint8Array) => concat(file, more)],
    ['before its header', (file: Uint8Array, more: Uint8Array) => concat(more, file)],
  ])('names what stands %s', (_, put) => {
    const record = utf8(`OCMF|${'x'.repeat(80)}\n`)
    expect(told(partsOf(pdf, put(one(), record)))).toEqual(['a.xml=text', '!record-malformed'])
    expect(told(partsOf(pdf, put(one(), utf8('\n\n some mailer\n'))))).toEqual(['a.xml=text'])
  })

  it.each([
    ['file', '/EF << /F 7 0 R >> /EF << /F 8 0 R >>'],
    ['name of the file', '/EF << /F 7 0 R /F 8 0 R >>'],
    ['file, in an object of its own', '/EF 9 0 R /EF << /F 8 0 R >>'],
  ])('gives both where a dictionary has one member twice: the %s', (_, files) => {
    const contents = [stream(7, '/Length 3', 'one'), stream(8, '/Length 3', 'two'), '9 0 obj << /F 7 0 R >> endobj\n']
    expect(told(partsOf(pdf, written(`5 0 obj << /F (a) ${files} >> endobj\n`, ...contents))).sort()).toEqual(['a=one', 'a=two'])
  })

  it('gives both where the two names of a file lead to two contents', () => {
    const two = Buffer.from(pdfOf({ attachments: { 'a.xml': utf8('one'), 'b.xml': utf8('two') } })).toString('latin1')
    const file = (text: string) => told(partsOf(pdf, Buffer.from(text, 'latin1')))
    const alone = two.replace('(b.xml) 13 0 R', '').replace('/EF << /F 12 0 R >>', '')
    expect(file(alone)).toEqual(['a.xml=one'])
    expect(file(alone.replace('/F 10 0 R', '/UF 12 0 R /F 10 0 R'))).toEqual(['a.xml=two', 'a.xml=one'])
  })

  it('is not misled by objects within a stream', () => {
    const decoy = '9 0 obj << /F (evil) /EF << /F 7 0 R >> >> endobj'
    const spec = '5 0 obj << /F (good) /EF << /F 7 0 R >> >> endobj\n'
    expect(told(partsOf(pdf, written(spec, stream(7, '/Length 3', 'own'), stream(8, `/Length ${decoy.length}`, decoy))))).toEqual([
      'good=own',
    ])
  })

  it.each([
    ['nothing is attached', pdfOf({ attachments: {} }), 'input-unknown'],
    ['it is encrypted', one({ trailer: '/Encrypt 9 0 R' }), 'input-unknown'],
  ])('says when %s', (_, bytes, code) => {
    expect(() => partsOf(pdf, bytes)).toThrow(expect.objectContaining({ code }))
  })

  it('says what of it cannot be had', () => {
    expect(told(partsOf(pdf, one({ filter: '/LZWDecode' })))).toEqual(['a.xml!input-unknown'])
    expect(told(partsOf(pdf, written('5 0 obj << /F (gone) /EF << /F 7 0 R >> >> endobj')))).toEqual(['gone!record-malformed'])
    expect(told(partsOf(pdf, one().subarray(0, 60)))).toEqual(['!record-malformed'])
    expect(
      told(partsOf(pdf, written('5 0 obj << /F (a) /EF << /F 7 0 R >> >> endobj\n', stream(7, '/Filter /FlateDecode', 'no zlib')))),
    ).toEqual(['a!record-malformed'])
  })

  it('unpacks no bomb, attached or as a stream of objects', () => {
    const bomb = zlibSync(new Uint8Array(20_000_000))
    const spec = '5 0 obj << /F (a) /EF << /F 7 0 R >> >> endobj\n'
    expect(told(partsOf(pdf, written(spec, stream(7, '/Filter /FlateDecode', bomb))))).toEqual(['a!limit-exceeded'])
    expect(() => partsOf(pdf, written(stream(7, '/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode', bomb)))).toThrow(
      expect.objectContaining({ code: 'limit-exceeded' }),
    )
  })

  it('stops at its limits', () => {
    const attachments = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`${i}`, utf8('x')]))
    expect(() => partsOf(pdf, pdfOf({ attachments }), { entries: 3 })).toThrow(expect.objectContaining({ code: 'limit-exceeded' }))
    const deep = written(`5 0 obj ${'['.repeat(100_000)} endobj`)
    expect(() => partsOf(pdf, deep)).toThrow(expect.objectContaining({ code: 'input-unknown' }))
  })
})
