// The verifier's engine room: a worker, so that the page stays alive while a big question is judged. The worker is started
// with the page: from then on nothing more is loaded, and the page works without a network. Only what reads pictures is fetched from
// the page's own server, with the first picture.
import type { Verdict } from '../../../src/transparency/index.ts'
import { ownScript } from '../shell/own-script.ts'
import type { Answer, Input, Judge } from './question.ts'
import workerAddress from './worker.ts?worker&url'

/** One for the page, started when it is first asked for. */
export const theJudge = (): Judge => {
  judge ??= startJudge()
  return judge
}

let judge: Judge | undefined

const startJudge = (): Judge => {
  let worker = startWorker()
  let counted = 0
  const judge = (inputs: readonly Input[]): Promise<Verdict> => {
    const question = counted++
    const { promise, resolve, reject } = Promise.withResolvers<Verdict>()
    const answered = ({ data }: MessageEvent<Answer>) => {
      if (data.question !== question) return
      worker.removeEventListener('message', answered)
      if ('verdict' in data) resolve(data.verdict)
      else reject(new Error(data.fault))
    }
    worker.addEventListener('message', answered)
    worker.addEventListener(
      'error',
      (event) => {
        worker.terminate()
        worker = startWorker()
        reject(new Error(event.message))
      },
      { once: true },
    )
    worker.postMessage({ question, inputs })
    return promise
  }
  return { judge }
}

const startWorker = (): Worker => new Worker(ownScript(workerAddress), { type: 'module' })
