// The last word of a command that could not do what it was asked: what happened, what to do, and an exit code.
import { asFault, type FaultCode } from '../../src/base/fault.ts'

/** sysexits.h where one fits. */
const EXIT_CODES: Partial<Record<FaultCode, number>> = { 'config-invalid': 78, 'key-malformed': 78, 'port-taken': 69, 'store-failed': 74 }

const ADVICE: Partial<Record<FaultCode, string>> = {
  'port-taken': 'Stop the other program, or choose other ports with --base-port.',
  'key-malformed': 'Put back a copy of it; without it, others must trust the new key that is made once the file is gone.',
  'store-failed': 'Choose another folder with --data, or stop the other chargeproof that uses this one.',
}

export const fail = (thrown: unknown): void => {
  const fault = asFault(thrown)
  console.error(`chargeproof: ${fault.message}${ADVICE[fault.code] ? `\n${ADVICE[fault.code]}` : ''}`)
  if (fault.code === 'internal') console.error(fault.cause instanceof Error ? fault.cause.stack : fault.stack)
  process.exit(EXIT_CODES[fault.code] ?? 1)
}
