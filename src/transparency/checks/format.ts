// Every record keeps to its format, so that nothing in it is read differently from what was meant.
import type { Check } from './check.ts'

export const format: Check = {
  id: 'format',
  judge: ({ records }) =>
    records
      .filter(({ record }) => record.problems.length > 0)
      .map((found) => ({
        state: 'fail',
        code: 'record-malformed',
        detail: found.record.problems.slice(0, 10).join('; '),
        records: [found],
      })),
}
