// Files over three hops: whether the right bytes come over breaks and past a changed cache, how much is sent again for that, what it costs
// in memory, and that a second station below costs the uplink nothing.
import { generateKeyPairSync } from 'node:crypto'
import { Child } from '../child.ts'
import { type Part, type Row, row } from '../part.ts'
import type { BenchNode } from '../processes/node.ts'

export const filing: Part = { name: 'files', measure: (plan) => measure(plan.streams.long) }

/** Each below the one it is listed with. */
const ABOVE = { csms: undefined, gw: 'csms', district: 'gw', lc: 'district', lc2: 'district' } as const
type Name = keyof typeof ABOVE
const NAMES = Object.keys(ABOVE) as Name[]
const MIB = 1024 * 1024
const CHUNK = 262_144

interface Fetched {
  readonly ms: number
  readonly sha256: string
}

const measure = async (bytes: number): Promise<Row[]> => {
  const nodes = new Map<Name, Child>()
  const at = (name: Name): Child => nodes.get(name) as Child
  try {
    await start(nodes, bytes)
    const { content, sha256 } = await at('csms').ask<{ content: string; sha256: string }>('publish', bytes)
    const memory = new Memory([...nodes.values()])
    await memory.begin()
    const fetching = at('lc').ask<Fetched>('fetch', { content, source: 'csms' })
    for (const [node, peer] of BREAKS) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(150, bytes / MIB)))
      await memory.look()
      await at(node).ask('cut', peer)
    }
    const first = await fetching
    await memory.look()
    const sent = await at('csms').ask<number>('sentInAll')
    const before = await Promise.all(NAMES.map((name) => at(name).ask<number>('served')))
    // a byte in the middle of what the node above both keeps
    await at('district').ask('spoil', { content, at: Math.floor(bytes / 2) })
    const second = await at('lc2').ask<Fetched>('fetch', { content, source: 'csms' })
    await memory.look()
    const after = await Promise.all(NAMES.map((name) => at(name).ask<number>('served')))
    const servedBy = (name: Name, counts: readonly number[]): number => counts[NAMES.indexOf(name)] as number
    const wrong = [first, second].filter((fetched) => fetched.sha256 !== sha256).length
    // over the uplink, whose frames have headers, which are no repetition
    const again = (sent / (bytes * (1 + 26 / 16_384)) - 1) * 100
    const upstream = (servedBy('gw', after) - servedBy('gw', before)) / CHUNK
    return rowsOf({ bytes, wrong, again, upstream, grown: memory.most / MIB, ms: [first.ms, second.ms] })
  } finally {
    for (const child of [...nodes.values()].reverse()) await child.end()
  }
}

/** Which node cuts its link to whom. */
const BREAKS: readonly (readonly [Name, Name])[] = [
  ['district', 'lc'],
  ['csms', 'gw'],
  ['gw', 'district'],
]

interface Seen {
  readonly bytes: number
  readonly wrong: number
  readonly again: number
  readonly upstream: number
  readonly grown: number
  readonly ms: readonly number[]
}

const rowsOf = ({ bytes, wrong, again, upstream, grown, ms }: Seen): Row[] => {
  const what = `${bytes / MIB} MiB over three hops, three breaks, a changed cache`
  const line = (name: string, value: number, unit: string, most: number): Row =>
    row({ part: 'files', what: `${what}: ${name}`, value, unit, target: { of: 'value', most }, seen: { ms } })
  return [
    line('other bytes', wrong, 'files', 0),
    line('sent again over the uplink', Math.max(0, again), '%', 1),
    line('chunks that the second station cost the uplink', upstream, 'chunks', 1),
    line('memory of the node that grew most', grown, 'MiB', 64),
  ]
}

class Memory {
  readonly #nodes: readonly Child[]
  #idle: readonly number[] = []
  most = 0

  constructor(nodes: readonly Child[]) {
    this.#nodes = nodes
  }

  async begin(): Promise<void> {
    this.#idle = await Promise.all(this.#nodes.map((node) => node.ask<number>('memory')))
  }

  async look(): Promise<void> {
    const now = await Promise.all(this.#nodes.map((node) => node.ask<number>('resident')))
    this.most = Math.max(this.most, ...now.map((rss, i) => rss - (this.#idle[i] as number)))
  }
}

const start = async (nodes: Map<Name, Child>, bytes: number): Promise<void> => {
  const ports = new Map<Name, number>()
  for (const name of NAMES) {
    const child = new Child('node', { role: 'free' })
    nodes.set(name, child)
    const above = ABOVE[name]
    const up = above === undefined ? {} : { uplinks: [{ node: above, url: `ws://127.0.0.1:${ports.get(above)}/overlay` }] }
    ports.set(name, await child.ask<number>('start', { ...configOf(name, bytes), ...up }))
  }
  for (const name of ['lc', 'lc2'])
    while (!(await nodes.get('csms')?.ask<boolean>('reaches', name))) await new Promise((resolve) => setTimeout(resolve, 20))
}

const roleOf = (name: Name): 'csms' | 'gateway' | 'local-controller' =>
  name === 'csms' ? 'csms' : name === 'gw' ? 'gateway' : 'local-controller'

const configOf = (name: Name, bytes: number): BenchNode => ({
  node: name,
  role: roleOf(name),
  backend: 'csms',
  stations: { registration: 'open' },
  nodes: { registration: 'open' },
  files: { cacheMegabytes: bytes / MIB + 1 },
  policy: [
    {
      id: 'content',
      role: ['csms', 'gateway', 'local-controller'],
      actions: ['org.chargeproof.OpenStream'],
      where: [{ pointer: '/purpose', equals: 'content' }],
    },
  ],
  pkcs8: KEYS.get(name)?.privateKey ?? '',
  trusted: NAMES.map((node) => ({ node, role: roleOf(node), pem: KEYS.get(node)?.publicKey ?? '' })),
})

/** Of all nodes: each must know the others before they are started. */
const KEYS = new Map(
  NAMES.map((name) => [
    name,
    generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }),
  ]),
)
