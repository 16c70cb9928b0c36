import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pointerAll, pointerGet, pointerReplace } from '../../src/base/json-pointer.ts'
import type { Json } from '../../src/base/ports.ts'

const malformed = expect.objectContaining({ name: 'Fault', code: 'json-malformed' })

/** RFC 6901 §5. */
const SAMPLE: Json = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'c%d': 2, 'e^f': 3, 'g|h': 4, 'i\\j': 5, 'k"l': 6, ' ': 7, 'm~n': 8 }

describe('pointerGet', () => {
  it.each([
    ['', SAMPLE],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('%j of RFC 6901 §5', (pointer, value) => expect(pointerGet(SAMPLE, pointer)).toEqual(value))

  it.each([
    '/foo/2',
    '/foo/-',
    '/foo/00',
    '/foo/01',
    '/foo/1.0',
    '/foo/ 1',
    '/foo/+1',
    '/foo/length',
    '/foo/0/0',
    '/nothing',
    '/nothing/at/all',
  ])('finds nothing at %j', (pointer) => expect(pointerGet(SAMPLE, pointer)).toBeUndefined())

  it.each(['foo', ' /foo', '/a~', '/a~2b', '#/foo', '/~~0'])('refuses %j, which is not a pointer', (pointer) => {
    expect(() => pointerGet(SAMPLE, pointer)).toThrow(malformed)
    expect(() => pointerAll(SAMPLE, pointer)).toThrow(malformed)
  })

  it('reads ~01 as ~1 and not as a slash (RFC 6901 §4)', () => {
    expect(pointerGet({ '~1': 'right', '/': 'wrong' }, '/~01')).toBe('right')
  })

  it('sees own members only', () => {
    for (const inherited of ['/__proto__', '/constructor', '/toString', '/hasOwnProperty/length'])
      expect(pointerGet({}, inherited)).toBeUndefined()
    expect(pointerGet('text', '/length')).toBeUndefined()
    expect(pointerGet(JSON.parse('{"__proto__":{"a":1}}'), '/__proto__/a')).toBe(1)
  })

  it('tells null and false from nothing', () => {
    expect(pointerGet({ a: null, b: false }, '/a')).toBeNull()
    expect(pointerGet({ a: null, b: false }, '/b')).toBe(false)
    expect(pointerGet({ a: null }, '/a/b')).toBeUndefined()
  })

  it('finds each member of any object under its escaped name, and not under another', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), fc.string(), (object, other) => {
        const pointerTo = (name: string) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
        for (const [name, value] of Object.entries(object)) expect(pointerGet(object, pointerTo(name))).toBe(value)
        if (!Object.hasOwn(object, other)) expect(pointerGet(object, pointerTo(other))).toBeUndefined()
      }),
    )
  })
})

describe('pointerAll', () => {
  const profile: Json = {
    schedules: [{ periods: [{ limit: 16 }, { limit: 6 }] }, { periods: [{ limit: 32 }, { other: 1 }] }, { periods: 'none' }, null],
    byName: { a: { limit: 1 }, b: { limit: 2 } },
    list: [
      [1, 2],
      [3, 4],
    ],
  }

  it.each([
    ['/schedules/*/periods/*/limit', [16, 6, 32]],
    ['/schedules/1/periods/*/limit', [32]],
    ['/byName/*/limit', [1, 2]],
    ['/list/*', [[1, 2], [3, 4]]], // biome-ignore format: one row per case
    ['/list/*/*', [1, 2, 3, 4]],
    ['/list/*/1', [2, 4]],
    ['/list', [[[1, 2], [3, 4]]]], // biome-ignore format: one row per case
    ['/schedules/*/periods/*/nothing', []],
    ['/byName/a/limit/*', []],
    ['/nothing/*', []],
  ])('%s', (pattern, values) => expect(pointerAll(profile, pattern)).toEqual(values))

  it('is pointerGet where no segment is a star', () => {
    for (const pointer of ['', '/byName', '/list/0/1', '/nothing']) {
      const one = pointerGet(profile, pointer)
      expect(pointerAll(profile, pointer)).toEqual(one === undefined ? [] : [one])
    }
  })

  it('takes a star only as a whole segment', () => {
    expect(pointerAll({ 'a*': 1, ab: 2 }, '/a*')).toEqual([1])
    expect(pointerAll({ '*': 1, ab: 2 }, '/*')).toEqual([1, 2])
    expect(pointerGet({ '*': 1, ab: 2 }, '/*')).toBe(1)
  })
})

describe('a replacement', () => {
  const value = { list: [{ a: 1, b: 2 }, { b: 3 }], 'x/y': null }
  it.each([
    ['/list/*/a', { ...value, list: [{ a: 9, b: 2 }, { b: 3 }] }],
    ['/list/1/b', { ...value, list: [{ a: 1, b: 2 }, { b: 9 }] }],
    ['/list/*', { ...value, list: [9, 9] }],
    ['/x~1y', { ...value, 'x/y': 9 }],
    ['', 9],
    ['/list/2/a', undefined],
    ['/list/*/c', undefined],
    ['/list/0/a/b', undefined],
    ['/__proto__', undefined],
    ['/constructor/name', undefined],
  ])('of %s', (pattern, expected) => {
    const before = structuredClone(value)
    expect(pointerReplace(value, pattern, 9)).toEqual(expected)
    expect(value).toEqual(before)
  })
})
