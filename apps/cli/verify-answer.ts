// One verdict as `chargeproof verify` tells it: the text, and the exit code of this question alone.
import type { Verdict } from '../../src/transparency/index.ts'
import type { AskOptions } from './asker.ts'
import { verdictText } from './verify-text.ts'

/** Plain data: it also goes to other threads. */
export interface VerifyOptions extends AskOptions {
  readonly json: boolean
  /** Whether each answer names its question. */
  readonly title: boolean
  readonly colour: boolean
  readonly columns?: number
}

export interface VerifyAnswer {
  readonly code: number
  readonly text: string
}

/** Of several questions, in their order. */
export interface Answers {
  readonly codes: readonly number[]
  /** One after the other: what is sent and written in one piece costs a fraction of fifty. As JSON, each is a line. */
  readonly text: string
}

export const answered = (question: readonly string[], verdict: Verdict, options: VerifyOptions): VerifyAnswer => {
  const code = exitCodeOf(verdict)
  if (options.json) return { code, text: `${JSON.stringify(verdict)}\n` }
  const text = verdictText(verdict, { language: options.lang, colour: options.colour, ...columnsOf(options) })
  return { code, text: options.title ? `${question.join(' ')}\n${text}\n` : text }
}

/** For the help of every command that ends with one. */
export const EXIT_CODES = `Exit code: 0 every session valid and every input used; 1 a session is invalid; 2 none invalid, but something incomplete,
unproven or unusable; 3 no session could be read; 64 wrong usage.`

const WORST_FIRST = [1, 3, 2, 0] as const

/** The exit code of many questions. */
export const worstOf = (codes: ReadonlySet<number>): number => WORST_FIRST.find((code) => codes.has(code)) ?? 0

const columnsOf = ({ columns }: VerifyOptions): { columns?: number } => (columns === undefined ? {} : { columns })

const exitCodeOf = ({ verdict, inputs }: Verdict): number => {
  if (verdict === 'unreadable') return 3
  if (verdict === 'invalid') return 1
  return verdict === 'valid' && inputs.every(({ fault }) => fault === undefined) ? 0 : 2
}
