// What was said and never arrived, docs/protocol.md §4.14: reports as they arrive, second by second, and what is missed when.
import type { Cancel, Clock } from '../../src/base/ports.ts'
import type { Count } from '../../src/overlay/count.ts'
import { Arrivals } from '../../src/roles/arrivals.ts'

interface Arrival {
  /** Seconds since the first one; also when it was signed, unless `signed` says otherwise. */
  readonly at: number
  readonly signed?: number
  readonly cnt: Count
}

export const countVectors = () => ({
  about: 'Reports of one signer as they arrive, over a way that is always up, and what is missed after them. docs/protocol.md §4.14',
  sequences: SEQUENCES.map(({ name, arrivals }) => ({ name, arrivals, missed: missedOf(arrivals) })),
})

const missedOf = (arrivals: readonly Arrival[]): { at: number; rule: string; missing?: string }[] => {
  const found: { at: number; rule: string; missing?: string }[] = []
  let now = 0
  let tick: (() => void) | undefined
  const after = (_ms: number, run: () => void): Cancel => {
    tick = run
    return () => undefined
  }
  const clock: Clock = { now: () => now * 1000, after }
  const judge = new Arrivals({
    clock,
    isOnline: () => true,
    keeper: () => undefined,
    missed: ({ rule = '', data }) => {
      const { missing } = data as { readonly missing?: string }
      found.push({ at: now, rule, ...(missing !== undefined && { missing }) })
    },
  })
  for (; now <= 30; now++) {
    for (const { at, signed = at, cnt } of arrivals) if (at === now) judge.heard({ iss: 'cs-21-a', iat: signed + 1, cnt }, ['cs-21-a'])
    tick?.()
  }
  return found
}

const beat = (at: number, low: number, top = low - 1): Arrival => ({ at, cnt: { low, top, due: 5 } })
const event = (at: number, own: number, top = own): Arrival => ({ at, cnt: { own, low: own, top, due: 5 } })
const beats = (from: number, low: number, top?: number): Arrival[] =>
  [0, 5, 10, 15, 20, 25, 30].filter((at) => at >= from).map((at) => beat(at, low, top))

const SEQUENCES: readonly { name: string; arrivals: readonly Arrival[] }[] = [
  { name: 'all of them', arrivals: [event(0, 1), event(1, 2), event(2, 3), ...beats(5, 4)] },
  { name: 'one that was held back', arrivals: [event(0, 1), event(1, 2), ...beats(5, 3, 3)] },
  { name: 'some that somebody answered and threw away', arrivals: [event(0, 1), event(2, 3), event(4, 6), ...beats(5, 7)] },
  { name: 'a queue that goes out slowly', arrivals: [event(0, 1, 4), event(3, 2, 4), event(6, 3, 4), event(9, 4, 4), ...beats(10, 5)] },
  { name: 'begun before this addressee was there', arrivals: [event(0, 900), ...beats(5, 901)] },
  { name: 'silence', arrivals: [event(0, 1), beat(5, 2)] },
  {
    name: 'an old report again hides neither',
    arrivals: [event(0, 1), event(1, 3), ...[2, 4, 6, 8, 10, 12].map((at) => ({ ...event(at, 1), signed: 0 }))],
  },
  { name: 'a store that was lost', arrivals: [event(0, 900), event(1, 1), event(2, 3), ...beats(5, 4)] },
]
