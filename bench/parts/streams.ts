// Streams over three hops: how fast beside a relay that knows nothing but bytes, whether they survive breaks without much sent twice and
// without memory, and what a call waits beside one on a line of 2 Mbit/s.
import { generateKeyPairSync } from 'node:crypto'
import { Child } from '../child.ts'
import { type Part, type Plan, type Row, row } from '../part.ts'
import type { BenchNode } from '../processes/node.ts'

export const streaming: Part = {
  name: 'streams',
  measure: async (plan) => [...(await speed(plan)), ...(await breaks(plan)), ...(await beside(plan))],
}

const WAY = ['csms', 'gw', 'district', 'lc'] as const
/** 2 Mbit/s */
const NARROW = 250_000
const MIB = 1024 * 1024

interface Line {
  readonly nodes: readonly Child[]
  readonly low: Child
  end(): Promise<void>
}

interface LineOptions {
  /** Puts something into the lowest link. */
  readonly between?: (port: number) => Promise<number>
  /** Whether what arrives is hashed, to be compared. */
  readonly isHashed?: boolean
  /** Of a node in the middle. */
  readonly profile?: string | undefined
}

/** Four nodes, one above the other. */
const openLine = async ({ between = async (port) => port, isHashed = true, profile }: LineOptions = {}): Promise<Line> => {
  const nodes: Child[] = []
  let above: number | undefined
  for (const node of WAY) {
    const child = new Child('node', { role: 'free', profile: node === 'gw' ? profile : undefined })
    nodes.push(child)
    const upNode = WAY[WAY.indexOf(node) - 1]
    const port: number | undefined = node === 'lc' && above !== undefined ? await between(above) : above
    const up = port !== undefined && upNode ? { uplinks: [{ node: upNode, url: `ws://127.0.0.1:${port}/overlay` }] } : {}
    above = await child.ask<number>('start', { ...configOf(node), ...up })
  }
  const low = nodes.at(-1) as Child
  const high = nodes[0] as Child
  await low.ask('take', { isHashed })
  while (!(await high.ask<boolean>('reaches', 'lc'))) await new Promise((resolve) => setTimeout(resolve, 20))
  return {
    nodes,
    low,
    end: async () => {
      for (const each of [...nodes].reverse()) await each.end()
    },
  }
}

const configOf = (node: (typeof WAY)[number]): BenchNode => ({
  node,
  role: node === 'csms' ? 'csms' : node === 'gw' ? 'gateway' : 'local-controller',
  backend: 'csms',
  stations: { registration: 'open' },
  nodes: { registration: 'open' },
  policy: [{ id: 'csms-operates', role: 'csms', actions: ['*'] }],
  ...(node === 'csms' && { pkcs8: KEY.privateKey }),
  trusted: [{ node: 'csms', role: 'csms', pem: KEY.publicKey }],
})

/** Of the back end: the others must know it before it is started. */
const KEY = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

interface Poured {
  readonly ms: number
  readonly sent: number
  readonly sha256: string
}

const speed = async (plan: Plan): Promise<Row[]> => {
  const { timed: bytes } = plan.streams
  const line = await openLine({ isHashed: false, profile: plan.profile })
  const relays = [0, 1, 2, 3].map(() => new Child('byte-relay', { role: 'free' }))
  const [sink, one, other, source] = relays as [Child, Child, Child, Child]
  try {
    let port = await sink.ask<number>('start', {})
    for (const relay of [one, other]) port = await relay.ask<number>('start', { upstream: `ws://127.0.0.1:${port}` })
    await source.ask('reach', `ws://127.0.0.1:${port}`)
    const ours: number[] = []
    const theirs: number[] = []
    for (let round = 0; round < Math.min(plan.rounds, 3); round++) {
      ours.push((await (line.nodes[0] as Child).ask<Poured>('pour', { to: 'lc', bytes, isHashed: false })).ms)
      await sink.ask('expect', bytes)
      const began = performance.now()
      await Promise.all([source.ask('pour', bytes), sink.ask('arrive')])
      theirs.push(performance.now() - began)
    }
    const perMib = (times: readonly number[]): number => Math.min(...times) / (bytes / MIB)
    const yardstick = { what: 'plain ws relay of the same messages', value: perMib(theirs) }
    // 70 % of its throughput
    const target = { of: 'ratio', most: 1 / 0.7 } as const
    return [row({ part: 'streams', what: 'a stream over three hops', value: perMib(ours), unit: 'ms/MiB', yardstick, target })]
  } finally {
    await Promise.all([line.end(), ...relays.map((relay) => relay.end())])
  }
}

const breaks = async ({ streams: { long: bytes } }: Plan): Promise<Row[]> => {
  const line = await openLine()
  const [csms, gw, district] = line.nodes as [Child, Child, Child, Child]
  try {
    const idle = await Promise.all(line.nodes.map((node) => node.ask<number>('memory')))
    const pouring = csms.ask<Poured>('pour', { to: 'lc', bytes })
    const cuts = [() => district.ask('cut', 'lc'), () => csms.ask('cut', 'gw'), () => gw.ask('cut', 'district')]
    let most = 0
    const look = async (): Promise<void> => {
      const now = await Promise.all(line.nodes.map((node) => node.ask<number>('resident')))
      most = Math.max(most, ...now.map((rss, i) => rss - (idle[i] as number)))
    }
    for (const cut of cuts) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(150, bytes / MIB)))
      await look()
      await cut()
    }
    const { sent, sha256, ms } = await pouring
    await look()
    const got = await line.low.ask<{ bytes: number; sha256: string } | undefined>('got')
    const what = `${bytes / MIB} MiB over three hops, three breaks`
    const wrong = got?.bytes === bytes && got.sha256 === sha256 ? 0 : 1
    // frames have headers, which are no repetition
    const again = Math.max(0, sent / (bytes * (1 + 26 / 16_384)) - 1) * 100
    return [
      row({ part: 'streams', what: `${what}: other bytes`, value: wrong, unit: 'files', target: { of: 'value', most: 0 }, seen: { ms } }),
      row({ part: 'streams', what: `${what}: sent again`, value: again, unit: '%', target: { of: 'value', most: 1 } }),
      row({
        part: 'streams',
        what: `${what}: memory of the node that grew most`,
        value: most / MIB,
        unit: 'MiB',
        target: { of: 'value', most: 64 },
      }),
    ]
  } finally {
    await line.end()
  }
}

const beside = async ({ streams: { besideMs } }: Plan): Promise<Row[]> => {
  const narrow = new Child('narrow-line', { role: 'free' })
  const line = await openLine({ between: (to) => narrow.ask<number>('start', { to, bytesPerSecond: NARROW }) })
  try {
    const alone = await line.low.ask<number[]>('calls', { to: 'csms', ms: Math.min(2_000, besideMs) })
    const bytes = Math.round((NARROW * (besideMs + 2_000)) / 1_000)
    const pouring = (line.nodes[0] as Child).ask<Poured>('pour', { to: 'lc', bytes })
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const times = await line.low.ask<number[]>('calls', { to: 'csms', ms: besideMs })
    const { ms } = await pouring
    const p99 = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length * 0.99)] ?? Number.NaN
    const what = 'calls beside a stream on 2 Mbit/s, 99 of 100 within'
    const seen = { alone: p99(alone), calls: times.length, bytesPerSecond: bytes / (ms / 1_000) }
    return [row({ part: 'streams', what, value: p99(times), unit: 'ms', target: { of: 'value', most: 250 }, seen })]
  } finally {
    await line.end()
    await narrow.end()
  }
}
