// One of our own nodes, as `chargeproof node` runs it: the production code path with sockets, store and keys.
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeConfig } from '../../src/adapters/config.ts'
import { logger } from '../../src/adapters/log.ts'
import type { NodeFiles } from '../../src/adapters/node-files.ts'
import { startNode } from '../../src/adapters/node-runtime.ts'
import type { RunningNode } from '../../src/adapters/world.ts'
import type { Json } from '../../src/base/ports.ts'
import { payloadOf, RESULT } from '../../src/ocpp/frame.ts'
import type { StreamLayer } from '../../src/overlay/streams/stream-layer.ts'
import { answerParent, selfMeasures } from '../child.ts'
import { listen } from './listen.ts'
import { fetched, publish, spoil } from './node-files.ts'

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

/** Whether a way to that node is known here. */
const reaches = (id: string): boolean => running?.network?.overlay.routes.place(id)?.online === true

const streams = (): StreamLayer => {
  const { network } = running ?? {}
  if (!network) throw new Error('there is no node that streams run over')
  return network.overlay.streams
}

/** What has come of the last stream to this node. */
let got: { readonly bytes: number; readonly sha256: string } | undefined

/** Takes streams, and keeps nothing but their hash. */
const take = (): void =>
  streams().offer('bench', async () => ({
    run: async (stream) => {
      got = undefined
      const hash = createHash('sha256')
      let bytes = 0
      for await (const part of stream.received) {
        hash.update(part)
        bytes += part.length
      }
      got = { bytes, sha256: hash.digest('hex') }
      await stream.end()
    },
  }))

const sentNow = (): number =>
  streams()
    .views()
    .reduce((sum, { sent }) => sum + sent, 0)
/** Over links that were cut since. */
let sentBefore = 0

/** Sends so many bytes to a node; resolves when all were taken, with how long that took and what was sent in all. */
const pour = async ({ to, bytes }: { to: string; bytes: number }): Promise<{ ms: number; sent: number; sha256: string }> => {
  const stream = await streams().open(to, { purpose: 'bench', class: 'files', details: {} })
  sentBefore = -sentNow()
  const hash = createHash('sha256')
  const chunk = new Uint8Array(256 * 1024)
  const began = performance.now()
  for (let at = 0; at < bytes; at += chunk.length) {
    new DataView(chunk.buffer).setFloat64(0, at)
    const part = chunk.subarray(0, Math.min(chunk.length, bytes - at))
    hash.update(part)
    await stream.write(part)
  }
  await stream.end()
  return { ms: performance.now() - began, sent: sentBefore + sentNow(), sha256: hash.digest('hex') }
}

/** Ends the link to a neighbour; whoever dialled it dials again. */
const cut = (peer: string): void => {
  sentBefore +=
    streams()
      .views()
      .find((view) => view.peer === peer)?.sent ?? 0
  running?.network?.overlay.routes.direct(peer)?.close(1001, 'cut by the bench')
}

/** Asks a node one question after the other for so long; resolves with the milliseconds of each. */
const calls = async ({ to, ms }: { to: string; ms: number }): Promise<number[]> => {
  const { network } = running ?? {}
  const times: number[] = []
  for (const began = performance.now(); performance.now() - began < ms; ) {
    const asked = performance.now()
    await network?.ask(to, 'Heartbeat', payloadOf({}), { ocpp: 'ocpp2.1' })
    times.push(performance.now() - asked)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return times
}

export interface Asked {
  readonly ms: number
  /** What was answered; nothing where it was an error. */
  readonly status?: string
}

/** Gives orders all at once; resolves with what became of each. */
const orders = (all: readonly { to: string; action: string; payload: Json }[]): Promise<Asked[]> =>
  Promise.all(
    all.map(async ({ to, action, payload }) => {
      const asked = performance.now()
      const found = await running?.network?.ask(to, action, payloadOf(payload), { ocpp: 'ocpp2.1', timeoutMs: 30_000 })
      const { message } = found?.answer ?? {}
      const { status } = (message?.type === RESULT ? message.payload.value : {}) as { readonly status?: string }
      return { ms: performance.now() - asked, ...(status !== undefined && { status }) }
    }),
  )

const files = (): NodeFiles => {
  if (!running?.files) throw new Error('there is no node that keeps files')
  return running.files
}

answerParent(
  {
    ...{ start, rows, take, got: () => got, pour, cut, calls, orders, reaches, ...selfMeasures },
    publish: (bytes: number) => publish(files(), bytes),
    fetch: (wanted: { content: string; source: string }) => fetched(files(), wanted),
    spoil: (where: { content: string; at: number }) => spoil(join(dataDir ?? '', running?.id ?? ''), where),
    served: () => files().exchange.figures.served,
    sentInAll: () => sentBefore + sentNow(),
  },
  end,
)
