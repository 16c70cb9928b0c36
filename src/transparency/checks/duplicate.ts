// No record comes twice, but where the protocol around it repeats it; and no two records carry the same number.
import type { Message, MeterRecord } from '../../metering/reading.ts'
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
const isToldAgain = (copies: Session['copies']): boolean => {
  const [only, second] = copies
  if (only === undefined) return false
  return (second === undefined && isRepeatedBy(only.original.record, only.copy.record)) || isTakenBack(copies)
}

const isRepeatedBy = (one: MeterRecord, other: MeterRecord): boolean => {
  const [a, b] = [one.message, other.message]
  return a !== undefined && b !== undefined && a.kind !== b.kind && isOfOneTransaction(a, b) && isOfSameBills(one, other)
}

/** MeterValues of 1.6 need not name their transaction. */
const isOfOneTransaction = (a: Message, b: Message): boolean =>
  a.transaction === b.transaction || a.transaction === '' || b.transaction === ''

/**
 * A bill that was taken back, and perhaps sent anew (OCPI 2.2.1 mod_cdrs §1.1.1: the credit CDR holds all the data of the first one): of the
 * bills no more than one is owed.
 */
const isTakenBack = (copies: Session['copies']): boolean => {
  const all = [...copies.slice(0, 1).map(({ original }) => original), ...copies.map(({ copy }) => copy)]
  const credits = all.filter(({ record }) => record.message?.kind === 'credit').length
  const bills = all.filter(({ record: { message, told } }) => message === undefined && told !== undefined).length
  return credits > 0 && bills + credits === all.length && (bills === credits || bills === credits + 1)
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
