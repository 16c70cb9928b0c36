// The last word of a command that could not do what it was asked: what happened, what to do, and an exit code.
import { asFault, Fault, type FaultCode } from '../../src/base/fault.ts'

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
  const fault = asFault(fileFault(thrown) ?? thrown)
  const advice = Object.entries(ADVICE[fault.code] ?? {}).find(([option]) => options.includes(option))?.[1]
  console.error(`chargeproof: ${fault.message}${advice === undefined ? '' : `\n${advice}`}`)
  if (fault.code === 'internal') console.error(fault.cause instanceof Error ? fault.cause.stack : fault.stack)
  process.exit(EXIT_CODES[fault.code] ?? 1)
}

/** What the system says of a file that somebody named and that cannot be had. */
const UNOPENED: readonly unknown[] = ['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']

const fileFault = (thrown: unknown): Fault | undefined => {
  if (!(thrown instanceof Error && 'code' in thrown && 'path' in thrown && UNOPENED.includes(thrown.code))) return undefined
  return new Fault('input-missing', `${thrown.path} cannot be opened (${thrown.code})`, {}, thrown)
}
