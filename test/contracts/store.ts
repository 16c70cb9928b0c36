// What every Store must do, run over each implementation. The setup gives a fresh store and a switch that makes its commits fail.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Change, Json, Store } from '../../src/base/ports.ts'

export interface StoreSetup {
  readonly store: Store
  /** While true, the store cannot make anything durable. */
  readonly break: (broken: boolean) => void
  readonly dispose: () => void
}

const put = (key: string, value: Json = key): Change => ({ collection: 'c', key, value })
const remove = (key: string): Change => ({ collection: 'c', key, value: undefined })

export const storeContract = (name: string, setUp: () => StoreSetup): void => {
  describe(`${name} keeps the store contract`, () => {
    let setup: StoreSetup
    let store: Store
    const keys = (range = {}) => store.list('c', range).map((row) => row.key)
    beforeEach(() => {
      setup = setUp()
      store = setup.store
    })
    afterEach(async () => {
      await store.close()
      setup.dispose()
    })

    it('gives back what was put, the last value where a key was put twice', async () => {
      const value = { text: 'ß€🔌', list: [1, null, true, { deep: -0.5 }] }
      await store.commit([put('a', 1), put('a', value)])
      expect(store.get('c', 'a')).toEqual(value)
      expect(store.get('c', 'b')).toBeUndefined()
      expect(store.get('other', 'a')).toBeUndefined()
      expect(store.list('other')).toEqual([])
    })

    it('keeps null apart from absent', async () => {
      await store.commit([put('a', null)])
      expect(store.get('c', 'a')).toBeNull()
      expect(store.list('c')).toEqual([{ key: 'a', value: null }])
    })

    it('takes no notice when a value is altered after it was put or got', async () => {
      const value = { n: [1] }
      await store.commit([put('a', value)])
      value.n.push(2)
      ;(store.get('c', 'a') as typeof value).n.push(3)
      expect(store.get('c', 'a')).toEqual({ n: [1] })
    })

    it('lists in key order, whatever the order of writing', async () => {
      await store.commit(['b', 'a/2', 'a/10', '', 'B', 'a', '~'].map((key) => put(key)))
      expect(keys()).toEqual(['', 'B', 'a', 'a/10', 'a/2', 'b', '~'])
      expect(keys({ reverse: true })).toEqual(['~', 'b', 'a/2', 'a/10', 'a', 'B', ''])
    })

    it('takes names of the language for ordinary keys and collections', async () => {
      await store.commit([put('__proto__', 1), { collection: '__proto__', key: 'constructor', value: 2 }])
      expect(store.get('c', '__proto__')).toBe(1)
      expect(store.list('__proto__')).toEqual([{ key: 'constructor', value: 2 }])
      expect(store.get('constructor', 'name')).toBeUndefined()
    })

    it('lists by prefix, after a key, to a limit, and backwards', async () => {
      await store.commit(['a', 'b', 'b1', 'b2', 'b3', 'c'].map((key) => put(key)))
      expect(keys({ prefix: 'b' })).toEqual(['b', 'b1', 'b2', 'b3'])
      expect(keys({ prefix: 'b', after: 'b1' })).toEqual(['b2', 'b3'])
      expect(keys({ prefix: 'b', after: 'a' })).toEqual(['b', 'b1', 'b2', 'b3'])
      expect(keys({ prefix: 'b', after: 'c' })).toEqual([])
      expect(keys({ after: 'b15' })).toEqual(['b2', 'b3', 'c'])
      expect(keys({ limit: 2 })).toEqual(['a', 'b'])
      expect(keys({ limit: 0 })).toEqual([])
      expect(keys({ prefix: 'b', limit: 2, reverse: true })).toEqual(['b3', 'b2'])
      expect(keys({ after: 'b1', reverse: true })).toEqual(['c', 'b3', 'b2'])
      expect(keys({ prefix: 'x' })).toEqual([])
    })

    it('agrees with a sorted list for any keys and any range', async () => {
      const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '0'), maxLength: 4 })
      let run = 0
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(key, { maxLength: 12 }),
          fc.record({ prefix: key, after: key, limit: fc.nat(6), reverse: fc.boolean() }, { requiredKeys: [] }),
          async (all, range) => {
            const collection = `run ${run++}`
            await store.commit(all.map((key) => ({ collection, key, value: key })))
            const { prefix = '', after, limit, reverse } = range
            const expected = all.filter((key) => key.startsWith(prefix) && (after === undefined || key > after)).sort()
            if (reverse === true) expected.reverse()
            expect(store.list(collection, range).map((row) => row.key)).toEqual(expected.slice(0, limit))
          },
        ),
      )
    })

    it('deletes, also what was put in the same commit or was never there', async () => {
      await store.commit([put('a'), put('b')])
      await store.commit([remove('a'), put('c'), remove('c'), remove('never')])
      expect(keys()).toEqual(['b'])
      await store.commit([put('a', 2)])
      expect(keys()).toEqual(['a', 'b'])
    })

    it('shows changes at once, before they are durable', async () => {
      const durable = store.commit([put('a')])
      expect(store.get('c', 'a')).toBe('a')
      const deleted = store.commit([remove('a')])
      expect(keys()).toEqual([])
      await Promise.all([durable, deleted])
      expect(keys()).toEqual([])
    })

    it('applies many commits of one turn in order', async () => {
      await Promise.all(Array.from({ length: 1200 }, (_, i) => store.commit([put('last', i), put(`k${i}`, i)])))
      expect(store.get('c', 'last')).toBe(1199)
      expect(keys({ prefix: 'k' })).toHaveLength(1200)
    })

    it('resolves a commit without changes', async () => {
      await expect(store.commit([])).resolves.toBeUndefined()
    })

    it('applies nothing of a commit that holds something other than JSON', async () => {
      const circle: Record<string, Json> = {}
      circle.self = circle
      const waiting = store.commit([put('before')])
      await expect(store.commit([put('a'), put('b', circle)])).rejects.toMatchObject({ code: 'store-failed' })
      await waiting
      expect(keys()).toEqual(['before'])
    })

    it('takes back what cannot be made durable, from every waiting commit, and goes on when it can again', async () => {
      await store.commit([put('kept', 1), put('deleted', 1)])
      setup.break(true)
      const waiting = [store.commit([put('kept', 2), put('new')]), store.commit([remove('deleted'), put('kept', 3)])]
      expect(keys()).toEqual(['kept', 'new'])
      for (const outcome of await Promise.allSettled(waiting)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'Fault', code: 'store-failed' } })
      }
      expect(store.list('c').map((row) => [row.key, row.value])).toEqual([
        ['deleted', 1],
        ['kept', 1],
      ])
      setup.break(false)
      await store.commit([put('kept', 4)])
      expect(store.get('c', 'kept')).toBe(4)
    })

    it('finishes waiting commits when it is closed, then refuses everything', async () => {
      const waiting = store.commit([put('a')])
      await store.close()
      await waiting
      await expect(store.commit([put('b')])).rejects.toMatchObject({ code: 'store-failed' })
      expect(() => store.get('c', 'a')).toThrow(expect.objectContaining({ code: 'store-failed' }))
      expect(() => store.list('c')).toThrow(expect.objectContaining({ code: 'store-failed' }))
      await expect(store.close()).resolves.toBeUndefined()
    })
  })
}
