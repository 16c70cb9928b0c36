// Content between nodes: gets it, once for all who want it, and hands on what is here or on its way. A node in the middle asks the next
// one towards the source, so that what a thousand want crosses each link once (docs/protocol.md §12.3).

import { utf8 } from '../../base/bytes.ts'
import { asFault, Fault } from '../../base/fault.ts'
import type { ByteStream, StreamHandler } from '../streams/stream.ts'
import { type Content, chunkCount, listText } from './content.ts'
import type { ChunkSource } from './content-store.ts'
import { Fetch, type FetchParts } from './fetch.ts'
import { type ContentRequest, indicesOf, readContentRequest } from './request.ts'
import type { ContentExchange, Progress, Transfer, Wanted } from './transfer.ts'

export interface ExchangeParts extends Omit<FetchParts, 'received'> {
  /** The neighbour that leads to a node: a node that may keep content, or nothing. */
  readonly next: (node: string) => string | undefined
}

/** Answers that one node is given at the same time: each holds a chunk and a window of the stream. */
const ANSWERS_AT_ONCE = 32

/** Bytes of chunks since the node started, and chunks that were not what was published. */
export interface ExchangeFigures {
  received: number
  served: number
  altered: number
}

/** What is read from somewhere for good; released when it is withdrawn and nobody reads it any more. */
interface Published {
  readonly source: ChunkSource
  holders: number
}

/** Someone gets it, and so many want it. */
interface Running {
  readonly fetch: Pick<Fetch, 'progress' | 'hasFailed' | 'content' | 'chunk' | 'stop'> & { whole(): Promise<ChunkSource> }
  wanted: number
}

export class Exchange implements ContentExchange {
  readonly figures: ExchangeFigures = { received: 0, served: 0, altered: 0 }
  readonly #parts: ExchangeParts
  readonly #running = new Map<string, Running>()
  readonly #published = new Map<string, Published>()
  /** Answers that a node is being given. */
  readonly #answering = new Map<string, number>()

  constructor(parts: ExchangeParts) {
    this.#parts = parts
  }

  publish(source: ChunkSource): () => void {
    const published = { source, holders: 1 }
    this.#published.set(source.id, published)
    let isPublished = true
    return () => {
      if (!isPublished) return
      isPublished = false
      if (this.#published.get(source.id) === published) this.#published.delete(source.id)
      letGo(published)
    }
  }

  open(wanted: Wanted): Transfer {
    return this.#open(wanted, [])
  }

  /** Offers what is here, or can be got, to others. */
  readonly offered: StreamHandler = async (request, from) => {
    const asked = readContentRequest(request.details)
    const { self } = this.#parts
    if (asked.via.includes(self)) throw new Fault('hop-limit', `the question for content was here before: ${asked.via.join(' > ')}`)
    const { content, source } = asked
    const leave = this.#enter(from)
    try {
      if (source === self && !this.#published.has(content) && !(await this.#isKept(content)))
        throw new Fault('input-missing', `the content ${content} is not here`)
      const transfer = this.#open({ content, source, account: from, class: request.class }, [...asked.via, from])
      return { run: (stream) => this.#serve(stream, asked, transfer).finally(leave) }
    } catch (error) {
      leave()
      throw error
    }
  }

  /** @throws Fault `queue-full`: who does not read shall not be answered without end */
  #enter(node: string): () => void {
    const count = this.#answering.get(node) ?? 0
    if (count >= ANSWERS_AT_ONCE) throw new Fault('queue-full', `${count} answers to ${node} are under way already`)
    this.#answering.set(node, count + 1)
    return () => {
      const left = (this.#answering.get(node) ?? 1) - 1
      if (left > 0) this.#answering.set(node, left)
      else this.#answering.delete(node)
    }
  }

  async #isKept(content: string): Promise<boolean> {
    const held = await this.#parts.store.find(content)
    held?.release()
    return held?.missing === 0
  }

  #open(wanted: Wanted, before: readonly string[]): Transfer {
    const { content: id } = wanted
    let running = this.#running.get(id)
    if (!running || running.fetch.hasFailed) {
      running = { fetch: this.#begin(wanted, before), wanted: 0 }
      this.#running.set(id, running)
    }
    running.wanted++
    return transferOf(id, running, () => this.#released(id, running))
  }

  #released(id: string, running: Running): void {
    running.wanted--
    if (running.wanted > 0) return
    if (this.#running.get(id) === running) this.#running.delete(id)
    running.fetch.stop()
  }

  #begin(
    { content, source, account = this.#parts.self, class: of = 'files', shared = true }: Wanted,
    before: readonly string[],
  ): Running['fetch'] {
    const published = this.#published.get(content)
    if (published) return standing(published)
    const { self, next } = this.#parts
    const via = [...before, self]
    const nodes = [...(shared ? [next(source)] : []), source]
    const sources = [...new Set(nodes)].filter((node) => node !== undefined && !via.includes(node)) as string[]
    const errand = { content, source, account, class: of, shared, via: before, sources }
    return new Fetch(errand, {
      ...this.#parts,
      received: (_node, bytes) => {
        this.figures.received += bytes
      },
      altered: (node, fault) => {
        this.figures.altered++
        this.#parts.altered(node, fault)
      },
    })
  }

  async #serve(stream: ByteStream, { list, chunks }: ContentRequest, transfer: Transfer): Promise<void> {
    try {
      void drained(stream)
      const content = await transfer.content
      if (list) await stream.write(listFrame(content))
      const wanted = chunks ?? [[0, chunkCount(content)] as const]
      const buffer = new Uint8Array(Math.min(content.chunkSize, content.size))
      for (const index of indicesOf(wanted)) {
        const bytes = await transfer.chunk(index, buffer)
        await stream.write(bytes)
        this.figures.served += bytes.length
      }
      await stream.end()
    } catch (error) {
      stream.reset(asFault(error))
    } finally {
      transfer.release()
    }
  }
}

/** Who asks says nothing more; its end must be taken all the same. */
const drained = async ({ received }: ByteStream): Promise<void> => {
  try {
    for await (const _ of received);
  } catch {
    // a stream that was given up tells that to who writes
  }
}

/** Lists have up to 3 MB, and all who want one wait with the same. */
const listFrames = new WeakMap<Content, Uint8Array>()

/** The list, behind its length in bytes. */
const listFrame = (content: Content): Uint8Array => {
  const known = listFrames.get(content)
  if (known) return known
  const list = utf8(listText(content))
  const frame = new Uint8Array(4 + list.length)
  new DataView(frame.buffer).setUint32(0, list.length)
  frame.set(list, 4)
  listFrames.set(content, frame)
  return frame
}

const transferOf = (id: string, { fetch }: Running, released: () => void): Transfer => {
  const [content, done] = [fetch.content(), fetch.whole()]
  // who waits for one of them need not wait for the other
  for (const each of [content, done]) each.catch(() => undefined)
  let isOpen = true
  return {
    id,
    content,
    done,
    get progress(): Progress {
      return fetch.progress
    },
    chunk: (index, into) => fetch.chunk(index, into),
    release: () => {
      if (isOpen) released()
      isOpen = false
    },
  }
}

/** What is here for good needs no fetching. */
const standing = (published: Published): Running['fetch'] => {
  const { source } = published
  published.holders++
  return {
    progress: { done: source.content.size, total: source.content.size },
    hasFailed: false,
    content: async () => source.content,
    whole: async () => source,
    chunk: async (index, into) => {
      const bytes = await source.read(index, into)
      if (!bytes) throw new Fault('input-missing', `chunk ${index} of ${source.id} is not what it was when it was published`)
      return bytes
    },
    stop: () => letGo(published),
  }
}

const letGo = (published: Published): void => {
  published.holders--
  if (published.holders === 0) published.source.release()
}
