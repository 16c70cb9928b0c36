// Endpoints of an uplink in turn: a bad new one leads back to the last good one, which is remembered over restarts.
import { expect, it } from 'vitest'
import { memoryStore } from '../../src/base/memory-store.ts'
import { EndpointMemory } from '../../src/overlay/endpoint-memory.ts'
import { virtualClock } from './support.ts'

const setUp = (store = memoryStore(), clock = virtualClock()) => {
  const make = (...urls: string[]) => new EndpointMemory('gateway', urls, { store, clock })
  const proven = async (memory: EndpointMemory): Promise<void> => {
    memory.opened()
    await clock.advance(10_000)
  }
  return { make, proven, clock, store }
}

it('each failure leads to the next, and round again', () => {
  const memory = setUp().make('a', 'b', 'c')
  const tried = Array.from({ length: 4 }, () => {
    const { current } = memory
    memory.failed()
    return current
  })
  expect(tried).toEqual(['a', 'b', 'c', 'a'])
})

it('the one that worked is dialled first after a restart, while the list is the same', async () => {
  const { make, proven } = setUp()
  const memory = make('a', 'b')
  memory.failed()
  await proven(memory)
  expect(make('a', 'b').current).toBe('b')
  // somebody changed the file: what is new has its chance, and what worked comes right behind it
  const changed = make('new', 'other', 'b')
  expect(changed.current).toBe('new')
  changed.failed()
  expect(changed.current).toBe('b')
})

it('an endpoint that the file no longer names is what a bad new one leads back to, until the new one has worked', async () => {
  const { make, proven } = setUp()
  await proven(make('old'))
  const memory = make('new')
  expect(memory.current).toBe('new')
  memory.failed()
  expect(memory.current).toBe('old')
  memory.failed()
  await proven(memory)
  expect(memory.current).toBe('new')
  memory.failed()
  expect(memory.current).toBe('new')
  expect(make('new').current).toBe('new')
})

it('a connection that ends at once is a failure; one that lived is dialled again where it was', async () => {
  const { make, proven, clock } = setUp()
  const memory = make('a', 'b')
  memory.opened()
  await clock.advance(9_000)
  memory.ended()
  expect(memory.current).toBe('b')
  await proven(memory)
  memory.ended()
  expect(memory.current).toBe('b')
  expect(clock.pending).toBe(0)
})

it('a store that cannot be written costs the memory, not the way', async () => {
  const store = memoryStore({
    beforeCommit: () => {
      throw new Error('full')
    },
  })
  const { clock } = setUp(store)
  const failures: unknown[] = []
  const memory = new EndpointMemory('gateway', ['a', 'b'], { store, clock, failed: (error) => failures.push(error) })
  memory.failed()
  memory.opened()
  await clock.advance(10_000)
  expect([memory.current, failures.length]).toEqual(['b', 1])
})
