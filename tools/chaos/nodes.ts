// The processes of a chaos run: one node each, from a file of its own, killed without warning and started again.
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NodeConfig } from '../../src/adapters/config.ts'

const BIN = fileURLToPath(new URL('../../bin/chargeproof', import.meta.url))
export const TOKEN = 'chaos'

export class ChaosNode {
  readonly name: string
  readonly port: number
  /** How long each start took until the node said `ready`, in milliseconds. */
  readonly starts: number[] = []
  kills = 0
  readonly #dir: string
  readonly #file: string
  #child: ChildProcess | undefined
  #ready = Promise.withResolvers<void>()
  isReady = false
  /** Set where the node ended although nobody killed it. */
  fault: string | undefined

  constructor(dir: string, config: NodeConfig, port: number) {
    this.name = config.node
    this.port = port
    this.#dir = dir
    this.#file = join(dir, `${this.name}.yaml`)
    writeFileSync(this.#file, JSON.stringify(config))
    this.#ready.promise.catch(() => undefined)
  }

  get isAlive(): boolean {
    return this.#child !== undefined
  }

  /** Resolves when this start of the node is ready; rejects where it ends before. */
  start(): Promise<void> {
    const began = performance.now()
    const ready = Promise.withResolvers<void>()
    ready.promise.catch(() => undefined)
    this.#ready = ready
    const env = { ...process.env, CHARGEPROOF_LOG: 'error' }
    const child = spawn(process.execPath, [BIN, 'node', this.#file, '--data', join(this.#dir, 'data'), '--token', TOKEN], { env })
    this.#child = child
    child.stderr.on('data', (data) => appendFileSync(join(this.#dir, `${this.name}.log`), data))
    child.stdout.on('data', (data) => {
      if (!String(data).startsWith('ready ')) return
      this.isReady = true
      this.starts.push(performance.now() - began)
      ready.resolve()
    })
    child.once('exit', (code, signal) => {
      if (this.#child === child) this.fault = `${this.name} ended by itself with ${code ?? signal}; see ${this.#dir}/${this.name}.log`
      ready.reject(new Error(this.fault ?? `${this.name} was killed while it started`))
    })
    return ready.promise
  }

  ready(): Promise<void> {
    return this.#ready.promise
  }

  /** Resolves when the process is gone; nothing in it had a chance to say goodbye. */
  kill(): Promise<void> {
    this.kills++
    return this.#end('SIGKILL')
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  /** It stays, and does nothing: what is sent to it waits in the kernel. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null) return
    this.#child = undefined
    this.isReady = false
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }
}

export type ChaosNodes = Readonly<Record<'csms' | 'gateway' | 'lc1' | 'lc2', ChaosNode>>

/** A back end, a gateway, and two controllers behind it. */
export const chaosNodes = async (dir: string): Promise<ChaosNodes> => {
  const [csms, gateway, lc1, lc2] = (await freePorts(4)) as [number, number, number, number]
  const relay = (node: string, port: number, up: { node: string; port: number }): ChaosNode =>
    new ChaosNode(dir, { ...common(node, port), uplinks: [{ node: up.node, url: `ws://127.0.0.1:${up.port}/overlay` }] }, port)
  const tokens = { DEADBEEF: 'Accepted' } as const
  return {
    csms: new ChaosNode(dir, { ...common('csms', csms), csms: { heartbeatSeconds: 60, tokens } }, csms),
    gateway: relay('gateway', gateway, { node: 'csms', port: csms }),
    lc1: relay('lc1', lc1, { node: 'gateway', port: gateway }),
    lc2: relay('lc2', lc2, { node: 'gateway', port: gateway }),
  }
}

export const common = (node: string, port: number): NodeConfig => ({
  node,
  role: node === 'csms' ? node : node.startsWith('gateway') ? 'gateway' : 'local-controller',
  backend: 'csms',
  listen: [{ port, serve: ['ocpp', 'overlay', 'api'] }],
  stations: { registration: 'open' },
  nodes: { registration: 'open' },
  policy: [{ id: 'csms-operates', role: 'csms', actions: ['*'] }],
})

/** Below the range from which the kernel takes the ports of outgoing connections, so that a node gets its port back after a kill. */
export const freePorts = async (count: number): Promise<number[]> => {
  const ports: number[] = []
  while (ports.length < count) {
    const port = 15_000 + Math.floor(Math.random() * 17_000)
    if (!ports.includes(port) && (await isFree(port))) ports.push(port)
  }
  return ports
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
