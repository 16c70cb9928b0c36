// What a benchmark asks the files of a node for: content that needs no room, content fetched and hashed, a cache changed behind its back.
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256Hasher } from '../../src/adapters/file-contents.ts'
import { nodeEngine } from '../../src/adapters/node-crypto.ts'
import type { NodeFiles } from '../../src/adapters/node-files.ts'
import { CHUNK_SIZE, Chunker, chunkCount, chunkLength, contentId } from '../../src/overlay/files/content.ts'

/** Bytes that are made when they are read: no two chunks are the same. */
const chunkOf = (index: number, length: number, into: Uint8Array = new Uint8Array(length)): Uint8Array => {
  const chunk = into.subarray(0, length).fill(0)
  for (let i = 0; i + 4 <= length; i += 4_096) new DataView(chunk.buffer, chunk.byteOffset).setUint32(i, index)
  return chunk
}

/** Offers that many bytes to others. */
export const publish = ({ exchange }: NodeFiles, size: number): { content: string; sha256: string } => {
  const engine = nodeEngine()
  const chunker = new Chunker({ engine, whole: sha256Hasher() })
  for (let i = 0; i * CHUNK_SIZE < size; i++) for (const _ of chunker.push(chunkOf(i, Math.min(CHUNK_SIZE, size - i * CHUNK_SIZE))));
  const { content } = chunker.end()
  const id = contentId(content, engine)
  exchange.publish({
    id,
    content,
    has: () => true,
    read: async (index, into) => chunkOf(index, chunkLength(content, index), into),
    release: () => undefined,
  })
  return { content: id, sha256: content.sha256 }
}

/** Gets content, and says what came. */
export const fetched = async (
  { exchange }: NodeFiles,
  wanted: { content: string; source: string },
): Promise<{ ms: number; sha256: string }> => {
  const began = performance.now()
  const transfer = exchange.open(wanted)
  const whole = await transfer.done
  const ms = performance.now() - began
  const hash = createHash('sha256')
  const buffer = new Uint8Array(whole.content.chunkSize)
  for (let i = 0; i < chunkCount(whole.content); i++) hash.update((await whole.read(i, buffer)) ?? new Uint8Array(0))
  transfer.release()
  return { ms, sha256: hash.digest('hex') }
}

/** Changes a byte of what is kept, as a disk or an intruder does. */
export const spoil = async (home: string, { content, at }: { content: string; at: number }): Promise<void> => {
  const file = await open(join(home, 'content', `${content}.data`), 'r+')
  const { buffer } = await file.read(new Uint8Array(1), 0, 1, at)
  await file.write(Uint8Array.of((buffer[0] as number) ^ 1), 0, 1, at)
  await file.close()
}
