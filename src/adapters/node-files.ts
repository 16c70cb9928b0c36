// The files of a running node: what it keeps for others, its file space where the configuration gives it one, and how it asks others.
import { join } from 'node:path'
import { asFault, type Fault } from '../base/fault.ts'
import type { Clock, Json, Store } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { payloadOf, RESULT } from '../ocpp/frame.ts'
import { faultOf } from '../overlay/error-answer.ts'
import { Exchange } from '../overlay/files/exchange.ts'
import { FileDesk, servingFiles } from '../overlay/files/file-desk.ts'
import { RemoteFiles } from '../overlay/files/remote-files.ts'
import { CONTENT } from '../overlay/files/request.ts'
import type { Local } from '../overlay/node.ts'
import type { NetworkNode } from '../roles/network-node.ts'
import { type FilesSection, filesLimits } from './config-files.ts'
import { DiskContentStore } from './content-store.ts'
import { DiskFileSpace } from './file-space.ts'
import { nodeRandom } from './node-crypto.ts'

/** What the answer to an order about files is waited for, ms: a large file is read once to be described. */
const ORDER_MS = 30_000

export interface NodeFiles {
  readonly exchange: Exchange
  readonly contents: DiskContentStore
  readonly space: DiskFileSpace
  readonly service: RemoteFiles
  readonly desk: FileDesk
}

/** A role that answers for files as soon as there are some. */
export const withFiles = (local: Local, files: () => NodeFiles | undefined): Local => ({
  ...servingFiles(local, () => files()?.desk),
  told: (envelope) => files()?.service.heard(envelope) || local.told?.(envelope),
})

export interface FilesParts {
  /** The node's own. */
  readonly home: string
  readonly engine: Engine
  readonly store: Store
  readonly clock: Clock
}

/** Throws Fault `store-failed`. */
export const openFiles = async (section: FilesSection, network: NetworkNode, parts: FilesParts): Promise<NodeFiles> => {
  const { home, engine, store, clock } = parts
  const { folder, quota, originQuota, files, cacheQuota, cacheNodeQuota } = filesLimits(section)
  const contents = await DiskContentStore.open({ folder: join(home, 'content'), engine, quota: cacheQuota, accountQuota: cacheNodeQuota })
  const space = await DiskFileSpace.open({ folder: join(home, folder), engine, random: nodeRandom, store, quota, originQuota, files })
  const { id: self, overlay, guard, journal } = network
  const exchange = new Exchange({
    ...{ self, streams: overlay.streams, store: contents, engine, clock },
    next: (node) => neighbourTo(network, node),
    altered: (node, fault) => noteAltered(network, node, fault),
  })
  const tell = (node: string, action: string, value: Json): void => overlay.tell(node, action, value)
  const desk = new FileDesk({ self, space, contents, exchange, clock, guard, journal, tell })
  const ask = (node: string, action: string, value: Json): Promise<Json> => asked(network, node, { action, value })
  const service = new RemoteFiles({ self, clock, exchange, contents, desk, ask })
  overlay.streams.offer(CONTENT, exchange.offered)
  return { exchange, contents, space, service, desk }
}

/** The next node on the way, which may keep content. */
const neighbourTo = ({ overlay }: NetworkNode, node: string): string | undefined => {
  const peer = overlay.routes.next(node)
  return peer?.kind === 'node' && !peer.bare ? peer.id : undefined
}

const asked = async (network: NetworkNode, node: string, { action, value }: { action: string; value: Json }): Promise<Json> => {
  const { answer } = await network.ask(node, action, payloadOf(value), { ocpp: 'ocpp2.1', timeoutMs: ORDER_MS })
  const { message } = network.guard.plain(answer)
  if (message.type !== RESULT) throw faultOf(answer)
  return message.payload.value
}

/** Whoever sent it is named in the journal, and counted. */
const noteAltered = ({ journal, overlay }: NetworkNode, node: string, fault: Fault): void => {
  const { rule } = fault.data
  journal
    .writeRefusal({
      kind: 'message-refused',
      subject: node,
      text: fault.message,
      ...(typeof rule === 'string' && { rule }),
      data: { hop: node },
    })
    .catch((error) => overlay.flaw(asFault(error), { id: node }))
}
