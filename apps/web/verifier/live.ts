// What another page needs to show a verdict: the judge, started once, and the view.
import type { Verdict } from '../../../src/transparency/index.ts'
import { type Judge, startJudge } from './judge.ts'

export { SessionView } from './session-view.tsx'

let judge: Judge | undefined

export const judgeHere = (name: string, bytes: Uint8Array): Promise<Verdict> => {
  judge ??= startJudge()
  return judge.judge([{ name, bytes }])
}
