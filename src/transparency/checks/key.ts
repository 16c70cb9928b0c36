// The key that was to decide is the one the records were signed with, and on the curve they name.
import type { Check, Finding } from './check.ts'

export const key: Check = {
  id: 'key',
  judge: ({ records }) =>
    (['key-mismatch', 'key-curve'] as const).flatMap((code): Finding[] => {
      const such = records.filter((record) => record.signature.code === code)
      return such.length === 0 ? [] : [{ state: 'fail', code, detail: such[0]?.signature.detail ?? '', records: such }]
    }),
}
