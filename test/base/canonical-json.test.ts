import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, MAX_DEPTH, parseJsonStrict } from '../../src/base/canonical-json.ts'
import type { Json } from '../../src/base/ports.ts'

const malformed = expect.objectContaining({ name: 'Fault', code: 'json-malformed' })
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
const double = (bits: string): number => new DataView(BigUint64Array.of(BigInt(`0x${bits}`)).buffer).getFloat64(0, true)

/** JSON data with well-formed strings, awkward member names included. */
const name = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('__proto__', 'constructor', '', '10', '9', '\u20ac', '\ud83d\ude00', '\ufb33'),
)
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('json'), { maxLength: 5 }),
    fc.array(fc.tuple(name, tie('json')), { maxLength: 5 }).map((members) => fromMembers(members)),
  ),
}))

/** As JSON.parse makes objects: `__proto__` is a member of its own. */
const fromMembers = (members: readonly (readonly [string, Json])[]): Json => {
  const object: Record<string, Json> = {}
  for (const [key, value] of members) Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
  return object
}

describe('canonicalJson', () => {
  it('writes the sample of RFC 8785 §3.2.2', () => {
    const input = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`
    expect(canonicalJson(JSON.parse(input))).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    )
  })

  it('sorts by UTF-16 code unit, RFC 8785 §3.2.3', () => {
    const input = String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
      "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`
    const sorted = JSON.parse(canonicalJson(JSON.parse(input)))
    expect(Object.values(sorted)).toEqual([
      // the engine lists the integer-like name first; its place in the text is checked below
      'One',
      'Carriage Return',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ])
    expect(canonicalJson(JSON.parse(input))).toMatch(/^\{"\\r":"Carriage Return","1":"One","\u0080":/)
  })

  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the double %s as RFC 8785 appendix B', (bits, text) => expect(canonicalJson(double(bits))).toBe(text))

  it.each(['7fffffffffffffff', '7ff0000000000000', 'fff0000000000000'])('refuses the double %s, in any place', (bits) => {
    expect(() => canonicalJson(double(bits))).toThrow(malformed)
    expect(() => canonicalJson([{ a: double(bits) }])).toThrow(malformed)
  })

  it('refuses lone surrogates in values and in names', () => {
    for (const lone of ['\ud800', 'a\udc00', '\ude00\ud83d']) {
      expect(() => canonicalJson(lone)).toThrow(malformed)
      expect(() => canonicalJson({ [lone]: 1 })).toThrow(malformed)
    }
    expect(canonicalJson('\ud83d\ude00')).toBe('"\ud83d\ude00"')
  })

  it('nests as deep as allowed and no deeper', () => {
    expect(canonicalJson(JSON.parse(nested(MAX_DEPTH)))).toBe(nested(MAX_DEPTH))
    expect(() => canonicalJson(JSON.parse(nested(MAX_DEPTH + 1)))).toThrow(malformed)
    expect(() => canonicalJson(JSON.parse(nested(100_000)))).toThrow(malformed)
    const ring: Json[] = []
    ring.push(ring)
    expect(() => canonicalJson(ring)).toThrow(malformed)
  })

  it('leaves out members without a value, and refuses what is not JSON elsewhere', () => {
    expect(canonicalJson({ b: 1, a: undefined } as unknown as Json)).toBe('{"b":1}')
    for (const wrong of [undefined, 1n, Symbol('s'), () => 1, [undefined], new Array(2), { a: 1n }]) {
      expect(() => canonicalJson(wrong as unknown as Json)).toThrow(malformed)
    }
  })

  it('keeps __proto__ as data', () => {
    const text = '{"__proto__":{"polluted":true},"a":1}'
    expect(canonicalJson(JSON.parse(text))).toBe(text)
  })

  it('means the same as its input, is read back, and does not change when written again', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(JSON.parse(text))).toBe(text)
      }),
    )
  })

  it('does not depend on the order in which members were written', () => {
    const members = fc.uniqueArray(fc.tuple(name, json), { selector: ([key]) => key, maxLength: 8 })
    fc.assert(
      fc.property(members, (list) => {
        expect(canonicalJson(fromMembers([...list].reverse()))).toBe(canonicalJson(fromMembers(list)))
      }),
    )
  })

  it('differs when a value differs', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b))
        const same = canonicalJson(a) === canonicalJson(b)
        expect(same).toBe(sorted(a) === sorted(b))
      }),
    )
  })
})

/** A second, plain way to the same order: sort while stringifying. */
const sorted = (value: Json): string =>
  JSON.stringify(value, (_, inner) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner) ? ['object', ...Object.entries(inner).sort(byName)] : inner,
  )
const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)

describe('parseJsonStrict', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(json, fc.nat(4), (value, indent) => {
        const safe = canonicalJson(value)
        fc.pre(!/\d{16}/.test(safe))
        expect(parseJsonStrict(JSON.stringify(JSON.parse(safe), null, indent))).toEqual(JSON.parse(safe))
      }),
    )
  })

  it.each(['', ' ', '{', '[1,]', "{'a':1}", '{"a":01}', 'NaN', '\ufeff{}', '{}{}', '"\n"', 'undefined'])(
    'refuses %j, which is not JSON',
    (text) => expect(() => parseJsonStrict(text)).toThrow(malformed),
  )

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"b":2,"a":3}',
    '[{"x":{"a":[{"b":1, "b" :2}]}}]',
    '{"a":{"b":1},"a":2}',
    String.raw`{"a":1,"\u0061":2}`,
    String.raw`{"\\":1,"\u005c":2}`,
    '{"__proto__":1,"__proto__":2}',
    '{"":1,"":2}',
    '{"a":1,"a"\n\t\r :2}',
  ])('refuses the member that stands twice in %s', (text) => expect(() => parseJsonStrict(text)).toThrow(malformed))

  it.each([
    '{"a":{"a":1},"b":{"a":1}}',
    '[{"a":1},{"a":1}]',
    '{"a":["a","a"],"b":"a"}',
    String.raw`{"a\"":1,"a":"a\\","b":":"}`,
    String.raw`{"a":"\"a\":1","b":"\\\\\"}{"}`,
    '{"constructor":1,"toString":2,"hasOwnProperty":3}',
  ])('reads %s, where none does', (text) => expect(parseJsonStrict(text)).toEqual(JSON.parse(text)))

  it('finds a member written twice wherever it stands', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 8 }), fc.nat(), fc.nat(), (names, which, where) => {
        const members = names.map((each) => `${JSON.stringify(each)}:[{}]`)
        expect(Object.keys(parseJsonStrict(`{${members}}`) as object)).toHaveLength(names.length)
        members.splice(where % (members.length + 1), 0, `${JSON.stringify(names[which % names.length])}:0`)
        expect(() => parseJsonStrict(`{${members}}`)).toThrow(malformed)
      }),
    )
  })

  it.each(['9007199254740991', '-9007199254740991', '1e20', '1.5e300', '0.1', '-0', '123456.789012345678'])('reads the number %s', (text) =>
    expect(parseJsonStrict(`{"a":[${text}]}`)).toEqual({ a: [Number(text)] }),
  )

  it.each(['9007199254740992', '9007199254740993', '-9007199254740993', '12345678901234567890', '9007199254740993.0', '1e400', '-1e400'])(
    'refuses the number %s',
    (text) => {
      expect(() => parseJsonStrict(text)).toThrow(malformed)
      expect(() => parseJsonStrict(`[1, ${text} ]`)).toThrow(malformed)
    },
  )

  it('lets digits in strings be', () => expect(parseJsonStrict('{"9007199254740993":"1e400"}')).toEqual({ '9007199254740993': '1e400' }))

  it.each([String.raw`"\ud800"`, String.raw`{"\udc00":1}`, String.raw`["\ude00\ud83d"]`, '"\ud800"'])(
    'refuses the lone surrogate in %j',
    (text) => expect(() => parseJsonStrict(text)).toThrow(malformed),
  )

  it('reads a pair of escaped surrogates', () => expect(parseJsonStrict(String.raw`"\ud83d\ude00"`)).toBe('\ud83d\ude00'))

  it('nests as deep as allowed and no deeper', () => {
    expect(parseJsonStrict(nested(MAX_DEPTH))).toEqual(JSON.parse(nested(MAX_DEPTH)))
    expect(() => parseJsonStrict(nested(MAX_DEPTH + 1))).toThrow(malformed)
    expect(() => parseJsonStrict(nested(200_000))).toThrow(malformed)
    expect(parseJsonStrict(`[${Array(200).fill('{}')}]`)).toHaveLength(200)
  })

  it('keeps __proto__ as data', () => {
    const value = parseJsonStrict('{"__proto__":{"polluted":true}}') as object
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect('polluted' in value).toBe(false)
  })

  it('reads a megabyte of backslashes and quotes without delay', () => {
    const text = JSON.stringify('\\"'.repeat(250_000))
    expect(parseJsonStrict(text)).toHaveLength(500_000)
  })
})
