// Judges one question after the other, with the same code as the command line and the portable engine.
import { portableEngine } from '../../../src/crypto/portable.ts'
import { verify } from '../../../src/transparency/index.ts'
import './bzip-buffer.ts'
import { webOpeners } from './openers.ts'
import type { Answer, Input, Question } from './question.ts'

const engine = portableEngine()

addEventListener('message', async ({ data: { question, inputs } }: MessageEvent<Question>) => {
  postMessage(await answer(question, inputs))
})

const answer = async (question: number, inputs: readonly Input[]): Promise<Answer> => {
  try {
    return { question, verdict: await verify(inputs, { engine, openers: webOpeners, now: () => performance.now() }) }
  } catch (thrown) {
    return { question, fault: String(thrown) }
  }
}
