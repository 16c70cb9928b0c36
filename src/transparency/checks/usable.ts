// The meter marks no reading as unusable for energy (OCMF 1.4 §4.2.6, EF holds E); unusable for time (t) only warns.
import { type Check, type Finding, recordsOf } from './check.ts'

export const usable: Check = {
  id: 'energy-usable',
  judge: ({ readings }) => {
    if (readings.every(({ reading }) => reading.unusable.length === 0)) return []
    return KINDS.flatMap(([kind, state, code]): Finding[] => {
      const such = readings.filter(({ reading }) => reading.unusable.includes(kind))
      return such.length === 0
        ? []
        : [{ state, code, detail: `the meter marks ${such.length} readings as unusable for ${kind}`, records: recordsOf(such) }]
    })
  },
}

const KINDS = [
  ['energy', 'fail', 'energy-unusable'],
  ['time', 'warn', 'time-unusable'],
] as const
