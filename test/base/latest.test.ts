import { describe, expect, it } from 'vitest'
import { latest, onceFor } from '../../src/base/latest.ts'

describe('latest', () => {
  const counted = (size: number) => {
    const kept = latest<string>(size)
    const made: string[] = []
    const ask = (name: string): string =>
      kept(name, () => {
        made.push(name)
        return name.toUpperCase()
      })
    return { ask, made }
  }

  it('computes once, and forgets what was not asked for longest', () => {
    const { ask, made } = counted(2)
    expect(['a', 'b', 'a', 'c', 'a', 'b'].map(ask)).toEqual(['A', 'B', 'A', 'C', 'A', 'B'])
    expect(made).toEqual(['a', 'b', 'c', 'b'])
  })

  it('keeps undefined, and nothing that was thrown', () => {
    const kept = latest<undefined>(2)
    let asked = 0
    const none = () => kept('none', () => void asked++ as undefined)
    none()
    kept('other', () => undefined)
    none()
    expect(asked).toBe(1)
    const broken = () =>
      kept('broken', () => {
        asked++
        throw new Error('no')
      })
    expect(broken).toThrow()
    expect(broken).toThrow()
    expect(asked).toBe(3)
  })
})

describe('onceFor', () => {
  it('computes once for each object, undefined too', () => {
    const made: object[] = []
    const ask = onceFor((key: object) => void made.push(key))
    const [a, b] = [{}, {}]
    for (const key of [a, b, a]) ask(key)
    expect(made).toEqual([a, b])
  })
})
