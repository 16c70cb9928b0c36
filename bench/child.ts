// Other processes of a benchmark: started here, pinned to a core where `taskset` can do that, and asked by name over the channel that
// node opens between parent and child.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

export type ProcessName =
  | 'node'
  | 'plain-relay'
  | 'mux-relay'
  | 'plain-server'
  | 'upstream'
  | 'load'
  | 'crossing-load'
  | 'storm-load'
  | 'neighbour'
  | 'byte-relay'
  | 'narrow-line'
  | 'bench-stations'

export interface ChildOptions {
  /** The process under test has a core to itself, everybody else shares the other one; `free` goes where there is room. */
  readonly role: 'tested' | 'other' | 'free'
  readonly profile?: string | undefined
}

/** Whether processes can be told which core to use. */
export const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-c', '0', 'true']).status === 0

const COMPILED = process.env.NODE_COMPILE_CACHE ?? fileURLToPath(new URL('../node_modules/.cache/chargeproof', import.meta.url))

export class Child {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #asked = 0

  constructor(name: ProcessName, { role, profile }: ChildOptions) {
    const program = fileURLToPath(new URL(`processes/${name}.ts`, import.meta.url))
    const flags =
      profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`]
    const command = [process.execPath, '--expose-gc', ...flags, program]
    if (canPin && role !== 'free') command.unshift('taskset', '-c', role === 'tested' ? '0' : '1')
    const [file = '', ...args] = command
    // compiled once, as bin/chargeproof does it; for the yardsticks too
    const env = { ...process.env, NODE_COMPILE_CACHE: COMPILED }
    this.#process = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env })
    this.#process.on('message', (message) => this.#answered(message as Reply))
    this.#process.on('error', (error) => this.#failed(error))
    this.#process.on('exit', (code) => this.#failed(new Error(`the process ${name} ended with ${code}`)))
  }

  /** Rejects with what the child threw, or when it ends. */
  ask<Answer>(name: string, argument?: unknown): Promise<Answer> {
    const waiting = Promise.withResolvers<unknown>()
    const id = ++this.#asked
    this.#waiting.set(id, waiting)
    this.#process.send({ id, name, argument } satisfies Request, (error) => error && waiting.reject(error))
    return waiting.promise as Promise<Answer>
  }

  /** Starts what it runs, and ends. */
  async once(argument?: unknown): Promise<void> {
    await this.ask('start', argument)
    await this.end()
  }

  /** Lets the process end by itself: it does when nobody can ask it any more. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    if (this.#process.connected) this.#process.disconnect()
    await ended
  }

  #answered({ id, answer, error }: Reply): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) waiting?.resolve(answer)
    else waiting?.reject(new Error(error))
  }

  #failed(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

interface Request {
  readonly id: number
  readonly name: string
  readonly argument: unknown
}

interface Reply {
  readonly id: number
  readonly answer?: unknown
  readonly error?: string
}

/** The child's side: answers by name until the parent is gone. `end` runs before the process exits. */
export const answerParent = (answers: Readonly<Record<string, (argument: never) => unknown>>, end?: () => Promise<void>): void => {
  process.on('message', async ({ id, name, argument }: Request) => {
    let reply: Reply
    try {
      reply = { id, answer: await answers[name]?.(argument as never) }
    } catch (error) {
      reply = { id, error: `${name}: ${error instanceof Error ? error.stack : error}` }
    }
    process.send?.(reply)
  })
  process.on('disconnect', async () => {
    await end?.()
    process.exit(0)
  })
}

/** What every process under test can say of itself: CPU microseconds so far, and resident bytes after a collection. */
export const selfMeasures = {
  cpu: (): number => {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  /** Resident bytes as they are. */
  resident: (): number => process.memoryUsage.rss(),
  memory: (): number => {
    // gives back what garbage took, too: it is no station's
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    return process.memoryUsage.rss()
  },
}
