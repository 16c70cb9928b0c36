// Every record keeps to its format, so that nothing in it is read differently from what was meant. What deviates without touching
// a value only warns.
import type { Judged } from '../trust.ts'
import type { Check, Finding } from './check.ts'

export const format: Check = {
  id: 'format',
  judge: ({ records, copies }) => {
    // what stands beside a copy may contradict it as what stands beside the record
    const all = copies.length === 0 ? records : [...records, ...copies.map(({ copy }) => copy)]
    return all.flatMap(broken).concat(all.flatMap(deviating))
  },
}

const broken = (found: Judged): Finding[] => finding('fail', 'record-malformed', { found, lines: found.record.problems })

const deviating = (found: Judged): Finding[] => finding('warn', 'record-deviates', { found, lines: found.record.remarks ?? [] })

const finding = (
  state: Finding['state'],
  code: Finding['code'],
  { found, lines }: { found: Judged; lines: readonly string[] },
): Finding[] => (lines.length === 0 ? [] : [{ state, code, detail: lines.slice(0, 10).join('; '), records: [found] }])
