// The page checks itself before anybody asks: a genuine record must be found valid, and the same with one digit altered invalid, by the very worker that
// judges what a reader gives. The browser compiles meanwhile what a first verdict needs, which takes longer than the verdict. Nothing is loaded for it.
import { utf8 } from '../../../src/base/bytes.ts'
import type { Judge } from './question.ts'

/** `failed`: no verdict of this page is to be believed. */
export type SelfTest = 'waiting' | 'passed' | 'failed'

/** Of the end's value in the genuine record. */
const [DIGITS, OTHERS] = ['"RV":20.500', '"RV":21.500'] as const

/**
 * @param genuine a valid record in which `DIGITS` are signed
 * @param signal stops it between two questions, where somebody else has one: it is `waiting` then
 */
export const selfTest = async ({ judge }: Judge, genuine: string, signal: AbortSignal): Promise<SelfTest> => {
  const questions = [
    { text: genuine, wanted: 'valid' },
    { text: genuine.replace(DIGITS, OTHERS), wanted: 'invalid' },
  ] as const
  for (const { text, wanted } of questions) {
    if (signal.aborted) return 'waiting'
    const found = await judge([{ name: 'self-test.xml', bytes: utf8(text) }]).then(
      ({ verdict }) => verdict,
      () => undefined,
    )
    if (found !== wanted) return 'failed'
  }
  return 'passed'
}
