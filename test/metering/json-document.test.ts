// JSON documents as containers look at them: read once and strictly, asked by paths.
import { describe, expect, it } from 'vitest'
import { contentOfText, detailsAt, itemsAt, jsonFaultOf, jsonOf, nodeAt, sameJson, textAt } from '../../src/metering/json-document.ts'

const document = (text: string) => jsonOf(contentOfText(text))
const fault = (text: string) => jsonFaultOf(contentOfText(text))?.code

describe('a document', () => {
  it.each(['{}', ' [1] ', '\n{"a":1}\n'])('is %j', (text) => {
    expect(document(text)).toBeDefined()
    expect(fault(text)).toBeUndefined()
  })

  it.each(['', 'OCMF|{}', '"text"', '5', '<a/>'])('is not %j, and that is no fault', (text) => {
    expect(document(text)).toBeUndefined()
    expect(fault(text)).toBeUndefined()
  })

  it.each([
    ['{"a":1,"a":2}', 'json-malformed'],
    ['{"a":1} x', 'json-malformed'],
    ['{"a":01}', 'json-malformed'],
    ['{', 'json-malformed'],
    ['['.repeat(40), 'limit-exceeded'],
    [`[${'0,'.repeat(1_600_000)}0]`, 'limit-exceeded'],
  ])('is refused: %.20s', (text, code) => {
    expect(document(text)).toBeUndefined()
    expect(fault(text)).toBe(code)
  })

  it('is read once for one content', () => {
    const content = contentOfText('{"a":1}')
    expect(jsonOf(content)).toBe(jsonOf(content))
  })
})

describe('a path', () => {
  const node = document('{"a":{"b":[1,"x"],"n":1.50},"__proto__":{"c":1},"t":true}')

  it('leads to what stands there, and to nothing else', () => {
    expect(textAt(node, 'a', 'n')).toBe('1.50')
    expect(itemsAt(node, 'a', 'b')).toHaveLength(2)
    expect(nodeAt(node, 'a', 'b', 'length')).toBeUndefined()
    expect(textAt(node, 't')).toBeUndefined()
    for (const name of ['constructor', 'toString', 'hasOwnProperty', 'c']) expect(nodeAt(node, name)).toBeUndefined()
    expect(textAt(node, '__proto__', 'c')).toBe('1')
  })

  it('shows what stands there, up to a limit', () => {
    expect(detailsAt(node, 'a', 'none')).toEqual([
      { name: 'a.b[0]', value: '1' },
      { name: 'a.b[1]', value: 'x' },
      { name: 'a.n', value: '1.50' },
    ])
    const long = document(JSON.stringify({ a: Array(100).fill('x'.repeat(1000)) }))
    expect(detailsAt(long, 'a')).toHaveLength(24)
    expect(detailsAt(long, 'a')[0]?.value).toHaveLength(250)
  })
})

describe('two documents', () => {
  const same = (a: string, b: string): boolean => {
    const [one, other] = [document(a), document(b)]
    return one !== undefined && other !== undefined && sameJson(one, other)
  }

  it.each([
    ['{"a":1,"b":[true,null,"x"]}', '{ "b": [true, null, "\\u0078"], "a": 1 }', true],
    ['{"a":1.0}', '{"a":1}', true],
    ['{"a":10}', '{"a":1e1}', true],
    ['{"a":1.01}', '{"a":1}', false],
    [`{"a":1${'0'.repeat(70)}}`, `{"a":1${'0'.repeat(69)}1}`, false],
    ['{"a":1}', '{"a":"1"}', false],
    ['{"a":1}', '{"a":1,"b":2}', false],
    ['{"a":1,"c":2}', '{"a":1,"b":2}', false],
    ['[1,2]', '[2,1]', false],
    ['[1]', '{"0":1}', false],
    ['[true]', '[false]', false],
    ['[null]', '["null"]', false],
  ])('%s and %s say the same: %s', (a, b, expected) => {
    expect(same(a, b)).toBe(expected)
    expect(same(b, a)).toBe(expected)
  })
})
