// No record comes twice, but where the protocol around it repeats it; and no two records carry the same number.
import type { MeterRecord } from '../../metering/reading.ts'
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
 * SampledDataTxEndedMeasurands): that is one record, told by two messages. So may the last value of a bill of OICP. Told by a third, twice
 * by one, or in two bills, it is a repeated record.
 */
const isToldAgain = ([only, second]: Session['copies']): boolean => {
  if (only === undefined || second !== undefined) return false
  const [a, b] = [only.copy.record, only.original.record]
  return a.message !== undefined && b.message !== undefined && a.message !== b.message && isOfSameBills(a, b)
}

const isOfSameBills = ({ told: a = [] }: MeterRecord, { told: b = [] }: MeterRecord): boolean =>
  a.length === b.length && a.every((each) => b.includes(each))

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
