// What `verify` and `batch` end with.
import type { Verdict } from '../../src/transparency/index.ts'

/** For the help of every command that ends with one. */
export const EXIT_CODES = `Exit code: 0 every session valid and every input used; 1 a session is invalid; 2 none invalid, but something incomplete,
unproven or unusable; 3 no session could be read; 64 wrong usage.`

export const exitCodeOf = ({ verdict, inputs }: Verdict): number => {
  if (verdict === 'unreadable') return 3
  if (verdict === 'invalid') return 1
  return verdict === 'valid' && inputs.every(({ fault }) => fault === undefined) ? 0 : 2
}

const WORST_FIRST = [1, 3, 2, 0] as const

/** The exit code of many questions. */
export const worstOf = (codes: ReadonlySet<number>): number => WORST_FIRST.find((code) => codes.has(code)) ?? 0
