// The second half of the fuzz: a node as a process of its own, frames thrown at its real sockets, and a well-behaved neighbour
// beside them whose answers are timed; at the same times as those of another one, at a bare server that gets the same frames.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { type ChaosNode, chaosNodes } from '../chaos/nodes.ts'
import type { Attack, AttackOrder } from './attacker.ts'

export interface LiveReport {
  readonly frames: number
  readonly perSecond: number
  /** Of the neighbour's answers, milliseconds. */
  readonly p99: Times
  /** Of the answers of a bare server that gets the same frames, at the same times. */
  readonly bare: Times
  readonly unanswered: number
  /** Resident memory of the node, MiB. */
  readonly rss: { readonly idle: number; readonly after: number }
  /** Set where the node died. */
  readonly fault: string | undefined
}

export interface Times {
  readonly before: number
  readonly during: number
}

/** How many times longer a neighbour waits during the attack, beyond what the machine makes anybody wait longer. */
export const slower = ({ p99, bare }: Pick<LiveReport, 'p99' | 'bare'>): number =>
  p99.during / p99.before / Math.max(1, bare.during / bare.before)

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
  const bare = fork(fileURLToPath(new URL('./bare-server.ts', import.meta.url)))
  const barePort = await portOf(bare)
  const attacks: readonly Attack[] = [
    { port: node.port, seed, perSecond },
    { port: barePort, seed, perSecond, isBare: true },
  ]
  const attackers = attacks.map((workerData) => new Worker(new URL('./attacker.ts', import.meta.url), { workerData }))
  try {
    const neighbour = await Neighbour.connect(node.port)
    const yardstick = await Neighbour.connect(barePort)
    await neighbour.talk(500)
    const idle = await rssOf(node)
    const rounds = await timeRounds(attackers, { neighbour, yardstick }, seconds)
    neighbour.close()
    yardstick.close()
    const rss = { idle, after: await rssOf(node) }
    return { ...rounds, perSecond: rounds.frames / (WARM_MS / 1_000 + seconds), rss, fault: node.fault }
  } finally {
    bare.disconnect()
    for (const attacker of attackers) await attacker.terminate()
    await node.stop()
  }
}

const portOf = async (server: ChildProcess): Promise<number> => Number((await once(server, 'message'))[0])

interface Talkers {
  readonly neighbour: Neighbour
  readonly yardstick: Neighbour
}

/** With and without the attack by turns, and of each the median round: the rest of the machine is not the same for ten seconds. */
const timeRounds = async (
  attackers: readonly Worker[],
  { neighbour, yardstick }: Talkers,
  seconds: number,
): Promise<Pick<LiveReport, 'frames' | 'p99' | 'bare' | 'unanswered'>> => {
  /** Resolves with how many frames the node has got. */
  const tell = async (what: AttackOrder): Promise<number> => {
    for (const attacker of attackers) attacker.postMessage(what)
    const [frames] = await Promise.all(attackers.map(async (attacker) => Number((await once(attacker, 'message'))[0])))
    return frames ?? 0
  }
  const both = (ms: number): Promise<[Talk, Talk]> => Promise.all([neighbour.talk(ms), yardstick.talk(ms)])
  await tell('attack')
  // the first message of an action compiles its schema; that is the price of a start and not of the fuzz
  await both(WARM_MS)
  const [before, during]: [[Talk, Talk][], [Talk, Talk][]] = [[], []]
  let frames = 0
  for (let n = 0; n < ROUNDS; n++) {
    await tell('pause')
    before.push(await both((seconds * 1_000) / ROUNDS))
    await tell('attack')
    during.push(await both((seconds * 1_000) / ROUNDS))
    frames = await tell('pause')
  }
  const times = (who: 0 | 1): Times => ({ before: medianOf(before, who), during: medianOf(during, who) })
  const unanswered = [...before, ...during].reduce((sum, [talk]) => sum + talk.unanswered, 0)
  return { frames, p99: times(0), bare: times(1), unanswered }
}

const medianOf = (rounds: readonly [Talk, Talk][], who: 0 | 1): number => median(rounds.map((round) => round[who].p99))

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
