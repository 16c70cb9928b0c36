// The meter's count rises from record to record, so that nothing was moved; by one where the format says so, so that nothing is missing
// in between (OCMF 1.4 §4.2.2, PG).
import { TRAITS } from '../../metering/traits.ts'
import type { Judged } from '../trust.ts'
import type { Check, Finding } from './check.ts'

export const pagination: Check = {
  id: 'pagination',
  judge: ({ records }) => {
    const uncountable = records.find(({ record }) => TRAITS[record.format].count === 'none')
    if (uncountable !== undefined)
      return [{ state: 'skip', code: 'pagination-absent', detail: `${uncountable.record.format} numbers no records`, records }]
    if (records.some(({ record }) => record.pagination === undefined)) return [uncounted(records)]
    return records.slice(1).flatMap((item, index) => step(records[index], item))
  },
}

/** One record alone has nothing to be missing in between. */
const uncounted = (records: readonly Judged[]): Finding =>
  records.length === 1
    ? { state: 'skip', code: 'pagination-absent', detail: 'the record has no number', records }
    : { state: 'fail', code: 'pagination-gap', detail: 'a record without a number: what is missing cannot be told', records }

const step = (before: Judged | undefined, after: Judged): Finding[] => {
  const [a, b] = [before?.record.pagination, after.record.pagination]
  if (before === undefined || a === undefined || b === undefined) return []
  const detail = `${a.series}${a.number} is followed by ${b.series}${b.number}`
  const records = [before, after]
  if (a.series !== b.series || b.number < a.number) return [{ state: 'fail', code: 'pagination-order', detail, records }]
  const next = b.unbroken === true || TRAITS[after.record.format].count === 'next'
  const gap = next && b.number > a.number + 1
  return gap ? [{ state: 'fail', code: 'pagination-gap', detail, records }] : []
}
