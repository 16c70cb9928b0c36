// A file space on a disk: a folder of the node's. Every name is walked part by part and no link is followed; a file is written beside
// the others and gets its name when it is whole and safe.
import type { Stats } from 'node:fs'
import { constants, type FileHandle, lstat, mkdir, open, readdir, realpath, rename, rm, rmdir, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Fault } from '../base/fault.ts'
import type { Random, Store } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { chunkCount } from '../overlay/files/content.ts'
import type { ChunkSource } from '../overlay/files/content-store.ts'
import type { FileEntry, FileSpace, Putting } from '../overlay/files/file-space.ts'
import { fileName, fileNameFlaw, foldedName } from '../overlay/files/names.ts'
import { codeOf, stored, syncAndClose, syncFolder, unlessMissing, writeWhole } from './durable-files.ts'
import { FileContents } from './file-contents.ts'

export interface FileSpaceOptions {
  readonly folder: string
  readonly engine: Engine
  readonly random: Pick<Random, 'uuid'>
  /** Remembers whom a file is from. */
  readonly store: Store
  /** Bytes of all files. */
  readonly quota: number
  /** Bytes of the files of one origin. */
  readonly originQuota: number
  /** How many files. */
  readonly files: number
}

/** Of whom a file is, by its name. */
const ORIGINS = 'file-origins'
/** No name of a file begins so. */
const INCOMING = '.incoming'
const WHAT = 'the file space'

export class DiskFileSpace implements FileSpace {
  readonly #options: FileSpaceOptions
  readonly #contents: FileContents
  /** Changes happen one after the other, so that a quota is not passed by two at once. */
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(options: FileSpaceOptions) {
    this.#options = options
    this.#contents = new FileContents(options.engine)
  }

  /** Makes the folder, and clears what a crash left half written. Throws Fault `store-failed`. */
  static open(options: FileSpaceOptions): Promise<DiskFileSpace> {
    return stored(WHAT, async () => {
      await rm(join(options.folder, INCOMING), { recursive: true, force: true })
      await mkdir(join(options.folder, INCOMING), { recursive: true, mode: 0o700 })
      return new DiskFileSpace({ ...options, folder: await realpath(options.folder) })
    })
  }

  async list(folder: string): Promise<readonly FileEntry[]> {
    return stored(WHAT, async () => {
      if (folder === '') return this.#below('')
      const found = await this.#walk(fileName(folder))
      return found?.isDirectory() ? this.#below(folder) : []
    })
  }

  async open(name: string): Promise<ChunkSource | undefined> {
    return stored(WHAT, async () => {
      const file = await this.#openFile(fileName(name))
      return file && (await this.#contents.of(file))
    })
  }

  check(name: string, size: number, putting: Putting): Promise<void> {
    return stored(WHAT, () => this.#check(name, size, putting))
  }

  put(name: string, source: ChunkSource, putting: Putting): Promise<void> {
    return this.#inTurn(async () => {
      const { folder, random, store } = this.#options
      await this.#check(name, source.content.size, putting)
      const draft = join(folder, INCOMING, random.uuid())
      try {
        await this.#write(draft, source)
        await this.#check(name, source.content.size, putting)
        const path = await this.#makeParents(name)
        await rename(draft, path)
        await syncFolder(dirname(path))
      } finally {
        await rm(draft, { force: true })
      }
      await store.commit([{ collection: ORIGINS, key: keyOf(name), value: putting.origin }])
    })
  }

  delete(name: string, onlyIfHash?: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const { folder, store } = this.#options
      const found = await this.#walk(fileName(name))
      if (!found) return false
      if (!found.isFile()) throw refused('file-kind', `${name} is no file`)
      await this.#checkHash(name, onlyIfHash)
      const path = join(folder, name)
      await unlink(path)
      await syncFolder(dirname(path))
      await this.#clearParents(name)
      await store.commit([{ collection: ORIGINS, key: keyOf(name), value: undefined }])
      return true
    })
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(() => stored(WHAT, run))
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  async #check(name: string, size: number, { origin, onlyIfHash }: Putting): Promise<void> {
    const { quota, originQuota, files } = this.#options
    const found = await this.#walk(fileName(name))
    if (found && !found.isFile()) throw refused('file-kind', `${name} is no file`)
    await this.#checkHash(name, onlyIfHash)
    const others = (await this.#below('')).filter((entry) => entry.name !== name)
    const own = others.filter((entry) => entry.origin === origin)
    if (others.length >= files) throw full(`there are ${files} files already`)
    if (sum(others) + size > quota) throw full(`the ${size} bytes of ${name} do not fit into ${quota}`)
    if (sum(own) + size > originQuota) throw full(`with the ${size} bytes of ${name} ${origin} has more than ${originQuota}`)
  }

  async #checkHash(name: string, onlyIfHash: string | undefined): Promise<void> {
    if (onlyIfHash === undefined) return
    const file = await this.open(name)
    file?.release()
    const sha256 = file?.content.sha256 ?? ''
    if (sha256 !== onlyIfHash.toLowerCase()) throw refused('file-changed', `${name} is ${sha256 === '' ? 'not there' : sha256}`)
  }

  async #write(draft: string, source: ChunkSource): Promise<void> {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
    const handle = await open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try {
      for (let i = 0; i < chunkCount(source.content); i++) {
        const bytes = await source.read(i)
        if (!bytes) throw new Fault('store-failed', `chunk ${i} of ${source.id} is no more what it was`)
        await writeWhole(handle, bytes)
      }
    } finally {
      await syncAndClose(handle)
    }
  }

  /** What a name leads to, without following a link: nothing where there is nothing. Throws Fault `refused` for whatever is in its way. */
  async #walk(name: string): Promise<Stats | undefined> {
    const { folder } = this.#options
    let at = folder
    let found: Stats | undefined
    for (const part of name.split('/')) {
      if (found && !found.isDirectory()) throw refused('file-kind', `a part of ${name} is no folder`)
      const twin = (await readdir(at)).find((other) => other !== part && foldedName(other) === foldedName(part))
      if (twin !== undefined) throw refused('file-name', `${name} differs from ${twin} in capitals alone`)
      at = join(at, part)
      found = await lstat(at).catch(unlessMissing)
      if (!found) return undefined
      if (found.isSymbolicLink() || (found.isFile() && found.nlink > 1)) throw refused('file-link', `a part of ${name} is a link`)
    }
    return found
  }

  async #openFile(name: string): Promise<FileHandle | undefined> {
    const walked = await this.#walk(name)
    if (!walked) return undefined
    if (!walked.isFile()) throw refused('file-kind', `${name} is no file`)
    const path = join(this.#options.folder, name)
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    const [opened, real] = await Promise.all([handle.stat(), realpath(path)])
    if (opened.ino === walked.ino && opened.dev === walked.dev && real === path) return handle
    await handle.close()
    throw refused('file-link', `${name} was changed while it was opened`)
  }

  async #makeParents(name: string): Promise<string> {
    const { folder } = this.#options
    const parts = name.split('/')
    for (let depth = 1; depth < parts.length; depth++) {
      const parent = join(folder, ...parts.slice(0, depth))
      if (await mkdir(parent, { mode: 0o700 }).then(() => true, unlessThere)) await syncFolder(dirname(parent))
    }
    return join(folder, name)
  }

  async #clearParents(name: string): Promise<void> {
    const parts = name.split('/')
    for (let depth = parts.length - 1; depth > 0; depth--) {
      const isGone = await rmdir(join(this.#options.folder, ...parts.slice(0, depth))).then(
        () => true,
        () => false, // others have files in it
      )
      if (!isGone) return
    }
  }

  /** Every file below a folder whose name is one: what somebody put there by hand under another cannot be asked for, and counts for nothing. */
  async #below(folder: string): Promise<FileEntry[]> {
    const { folder: root, store } = this.#options
    const found: FileEntry[] = []
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (fileNameFlaw(name) !== undefined) continue
      if (entry.isDirectory()) found.push(...(await this.#below(name)))
      if (!entry.isFile()) continue
      const stats = await lstat(join(root, name)).catch(unlessMissing)
      if (!stats) continue
      const origin = store.get(ORIGINS, keyOf(name))
      found.push({ name, size: stats.size, modified: Math.floor(stats.mtimeMs), ...(typeof origin === 'string' && { origin }) })
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}

const sum = (entries: readonly FileEntry[]): number => entries.reduce((total, { size }) => total + size, 0)
/** Stores take ASCII keys. */
const keyOf = (name: string): string => encodeURIComponent(name)
const refused = (rule: string, reason: string): Fault => new Fault('refused', reason, { rule })
const full = (reason: string): Fault => new Fault('limit-exceeded', `the file space is full: ${reason}`)
const unlessThere = (error: unknown): false => {
  if (codeOf(error) !== 'EEXIST') throw error
  return false
}
