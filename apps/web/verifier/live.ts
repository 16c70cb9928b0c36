// What another page needs to show a verdict: the judge, started once, and the view.
import type { Verdict } from '../../../src/transparency/index.ts'
import { theJudge } from './judge.ts'

export { SessionView } from './session-view.tsx'

export const judgeHere = (name: string, bytes: Uint8Array): Promise<Verdict> => theJudge().judge([{ name, bytes }])
