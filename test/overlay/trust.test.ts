// A key's life: from when to when it counts, for what, and what ends it.
import { describe, expect, it } from 'vitest'
import { TrustStore } from '../../src/overlay/trust.ts'
import { engine, signerOf, virtualClock } from './support.ts'

const HOUR = 3_600_000
const setUp = () => {
  const clock = virtualClock()
  const store = new TrustStore(engine, clock)
  const entry = (name: string, about = {}) => ({ node: 'lc', role: 'local-controller', publicKey: signerOf(name).publicKey, ...about })
  return { clock, store, entry, now: clock.now() }
}

describe('a key', () => {
  it('counts from its beginning, for clocks that are behind a little sooner, to its end', async () => {
    const { clock, store, entry, now } = setUp()
    const { kid } = store.add(entry('a', { from: now + HOUR, until: now + 2 * HOUR }))
    const states: unknown[] = []
    for (const ms of [0, HOUR - 30_001, 1, HOUR + 30_000 - 1, 1]) {
      await clock.advance(ms)
      const key = store.look(kid)
      states.push([key && store.stateOf(key), store.find(kid) !== undefined])
    }
    expect(states).toEqual([
      ['not-yet-valid', false],
      ['not-yet-valid', false],
      ['valid', true],
      ['valid', true],
      ['expired', false],
    ])
    expect(store.knows('lc')).toBe(true)
  })

  it('with a beginning counts for nobody who has no clock', () => {
    const { entry, now } = setUp()
    const store = new TrustStore(engine)
    expect(store.find(store.add(entry('a', { from: now })).kid)).toBeUndefined()
    expect(store.find(store.add(entry('b')).kid)).toBeDefined()
  })

  it('is found only for what it is for', () => {
    const { store, entry } = setUp()
    const { kid } = store.add(entry('a', { purposes: ['policy'] }))
    expect([store.find(kid), store.find(kid, 'link'), store.find(kid, 'policy')?.kid]).toEqual([undefined, undefined, kid])
  })

  it('is replaced by a document that leaves it out, and no file brings it back', () => {
    const { store, entry } = setUp()
    const told: string[] = []
    const [old] = [store.add(entry('a'))]
    store.watch(({ kid }) => told.push(kid))
    store.replace('lc', [entry('b')])
    store.add(entry('a'))
    expect(store.of('lc').map((key) => [key.source, store.stateOf(key)])).toEqual([
      ['file', 'replaced'],
      ['document', 'valid'],
    ])
    expect(told).toContain(old?.kid)
  })

  it('is revoked whoever names it, and its watchers hear of it', () => {
    const { store, entry } = setUp()
    const { kid } = store.add(entry('a'))
    const told: string[] = []
    store.watch((key) => told.push(key.kid))
    store.revoke(new Set([kid]))
    expect(told).toEqual([kid])
    store.replace('lc', [entry('a')])
    expect(store.find(kid)).toBeUndefined()
    expect(store.knows('lc')).toBe(true)
  })
})
