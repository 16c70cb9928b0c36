// Short forms of what `npm run limits` measures: whole processes, within the contract's memory, with an answer whatever happens.
import { describe, expect, it } from 'vitest'
import { LIMIT_CASES } from '../../tools/limits/cases.ts'
import { CEILING, costOf } from '../../tools/limits.ts'

describe('a question at the limits, in a process of its own', () => {
  it.each(['JSON of empty objects', 'OCMF with a wide payload', 'gzip beyond its limits', 'a line of 50 MB'])(
    '%s costs no more than it may',
    async (name) => {
      const found = LIMIT_CASES.find((each) => each.name === name)
      const cost = await costOf(found ?? { name: 'missing', make: () => [] })
      expect(cost).toMatchObject({ exitCode: 3, verdict: 'unreadable', faults: ['limit-exceeded'] })
      expect(cost.peakMiB).toBeGreaterThan(50)
      expect(cost.peakMiB).toBeLessThan(CEILING.peakMiB)
      // of the processor: the machine may have more to do than this
      expect(cost.cpuSeconds).toBeLessThan(CEILING.seconds)
    },
    30_000,
  )
})
