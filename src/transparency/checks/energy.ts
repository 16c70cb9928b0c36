// No register of energy counts down.
import { compareDecimal, formatDecimal } from '../../base/decimal.ts'
import { type Check, type Finding, MAX_FINDINGS, recordsOf, type SessionReading } from './check.ts'

export const energy: Check = {
  id: 'energy',
  judge: ({ registers }) => {
    const found: Finding[] = []
    registers.forEach((row, register) => {
      if (row[0]?.reading.purpose === 'billing') for (const finding of falls(register, row)) found.push(finding)
    })
    return found
  },
}

const falls = (register: string, row: readonly SessionReading[]): Finding[] => {
  const found: Finding[] = []
  row.forEach((after, index) => {
    const before = row[index - 1]
    const [a, b] = [before?.reading.value, after.reading.value]
    // two units in one register cannot be compared, and the check of the source says so
    if (found.length >= MAX_FINDINGS) return
    if (before === undefined || a === undefined || b === undefined || before.reading.unit !== after.reading.unit) return
    if (compareDecimal(b, a) >= 0) return
    const detail = `${formatDecimal(a)} is followed by ${formatDecimal(b)} ${after.reading.unit} in register ${register}`
    found.push({ state: 'fail', code: 'energy-decreasing', detail, records: recordsOf([before, after]) })
  })
  return found
}
