import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JsonNode, readJsonText } from '../../src/metering/json-text.ts'

const plain = (node: JsonNode): unknown => {
  switch (node.type) {
    case 'object':
      return Object.fromEntries([...node.members].map(([name, value]) => [name, plain(value)]))
    case 'array':
      return node.items.map(plain)
    case 'number':
      return Number(node.text)
    case 'string':
      return node.text
    case 'literal':
      return node.value
  }
}

describe('readJsonText', () => {
  it('reads what JSON.parse reads, and stops at its end', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('', ' x', '}', '|{'), (text, tail) => {
        fc.pre(!text.includes('__proto__'))
        const node = readJsonText(text + tail, 0)
        expect(plain(node)).toEqual(JSON.parse(text, (_, value) => (Object.is(value, -0) ? -0 : value)))
        expect(node.end).toBe(text.length)
      }),
    )
  })

  it('keeps the text of numbers and where everything stands', () => {
    const text = '{"RV":10.500}'
    const node = readJsonText(text, 0)
    const value = node.type === 'object' ? node.members.get('RV') : undefined
    expect(value).toMatchObject({ type: 'number', text: '10.500', start: 6, end: 12 })
  })

  it('knows braces, bars and quotes inside strings', () => {
    const text = '{"a":"}|{\\"\\\\"}|rest'
    expect(readJsonText(text, 0)).toMatchObject({ end: text.indexOf('|rest') })
  })

  it.each([
    '',
    '{',
    '{"a"',
    '{"a":}',
    '{"a":1,}',
    '[1,]',
    '{a:1}',
    "{'a':1}",
    '"\n"',
    '"\\x"',
    '"open',
    '.5',
    '+1',
    'tru',
    '{"a":1 "b":2}',
    '[1 2]',
  ])('refuses %j', (text) => {
    expect(() => readJsonText(text, 0)).toThrow(expect.objectContaining({ code: 'json-malformed' }))
  })

  it('refuses a member that comes twice, also when it is spelled differently', () => {
    expect(() => readJsonText('{"RV":1,"RV":2}', 0)).toThrow(expect.objectContaining({ code: 'json-malformed' }))
    expect(() => readJsonText('{"RV":1,"\\u0052V":2}', 0)).toThrow(expect.objectContaining({ code: 'json-malformed' }))
  })

  it('takes a member called __proto__ for a member', () => {
    const node = readJsonText('{"__proto__":{"polluted":true}}', 0)
    expect(node.type === 'object' && [...node.members.keys()]).toEqual(['__proto__'])
    expect('polluted' in {}).toBe(false)
  })

  it('stops at its limits, before the stack does', () => {
    expect(() => readJsonText('['.repeat(1_000_000), 0)).toThrow(expect.objectContaining({ code: 'limit-exceeded' }))
    expect(() => readJsonText(`[${'0,'.repeat(2_000_000)}0]`, 0)).toThrow(expect.objectContaining({ code: 'limit-exceeded' }))
    expect(() => readJsonText(`[${'{},'.repeat(700_000)}0]`, 0)).toThrow(expect.objectContaining({ code: 'limit-exceeded' }))
    // a long text is one value
    expect(readJsonText(`"${'x'.repeat(20_000_000)}"`, 0).end).toBe(20_000_002)
  })
})
