// Files of nodes as an operator uses them over the management API. What is uploaded comes in chunks that are checked one by one, so that an
// upload goes on where it broke, and no file is ever held in memory.
import { hex } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { chunkCount, isChunk, readList } from '../overlay/files/content.ts'
import type { HeldContent } from '../overlay/files/content-store.ts'
import { runsOf } from '../overlay/files/request.ts'
import type { Transfer } from '../overlay/files/transfer.ts'
import type { Management } from './management.ts'
import type { NodeFiles } from './node-files.ts'

/** Uploads that are under way; of more, the oldest may lose its place in the store, and begins again. */
const UPLOADS = 16

export const fileOperations = ({ service, contents }: NodeFiles, self: string, engine: Engine): NonNullable<Management['files']> => {
  const uploads = new Map<string, HeldContent>()
  const drop = (id: string | undefined): void => {
    if (id === undefined) return
    uploads.get(id)?.release()
    uploads.delete(id)
  }
  return {
    onTheirWay: () => service.onTheirWay,
    list: (node, folder) => service.list(node, folder),
    remove: (node, name, onlyIfHash) => service.delete(node, name, onlyIfHash),
    async get(node, name) {
      const { file, transfer } = await service.get(node, name)
      return { file, bytes: bytesOf(transfer) }
    },
    async begin(list: Json) {
      const held = await contents.begin(readList(list), self)
      drop(held.id)
      uploads.set(held.id, held)
      if (uploads.size > UPLOADS) drop(uploads.keys().next().value)
      return { content: held.id, missing: missingOf(held) }
    },
    async put(content, index, bytes) {
      const held = uploads.get(content)
      if (!held) throw new Fault('input-missing', 'this upload was not begun, or too many were since')
      if (!isChunk(held.content, index, bytes, engine))
        throw new Fault('payload-invalid', `these are not the bytes of chunk ${index}: SHA-256 ${hex(engine.digest('SHA-256', bytes))}`)
      if (!held.has(index)) await held.put(index, bytes)
      return held.missing
    },
    async send(node, sending, told) {
      await service.send(node, sending, told)
      drop(sending.content)
    },
  }
}

const missingOf = (held: HeldContent) => {
  const missing: number[] = []
  for (let i = 0; i < chunkCount(held.content); i++) if (!held.has(i)) missing.push(i)
  return runsOf(missing)
}

/** The transfer is released where the reading ends, fails, or never began. */
const bytesOf = (transfer: Transfer): AsyncIterableIterator<Uint8Array> => {
  let index = 0
  const over = async (): Promise<IteratorReturnResult<undefined>> => {
    transfer.release()
    return { done: true, value: undefined }
  }
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      try {
        if (index >= chunkCount(await transfer.content)) return await over()
        return { done: false, value: await transfer.chunk(index++) }
      } catch (error) {
        transfer.release()
        throw error
      }
    },
    return: over,
  }
}
