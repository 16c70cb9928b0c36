// The language of conditions: each word of it, what it takes and what it refuses, and that no payload makes it slow.
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/base/ports.ts'
import { type Condition, compiled, type Lookups, unmet } from '../../src/overlay/condition.ts'
import { textLike } from '../../src/overlay/text-like.ts'

const PAIRS: Condition = {
  pointer: '/data/*',
  either: [
    [
      { pointer: '/component', equals: 'A' },
      { pointer: '/variable', in: ['x', 'y'] },
    ],
    [{ pointer: '/component', equals: 'B' }],
  ],
}
const pairs = (...of: [string, string][]): Json => ({ data: of.map(([component, variable]) => ({ component, variable })) })

describe('a condition', () => {
  it.each<[Condition, Json, Json]>([
    [{ pointer: '/a', equals: 'x' }, { a: 'x' }, { a: 'X' }],
    [{ pointer: '/a', equals: 0 }, { a: 0 }, { a: false }],
    [{ pointer: '/a', in: ['x', 1] }, { a: 1 }, { a: '1' }],
    [{ pointer: '/a', min: '4.2 kW' }, { a: 4200 }, { a: 4199.999 }],
    [{ pointer: '/a', min: '4.2 kW', unit: 'kW' }, { a: 4.2 }, { a: 4.1999 }],
    [{ pointer: '/a', max: '1.1 kW', unit: 'W' }, { a: 1100 }, { a: 1100.001 }],
    [{ pointer: '/a', max: '5 min' }, { a: 300 }, { a: 301 }],
    [{ pointer: '/a', min: 1, decimal: true }, { a: '1.0' }, { a: '0.9' }],
    [{ pointer: '/a', min: 1, decimal: true }, { a: 1 }, { a: '1e3' }],
    [{ pointer: '/a', min: 1 }, { a: 1 }, { a: '1' }],
    [{ pointer: '/a', like: 'https://x/*' }, { a: 'https://x/' }, { a: 'https://x' }],
    [{ pointer: '/a', members: ['x', 'y'] }, { a: { x: 1 } }, { a: { x: 1, z: 1 } }],
    [{ pointer: '/a', members: [] }, { a: {} }, { a: [] }],
    [{ pointer: '/a', absent: true }, { b: 1 }, { a: null }],
    [{ pointer: '/a', optional: true, equals: 1 }, {}, { a: 2 }],
    [{ pointer: '/*', equals: 1 }, [1, 1], [1, 2]],
    [{ pointer: '/*', equals: 1, any: true }, [2, 1], [2, 2]],
    [{ pointer: '/*', equals: 1, any: true }, [1], []],
    [{ pointer: '/*', where: [{ pointer: '/x' }] }, [{ x: 1 }, { x: 2 }], [{ x: 1 }, { y: 2 }]],
    [{ pointer: '/a', where: [{ pointer: '', equals: 7 }] }, { a: 7 }, { a: 8 }],
    // element by element: no pair may be made of two elements
    [PAIRS, pairs(['A', 'x'], ['B', 'z']), pairs(['A', 'x'], ['A', 'z'])],
    [PAIRS, pairs(['B', 'z']), pairs(['C', 'x'])],
  ])('%j takes %j and not %j', (condition, good, bad) => {
    expect(unmet([condition], good)).toBeUndefined()
    expect(unmet([condition], bad)).toEqual(expect.any(String))
    expect(unmet([condition], bad)?.length).toBeLessThan(600)
  })

  it('asks a node for what only that knows, and does not hold where it cannot tell', () => {
    const conditions: Condition[] = [{ pointer: '/id', lookup: 'own-session' }]
    const lookups: Lookups = { 'own-session': (id) => (id === 'mine' ? undefined : 'it is not yours') }
    expect(unmet(conditions, { id: 'mine' }, lookups)).toBeUndefined()
    expect(unmet(conditions, { id: 'other' }, lookups)).toBe('/id: it is not yours')
    expect(unmet(conditions, { id: 'mine' })).toBe('/id: this node cannot tell own-session')
  })

  it.each(['4.2 horses', '4.2', 'kW', '1e3 W', '4,2 kW', ''])('cannot be put together with the bound "%s"', (min) => {
    expect(() => compiled([{ pointer: '/a', min }])).toThrow(expect.objectContaining({ code: 'config-invalid' }))
  })

  it('cannot ask for watts in ampere', () => {
    expect(() => compiled([{ pointer: '/a', min: '4.2 kW', unit: 'A' }])).toThrow('4.2 kW cannot be told in A')
  })
})

describe('a pattern', () => {
  it.each<[string, string, boolean]>([
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['*', '', true],
    ['a*', 'a', true],
    ['a*a', 'a', false],
    ['a*b*c', 'aXbXc', true],
    ['a*b*c', 'acb', false],
    ['*.example.com', 'example.com', false],
    ['ab*bc', 'abc', false],
    ['.*', 'x', false],
  ])('%s and "%s": %s', (pattern, text, fits) => {
    expect(textLike(pattern)(text)).toBe(fits)
  })

  it('costs no more for a text that was made to be slow', () => {
    const fits = textLike(`${'a*'.repeat(100)}b`)
    const start = process.cpuUsage()
    expect(fits('a'.repeat(200_000))).toBe(false)
    const { user, system } = process.cpuUsage(start)
    expect(user + system).toBeLessThan(200_000)
  })
})
