// Content on disk, by its id: a description, and the bytes under the name `.part` until all of them are there and safe. Bytes are
// believed when their hash was seen, in this process, to be right; so a crash, or whoever changes a file, costs a chunk and no more.
import { constants, type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { parseJsonStrict } from '../base/canonical-json.ts'
import { Fault } from '../base/fault.ts'
import type { Engine } from '../crypto/engine.ts'
import { type Content, chunkCount, contentId, isChunk, isContentId, listText, readList } from '../overlay/files/content.ts'
import type { ContentStore, HeldContent } from '../overlay/files/content-store.ts'
import { stored, syncFolder, unlessMissing, writeSafely, writeWhole } from './durable-files.ts'
import { readChunk } from './file-contents.ts'

export interface ContentStoreOptions {
  readonly folder: string
  readonly engine: Engine
  /** Bytes of everything that is kept. */
  readonly quota: number
  /** Bytes that may be kept for one node; as much as for all where not given. */
  readonly accountQuota?: number
}

interface Entry {
  readonly id: string
  readonly account: string
  readonly size: number
  /** Milliseconds since 1970. */
  used: number
  holders: number
  /** While it is held; nothing where its description is not what it was. */
  opened: Promise<Opened | undefined> | undefined
}

interface Opened {
  readonly content: Content
  readonly file: FileHandle
  readonly here: Uint8Array
  missing: number
  isWhole: boolean
}

export class DiskContentStore implements ContentStore {
  readonly #options: ContentStoreOptions
  readonly #entries: Map<string, Entry>
  /** Finding and making room happen one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(options: ContentStoreOptions, entries: Map<string, Entry>) {
    this.#options = options
    this.#entries = entries
  }

  /** Throws Fault `store-failed`. */
  static async open(options: ContentStoreOptions): Promise<DiskContentStore> {
    const { folder } = options
    return stored(`the folder of content ${folder}`, async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const entries = new Map<string, Entry>()
      for (const name of await readdir(folder)) {
        const entry = name.endsWith('.json') ? await readEntry(options, name.slice(0, -'.json'.length)) : undefined
        if (entry) entries.set(entry.id, entry)
      }
      // what no description belongs to is what a crash left
      for (const name of await readdir(folder)) if (!entries.has(name.split('.')[0] ?? '')) await rm(join(folder, name), { force: true })
      return new DiskContentStore(options, entries)
    })
  }

  /** Bytes that what is kept takes, or will. */
  get bytes(): number {
    return [...this.#entries.values()].reduce((sum, { size }) => sum + size, 0)
  }

  find(id: string): Promise<HeldContent | undefined> {
    return this.#inTurn(() => this.#known(id))
  }

  begin(content: Content, account: string): Promise<HeldContent> {
    return this.#inTurn(async () => {
      const { folder, engine } = this.#options
      const id = contentId(content, engine)
      const known = await this.#known(id)
      if (known) return known
      await this.#makeRoom(content.size, account)
      const entry: Entry = { id, account, size: content.size, used: Date.now(), holders: 0, opened: undefined }
      const file = await open(join(folder, `${id}.part`), constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o600)
      await file.close()
      await writeSafely(join(folder, `${id}.json`), `{"account":${JSON.stringify(account)},"list":${listText(content)}}`)
      this.#entries.set(id, entry)
      const held = await this.#hold(entry)
      if (held) return held
      throw new Fault('store-failed', `the description of ${id} is not what was written`)
    })
  }

  async #known(id: string): Promise<HeldContent | undefined> {
    const entry = this.#entries.get(id)
    return entry && (await this.#hold(entry))
  }

  async #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(() => stored('the store of content', run))
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  /** Gives up what was not used for longest: of the account's own first, where its share is full. */
  async #makeRoom(size: number, account: string): Promise<void> {
    const { quota, accountQuota = quota } = this.#options
    const idle = [...this.#entries.values()].filter(({ holders }) => holders === 0).sort((a, b) => a.used - b.used)
    const own = (): number => [...this.#entries.values()].reduce((sum, each) => sum + (each.account === account ? each.size : 0), 0)
    const giveUp = async (isFull: () => boolean, among: readonly Entry[]): Promise<void> => {
      for (const entry of among) {
        if (!isFull()) return
        if (this.#entries.delete(entry.id)) await this.#remove(entry.id)
      }
      if (isFull()) throw new Fault('limit-exceeded', `there is no room for content of ${size} bytes`, { size, quota, account })
    }
    // what can never fit costs nobody anything
    if (size > Math.min(quota, accountQuota))
      throw new Fault('limit-exceeded', `there is no room for content of ${size} bytes`, { size, quota, account })
    await giveUp(
      () => own() + size > accountQuota,
      idle.filter((entry) => entry.account === account),
    )
    await giveUp(() => this.bytes + size > quota, idle)
  }

  async #remove(id: string): Promise<void> {
    // the description last: what it belongs to is looked for at the next start otherwise
    for (const ending of ['part', 'data', 'json']) await rm(join(this.#options.folder, `${id}.${ending}`), { force: true })
  }

  /** Nothing where its description is not what it was: then it is given up, and got anew by who wants it. */
  async #hold(entry: Entry): Promise<HeldContent | undefined> {
    const { folder } = this.#options
    entry.holders++
    entry.used = Date.now()
    try {
      entry.opened ??= this.#open(entry.id)
      const opened = await entry.opened
      if (opened) {
        await utimes(join(folder, `${entry.id}.json`), new Date(), new Date())
        return this.#held(entry, opened)
      }
      this.#entries.delete(entry.id)
      await this.#remove(entry.id)
      return undefined
    } catch (error) {
      entry.holders--
      entry.opened = undefined
      throw error
    }
  }

  async #open(id: string): Promise<Opened | undefined> {
    const { folder, engine } = this.#options
    const description = await readDescription(this.#options, id)
    if (!description) return undefined
    const { content } = description
    const whole = await open(join(folder, `${id}.data`), 'r+').catch(unlessMissing)
    const file = whole ?? (await open(join(folder, `${id}.part`), 'r+').catch(unlessMissing))
    if (!file) return undefined
    const count = chunkCount(content)
    const opened: Opened = {
      content,
      file,
      here: new Uint8Array(count).fill(whole ? 1 : 0),
      missing: whole ? 0 : count,
      isWhole: whole !== undefined,
    }
    // of what a crash interrupted nothing is believed that was not looked at
    const { size } = await file.stat()
    for (let i = 0; !whole && i * content.chunkSize < size; i++) {
      const bytes = await readChunk(opened, i)
      if (isChunk(content, i, bytes, engine)) mark(opened, i, 1)
    }
    return opened
  }

  #held(entry: Entry, opened: Opened): HeldContent {
    const { engine } = this.#options
    let isHeld = true
    return {
      id: entry.id,
      content: opened.content,
      get missing() {
        return opened.missing
      },
      has: (index) => opened.here[index] === 1,
      read: (index, into) =>
        stored('the store of content', async () => {
          if (opened.here[index] !== 1) return undefined
          const bytes = await readChunk(opened, index, into)
          if (isChunk(opened.content, index, bytes, engine)) return bytes
          mark(opened, index, 0)
          return undefined
        }),
      put: (index, bytes) => stored('the store of content', () => this.#put(entry.id, opened, { index, bytes })),
      release: () => {
        if (isHeld) this.#release(entry)
        isHeld = false
      },
    }
  }

  async #put(id: string, opened: Opened, { index, bytes }: { index: number; bytes: Uint8Array }): Promise<void> {
    const { folder } = this.#options
    const { file, content } = opened
    await writeWhole(file, bytes, index * content.chunkSize)
    mark(opened, index, 1)
    if (opened.missing > 0) return
    await file.sync()
    if (opened.isWhole) return
    await rename(join(folder, `${id}.part`), join(folder, `${id}.data`))
    await syncFolder(folder)
    opened.isWhole = true
  }

  #release(entry: Entry): void {
    entry.holders--
    if (entry.holders > 0) return
    const { opened } = entry
    entry.opened = undefined
    void opened?.then((each) => each?.file.close()).catch(() => undefined)
  }
}

const mark = (opened: Opened, index: number, now: 0 | 1): void => {
  if (opened.here[index] === now) return
  opened.here[index] = now
  opened.missing += now === 1 ? -1 : 1
}

/** Nothing where it is not whole, or another's: hashes that somebody changed would vouch for bytes that he changed with them. */
const readDescription = async (
  { folder, engine }: ContentStoreOptions,
  id: string,
): Promise<{ account: string; content: Content } | undefined> => {
  try {
    const read = parseJsonStrict(await readFile(join(folder, `${id}.json`), 'utf8')) as {
      readonly account?: unknown
      readonly list?: never
    }
    const content = readList(read.list ?? null)
    return contentId(content, engine) === id ? { account: String(read.account), content } : undefined
  } catch (error) {
    return error instanceof Fault ? undefined : unlessMissing(error)
  }
}

const readEntry = async (options: ContentStoreOptions, id: string): Promise<Entry | undefined> => {
  const description = isContentId(id) ? await readDescription(options, id) : undefined
  if (!description) return undefined
  const { account, content } = description
  const { mtimeMs } = await stat(join(options.folder, `${id}.json`))
  return { id, account, size: content.size, used: mtimeMs, holders: 0, opened: undefined }
}
