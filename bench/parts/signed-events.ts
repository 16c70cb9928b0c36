// Signed reports on the whole way: stations sign, a controller, a gateway and a back end verify, the back end makes each durable before
// it answers, and signs the answer. Three processes and the stations share the machine's cores.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportPkcs8Pem, generateSigner, nodeEngine } from '../../src/adapters/node-crypto.ts'
import { openStore } from '../../src/adapters/sqlite-store.ts'
import { toPem } from '../../src/crypto/key.ts'
import { Child } from '../child.ts'
import { cpuOf } from '../cpu.ts'
import { median, type Part, type Plan, type Row, row } from '../part.ts'
import type { LoadResult } from '../processes/load.ts'
import type { BenchNode } from '../processes/node.ts'
import { signedMessage } from '../records.ts'
import { Settling } from '../settling.ts'
import { controller, gateway } from './hop.ts'

export const signedEvents: Part = { name: 'signed-events', measure: (plan) => measure(plan) }

const ROLES = { lc: 'local-controller', gw: 'gateway', csms: 'csms' } as const
type Name = keyof typeof ROLES
const PER_SECOND = 1_000

const measure = async (plan: Plan): Promise<Row[]> => {
  const load = new Child('load', { role: 'free' })
  const nodes = { csms: started(plan), gw: started(plan), lc: started(plan) }
  try {
    const port = await network(nodes, await load.ask<Key[]>('keys', { count: plan.stations, prefix: 'cs' }))
    await load.ask('connect', { url: `ws://127.0.0.1:${port}/ocpp`, count: plan.stations, prefix: 'cs' })
    const seen: Record<Name | 'us', number[]> = { us: [], csms: [], gw: [], lc: [] }
    const window = async (): Promise<{ readonly us: number }> => {
      const before = await cpu(nodes)
      const { calls, seconds } = await load.ask<LoadResult>('run', { ms: plan.windowMs })
      const after = await cpu(nodes)
      const us = (seconds * 1e6) / calls
      seen.us.push(us)
      for (const name of NAMES) seen[name].push((after[name] - before[name]) / calls)
      return { us }
    }
    const settling = new Settling<'us'>(plan.rounds)
    while (settling.goesOn) settling.turned(await window())
    const rows = await nodes.csms.ask<number>('rows', 'meters')
    if (rows !== plan.stations) throw new Error(`expected the last values of ${plan.stations} stations in the store, found ${rows}`)
    return rowsOf(seen, await parts(plan), plan.rounds)
  } finally {
    await load.end()
    for (const name of NAMES) await nodes[name].end()
  }
}

const NAMES = ['lc', 'gw', 'csms'] as const
type Key = { readonly node: string; readonly pem: string }

const started = ({ profile }: Plan): Child => new Child('node', { role: 'free', profile })

/** Starts the three from the top; resolves with the port for the stations. Everybody knows every key. */
const network = async (nodes: Readonly<Record<Name, Child>>, stations: readonly Key[]): Promise<number> => {
  const signers = { lc: generateSigner('secp256r1'), gw: generateSigner('secp256r1'), csms: generateSigner('secp256r1') }
  const trusted = [
    ...NAMES.map((node) => ({ node, role: ROLES[node], pem: toPem(signers[node].publicKey) })),
    ...stations.map((key) => ({ ...key, role: 'station' })),
  ]
  const start = (config: BenchNode): Promise<number> => {
    const name = config.node as Name
    return nodes[name].ask('start', { ...config, trusted, pkcs8: exportPkcs8Pem(signers[name]) })
  }
  const top = await start({ node: 'csms', role: 'csms', nodes: { registration: 'open' } })
  const middle = await start(gateway(`ws://127.0.0.1:${top}`))
  return start({ ...controller(''), uplinks: [{ node: 'gw', url: `ws://127.0.0.1:${middle}/overlay` }] })
}

const cpu = async (nodes: Readonly<Record<Name, Child>>): Promise<Record<Name, number>> => ({
  lc: await nodes.lc.ask<number>('cpu'),
  gw: await nodes.gw.ask<number>('cpu'),
  csms: await nodes.csms.ask<number>('cpu'),
})

/** What each event cannot do without: three verify the report, one signs the answer and commits, two verify the answer on its way. */
const parts = async (plan: Plan): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), 'chargeproof-bench-'))
  const store = openStore(join(folder, 'store'))
  const { signer, message, raw } = signedMessage('secp256r1')
  const engine = nodeEngine()
  try {
    const least = await cpuOf(
      {
        sign: () => signer.sign('SHA-256', message),
        verify: () => engine.verifyEcdsa(signer.publicKey, 'SHA-256', message, raw),
        commit: () =>
          Promise.all(Array.from({ length: COMMITS }, (_, i) => store.commit([{ collection: 'meters', key: `cs${i}`, value: {} }]))),
      },
      plan,
    )
    return 5 * least.verify + least.sign + least.commit / COMMITS
  } finally {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const COMMITS = 50

/** Of the windows since the nodes have settled, as many as the plan has. */
const rowsOf = (seen: Readonly<Record<Name | 'us', readonly number[]>>, bare: number, rounds: number): Row[] => {
  const named = { part: 'signed-events' } as const
  const spent = NAMES.reduce((sum, name) => sum + Math.min(...seen[name]), 0)
  const [each, early] = [median(seen.us.slice(-rounds)), median(seen.us.slice(0, rounds))]
  return [
    row({
      ...named,
      what: `a signed durable event, ${PER_SECOND} a second wanted`,
      value: each,
      unit: 'µs',
      target: { of: 'value', most: 1e6 / PER_SECOND },
      seen: { windows: seen.us, 'events a second': 1e6 / each, 'in the first windows': 1e6 / early },
    }),
    row({
      ...named,
      what: 'all three nodes for it',
      value: spent,
      unit: 'µs CPU',
      yardstick: { what: '5 verify, 1 sign, 1 commit', value: bare },
      seen: { lc: Math.min(...seen.lc), gw: Math.min(...seen.gw), csms: Math.min(...seen.csms) },
    }),
  ]
}
