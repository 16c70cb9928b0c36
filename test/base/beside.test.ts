import { describe, expect, it } from 'vitest'
import { beside } from '../../src/base/beside.ts'

describe('what is kept beside an object', () => {
  const length = beside<number>()

  it('is given back, and can be replaced', () => {
    const object = { text: 'abc' }
    expect(length.of(object)).toBeUndefined()
    expect(length.keep(object, 3)).toBe(3)
    expect(length.of(object)).toBe(3)
    expect(length.keep(object, 4)).toBe(4)
    expect(length.of(object)).toBe(4)
  })

  it('is not seen from outside, and not known of a copy', () => {
    const object = { text: 'abc' }
    length.keep(object, 3)
    expect(Reflect.ownKeys(object)).toEqual(['text'])
    expect(JSON.stringify(object)).toBe('{"text":"abc"}')
    expect(length.of({ ...object })).toBeUndefined()
    expect(length.of(structuredClone(object))).toBeUndefined()
    expect(length.of(Object.create(object))).toBeUndefined()
  })

  it('is apart from what others keep of the same object', () => {
    const object = {}
    const name = beside<string>()
    length.keep(object, 3)
    expect(name.of(object)).toBeUndefined()
    name.keep(object, 'three')
    expect([length.of(object), name.of(object)]).toEqual([3, 'three'])
  })
})
