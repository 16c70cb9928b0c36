// JSON whose names have escapes, read by an engine that was led astray before: what is read is what was written.
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { parseJsonStrict } from '../../src/base/canonical-json.ts'
import type { Json } from '../../src/base/ports.ts'
import { readJson } from '../../src/base/read-json.ts'
import { readFrame } from '../../src/ocpp/frame.ts'

/** Every character of every name behind an escape. */
const escaped = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(escaped).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(
      ([name, member]) =>
        `"${[...Array(name.length).keys()].map((i) => `\\u${name.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}" : ${escaped(member)}`,
    )
    .join(', ')}}`
}

/** After these, V8 takes an escape for a name (nodejs/node issue 63785): of the places that the tests use. */
beforeEach(() => {
  for (let i = 0; i < 3; i++)
    for (const poison of ['{"a":1,"\\\\":2}', '{"a":1,"\\\\u006":2}', '{"\\\\":1}', '[2,"1","X",{"a":1,"\\\\":2}]']) JSON.parse(poison)
})

describe('a name with an escape', () => {
  it.each([
    ['{"a":1,"\\u0062":2}', { a: 1, b: 2 }],
    ['{"a":1,"\\u006cimit":2}', { a: 1, limit: 2 }],
    ['{"a":1,"\\"":2}', { a: 1, '"': 2 }],
    ['{"a":1,"\\n":2}', { a: 1, '\n': 2 }],
    ['{"\\\\":1,"\\\\":2,"\\t":3}', { '\\': 2, '\t': 3 }],
    ['{"a":"\\u0061","b":["\\""]}', { a: 'a', b: ['"'] }],
    ['[{"x":{"\\r" :1}}]', [{ x: { '\r': 1 } }]],
    ['"\\"a\\": 1"', '"a": 1'],
  ])('is read as it is: %s', (text, value) => {
    expect(readJson(text)).toEqual(value)
  })

  it('is read in time that grows with the text, whatever stands around it', () => {
    const run = '\ue000'.repeat(120_000)
    const before = process.threadCpuUsage().user
    expect(readJson(`{"${run}":1,"\\n":2}`)).toEqual({ [run]: 1, '\n': 2 })
    expect(process.threadCpuUsage().user - before).toBeLessThan(1_000_000)
    const all = String.fromCharCode(...Array.from({ length: 0x1900 }, (_, i) => 0xe000 + i))
    expect(() => readJson(`{"${all}":1,"\\n":2}`)).toThrow(SyntaxError)
    expect(readJson(`{"${all.slice(1)}":1,"\\n":2}`)).toEqual({ [all.slice(1)]: 1, '\n': 2 })
  })

  it('is read as JSON has it, whatever was read before', () => {
    const names = fc.oneof(
      fc.string({ maxLength: 4 }),
      fc.constantFrom('\\', '\\u', '\\u0', '"', '\n', '\ue000', '\ue0000', '__proto__', 'a', '\u0000'),
    )
    const value = fc.letrec((tie) => ({
      node: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.string({ maxLength: 4 }), fc.array(tie('node'), { maxLength: 3 }), tie('object')),
      object: fc
        .array(fc.tuple(names, tie('node')), { maxLength: 4 })
        .map((members) => Object.fromEntries([...members.map(([name, member]) => [name, member] as const)])),
    })).node as fc.Arbitrary<Json>
    fc.assert(
      fc.property(value, (it) => {
        const text = JSON.stringify(it)
        // what the engine writes of what was read is what it wrote before: names, values and their order
        expect(JSON.stringify(readJson(text))).toBe(text)
        expect(JSON.stringify(readJson(escaped(it)))).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps a member called __proto__ a member', () => {
    const read = readJson('{"__pro\\u0074o__":{"x":1},"\\n":2}') as object
    expect(Object.entries(read)).toEqual([
      ['__proto__', { x: 1 }],
      ['\n', 2],
    ])
    expect('x' in read).toBe(false)
  })

  it('costs no stack, however deep it stands, and no more than its length', () => {
    const deep = `${'['.repeat(5_000)}{"\\n":1}${']'.repeat(5_000)}`
    expect(() => readJson(deep)).not.toThrow()
    const many = `{${Array.from({ length: 20_000 }, (_, i) => `"\\n${i}":"\\""`).join(',')}}`
    const began = performance.now()
    expect(Object.keys(readJson(many) as object)).toHaveLength(20_000)
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  it('is no way past those who refuse a name that stands twice', () => {
    expect(() => parseJsonStrict('{"a":1,"\\u0061":2}')).toThrow('stands twice')
    expect(parseJsonStrict('{"a":1,"\\u0062":2}')).toEqual({ a: 1, b: 2 })
    expect(() => readFrame('[2,"1","X",{"a":1,"\\u0061":2}]')).toThrow('two members of one name')
    expect(readFrame('[2,"1","X",{"a":1,"\\u0062":2}]')).toMatchObject({ payload: { value: { a: 1, b: 2 } } })
  })
})
