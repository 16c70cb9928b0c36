// A file on a disk as content: its chunks are read from the file itself, and what changed since it was looked at is not handed out.
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { latest } from '../base/latest.ts'
import type { Engine } from '../crypto/engine.ts'
import { CHUNK_SIZE, Chunker, type Content, chunkLength, contentId, type Hasher, isChunk } from '../overlay/files/content.ts'
import type { ChunkSource } from '../overlay/files/content-store.ts'

export const sha256Hasher = (): Hasher => hasher('sha256')

/** MD5 is what OCPP's PublishFirmware names a file by; nothing is believed for it. */
export const hasher = (name: 'sha256' | 'md5'): Hasher => {
  const hash = createHash(name)
  return { update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) }
}

/** Reads a file from its beginning, and says what it is as content. */
export const describeFile = async (file: FileHandle, engine: Engine): Promise<Content> => {
  const chunker = new Chunker({ engine, whole: sha256Hasher() })
  const buffer = new Uint8Array(CHUNK_SIZE)
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) return chunker.end().content
    at += bytesRead
    for (const _ of chunker.push(buffer.subarray(0, bytesRead)));
  }
}

/** What is there of it; fewer bytes than it has, where the file ends. */
export const readChunk = async (
  { file, content }: { readonly file: FileHandle; readonly content: Content },
  index: number,
  into?: Uint8Array,
): Promise<Uint8Array> => {
  const length = chunkLength(content, index)
  const room = into && into.length >= length ? into : new Uint8Array(length)
  const { bytesRead } = await file.read(room, 0, length, index * content.chunkSize)
  return room.subarray(0, bytesRead)
}

/** Lists of chunks that are remembered, so that a file is read once to be described and not for each who asks. */
const DESCRIBED = 16

export class FileContents {
  readonly #engine: Engine
  readonly #described = latest<Promise<Content>>(DESCRIBED)

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Takes the handle over: `release` closes it. */
  async of(file: FileHandle): Promise<ChunkSource> {
    try {
      const { dev, ino, size, mtimeMs, ctimeMs } = await file.stat()
      const content = await this.#described([dev, ino, size, mtimeMs, ctimeMs].join(), () => describeFile(file, this.#engine))
      return this.#source(file, content)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  #source(file: FileHandle, content: Content): ChunkSource {
    const engine = this.#engine
    let isOpen = true
    return {
      id: contentId(content, engine),
      content,
      has: () => true,
      async read(index, into) {
        const bytes = await readChunk({ file, content }, index, into)
        return isChunk(content, index, bytes, engine) ? bytes : undefined
      },
      release: () => {
        // nothing was written through it, so that a close that fails has lost nothing
        if (isOpen) void file.close().catch(() => undefined)
        isOpen = false
      },
    }
  }
}
