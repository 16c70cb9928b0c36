// The key that was to decide is the one the records were signed with, and on the curve they name. Where there is none, nothing of it can be said.
import type { Judged } from '../trust.ts'
import type { Check, CheckCode, Finding } from './check.ts'

export const key: Check = {
  id: 'key',
  judge: ({ records }) =>
    records.every(({ signature }) => signature.state === 'valid')
      ? []
      : [
          ...(['key-mismatch', 'key-curve'] as const).flatMap((code) =>
            finding('fail', code, (signature) => signature.code === code, records),
          ),
          ...finding('skip', 'key-missing', (signature) => signature.state === 'key-missing', records),
        ],
}

const finding = (
  state: Finding['state'],
  code: CheckCode,
  is: (signature: Judged['signature']) => boolean,
  records: readonly Judged[],
): Finding[] => {
  const such = records.filter(({ signature }) => is(signature))
  return such.length === 0 ? [] : [{ state, code, detail: such[0]?.signature.detail ?? '', records: such }]
}
