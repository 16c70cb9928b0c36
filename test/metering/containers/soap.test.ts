// Messages of OCPP in envelopes of SOAP: what they are turned into. Signed values in them are among the golden vectors.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/base/bytes.ts'
import { soap } from '../../../src/metering/containers/soap.ts'
import { contentOf } from '../../../src/metering/content.ts'
import { partsOf } from './support.ts'

const turned = (text: string): unknown => {
  const [part] = partsOf(soap, utf8(text))
  return part?.kind === 'member' ? JSON.parse(Buffer.from(part.bytes).toString()) : part
}

describe('a message in SOAP', () => {
  it('is told by its root, whatever its prefix', () => {
    const known = ['<Envelope/>', '<?xml version="1.0"?>\n<s:Envelope xmlns:s="x">', '<Letter><Envelope/></Letter>', '{"Envelope":1}']
    expect(known.map((text) => soap.recognise(contentOf(utf8(text))))).toEqual([true, true, false, false])
  })

  it.each([
    ['members', '<Envelope><a>1</a><b><c>x</c></b></Envelope>', { a: '1', b: { c: 'x' } }],
    ['a list where an element comes again', '<Envelope><a>1</a><b/><a>2</a></Envelope>', { a: ['1', '2'], b: '' }],
    [
      'the attributes of a value of 1.5',
      '<Envelope><value format="SignedData" context="c">x</value></Envelope>',
      { value: { format: 'SignedData', context: 'c', value: 'x' } },
    ],
    ['text around elements', '<Envelope>x<a>1</a>y</Envelope>', { '#text': 'xy', a: '1' }],
    ['names that objects have of themselves', '<Envelope><constructor>1</constructor></Envelope>', { constructor: '1' }],
  ])('becomes %s', (_, text, expected) => expect(turned(text)).toEqual(expected))

  it('gives nothing to its object but members', () => {
    const made = turned('<Envelope><__proto__><a>1</a></__proto__></Envelope>')
    expect(Object.keys(made as object)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype)
  })

  it.each([
    ['not well-formed', '<Envelope><a></Envelope>', 'record-malformed'],
    ['with entities', '<!DOCTYPE Envelope [<!ENTITY a "b">]><Envelope>&a;</Envelope>', 'record-malformed'],
    ['too deep', `<Envelope>${'<a>'.repeat(40)}${'</a>'.repeat(40)}</Envelope>`, 'limit-exceeded'],
    ['too long', `<Envelope>${' '.repeat(4_194_304)}</Envelope>`, 'limit-exceeded'],
  ])('is refused %s', (_, text, code) => expect(() => turned(text)).toThrow(expect.objectContaining({ code })))
})
