// The station did not itself report that the assignment to the user went wrong (OCMF 1.4 §4.2.3, IL).
import type { Check } from './check.ts'

export const user: Check = {
  id: 'user',
  judge: ({ records }) =>
    records
      .filter(({ record }) => record.source.assignment?.failed === true)
      .map((found) => ({
        state: 'fail',
        code: 'user-assignment',
        detail: `level ${found.record.source.assignment?.level}`,
        records: [found],
      })),
}
