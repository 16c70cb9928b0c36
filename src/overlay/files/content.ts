// Content: bytes that are known by the hashes of their chunks. Its id is the hash of that list, so whoever knows the id believes
// no one else: any hop may keep chunks, and none can change one (docs/protocol.md §12.1).
import { base64url, concat, equal, hex, unbase64url, utf8, utf8Text } from '../../base/bytes.ts'
import { canonicalJson, parseJsonStrict } from '../../base/canonical-json.ts'
import { Fault } from '../../base/fault.ts'
import type { Json } from '../../base/ports.ts'
import type { Engine } from '../../crypto/engine.ts'

export interface Content {
  /** Bytes. */
  readonly size: number
  /** Bytes of every chunk but the last. */
  readonly chunkSize: number
  /** SHA-256 of the whole, 64 hex digits: what `sha256sum` prints. */
  readonly sha256: string
  /** SHA-256 of each chunk, 32 bytes each, in order. */
  readonly hashes: Uint8Array
}

export const CHUNK_SIZE = 262_144
/** A chunk is held in memory while it is checked. */
export const CHUNK_SIZES = { min: 1_024, max: 1_048_576 } as const
/** 16 GiB in chunks of the usual size. */
export const MAX_CHUNKS = 65_536
/** Characters of the list of so many chunks. */
export const MAX_LIST = 3_000_000
const HASH = 32

export const chunkCount = ({ size, chunkSize }: Pick<Content, 'size' | 'chunkSize'>): number => Math.ceil(size / chunkSize)

/** Bytes of a chunk; 0 for one that there is not. */
export const chunkLength = ({ size, chunkSize }: Pick<Content, 'size' | 'chunkSize'>, index: number): number =>
  Math.max(0, Math.min(chunkSize, size - index * chunkSize))

/** Whether these are the bytes of that chunk. */
export const isChunk = (content: Content, index: number, bytes: Uint8Array, engine: Engine): boolean =>
  bytes.length > 0 &&
  bytes.length === chunkLength(content, index) &&
  equal(engine.digest('SHA-256', bytes), content.hashes.subarray(index * HASH, (index + 1) * HASH))

/** The list as it is kept, sent and hashed: RFC 8785. */
export const listText = ({ size, chunkSize, sha256, hashes }: Content): string =>
  canonicalJson({ chunkSize, chunks: base64url(hashes), sha256, size })

/** 64 hex digits. */
export const contentId = (content: Content, engine: Engine): string => hex(engine.digest('SHA-256', utf8(listText(content))))

export const isContentId = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)

/**
 * Reads a list.
 * @throws Fault `frame-malformed`, `json-malformed`, `bytes-malformed`; `limit-exceeded` for more than 65,536 chunks
 */
export const readList = (value: Json): Content => {
  const { size, chunkSize, sha256, chunks, ...others } = membersOf(value)
  if (!isCount(size) || !isCount(chunkSize) || !isContentId(sha256) || typeof chunks !== 'string' || Object.keys(others).length > 0)
    throw malformed('expected size, chunkSize, sha256 and chunks')
  if (chunkSize < CHUNK_SIZES.min || chunkSize > CHUNK_SIZES.max)
    throw malformed(`expected chunks of ${CHUNK_SIZES.min} to ${CHUNK_SIZES.max} bytes, found ${chunkSize}`)
  const count = chunkCount({ size, chunkSize })
  if (count > MAX_CHUNKS) throw new Fault('limit-exceeded', `expected at most ${MAX_CHUNKS} chunks, found ${count}`)
  const hashes = unbase64url(chunks)
  if (hashes.length !== count * HASH) throw malformed(`expected the hashes of ${count} chunks`)
  return { size, chunkSize, sha256, hashes }
}

/**
 * Reads the list of that content, whoever it came from.
 * @throws Fault `refused` where it is another's; otherwise as `readList`
 */
export const readListOf = (id: string, bytes: Uint8Array, engine: Engine): Content => {
  if (hex(engine.digest('SHA-256', bytes)) !== id)
    throw new Fault('refused', 'the list of chunks is not that of the content', { rule: 'content-list' })
  return readList(parseJsonStrict(utf8Text(bytes)))
}

/** A running SHA-256. */
export interface Hasher {
  update(bytes: Uint8Array): void
  digest(): Uint8Array
}

/** Cuts bytes that come in pieces of any length into chunks, and knows the content once all are there. Holds one chunk at most. */
export class Chunker {
  readonly #engine: Engine
  readonly #whole: Hasher
  readonly #chunkSize: number
  readonly #hashes: Uint8Array[] = []
  #rest: Uint8Array[] = []
  #held = 0
  #size = 0

  constructor({ engine, whole, chunkSize = CHUNK_SIZE }: { engine: Engine; whole: Hasher; chunkSize?: number }) {
    this.#engine = engine
    this.#whole = whole
    this.#chunkSize = chunkSize
  }

  /** The chunks that are complete with these bytes, in order. Throws Fault `limit-exceeded` for more than 65,536. */
  *push(bytes: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + this.#chunkSize - this.#held)
      at += part.length
      this.#held += part.length
      this.#rest.push(part.slice())
      if (this.#held === this.#chunkSize) yield this.#complete()
    }
  }

  /** The last chunk, where one is left, and what the content is. */
  end(): { readonly last?: Uint8Array; readonly content: Content } {
    const last = this.#held > 0 ? this.#complete() : undefined
    const content = { size: this.#size, chunkSize: this.#chunkSize, sha256: hex(this.#whole.digest()), hashes: concat(...this.#hashes) }
    return { content, ...(last && { last }) }
  }

  #complete(): Uint8Array {
    const chunk = this.#rest.length === 1 ? (this.#rest[0] as Uint8Array) : concat(...this.#rest)
    this.#rest = []
    this.#held = 0
    if (this.#hashes.length === MAX_CHUNKS) throw new Fault('limit-exceeded', `expected at most ${MAX_CHUNKS} chunks`)
    this.#size += chunk.length
    this.#whole.update(chunk)
    this.#hashes.push(this.#engine.digest('SHA-256', chunk))
    return chunk
  }
}

const isCount = (value: Json | undefined): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const membersOf = (value: Json): { readonly [name: string]: Json | undefined } =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as { readonly [name: string]: Json }) : {}
const malformed = (why: string): Fault => new Fault('frame-malformed', `a list of chunks is not as it should be: ${why}`)
