// Judges questions in threads, so that none of them holds up whoever serves them: a question may cost seconds of a processor. A thread
// that exceeds its time or its memory is replaced, and its question is answered with the limit.
import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { asFault, Fault } from '../base/fault.ts'
import type { Input } from '../transparency/open.ts'
import { threadOf } from './thread.ts'

/** The contract's 10 s for a question; the verifier ends by itself at 8 s. */
const PATIENCE_MS = 10_000
/** A thread without a question ends after this long: it holds some 30 MB. */
const IDLE_MS = 30_000
/** MiB of objects; the bytes of the question come beside them. */
const MEMORY = 384

export interface JudgePoolOptions {
  /** As many as there are cores, if not given. */
  readonly threads?: number
  /** Questions that may wait for a thread. */
  readonly waiting?: number
  /** Key files of the trust store. */
  readonly trust?: readonly NamedBytes[]
  readonly patienceMs?: number
}

export interface NamedBytes extends Input {
  readonly bytes: Uint8Array
}

interface Question {
  readonly inputs: readonly NamedBytes[]
  readonly resolve: (verdict: string) => void
  readonly reject: (fault: Fault) => void
}

export class JudgePool {
  readonly #options: Required<JudgePoolOptions>
  readonly #idle: Judge[] = []
  readonly #judges = new Set<Judge>()
  readonly #waiting: Question[] = []
  #closed = false

  constructor(options: JudgePoolOptions = {}) {
    this.#options = { threads: availableParallelism(), waiting: 256, trust: [], patienceMs: PATIENCE_MS, ...options }
  }

  /** Questions under way and waiting. */
  get load(): number {
    return this.#judges.size - this.#idle.length + this.#waiting.length
  }

  /**
   * The verdict on all inputs as one question, as JSON text. The bytes may be handed to another thread: they are not to be used afterwards.
   * @throws Fault `queue-full`; `limit-exceeded` where it took too long or too much memory
   */
  judge(inputs: readonly NamedBytes[]): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new Fault('queue-full', 'no more questions are taken'))
      const question = { inputs, resolve, reject }
      const judge = this.#idle.pop() ?? this.#another()
      if (judge) this.#give(judge, question)
      else if (this.#waiting.length < this.#options.waiting) this.#waiting.push(question)
      else reject(new Fault('queue-full', `${this.#waiting.length} questions wait already`))
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const { reject } of this.#waiting.splice(0)) reject(new Fault('queue-full', 'no more questions are taken'))
    await Promise.all([...this.#judges].map((judge) => judge.end()))
  }

  #rest(judge: Judge): void {
    this.#idle.push(judge)
    judge.rest(() => {
      this.#idle.splice(this.#idle.indexOf(judge), 1)
      this.#judges.delete(judge)
    })
  }

  #another(): Judge | undefined {
    if (this.#judges.size >= this.#options.threads) return undefined
    const judge = new Judge(this.#options.trust, this.#options.patienceMs)
    this.#judges.add(judge)
    return judge
  }

  #give(judge: Judge, question: Question): void {
    const after = (lives: boolean): void => {
      if (!lives) this.#judges.delete(judge)
      const free = lives ? judge : undefined
      const next = this.#waiting.shift()
      const taker = next && (free ?? this.#another())
      if (next && taker) this.#give(taker, next)
      else if (free) this.#rest(free)
    }
    judge.judge(question.inputs).then(
      (verdict) => {
        after(true)
        question.resolve(verdict)
      },
      (error) => {
        after(false)
        question.reject(asFault(error))
      },
    )
  }
}

/** One thread, with at most one question. */
class Judge {
  readonly #worker: Worker
  readonly #patienceMs: number
  #leave: NodeJS.Timeout | undefined

  constructor(trust: readonly NamedBytes[], patienceMs: number) {
    this.#patienceMs = patienceMs
    this.#worker = threadOf(new URL('./judge-thread.ts', import.meta.url), {
      workerData: { trust },
      resourceLimits: { maxOldGenerationSizeMb: MEMORY },
    })
    // each question listens for itself; without a question there is nobody to tell
    this.#worker.on('error', () => undefined)
    this.#worker.unref()
  }

  /** Rejects where the thread is lost with the question. */
  async judge(inputs: readonly NamedBytes[]): Promise<string> {
    clearTimeout(this.#leave)
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const failed = (thrown: unknown): void => reject(lossOf(thrown))
    const ended = (): void => reject(new Fault('queue-full', 'the judging ended before the verdict'))
    const timer = setTimeout(() => {
      reject(new Fault('limit-exceeded', `the question took more than ${this.#patienceMs / 1000} s`))
      void this.end()
    }, this.#patienceMs)
    this.#worker.once('message', resolve).once('error', failed).once('exit', ended)
    this.#worker.postMessage(inputs, [...new Set(inputs.map(({ bytes }) => bytes.buffer as ArrayBuffer))].filter(isOwn(inputs)))
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#worker.off('message', resolve).off('error', failed).off('exit', ended)
    }
  }

  /** Waits for another question, for a while. */
  rest(left: () => void): void {
    this.#leave = setTimeout(() => {
      left()
      void this.end()
    }, IDLE_MS).unref()
  }

  async end(): Promise<void> {
    clearTimeout(this.#leave)
    await this.#worker.terminate()
  }
}

/** A buffer that holds one input and nothing else is handed over; others, such as slices of a pool, are copied. */
const isOwn =
  (inputs: readonly NamedBytes[]) =>
  (buffer: ArrayBuffer): boolean =>
    inputs.every(({ bytes }) => bytes.buffer !== buffer || bytes.byteLength === buffer.byteLength)

const lossOf = (thrown: unknown): Fault => {
  const isMemory = thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return isMemory ? new Fault('limit-exceeded', 'the question took more memory than a question may', {}, thrown) : asFault(thrown)
}

/** For the nodes of this process: none of them is held up by what an operator asks of the verifier. */
export const sharedJudges = (): JudgePool => {
  shared ??= new JudgePool({ threads: 2, waiting: 64 })
  return shared
}

let shared: JudgePool | undefined
