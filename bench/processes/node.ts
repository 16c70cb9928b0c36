// One of our own nodes, as `chargeproof node` runs it: the production code path with sockets, store and keys.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeConfig } from '../../src/adapters/config.ts'
import { logger } from '../../src/adapters/log.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import { answerParent, selfMeasures } from '../child.ts'
import { listen } from './listen.ts'

export interface BenchNode extends Omit<NodeConfig, 'listen' | 'trust'> {
  readonly trusted?: readonly { readonly node: string; readonly role: string; readonly pem: string }[]
  /** Its private key, where the others must know the public one before it is started. */
  readonly pkcs8?: string
}

let running: RunningNode | undefined
let dataDir: string | undefined

const freePort = async (): Promise<number> => {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Resolves with the port of the OCPP endpoint once the uplinks stand. */
const start = async ({ trusted = [], pkcs8, ...config }: BenchNode): Promise<number> => {
  const port = await freePort()
  dataDir = await mkdtemp(join(tmpdir(), 'chargeproof-bench-'))
  const trust = trusted.map(({ node, role }) => ({ node, role, key: `${node}.pem` }))
  if (pkcs8 !== undefined) {
    await mkdir(join(dataDir, config.node), { mode: 0o700 })
    await writeFile(join(dataDir, config.node, 'node.key.pem'), pkcs8, { mode: 0o600 })
  }
  for (const { node, pem } of trusted) await writeFile(join(dataDir, `${node}.pem`), pem)
  const node = await startNode(
    { ...config, listen: [{ port, serve: ['ocpp', 'overlay'] }], trust },
    { dataDir, token: 'bench', log: logger() },
  )
  running = node
  while ((config.uplinks ?? []).some((uplink) => node.network?.overlay.routes.direct(uplink.node) === undefined))
    await new Promise((resolve) => setTimeout(resolve, 20))
  return port
}

const end = async (): Promise<void> => {
  await running?.stop()
  if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true })
}

/** How many rows a collection of the store has. */
const rows = (collection: string): number => running?.store.list(collection).length ?? 0

answerParent({ start, rows, ...selfMeasures }, end)
