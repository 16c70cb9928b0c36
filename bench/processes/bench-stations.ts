// Simulated stations of OCPP 2.1 for a benchmark, each as `chargeproof node` runs it, all in one process; cars charge at all of them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadIdentity } from '../../src/adapters/keys.ts'
import { logger } from '../../src/adapters/log.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import { toPem } from '../../src/crypto/key.ts'
import type { Station } from '../../src/roles/station.ts'
import { answerParent } from '../child.ts'

export interface Fleet {
  readonly port: number
  /** Whose signatures count; the back end and the grid operator may order. */
  readonly trusted: readonly { readonly node: string; readonly role: string; readonly pem: string }[]
}

const MAX_W = 22_000
const dataDir = mkdtempSync(join(tmpdir(), 'chargeproof-bench-'))
let stop: () => Promise<void> = async () => undefined
let ids: readonly string[] = []
let stations: readonly Station[] = []

/** Makes a key for each of so many: the public ones, for the trust lists of the others. */
const keys = (count: number): { node: string; pem: string }[] => {
  ids = Array.from({ length: count }, (_, i) => `cs-${i}`)
  return ids.map((node) => ({ node, pem: toPem(loadIdentity(dataDir, node, nodeEngine()).signer.publicKey) }))
}

/** Resolves with their ids when a car charges at each. */
const start = async ({ port, trusted }: Fleet): Promise<string[]> => {
  for (const { node, pem } of trusted) writeFileSync(join(dataDir, `${node}.pem`), pem)
  const trust = trusted.map(({ node, role }) => ({ node, role, key: `${node}.pem` }))
  const about = { version: 'ocpp2.1', vendor: 'Bench', model: 'Post', evses: 1, maxPowerW: MAX_W, meterIntervalSeconds: 60 } as const
  const nodes = await Promise.all(
    ids.map((node) =>
      startNode(
        {
          ...{ node, role: 'station', backend: 'csms', trust, station: { ...about, serial: node } },
          uplinks: [{ node: 'lc', url: `ws://127.0.0.1:${port}/ocpp` }],
          policy: [{ id: 'orders', role: ['csms', 'grid-operator'], actions: ['*'] }],
        },
        { dataDir, token: 'bench', log: logger() },
      ),
    ),
  )
  stop = async () => void (await Promise.all(nodes.map((node) => node.stop())))
  stations = nodes.flatMap(({ station }) => station ?? [])
  await until(() => stations.every(({ online }) => online))
  for (const station of stations) {
    station.plugIn(1)
    await station.present(1, 'DEADBEEF')
  }
  await until(() => stations.every((station) => powerOf(station) > 0))
  return [...ids]
}

/** Resolves when no station draws more than that and every one still draws something: the time, ms since 1970. */
const limited = async (watts: number): Promise<number> => {
  await until(() => stations.every((station) => powerOf(station) > 0 && powerOf(station) <= watts))
  return Date.now()
}

/** Resolves when that station's session is over: the time, ms since 1970. */
const stopped = async (id: string): Promise<number> => {
  const station = stations.find(({ settings }) => settings.id === id)
  await until(() => station !== undefined && station.state[0]?.transactionId === undefined)
  return Date.now()
}

const transaction = (id: string): string | undefined => stations.find(({ settings }) => settings.id === id)?.state[0]?.transactionId

const powerOf = (station: Station): number => station.state[0]?.powerW ?? 0

const until = async (holds: () => boolean): Promise<void> => {
  for (const began = performance.now(); !holds(); await new Promise((go) => setTimeout(go, 5)))
    if (performance.now() - began > 60_000) throw new Error('the stations did not come to that within a minute')
}

answerParent({ keys, start, limited, stopped, transaction }, async () => {
  await stop()
  rmSync(dataDir, { recursive: true, force: true })
})
