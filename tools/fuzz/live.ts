// The second half of the fuzz: a node as a process of its own, frames thrown at its real sockets, and a well-behaved neighbour
// beside them whose answers are timed.
import { Worker } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { type ChaosNode, chaosNodes } from '../chaos/nodes.ts'
import type { Attack } from './attacker.ts'

export interface LiveReport {
  readonly frames: number
  readonly perSecond: number
  /** Of the neighbour's answers, milliseconds. */
  readonly p99: { readonly before: number; readonly during: number }
  readonly unanswered: number
  /** Resident memory of the node, MiB. */
  readonly rss: { readonly idle: number; readonly after: number }
  /** Set where the node died. */
  readonly fault: string | undefined
}

export interface LiveOptions {
  readonly dir: string
  readonly seed: number
  readonly perSecond: number
  readonly seconds: number
}

const GAP_MS = 10
const WARM_MS = 2_000

export const fuzzLive = async ({ dir, seed, perSecond, seconds }: LiveOptions): Promise<LiveReport> => {
  const { csms: node } = await chaosNodes(dir)
  await node.start()
  try {
    const neighbour = await Neighbour.connect(node.port)
    await neighbour.talk(500)
    const idle = await rssOf(node)
    const before = await neighbour.talk(seconds * 500)
    const attack: Attack = { port: node.port, seed, perSecond }
    const attacker = new Worker(new URL('./attacker.ts', import.meta.url), { workerData: attack })
    await heard(attacker)
    // the first message of an action compiles its schema; that is the price of a start and not of the fuzz
    await neighbour.talk(WARM_MS)
    const during = await neighbour.talk(seconds * 1_000)
    attacker.postMessage('end')
    const frames = Number(await heard(attacker))
    const after = await neighbour.talk(500)
    const unanswered = before.unanswered + during.unanswered + after.unanswered
    neighbour.close()
    const rss = { idle, after: await rssOf(node) }
    return { frames, perSecond: (frames * 1_000) / (WARM_MS + seconds * 1_000), p99: { before: before.p99, during: during.p99 }, unanswered, rss, fault: node.fault }
  } finally {
    await node.stop()
  }
}

const heard = (worker: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))

const rssOf = async ({ port }: ChaosNode): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return Number(/^chargeproof_process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / 1_048_576
}

/** A station that does as it should and notes how long each answer took. */
class Neighbour {
  readonly #socket: WebSocket
  readonly #asked = new Map<string, number>()
  #times: number[] = []
  #count = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => {
      const [type, id] = JSON.parse(String(data)) as [number, string]
      const asked = this.#asked.get(id)
      if (type !== 3 || asked === undefined) return
      this.#asked.delete(id)
      this.#times.push(performance.now() - asked)
    })
  }

  static async connect(port: number): Promise<Neighbour> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ocpp/neighbour`, ['ocpp2.1'])
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    return new Neighbour(socket)
  }

  async talk(ms: number): Promise<{ p99: number; unanswered: number }> {
    this.#times = []
    for (const end = performance.now() + ms; performance.now() < end; ) {
      const id = `n${++this.#count}`
      this.#asked.set(id, performance.now())
      this.#socket.send(JSON.stringify([2, id, 'Heartbeat', {}]))
      await pause(GAP_MS)
    }
    for (const end = performance.now() + 5_000; this.#asked.size > 0 && performance.now() < end; ) await pause(GAP_MS)
    const sorted = this.#times.toSorted((a, b) => a - b)
    const unanswered = this.#asked.size
    this.#asked.clear()
    return { p99: sorted[Math.floor(sorted.length * 0.99)] ?? Number.POSITIVE_INFINITY, unanswered }
  }

  close(): void {
    this.#socket.terminate()
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
