// One content on its way to this node: asks one source after the other for what is missing, verifies each chunk before it is kept or
// passed on, and hands it to all who wait. Which sources there are, and who may ask, is exchange.ts.
import { asFault, Fault, type FaultCode } from '../../base/fault.ts'
import type { Clock } from '../../base/ports.ts'
import type { Engine } from '../../crypto/engine.ts'
import type { StreamClass, Streams } from '../streams/stream.ts'
import { ByteReader } from './byte-reader.ts'
import { type Content, chunkCount, chunkLength, isChunk, MAX_LIST, readListOf } from './content.ts'
import type { ContentStore, HeldContent } from './content-store.ts'
import { CONTENT, contentDetails, indicesOf, type Run, runsOf } from './request.ts'
import type { Progress, Wanted } from './transfer.ts'

export interface FetchParts {
  readonly self: string
  readonly streams: Pick<Streams, 'open'>
  readonly store: ContentStore
  readonly engine: Engine
  readonly clock: Pick<Clock, 'after'>
  /** Told of a chunk that is not what was published, and of who sent it. */
  readonly altered: (node: string, fault: Fault) => void
  /** Told of verified bytes, and of who sent them. */
  readonly received: (node: string, bytes: number) => void
}

export interface Errand extends Required<Wanted> {
  readonly class: StreamClass
  readonly via: readonly string[]
  /** Whom to ask, in that order. */
  readonly sources: readonly string[]
}

/** Chunks that one source may alter before it is asked for nothing more. */
const MOST_ALTERED = 16
/** Attempts in a row that brought nothing, and what is waited after the first, ms; twice as long after each. */
const ATTEMPTS = 6
const PAUSE_MS = 250
/** A source that answers so will not answer otherwise soon. */
const HOPELESS: readonly FaultCode[] = ['refused', 'remote-error', 'input-missing', 'payload-invalid', 'hop-limit', 'limit-exceeded']

interface Source {
  readonly node: string
  /** Chunks that it altered. */
  readonly altered: Set<number>
  failures: number
}

export class Fetch {
  readonly #parts: FetchParts
  readonly #errand: Errand
  readonly #sources: readonly Source[]
  #held: HeldContent | undefined
  #running: Promise<void> | undefined
  #failure: Fault | undefined
  /** What went wrong last. */
  #last: Fault
  #isStopped = false
  #stop = (): void => undefined
  /** Resolves at the next news, and is then another. */
  #news = Promise.withResolvers<void>()

  constructor(errand: Errand, parts: FetchParts) {
    this.#errand = errand
    this.#parts = parts
    this.#last = new Fault('input-missing', `the content ${errand.content} is not here, and nobody else has it`)
    this.#sources = errand.sources.map((node) => ({ node, altered: new Set(), failures: 0 }))
    this.#start()
  }

  /** Nobody is to join it any more. */
  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  get progress(): Progress {
    const { content, missing = 0 } = this.#held ?? {}
    if (!content) return { done: 0, total: 0 }
    return { done: Math.max(0, content.size - missing * content.chunkSize), total: content.size }
  }

  async content(): Promise<Content> {
    return (await this.#until(() => this.#held)).content
  }

  async chunk(index: number, into?: Uint8Array): Promise<Uint8Array> {
    const { content } = await this.#until(() => this.#held)
    if (index >= chunkCount(content)) throw new Fault('payload-invalid', `there is no chunk ${index}`)
    for (;;) {
      const held = await this.#until(() => (this.#held?.has(index) ? this.#held : undefined))
      const bytes = await held.read(index, into)
      if (bytes) return bytes
      // what was whole has rotted on the disk since: it is fetched again
      this.#start()
    }
  }

  whole(): Promise<HeldContent> {
    return this.#until(() => (this.#held?.missing === 0 ? this.#held : undefined))
  }

  /** Nobody wants it any more. */
  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#stop()
    const release = (): void => this.#held?.release()
    void (this.#running ?? Promise.resolve()).then(release)
  }

  #start(): void {
    this.#running ??= this.#run()
      .catch((error) => {
        this.#failure = asFault(error)
      })
      .finally(() => {
        this.#running = undefined
        this.#tell()
      })
  }

  #tell(): void {
    this.#news.resolve()
    this.#news = Promise.withResolvers()
  }

  async #until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      if (this.#failure) throw this.#failure
      await this.#news.promise
    }
  }

  async #run(): Promise<void> {
    const { content: id } = this.#errand
    this.#held ??= await this.#parts.store.find(id)
    this.#tell()
    while (this.#held?.missing !== 0) {
      if (this.#isStopped) throw unwanted()
      const source = this.#sources.find((each) => each.failures < ATTEMPTS && this.#wantedOf(each)?.length !== 0)
      if (!source) throw this.#last
      const before = this.#held?.missing
      try {
        await this.#ask(source)
      } catch (error) {
        this.#last = asFault(error)
        source.failures = HOPELESS.includes(this.#last.code) ? ATTEMPTS : source.failures + 1
      }
      if (this.#held?.missing !== before) for (const each of this.#sources) if (each.failures < ATTEMPTS) each.failures = 0
      if (source.failures > 0 && source.failures < ATTEMPTS) await this.#pause(source.failures)
    }
  }

  /** What to ask that source for; everything, while the list is not known. */
  #wantedOf({ altered }: Source): readonly Run[] | undefined {
    const held = this.#held
    return held && runsOf(allOf(held.content).filter((index) => !held.has(index) && !altered.has(index)))
  }

  async #ask(source: Source): Promise<void> {
    const { content, source: from, via, class: of } = this.#errand
    const chunks = this.#wantedOf(source)
    const request = { content, source: from, list: !this.#held, via, ...(chunks && { chunks }) }
    const stream = await this.#parts.streams.open(source.node, { purpose: CONTENT, class: of, details: contentDetails(request) })
    this.#stop = () => stream.reset(unwanted())
    try {
      if (this.#isStopped) throw unwanted()
      // there is nothing to say; that the other end knows it is not waited for
      stream.end().catch(() => undefined)
      const reader = new ByteReader(stream.received)
      const held = this.#held ?? (await this.#begin(reader))
      const wanted = chunks ?? runsOf(allOf(held.content))
      for (const index of indicesOf(wanted)) await this.#take(reader, index, { held, source })
      await reader.end()
    } catch (error) {
      stream.reset(asFault(error))
      throw error
    } finally {
      this.#stop = () => undefined
    }
  }

  /** Reads the list, and makes room for what it says. */
  async #begin(reader: ByteReader): Promise<HeldContent> {
    const { content, account } = this.#errand
    const { engine, store } = this.#parts
    const length = new DataView((await reader.take(4)).buffer).getUint32(0)
    if (length > MAX_LIST) throw new Fault('limit-exceeded', `expected a list of chunks of at most ${MAX_LIST} bytes, found ${length}`)
    this.#held = await store.begin(readListOf(content, await reader.take(length), engine), account)
    this.#tell()
    return this.#held
  }

  async #take(reader: ByteReader, index: number, { held, source }: { held: HeldContent; source: Source }): Promise<void> {
    const { engine, altered, received } = this.#parts
    const bytes = await reader.take(chunkLength(held.content, index))
    if (isChunk(held.content, index, bytes, engine)) {
      if (!held.has(index)) await held.put(index, bytes)
      received(source.node, bytes.length)
      this.#tell()
      return
    }
    const fault = new Fault('refused', `chunk ${index} of ${held.id} came from ${source.node} as another`, { rule: 'content-chunk', index })
    this.#last = fault
    source.altered.add(index)
    altered(source.node, fault)
    if (source.altered.size >= MOST_ALTERED) throw fault
  }

  #pause(failures: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#parts.clock.after(PAUSE_MS * 2 ** (failures - 1), resolve)
    this.#stop = () => {
      cancel()
      resolve()
    }
    return promise
  }
}

const unwanted = (): Fault => new Fault('link-lost', 'nobody wants the content any more')
const allOf = (content: Content): number[] => Array.from({ length: chunkCount(content) }, (_, index) => index)
