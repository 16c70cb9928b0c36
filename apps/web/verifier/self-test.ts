// The page checks itself before anybody asks: a genuine record must be found valid and shown as that, and the same with one digit altered invalid, by the
// very worker and the very view that a reader's records go through. The browser compiles meanwhile what a first verdict needs, which takes longer than
// the verdict. Nothing is loaded for it.
import { utf8 } from '../../../src/base/bytes.ts'
import type { Verdict } from '../../../src/transparency/index.ts'
import type { Judge } from './question.ts'

/** `failed`: no verdict of this page is to be believed. */
export type SelfTest = 'waiting' | 'passed' | 'failed'

/** What a record passes through on its way to a reader's eyes. */
export interface Way extends Judge {
  /** Whether the verdict, as it is drawn, is good news. */
  looksGood(verdict: Verdict): boolean
}

/** Of the end's value in the genuine record. */
const [DIGITS, OTHERS] = ['"RV":20.500', '"RV":21.500'] as const

/** A browser compiles well what it has seen some times. */
const ROUNDS = 3

/**
 * @param genuine a valid record in which `DIGITS` are signed
 * @param signal stops it between two questions, where somebody else has one: it is `waiting` then
 */
export const selfTest = async (way: Way, genuine: string, signal: AbortSignal): Promise<SelfTest> => {
  const questions = [
    { text: genuine, wanted: 'valid' },
    { text: genuine.replace(DIGITS, OTHERS), wanted: 'invalid' },
  ] as const
  for (const { text, wanted } of Array.from({ length: ROUNDS }, () => questions).flat()) {
    if (signal.aborted) return 'waiting'
    const isRight = await way.judge([{ name: 'self-test.xml', bytes: utf8(text) }]).then(
      // what is drawn costs the page time that somebody may need by now
      (verdict) => verdict.verdict === wanted && (signal.aborted || way.looksGood(verdict) === (wanted === 'valid')),
      () => false,
    )
    if (!isRight) return 'failed'
  }
  return signal.aborted ? 'waiting' : 'passed'
}
