// Judges one question after the other, with the same code as the command line and the portable engine.
import { Fault } from '../../../src/base/fault.ts'
import { portableEngine } from '../../../src/crypto/portable.ts'
import { verify } from '../../../src/transparency/index.ts'
import './bzip-buffer.ts'
import { webOpeners } from './openers.ts'
import type { Answer, Input, Question } from './question.ts'

const engine = portableEngine()

addEventListener('message', async ({ data: { question, inputs } }: MessageEvent<Question>) => {
  postMessage(await answer(question, inputs))
})

const given = ({ name, bytes, unread }: Input) => ({
  name,
  bytes: unread === undefined ? bytes : () => Promise.reject(new Fault('input-missing', `it cannot be read (${unread})`)),
})

const answer = async (question: number, inputs: readonly Input[]): Promise<Answer> => {
  try {
    return { question, verdict: await verify(inputs.map(given), { engine, openers: webOpeners, now: () => performance.now() }) }
  } catch (thrown) {
    return { question, fault: String(thrown) }
  }
}
