// The replay window, docs/protocol.md §4.4: sequence numbers in the order they arrive, and which of them count.
import { memoryStore } from '../../src/base/memory-store.ts'
import { admitSequence } from '../../src/overlay/replay.ts'

const PAIR = { iss: 'grid-operator', aud: 'cs-21-a' }
/** As the first number of a signer: microseconds of 2026-01-01T00:00:00Z. */
const BASE = 1_767_225_600_000_000

export const replayVectors = async () => ({
  about: 'Numbers of one signer to one audience as they arrive, and whether the order counts. docs/protocol.md §4.4',
  sequences: await Promise.all(SEQUENCES.map(async ({ name, numbers }) => ({ name, arrivals: await arrivals(numbers) }))),
})

const arrivals = async (numbers: readonly number[]): Promise<{ seq: number; counts: boolean }[]> => {
  const store = memoryStore()
  const result: { seq: number; counts: boolean }[] = []
  for (const seq of numbers) {
    const change = admitSequence(store, PAIR, seq)
    if (change) await store.commit([change])
    result.push({ seq, counts: change !== undefined })
  }
  return result
}

const SEQUENCES = [
  { name: 'in order', numbers: [BASE, BASE + 1, BASE + 2] },
  { name: 'the same again', numbers: [BASE, BASE, BASE + 1, BASE] },
  { name: 'out of order within the window', numbers: [BASE + 5, BASE + 3, BASE + 4, BASE + 3] },
  { name: 'the edge of the window', numbers: [BASE + 1024, BASE + 1, BASE, BASE + 1] },
  { name: 'a leap forward forgets what lies behind the window', numbers: [BASE, BASE + 5000, BASE + 1, BASE + 4000, BASE + 4000] },
]
