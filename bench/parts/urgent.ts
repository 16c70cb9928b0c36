// What cannot wait while a large file fills a line of 2 Mbit/s: calls, a remote stop, and a grid operator's signed limit for 40 charging
// points. Every node is a process of its own, the orders are signed, and what counts is what the stations do, not what they answer alone.
import { generateKeyPairSync } from 'node:crypto'
import { Child } from '../child.ts'
import { type Part, type Plan, type Row, row } from '../part.ts'
import type { Asked, BenchNode } from '../processes/node.ts'

export const urgent: Part = { name: 'urgent', measure: async (plan) => measure(plan) }

/** Each below the one it is listed with: three hops from the back end to the controller, the last of them narrow. */
const ABOVE = { csms: undefined, gw: 'csms', district: 'gw', lc: 'district', grid: 'csms' } as const
type Name = keyof typeof ABOVE
const NAMES = Object.keys(ABOVE) as Name[]
const ROLES = { csms: 'csms', gw: 'gateway', district: 'gateway', lc: 'local-controller', grid: 'grid-operator' } as const satisfies Record<
  Name,
  BenchNode['role']
>
/** 2 Mbit/s */
const NARROW = 250_000
const STATIONS = 40
const LIMIT_W = 4_200
/** Until the file fills the line, and for the orders at the end. */
const [SETTLING_MS, ORDERS_MS] = [1_000, 7_000]

const measure = async ({ streams: { besideMs } }: Plan): Promise<Row[]> => {
  const line = new Line()
  try {
    const ids = await line.open()
    const alone = await line.at('lc').ask<number[]>('calls', { to: 'csms', ms: Math.min(2_000, besideMs) })
    const bytes = Math.round((NARROW * (SETTLING_MS + besideMs + ORDERS_MS)) / 1_000)
    const { content, sha256 } = await line.at('csms').ask<{ content: string; sha256: string }>('publish', bytes)
    let isOver = false
    const fetching = line
      .at('lc')
      .ask<{ sha256: string; ms: number }>('fetch', { content, source: 'csms' })
      .finally(() => {
        isOver = true
      })
    // whoever fails first says so, and not the file that breaks off with it
    fetching.catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, SETTLING_MS))
    const calls = await line.at('lc').ask<number[]>('calls', { to: 'csms', ms: besideMs })
    const limit = await line.limit(ids)
    const stop = await line.stop(ids[0] as string)
    if (isOver) throw new Error('the file was there before the orders were: nothing was measured beside it')
    const fetched = await fetching
    if (fetched.sha256 !== sha256) throw new Error('the file that came is another')
    const bytesPerSecond = bytes / (fetched.ms / 1_000)
    return rowsOf({ alone, calls, limit, stop, bytesPerSecond })
  } finally {
    await line.end()
  }
}

interface Seen {
  readonly alone: readonly number[]
  readonly calls: readonly number[]
  readonly limit: { readonly ms: number; readonly accepted: number; readonly slowest: number }
  readonly stop: number
  readonly bytesPerSecond: number
}

const rowsOf = ({ alone, calls, limit, stop, bytesPerSecond }: Seen): Row[] => {
  const beside = (what: string, value: number, most: number, seen: Row['seen'] = {}): Row =>
    row({ part: 'urgent', what: `beside a file on 2 Mbit/s: ${what}`, value, unit: 'ms', target: { of: 'value', most }, seen })
  const limited = `a signed limit applied at ${STATIONS} charging points, three hops`
  const { ms, accepted, slowest } = limit
  return [
    beside('calls, 99 of 100 within', p99(calls), 250, { alone: p99(alone), calls: calls.length, bytesPerSecond }),
    beside('a remote stop, until the session is over', stop, 1_000),
    beside(limited, ms, 5_000, { accepted, slowest }),
    row({ part: 'urgent', what: `${limited}: not accepted`, value: STATIONS - accepted, unit: 'orders', target: { of: 'value', most: 0 } }),
  ]
}

const p99 = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length * 0.99)] ?? Number.NaN

class Line {
  readonly #nodes = new Map<Name, Child>()
  readonly #narrow = new Child('narrow-line', { role: 'free' })
  readonly #stations = new Child('bench-stations', { role: 'free' })

  at(name: Name): Child {
    return this.#nodes.get(name) as Child
  }

  /** Resolves with the stations, a car charging at each. */
  async open(): Promise<string[]> {
    const ports = new Map<Name, number>()
    const stations = await this.#stations.ask<{ node: string; pem: string }[]>('keys', STATIONS)
    const trusted = [...TRUSTED, ...stations.map((station) => ({ ...station, role: 'station' }))]
    for (const node of NAMES) {
      const child = new Child('node', { role: 'free' })
      this.#nodes.set(node, child)
      const above = ABOVE[node]
      const to = above && (ports.get(above) as number)
      const port = node === 'lc' ? await this.#narrow.ask<number>('start', { to, bytesPerSecond: NARROW }) : to
      const up = above && { uplinks: [{ node: above, url: `ws://127.0.0.1:${port}/overlay` }] }
      ports.set(node, await child.ask<number>('start', { ...configOf(node), ...up, trusted }))
    }
    while (!(await this.at('csms').ask<boolean>('reaches', 'lc'))) await pause()
    const ids = await this.#stations.ask<string[]>('start', { port: ports.get('lc'), trusted: TRUSTED })
    // the grid operator asks upwards: what the back end reaches, it does
    for (const id of ids) while (!(await this.at('csms').ask<boolean>('reaches', id))) await pause()
    return ids
  }

  /** From the first order of the grid operator until the last station draws no more. */
  async limit(ids: readonly string[]): Promise<Seen['limit']> {
    const applied = this.#stations.ask<number>('limited', LIMIT_W)
    const began = Date.now()
    const orders = ids.map((to) => ({ to, action: 'SetChargingProfile', payload: profile() }))
    const answers = await this.at('grid').ask<Asked[]>('orders', orders)
    const accepted = answers.filter(({ status }) => status === 'Accepted').length
    return { ms: (await applied) - began, accepted, slowest: Math.max(...answers.map(({ ms }) => ms)) }
  }

  async stop(to: string): Promise<number> {
    const transactionId = await this.#stations.ask<string>('transaction', to)
    const over = this.#stations.ask<number>('stopped', to)
    const began = Date.now()
    const [answer] = await this.at('csms').ask<Asked[]>('orders', [{ to, action: 'RequestStopTransaction', payload: { transactionId } }])
    if (answer?.status !== 'Accepted') throw new Error(`the station answered ${answer?.status} to the remote stop`)
    return (await over) - began
  }

  async end(): Promise<void> {
    await this.#stations.end()
    for (const node of [...this.#nodes.values()].reverse()) await node.end()
    await this.#narrow.end()
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

const keyPair = () =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
const KEYS: Readonly<Record<Name, ReturnType<typeof keyPair>>> = {
  csms: keyPair(),
  gw: keyPair(),
  district: keyPair(),
  lc: keyPair(),
  grid: keyPair(),
}
const TRUSTED = NAMES.map((node) => ({ node, role: ROLES[node], pem: KEYS[node].publicKey }))

const configOf = (node: Name): BenchNode => ({
  node,
  role: ROLES[node],
  ...(node !== 'csms' && { backend: 'csms' }),
  stations: { registration: 'open' },
  nodes: { registration: 'open' },
  policy: [{ id: 'orders', role: [...new Set(Object.values(ROLES))], actions: ['*'] }],
  ...(node !== 'grid' && { files: {} }),
  ...(node === 'csms' && { csms: { heartbeatSeconds: 300, tokens: { DEADBEEF: 'Accepted' } } }),
  pkcs8: KEYS[node].privateKey,
})

/** OCPP 2.1 K01 */
const profile = (): object => ({
  evseId: 0,
  chargingProfile: {
    ...{ id: 14, stackLevel: 1, chargingProfileKind: 'Absolute', chargingProfilePurpose: 'ChargingStationMaxProfile' },
    chargingSchedule: [
      {
        ...{ id: 1, startSchedule: new Date().toISOString(), duration: 900, chargingRateUnit: 'W' },
        chargingSchedulePeriod: [{ startPeriod: 0, limit: LIMIT_W }],
      },
    ],
  },
})
