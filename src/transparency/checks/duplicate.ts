// No record comes twice, and no two records carry the same number.
import type { Check, Finding, Session } from './check.ts'

export const duplicate: Check = {
  id: 'duplicate',
  judge: (session) => [...copies(session), ...sameNumber(session)],
}

/**
 * A copy of a record that nobody could check proves nothing, not even that the meter repeated itself: it warns, and the session stays
 * unproven until the key is there.
 */
const copies = ({ copies }: Session): Finding[] =>
  copies.map(({ copy, original }) => ({
    state: UNCHECKED.has(original.signature.state) && UNCHECKED.has(copy.signature.state) ? 'warn' : 'fail',
    code: 'duplicate',
    detail: 'the same signed bytes twice',
    records: [original, copy],
  }))

const UNCHECKED: ReadonlySet<string> = new Set(['key-missing', 'unsupported', 'absent'])

const sameNumber = ({ records }: Session): Finding[] =>
  records.slice(1).flatMap((b, index): Finding[] => {
    const a = records[index]
    const [before, after] = [a?.record.pagination, b.record.pagination]
    const same = before !== undefined && after !== undefined && before.series === after.series && before.number === after.number
    return a !== undefined && same
      ? [{ state: 'fail', code: 'duplicate', detail: `two records with number ${before.series}${before.number}`, records: [a, b] }]
      : []
  })
