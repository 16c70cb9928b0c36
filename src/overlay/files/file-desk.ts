// Answers those who ask for the files of this node. That they may is decided before (the guard, by the node's policy); here names, quotas and
// conditions are looked at, and files that were sent are fetched and put away.

import { asFault, Fault } from '../../base/fault.ts'
import type { Clock, Json } from '../../base/ports.ts'
import type { Envelope } from '../../ocpp/frame.ts'
import { answeringBefore } from '../answering.ts'
import type { Guard } from '../guard.ts'
import type { Journal } from '../journal.ts'
import type { Local } from '../node-parts.ts'
import type { ContentStore } from './content-store.ts'
import {
  DELETE_FILE,
  FILE_PROGRESS,
  GET_FILE,
  LIST_FILES,
  pageOf,
  readDelete,
  readGet,
  readListing,
  readSend,
  SEND_FILE,
} from './file-orders.ts'
import type { FileFound, FileOnWay, Sending } from './file-service.ts'
import type { FileEntry, FileSpace } from './file-space.ts'
import type { ContentExchange, Transfer } from './transfer.ts'

export interface FileDeskParts {
  readonly self: string
  readonly space: FileSpace
  readonly contents: ContentStore
  readonly exchange: ContentExchange
  readonly clock: Pick<Clock, 'after'>
  readonly guard: Pick<Guard, 'admit' | 'plain'>
  readonly journal: Pick<Journal, 'write'>
  readonly tell: (node: string, action: string, value: Json) => void
}

/** Files that come at the same time, and files that are held open for who asked for them. */
const MOST_COMING = 16
const MOST_OFFERED = 32
const NEWS_MS = 1_000

/** A node that answers for its files, and leaves everything else to `local`. */
export const servingFiles = (local: Local, desk: () => FileDesk | undefined): Local =>
  answeringBefore(local, (action) => desk()?.answering(action))

interface Coming {
  readonly from: string
  readonly sending: Sending
  /** Once it has begun. */
  transfer?: Transfer
}

export class FileDesk {
  readonly #parts: FileDeskParts
  /** By origin, name and content. */
  readonly #coming = new Map<string, Coming>()
  readonly #offered = new Map<string, () => void>()
  #isStopped = false

  constructor(parts: FileDeskParts) {
    this.#parts = parts
  }

  /** Files that others sent, and that are not under their names yet. */
  get coming(): readonly FileOnWay[] {
    return [...this.#coming.values()].map(({ from, sending: { name, size }, transfer }) => ({
      ...{ direction: 'in', node: from, name, total: size },
      done: transfer?.progress.done ?? 0,
    }))
  }

  /** How an action is answered; nothing where it is not about files. The answer rejects with Fault `refused` where the policy says no. */
  answering(action: string): ((envelope: Envelope) => Promise<Json>) | undefined {
    const answer = this.#answers.get(action)
    if (!answer) return undefined
    const { guard, self } = this.#parts
    return async (envelope) => {
      await guard.admit(envelope, self)
      const { message, path } = guard.plain(envelope)
      return answer('payload' in message ? message.payload.value : null, path[0] as string)
    }
  }

  readonly #answers: ReadonlyMap<string, (value: Json, from: string) => Promise<Json>> = new Map([
    [GET_FILE, async (value: Json): Promise<Json> => ({ ...(await this.find(readGet(value).name)) })],
    [SEND_FILE, async (value: Json, from: string): Promise<Json> => ({ status: await this.#send(readSend(value), from) })],
    [
      DELETE_FILE,
      async (value: Json, from: string): Promise<Json> => {
        const { name, onlyIfHash } = readDelete(value)
        return { deleted: await this.remove(name, { by: from, ...(onlyIfHash !== undefined && { onlyIfHash }) }) }
      },
    ],
    [
      LIST_FILES,
      async (value: Json): Promise<Json> => {
        const { name, after } = readListing(value)
        const { files, more } = pageOf(await this.list(name), after)
        return { files: files.map((file) => ({ ...file })), more }
      },
    ],
  ])

  list(name: string): Promise<readonly FileEntry[]> {
    return this.#parts.space.list(name.replace(/\/$/, ''))
  }

  /** A file, whose content others may ask for from now on. Throws Fault `input-missing`. */
  async find(name: string): Promise<FileFound> {
    const { space, exchange } = this.#parts
    const source = await space.open(name)
    if (!source) throw missing(name)
    const { id, content } = source
    this.#offered.get(id)?.()
    this.#offered.delete(id)
    this.#offered.set(id, exchange.publish(source))
    const [oldest] = this.#offered.keys()
    if (this.#offered.size > MOST_OFFERED && oldest !== undefined) {
      this.#offered.get(oldest)?.()
      this.#offered.delete(oldest)
    }
    const entry = (await space.list(name.split('/').slice(0, -1).join('/'))).find((each) => each.name === name)
    return { modified: 0, ...entry, name, size: content.size, content: id, sha256: content.sha256 }
  }

  async remove(name: string, { by, onlyIfHash }: { by: string; onlyIfHash?: string }): Promise<boolean> {
    const isGone = await this.#parts.space.delete(name, onlyIfHash)
    if (isGone) await this.#note(by, `deleted ${name}`, { name })
    return isGone
  }

  /** Fetches what was sent, and resolves when it is under its name. Throws as `FileSpace.put`, and what ends a transfer. */
  async take(
    { name, content, size, onlyIfHash }: Sending,
    from: string,
    watch: (transfer: Transfer) => void = () => undefined,
  ): Promise<void> {
    const { exchange, space } = this.#parts
    const putting = { origin: from, ...(onlyIfHash !== undefined && { onlyIfHash }) }
    await space.check(name, size, putting)
    const transfer = exchange.open({ content, source: from, account: from })
    watch(transfer)
    try {
      const found = await transfer.content
      if (found.size !== size) throw new Fault('refused', `${name} has ${found.size} bytes, not ${size}`, { rule: 'file-size' })
      await space.put(name, await transfer.done, putting)
      await this.#note(from, `put ${name}`, { name, size, sha256: found.sha256 })
    } finally {
      transfer.release()
    }
  }

  stop(): void {
    this.#isStopped = true
    for (const withdraw of this.#offered.values()) withdraw()
    this.#offered.clear()
  }

  async #send(sending: Sending, from: string): Promise<'Stored' | 'Accepted'> {
    const { space } = this.#parts
    const { name, content, size, onlyIfHash } = sending
    const there = await space.open(name)
    there?.release()
    if (there?.id === content) return 'Stored'
    const key = JSON.stringify([from, name, content])
    if (this.#coming.has(key)) return 'Accepted'
    if (this.#coming.size >= MOST_COMING) throw new Fault('queue-full', `${MOST_COMING} files are on their way here already`)
    // before anything is waited for: orders may come many at once
    const coming: Coming = { sending, from }
    this.#coming.set(key, coming)
    try {
      await space.check(name, size, { origin: from, ...(onlyIfHash !== undefined && { onlyIfHash }) })
    } catch (error) {
      this.#coming.delete(key)
      throw error
    }
    void this.#come(coming).finally(() => this.#coming.delete(key))
    return 'Accepted'
  }

  /** Never rejects: whoever sent it is told. */
  async #come(coming: Coming): Promise<void> {
    const { tell, clock } = this.#parts
    const { sending, from } = coming
    const { name, content, size } = sending
    let cancel = (): void => undefined
    const news = (fault?: Fault): void => {
      // all of it is there when it is under its name, and not before
      const done = Math.max(0, Math.min(coming.transfer?.progress.done ?? 0, size - 1))
      if (!this.#isStopped)
        tell(from, FILE_PROGRESS, {
          name,
          content,
          done,
          total: size,
          ...(fault && { fault: { code: fault.code, message: fault.message } }),
        })
    }
    const again = (): void => {
      cancel = clock.after(NEWS_MS, () => {
        news()
        again()
      })
    }
    again()
    try {
      await this.take(sending, from, (opened) => {
        coming.transfer = opened
      })
      tell(from, FILE_PROGRESS, { name, content, done: size, total: size })
    } catch (error) {
      news(asFault(error))
    } finally {
      cancel()
    }
  }

  async #note(by: string, text: string, data: Json): Promise<void> {
    await this.#parts.journal.write({ kind: 'file', subject: by, text, data })
  }
}

export const missing = (name: string): Fault => new Fault('input-missing', `there is no file ${name}`)
