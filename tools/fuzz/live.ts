// The second half of the fuzz: a node as a process of its own, frames thrown at its real sockets, and a well-behaved neighbour
// beside them whose answers are timed.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { type ChaosNode, chaosNodes } from '../chaos/nodes.ts'
import type { Attack, AttackOrder } from './attacker.ts'

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
  /** Of attack; the calm beside it takes as long again. */
  readonly seconds: number
}

const GAP_MS = 10
const WARM_MS = 2_000
const ROUNDS = 5

export const fuzzLive = async ({ dir, seed, perSecond, seconds }: LiveOptions): Promise<LiveReport> => {
  const { csms: node } = await chaosNodes(dir)
  await node.start()
  const attack: Attack = { port: node.port, seed, perSecond }
  const attacker = new Worker(new URL('./attacker.ts', import.meta.url), { workerData: attack })
  try {
    const neighbour = await Neighbour.connect(node.port)
    await neighbour.talk(500)
    const idle = await rssOf(node)
    const rounds = await timeRounds(attacker, neighbour, seconds)
    neighbour.close()
    const rss = { idle, after: await rssOf(node) }
    return { ...rounds, perSecond: rounds.frames / (WARM_MS / 1_000 + seconds), rss, fault: node.fault }
  } finally {
    await attacker.terminate()
    await node.stop()
  }
}

/** With and without the attack by turns, and of each the median round: the rest of the machine is not the same for ten seconds. */
const timeRounds = async (
  attacker: Worker,
  neighbour: Neighbour,
  seconds: number,
): Promise<Pick<LiveReport, 'frames' | 'p99' | 'unanswered'>> => {
  const tell = async (what: AttackOrder): Promise<unknown> => {
    attacker.postMessage(what)
    return (await once(attacker, 'message'))[0]
  }
  await tell('attack')
  // the first message of an action compiles its schema; that is the price of a start and not of the fuzz
  await neighbour.talk(WARM_MS)
  const rounds: { before: Talk; during: Talk }[] = []
  let frames = 0
  for (let n = 0; n < ROUNDS; n++) {
    await tell('pause')
    const before = await neighbour.talk((seconds * 1_000) / ROUNDS)
    await tell('attack')
    const during = await neighbour.talk((seconds * 1_000) / ROUNDS)
    frames = Number(await tell('pause'))
    rounds.push({ before, during })
  }
  const p99 = { before: median(rounds.map(({ before }) => before.p99)), during: median(rounds.map(({ during }) => during.p99)) }
  return { frames, p99, unanswered: rounds.reduce((sum, { before, during }) => sum + before.unanswered + during.unanswered, 0) }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const rssOf = async ({ port }: ChaosNode): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return Number(/^chargeproof_process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / 1_048_576
}

interface Talk {
  readonly p99: number
  readonly unanswered: number
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

  async talk(ms: number): Promise<Talk> {
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
