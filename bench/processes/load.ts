// The load generator: stations in closed loop, one outstanding CALL each, MeterValues of OCPP 2.0.1 of some 400 bytes.
import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'
import { answerParent } from '../child.ts'
import { meterValues } from '../traffic.ts'

export interface LoadResult {
  readonly calls: number
  readonly seconds: number
  /** Microseconds from CALL to CALLRESULT. */
  readonly p50: number
  readonly p99: number
}

class Station {
  readonly #socket: WebSocket
  #id = ''
  #sent = 0
  #until = 0
  #pauseMs = 0
  #times: number[] = []
  #done: PromiseWithResolvers<void> | undefined

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => this.#answered(String(data)))
    socket.on('close', (code) => this.#done?.reject(new Error(`the connection was closed with ${code}`)))
  }

  /** Calls until the moment given (performance.now), and returns how long each call took, in milliseconds. */
  async run(until: number, pauseMs: number): Promise<readonly number[]> {
    this.#until = until
    this.#pauseMs = pauseMs
    this.#times = []
    this.#done = Promise.withResolvers()
    this.#next()
    await this.#done.promise
    return this.#times
  }

  #next(): void {
    this.#id = randomUUID()
    this.#sent = performance.now()
    this.#socket.send(meterValues(this.#id, new Date().toISOString()))
  }

  #answered(text: string): void {
    if (!text.startsWith(`[3,"${this.#id}",`)) {
      this.#done?.reject(new Error(`expected the answer to ${this.#id}, got ${text.slice(0, 200)}`))
      return
    }
    const now = performance.now()
    this.#times.push(now - this.#sent)
    if (now < this.#until && this.#pauseMs > 0) setTimeout(() => this.#next(), this.#pauseMs * (0.5 + Math.random()))
    else if (now < this.#until) this.#next()
    else this.#done?.resolve()
  }
}

const stations: Station[] = []

const connect = async ({ url, count, prefix }: { url: string; count: number; prefix: string }): Promise<void> => {
  for (let i = 0; i < count; i++) {
    const socket = new WebSocket(`${url}/${prefix}${i}`, ['ocpp2.0.1'], { perMessageDeflate: false })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    stations.push(new Station(socket))
  }
}

/** @param pauseMs about this long between an answer and the next call */
const run = async ({ ms, pauseMs = 0 }: { ms: number; pauseMs?: number }): Promise<LoadResult> => {
  const start = performance.now()
  const times = (await Promise.all(stations.map((station) => station.run(start + ms, pauseMs)))).flat().sort((a, b) => a - b)
  const at = (share: number): number => Math.round((times[Math.floor(times.length * share)] ?? 0) * 1_000)
  return { calls: times.length, seconds: (performance.now() - start) / 1_000, p50: at(0.5), p99: at(0.99) }
}

answerParent({ connect, run })
