import { setFlagsFromString } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { elementsNamed, readXml, rootNameOf, strictParser, textIn } from '../../src/metering/xml.ts'

describe('XML of metering', () => {
  it('is a tree of names without prefixes', () => {
    const root = readXml(
      '  <?xml version="1.0"?><a:x xmlns:a="urn:a" k="1"><y>one<!-- not this --></y><z><y><![CDATA[<two>]]></y></z></a:x>',
    )
    expect(root.name).toBe('x')
    expect(root.attributes.get('k')).toBe('1')
    expect(textIn(root, 'y')).toBe('one')
    expect(elementsNamed(root, 'y').map(({ text }) => text)).toEqual(['one', '<two>'])
    expect(textIn(root, 'w')).toBeUndefined()
  })

  it('says which root a text begins with, and nothing of what is no XML', () => {
    expect(rootNameOf('<?xml version="1.0"?>\n<!-- a --><p:values>')).toBe('values')
    expect([rootNameOf('OCMF|'), rootNameOf(undefined), rootNameOf('')]).toEqual([undefined, undefined, undefined])
  })

  it.each([
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'record-malformed'],
    ['an entity of nobody', '<a>&b;</a>', 'record-malformed'],
    ['an element left open', '<a><b></a>', 'record-malformed'],
    ['nothing', '', 'record-malformed'],
    ['a child twice where one is meant', '<a><b/><b/></a>', 'record-malformed'],
    ['33 levels', `${'<a>'.repeat(33)}${'</a>'.repeat(33)}`, 'limit-exceeded'],
    ['65 attributes', `<a ${Array.from({ length: 65 }, (_, i) => `a${i}=""`).join(' ')}/>`, 'limit-exceeded'],
    ['100,001 elements', `<a>${'<b/>'.repeat(100_000)}</a>`, 'limit-exceeded'],
  ])('refuses %s', (_, text, code) => {
    expect(() => textIn(readXml(text), 'b')).toThrow(expect.objectContaining({ code }))
  })

  it('is read by a parser that V8 has not made a hash table', () => {
    setFlagsFromString('--allow-natives-syntax')
    const isFast = new Function('object', 'return %HasFastProperties(object)')
    setFlagsFromString('--no-allow-natives-syntax')
    const parsers = Array.from({ length: 20 }, () => {
      const parser = strictParser()
      for (const event of ['opentag', 'text', 'cdata', 'closetag'] as const) parser.on(event, () => undefined)
      return parser
    })
    expect(parsers.every((parser) => isFast(parser))).toBe(true)
  })
})
