// The same items as the language's own way. That V8 compiles their readers once is seen with `node --log-deopt` (decision 0068).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joined, mapped } from '../../src/base/lists.ts'

describe('mapped', () => {
  it('is what map is', () =>
    fc.assert(
      fc.property(fc.array(fc.anything()), (list) => {
        const of = (item: unknown, index: number) => [item, index]
        expect(mapped(list, of)).toEqual(list.map(of))
      }),
    ))
})

describe('joined', () => {
  it('is what a spread of both is', () =>
    fc.assert(
      fc.property(fc.array(fc.anything()), fc.array(fc.anything()), (a, b) => {
        expect(joined(a, b)).toEqual([...a, ...b])
      }),
    ))
})
