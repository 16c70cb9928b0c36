// Judges one question after the other, with the same code as the command line and the portable engine.
import { Fault } from '../../../src/base/fault.ts'
import { portableEngine } from '../../../src/crypto/portable.ts'
import { type Verdict, verify } from '../../../src/transparency/index.ts'
import './bzip-buffer.ts'
import { copiesIn } from './copies.ts'
import { webOpeners } from './openers.ts'
import type { Answer, Input, Question } from './question.ts'

const engine = portableEngine()

addEventListener('message', async ({ data: { question, inputs } }: MessageEvent<Question>) => {
  postMessage(await answer(question, inputs))
})

const judged = (inputs: readonly Input[]): Promise<Verdict> =>
  verify(inputs.map(given), { engine, openers: webOpeners, now: () => performance.now() })

const given = ({ name, bytes, unread }: Input) => ({
  name,
  bytes: unread === undefined ? bytes : () => Promise.reject(new Fault('input-missing', `it cannot be read (${unread})`)),
})

const answer = async (question: number, inputs: readonly Input[]): Promise<Answer> => {
  try {
    const whole = await judged(inputs)
    const copies = copiesIn(inputs, whole.inputs)
    const different = inputs.filter(({ name }) => !Object.hasOwn(copies, name))
    return { question, copies, verdict: different.length === inputs.length ? whole : await judged(different) }
  } catch (thrown) {
    return { question, fault: String(thrown) }
  }
}
