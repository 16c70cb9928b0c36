// No record comes twice, but where the protocol around it repeats it; and no two records carry the same number.
import type { Check, Finding, Session } from './check.ts'

export const duplicate: Check = {
  id: 'duplicate',
  // most sessions have no copies
  judge: (session) => (session.copies.length === 0 ? sameNumber(session) : [...copies(session), ...sameNumber(session)]),
}

/**
 * A copy of a record that nobody could check proves nothing, not even that the meter repeated itself: it warns, and the session stays
 * unproven until the key is there.
 */
const copies = ({ copies }: Session): Finding[] =>
  [...Map.groupBy(copies, ({ original }) => original).values()]
    .filter((of) => !isToldAgain(of))
    .flat()
    .map(({ copy, original }) => ({
      state: UNCHECKED.has(original.signature.state) && UNCHECKED.has(copy.signature.state) ? 'warn' : 'fail',
      code: 'duplicate',
      detail: 'the same signed bytes twice',
      records: [original, copy],
    }))

/**
 * The message that ends a transaction tells the readings of those before it once more (OCPP 1.6 §6.49, transactionData; 2.1 Part 2, J02,
 * SampledDataTxEndedMeasurands): that is one record, told by two messages. So may a bill of OICP, within itself. Told by a third, or twice by one, it is a repeated record.
 */
const isToldAgain = ([only, second]: Session['copies']): boolean => {
  const [a, b] = [only?.copy.record.message, only?.original.record.message]
  return second === undefined && a !== undefined && b !== undefined && a.kind !== b.kind && a.document === b.document
}

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
