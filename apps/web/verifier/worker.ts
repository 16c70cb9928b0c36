// Judges one question after the other, with the same code as the command line and the portable engine.
import { portableEngine } from '../../../src/crypto/portable.ts'
import { type Verdict, verify } from '../../../src/transparency/index.ts'

export interface Input {
  readonly name: string
  readonly bytes: Uint8Array
}

export interface Question {
  readonly question: number
  readonly inputs: readonly Input[]
}

export type Answer = { readonly question: number; readonly verdict: Verdict } | { readonly question: number; readonly fault: string }

const engine = portableEngine()

addEventListener('message', async ({ data: { question, inputs } }: MessageEvent<Question>) => {
  postMessage(await answer(question, inputs))
})

const answer = async (question: number, inputs: readonly Input[]): Promise<Answer> => {
  try {
    return { question, verdict: await verify(inputs, { engine, now: () => performance.now() }) }
  } catch (thrown) {
    return { question, fault: String(thrown) }
  }
}
