// The numbers of a station's queue: one for each message, the same at every attempt, never begun again, not even by an empty queue.
import { expect, it } from 'vitest'
import { Fault } from '../../../src/base/fault.ts'
import { memoryStore } from '../../../src/base/memory-store.ts'
import { payloadOf, RESULT } from '../../../src/ocpp/frame.ts'
import { Configuration } from '../../../src/roles/station/configuration.ts'
import { Outbox } from '../../../src/roles/station/outbox.ts'
import { fixedRandom } from '../../support/fixed-random.ts'
import { virtualClock } from '../../support/virtual-clock.ts'

it('are kept through silence, answers and a restart', async () => {
  const [store, clock] = [memoryStore(), virtualClock()]
  const numbers: number[] = []
  let isDeaf = false
  const open = (): Outbox =>
    new Outbox({
      ...{ store, clock, random: fixedRandom(1), station: 'cs', configuration: new Configuration(store, 'cs'), log: () => undefined },
      deliver: async ({ id }, own) => {
        numbers.push(own)
        if (isDeaf) throw new Fault('timeout', 'nobody answers')
        return { type: RESULT, id, payload: payloadOf({}) }
      },
      address: ({ payload }) => payload,
      settled: () => [],
      done: () => undefined,
    })
  const put = (outbox: Outbox, count: number) =>
    outbox.put(
      Array.from({ length: count }, () => ({ action: 'TransactionEvent', payload: {} })),
      { session: 's', last: false },
      [],
    )
  const first = open()
  expect(first.said()).toEqual({ low: 1, top: 0 })
  await put(first, 3)
  expect(first.said()).toEqual({ low: 1, top: 3 })
  first.resume()
  await clock.advance(1_000)
  expect([numbers, first.said()]).toEqual([[1, 2, 3], { low: 4, top: 3 }])
  // an empty queue says nothing of what went through it: the store does
  isDeaf = true
  const second = open()
  second.resume()
  await put(second, 2)
  await clock.advance(200_000)
  expect(new Set(numbers.slice(3))).toEqual(new Set([4]))
  expect(numbers.length).toBeGreaterThan(5)
  expect(second.said()).toEqual({ low: 4, top: 5 })
  second.pause()
  isDeaf = false
  const third = open()
  expect(third.said()).toEqual({ low: 4, top: 5 })
  third.resume()
  await put(third, 1)
  await clock.advance(1_000)
  expect([numbers.slice(-3), third.said()]).toEqual([[4, 5, 6], { low: 7, top: 6 }])
})
