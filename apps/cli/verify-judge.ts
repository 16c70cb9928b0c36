// What a thread of `verify --each` does: judges the questions it is sent, and sends back what is to be printed.
import { parentPort, workerData } from 'node:worker_threads'
import { utf8 } from '../../src/base/bytes.ts'
import { asker } from './asker.ts'
import { type Answers, answered, type VerifyOptions } from './verify-answer.ts'

const options = workerData as VerifyOptions
// the main thread keeps standard input for itself
const ask = asker(options, { stdin: () => Promise.resolve(new Uint8Array()) })

// one batch after the other: answers are told apart by their order alone
let last = Promise.resolve()
parentPort?.on('message', (paths: readonly string[]) => {
  last = last.then(async () => {
    const codes: number[] = []
    let all = ''
    for (const path of paths) {
      const { code, text } = answered([path], await ask([path]), options)
      codes.push(code)
      all += text
    }
    // bytes go over as they are, a text is copied twice; and what prints it would make bytes of it
    const text = utf8(all)
    parentPort?.postMessage({ codes, text } satisfies Answers, [text.buffer])
  })
})
