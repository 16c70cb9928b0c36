// One verdict as `chargeproof verify` tells it: the text, and the exit code of this question alone.
import type { Verdict } from '../../src/transparency/index.ts'
import type { AskOptions } from './asker.ts'
import { exitCodeOf } from './exit-code.ts'
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
  /** One after the other: what is sent and written in one piece costs a fraction of fifty. As JSON, each is a line. UTF-8 where a thread made it. */
  readonly text: string | Uint8Array<ArrayBuffer>
}

export const answered = (question: readonly string[], verdict: Verdict, options: VerifyOptions): VerifyAnswer => {
  const code = exitCodeOf(verdict)
  if (options.json) return { code, text: `${JSON.stringify(verdict)}\n` }
  const text = verdictText(verdict, { language: options.lang, colour: options.colour, ...columnsOf(options) })
  return { code, text: options.title ? `${question.join(' ')}\n${text}\n` : text }
}

const columnsOf = ({ columns }: VerifyOptions): { columns?: number } => (columns === undefined ? {} : { columns })
