// The command line as people start it: an own process, its lines, its exit code.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { until } from './until.ts'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const BIN = fileURLToPath(new URL('../../bin/chargeproof', import.meta.url))

/** The Node that was here before `npm ci`, older than ours as a rule; ours where there is none. */
export const systemNode = ['/usr/local/bin/node', '/usr/bin/node'].find((path) => existsSync(path)) ?? process.execPath

export interface Running {
  readonly pid: number
  readonly out: () => string
  readonly err: () => string
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  /** Resolves when standard output has a line that begins with `ready`. */
  ready(): Promise<void>
  /** Signals it and waits for its end. */
  stop(signal?: NodeJS.Signals): Promise<number | string>
}

export interface Start {
  readonly command?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** A process group of its own, so that a signal can go to all of it, as Ctrl-C does. */
  readonly group?: boolean
}

const living = new Set<ChildProcess>()

/** Starts `bin/chargeproof` under this Node, or another command. */
export const run = (args: readonly string[], { command, cwd = ROOT, env = {}, group = false }: Start = {}): Running => {
  const [program, ...rest] = command === undefined ? [process.execPath, BIN, ...args] : [command, ...args]
  const child = spawn(program as string, rest, { cwd, env: { ...process.env, ...env }, detached: group, stdio: ['ignore', 'pipe', 'pipe'] })
  living.add(child)
  let out = ''
  let err = ''
  child.stdout.on('data', (data) => {
    out += data
  })
  child.stderr.on('data', (data) => {
    err += data
  })
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      living.delete(child)
      resolve(code ?? signal ?? 'unknown')
    })
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${program} could not be started`)
  return {
    pid,
    out: () => out,
    err: () => err,
    ended,
    async ready() {
      await until(() => /^ready /m.test(out) || child.exitCode !== null, `${args.join(' ')} to be ready`, 20_000)
      if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended with ${child.exitCode}: ${err}`)
    },
    stop(signal = 'SIGTERM') {
      process.kill(group ? -pid : pid, signal)
      return ended
    },
  }
}

/** For `afterAll`: nothing that a failed test started outlives it. */
export const endAll = (): void => {
  for (const child of living) child.kill('SIGKILL')
}
