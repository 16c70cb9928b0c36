// Many questions on all cores: worker threads that judge batches, and answers in the order of the questions. A few questions are judged here.
import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { threadOf } from '../../src/adapters/thread.ts'
import type { Io } from './ask.ts'
import type { Answers, VerifyOptions } from './verify-answer.ts'

/** Fewer questions are answered before a thread has started. */
const WORTH_THREADS = 400
const BATCH = 50
/** Batches of one thread under way: one that it judges, and one that waits so that it need not. */
const AHEAD = 2

/** Every path is a question of its own. The next questions are put when the answers were taken. */
export const answersOf = (paths: readonly string[], options: VerifyOptions, io: Io): AsyncIterable<Answers> =>
  paths.length < WORTH_THREADS || paths.includes('-') ? inTurn(paths, options, io) : inThreads(paths, options)

async function* inTurn(paths: readonly string[], options: VerifyOptions, io: Io): AsyncGenerator<Answers> {
  const [{ asker }, { answered }] = await Promise.all([import('./asker.ts'), import('./verify-answer.ts')])
  const ask = asker(options, io)
  // standard input is one question, however often it is named
  for (const [index, path] of paths.entries()) {
    const own = path === '-' && paths.indexOf('-') !== index ? [] : [path]
    const { code, text } = answered([path], await ask(own), options)
    yield { codes: [code], text }
  }
}

async function* inThreads(paths: readonly string[], options: VerifyOptions): AsyncGenerator<Answers> {
  const threads = Array.from({ length: availableParallelism() }, () => new Thread(options))
  try {
    const waiting: Promise<Answers>[] = []
    let next = 0
    const send = (): void => {
      const thread = threads[(next / BATCH) % threads.length]
      if (next >= paths.length || thread === undefined) return
      const batch = thread.judge(paths.slice(next, next + BATCH))
      // who waits for it comes later; until then a failure is nobody's
      batch.catch(() => undefined)
      waiting.push(batch)
      next += BATCH
    }
    for (let i = 0; i < threads.length * AHEAD; i++) send()
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      yield await batch
      send()
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.end()))
  }
}

/** MiB: what one question leaves behind is collected before it is many megabytes, so memory is that of a few files and not of all. */
const YOUNG = 8

class Thread {
  readonly #worker: Worker
  /** Answers come in the order of the questions. */
  readonly #waiting: PromiseWithResolvers<Answers>[] = []

  constructor(options: VerifyOptions) {
    this.#worker = threadOf(new URL('./verify-judge.ts', import.meta.url), {
      workerData: options,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
    })
    this.#worker.on('message', (answers: Answers) => this.#waiting.shift()?.resolve(answers))
    this.#worker.on('error', (thrown) => {
      for (const { reject } of this.#waiting.splice(0)) reject(thrown)
    })
  }

  judge(paths: readonly string[]): Promise<Answers> {
    const waiting = Promise.withResolvers<Answers>()
    this.#waiting.push(waiting)
    this.#worker.postMessage(paths)
    return waiting.promise
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}
