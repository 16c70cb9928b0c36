// Asks nodes for their files: other nodes with orders, its own node at its desk, which nobody needs to ask for permission.
import { FAULTS, Fault, type FaultCode } from '../../base/fault.ts'
import type { Clock, Json } from '../../base/ports.ts'
import { type Envelope, SEND } from '../../ocpp/frame.ts'
import type { ContentStore } from './content-store.ts'
import type { FileDesk } from './file-desk.ts'
import {
  DELETE_FILE,
  FILE_PROGRESS,
  type FileNews,
  GET_FILE,
  LIST_FILES,
  membersOf,
  readEntries,
  readFound,
  readNews,
  SEND_FILE,
} from './file-orders.ts'
import type { FileFound, FileOnWay, FileService, Sending } from './file-service.ts'
import type { FileEntry } from './file-space.ts'
import { fileName } from './names.ts'
import type { ContentExchange, Progress, Transfer } from './transfer.ts'

export interface RemoteFilesParts {
  readonly self: string
  readonly clock: Pick<Clock, 'after'>
  readonly exchange: ContentExchange
  readonly contents: ContentStore
  /** Of this node; missing where it keeps no files. */
  readonly desk?: FileDesk
  /** Resolves with the payload of the answer. Throws Fault as a CALL does. */
  readonly ask: (node: string, action: string, value: Json) => Promise<Json>
}

/** Without news for so long, the other node is asked again whether it has the file; and how often in a row before it is given up, ms. */
const SILENCE_MS = 10_000
const ATTEMPTS = 12
const PASSING: readonly FaultCode[] = ['unreachable', 'timeout', 'link-lost', 'queue-full']

export class RemoteFiles implements FileService {
  readonly #parts: RemoteFilesParts
  /** Who waits for news of a file, by node, name and content. */
  readonly #waiting = new Map<string, Set<(news: FileNews) => void>>()
  readonly #going = new Set<FileOnWay & { done: number }>()

  constructor(parts: RemoteFilesParts) {
    this.#parts = parts
  }

  /** Files that are being sent, and those that come to this node's own space. */
  get onTheirWay(): readonly FileOnWay[] {
    return [...[...this.#going].map((way) => ({ ...way })), ...(this.#parts.desk?.coming ?? [])]
  }

  async list(node: string, folder: string): Promise<readonly FileEntry[]> {
    const name = folder === '' ? '' : `${fileName(folder.replace(/\/$/, ''))}/`
    if (node === this.#parts.self) return this.#desk.list(name)
    const files: FileEntry[] = []
    for (;;) {
      const after = files.at(-1)?.name
      const answer = membersOf(await this.#parts.ask(node, LIST_FILES, { name, ...(after !== undefined && { after }) }))
      const page = readEntries(answer.files)
      files.push(...page)
      if (answer.more !== true || page.length === 0) return files
    }
  }

  async get(node: string, name: string): Promise<{ readonly file: FileFound; readonly transfer: Transfer }> {
    const { self, ask, exchange } = this.#parts
    const file = node === self ? await this.#desk.find(fileName(name)) : readFound(await ask(node, GET_FILE, { name: fileName(name) }))
    // nobody else waits for it, so that nobody on the way needs to keep it
    return { file, transfer: exchange.open({ content: file.content, source: node, shared: false }) }
  }

  async send(node: string, sending: Sending, told: (progress: Progress) => void = () => undefined): Promise<void> {
    const { self, contents } = this.#parts
    fileName(sending.name)
    // it must stay until it is there
    const held = await contents.find(sending.content)
    const way = { direction: 'out' as const, node, name: sending.name, done: 0, total: sending.size }
    this.#going.add(way)
    try {
      if (node === self) await this.#desk.take(sending, self)
      else
        await this.#sendTo(node, sending, (progress) => {
          way.done = progress.done
          told(progress)
        })
    } finally {
      this.#going.delete(way)
      held?.release()
    }
  }

  async delete(node: string, name: string, onlyIfHash?: string): Promise<boolean> {
    const { self, ask } = this.#parts
    const condition = onlyIfHash === undefined ? {} : { onlyIfHash }
    if (node === self) return this.#desk.remove(fileName(name), { by: self, ...condition })
    return membersOf(await ask(node, DELETE_FILE, { name: fileName(name), ...condition })).deleted === true
  }

  /** News of a file that was sent; whether it was any. */
  heard({ message, path }: Envelope): boolean {
    if (message.type !== SEND || message.action !== FILE_PROGRESS) return false
    const news = readNews(message.payload.value)
    if (news) for (const waiting of this.#waiting.get(keyOf(path[0] as string, news)) ?? []) waiting(news)
    return true
  }

  async #sendTo(node: string, sending: Sending, told: (progress: Progress) => void): Promise<void> {
    let silences = 0
    for (;;) {
      const waiting = this.#newsOf(node, sending)
      try {
        const { status } = membersOf(await this.#parts.ask(node, SEND_FILE, { ...sending }))
        if (status === 'Stored') return told({ done: sending.size, total: sending.size })
        const news = await waiting.next(told)
        silences = news ? 0 : silences + 1
        if (news?.fault) throw new Fault(codeOf(news.fault.code), `${node}: ${news.fault.message}`, { at: node })
      } catch (error) {
        if (!(error instanceof Fault) || !PASSING.includes(error.code) || ++silences >= ATTEMPTS) throw error
        await this.#pause()
      } finally {
        waiting.stop()
      }
      if (silences >= ATTEMPTS) throw new Fault('timeout', `${node} does not tell whether it has ${sending.name}`, { at: node })
    }
  }

  /** News, until they are the last ones: all of it is there, or will not come. Nothing where they stop. */
  #newsOf(node: string, sending: Sending) {
    const key = keyOf(node, sending)
    const heard: FileNews[] = []
    let wake = (): void => undefined
    const listener = (news: FileNews): void => {
      heard.push(news)
      wake()
    }
    this.#waiting.set(key, (this.#waiting.get(key) ?? new Set()).add(listener))
    return {
      next: async (told: (progress: Progress) => void): Promise<FileNews | undefined> => {
        for (;;) {
          if (heard.length === 0)
            await this.#pause((ended) => {
              wake = ended
            })
          const news = heard.shift()
          if (!news) return undefined
          told(news)
          if (news.fault || news.done >= news.total) return news
        }
      },
      stop: (): void => {
        this.#waiting.get(key)?.delete(listener)
        if (this.#waiting.get(key)?.size === 0) this.#waiting.delete(key)
      },
    }
  }

  /** @param started told how to end it before its time */
  #pause(started: (end: () => void) => void = () => undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#parts.clock.after(SILENCE_MS, resolve)
    started(() => {
      cancel()
      resolve()
    })
    return promise
  }

  get #desk(): FileDesk {
    const { desk, self } = this.#parts
    if (desk) return desk
    throw new Fault('remote-error', `${self} keeps no files`)
  }
}

const keyOf = (node: string, { name, content }: Pick<Sending, 'name' | 'content'>): string => JSON.stringify([node, name, content])
const codeOf = (code: string): FaultCode => (Object.hasOwn(FAULTS, code) ? (code as FaultCode) : 'remote-error')
