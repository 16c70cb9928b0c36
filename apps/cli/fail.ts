// The last word of a command that could not do what it was asked: what happened, what to do, and an exit code.
import { asFault, type FaultCode } from '../../src/base/fault.ts'

/** sysexits.h where one fits. */
const EXIT_CODES: Partial<Record<FaultCode, number>> = { 'config-invalid': 78, 'key-malformed': 78, 'port-taken': 69, 'store-failed': 74 }

/** What to do about it, by the option that helps: a command that has no such option is not told of it. */
const ADVICE: Partial<Record<FaultCode, Readonly<Record<string, string>>>> = {
  'port-taken': {
    '--base-port': 'Stop the other program, or choose other ports with --base-port.',
    '--port': 'Stop the other program, or choose another port with --port.',
  },
  'key-malformed': {
    '--data': 'Put back a copy of it; without it, others must trust the new key that is made once the file is gone.',
  },
  'store-failed': { '--data': 'Choose another folder with --data, or stop the other chargeproof that uses this one.' },
}

/** @param options what the command takes: `--data` … */
export const fail = (thrown: unknown, options: readonly (string | undefined)[]): void => {
  const fault = asFault(thrown)
  const advice = Object.entries(ADVICE[fault.code] ?? {}).find(([option]) => options.includes(option))?.[1]
  console.error(`chargeproof: ${fault.message}${advice === undefined ? '' : `\n${advice}`}`)
  if (fault.code === 'internal') console.error(fault.cause instanceof Error ? fault.cause.stack : fault.stack)
  process.exit(EXIT_CODES[fault.code] ?? 1)
}
