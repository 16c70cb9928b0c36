// Stations that ask and are asked at the same time, with message ids that all of them use: 0, 1, 2 … Each says its own name in what it
// asks and answers, and looks for it in what it gets.
import { WebSocket } from 'ws'
import { answerParent } from '../child.ts'
import { type Crossing, summary } from '../crossing.ts'

class Station {
  readonly #name: string
  readonly #socket: WebSocket
  #answered: ((data: unknown) => void) | undefined
  readonly wrong = { misrouted: 0, lost: 0 }

  constructor(name: string, socket: WebSocket) {
    this.#name = name
    this.#socket = socket
    socket.on('message', (data) => this.#received(JSON.parse(String(data))))
  }

  /** How long each call took, in milliseconds. */
  async run(each: number): Promise<number[]> {
    const times: number[] = []
    for (let n = 0; n < each; n++) {
      const sent = performance.now()
      const said = `${this.#name} ${n}`
      const heard = await new Promise((answered) => {
        this.#answered = answered
        this.#socket.send(JSON.stringify([2, String(n), 'DataTransfer', { vendorId: 'bench', data: said }]))
      })
      if (heard === undefined) this.wrong.lost++
      else if (heard !== said) this.wrong.misrouted++
      times.push(performance.now() - sent)
    }
    return times
  }

  #received([type, id, ...rest]: [number, string, ...unknown[]]): void {
    if (type !== 2) {
      this.#answered?.(type === 3 ? (rest[0] as { data?: unknown }).data : undefined)
      return
    }
    const { data } = rest[1] as { data?: unknown }
    if (data !== `${this.#name} ${id}`) this.wrong.misrouted++
    this.#socket.send(JSON.stringify([3, id, { status: 'Accepted', data: `${this.#name} answers ${id}` }]))
  }
}

const stations: Station[] = []

const connect = async ({ url, count }: { url: string; count: number }): Promise<void> => {
  for (let i = 0; i < count; i++) {
    const socket = new WebSocket(`${url}/cs${i}`, ['ocpp2.0.1'], { perMessageDeflate: false })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    stations.push(new Station(`cs${i}`, socket))
  }
}

const run = async ({ each }: { each: number }): Promise<Crossing> => {
  const times = await Promise.all(stations.map((station) => station.run(each)))
  const count = (what: 'misrouted' | 'lost'): number => stations.reduce((sum, { wrong }) => sum + wrong[what], 0)
  return summary(times.flat(), { misrouted: count('misrouted'), lost: count('lost') })
}

answerParent({ connect, run })
