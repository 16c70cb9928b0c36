// ZIP archives, unpacked in small steps so that no bomb gets far: the sizes an archive states are not believed.
import { Unzip, type UnzipFile, type UnzipFileInfo, UnzipInflate, type Unzipped, unzipSync } from 'fflate'
import { concatAll, equal, hasAt } from '../../base/bytes.ts'
import { asFault, Fault } from '../../base/fault.ts'
import type { Container, Missing, Part } from '../container.ts'
import type { Budget } from '../limits.ts'
import { Account, STEP } from './account.ts'

export const zip: Container = {
  name: 'zip',
  recognise: ({ bytes }) => SIGNATURES.some((signature) => hasAt(bytes, signature)),
  open: ({ bytes }, budget) => unpack(bytes, budget),
}

/** Of a local file header, and of an archive without members. */
const SIGNATURES = [
  [0x50, 0x4b, 0x03, 0x04],
  [0x50, 0x4b, 0x05, 0x06],
] as const

const unpack = (bytes: Uint8Array, budget: Budget): Part[] => {
  const listed = directoryOf(bytes, budget.limits.entries)
  const parts: Part[] = []
  const behind = bytesBehind(bytes)
  const account = new Account(bytes, budget)
  const unzip = new Unzip((file) => {
    if (!isFolder(file)) account.entry()
    receive(file, account, (part) => void parts.push(part))
  })
  unzip.register(UnzipInflate)
  try {
    for (let at = 0; at < bytes.length; at += STEP) {
      budget.checkTime()
      unzip.push(bytes.subarray(at, at + STEP), at + STEP >= bytes.length)
    }
  } catch (thrown) {
    return [...parts, { kind: 'missing', name: undefined, fault: asFault(thrown, 'record-malformed') }]
  }
  if (listed.length !== parts.length)
    return [...parts, disagreement(`directory lists ${listed.length} members, its body holds ${parts.length}`)]
  const other = differing(bytes, listed, parts)
  if (other !== undefined) return [...parts, disagreement(`directory and body differ at ${JSON.stringify(other.slice(0, 100))}`)]
  return behind <= 0 ? parts : [...parts, disagreement(`end is not the end of the file: ${behind} bytes behind it were not read`)]
}

/**
 * The name of a member that is another one where a program goes by the directory, as most do; here the body is read from front to back.
 * @param parts the members that came out of the body, and what did not
 */
const differing = (bytes: Uint8Array, listed: readonly Listed[], parts: readonly Part[]): string | undefined => {
  const members = parts.filter((part) => part.kind === 'member')
  const waiting = Map.groupBy(members, ({ name }) => name ?? '')
  const broken = new Set(parts.flatMap(({ kind, name = '' }) => (kind === 'missing' ? [name] : [])))
  const readable = listed.filter(({ name }) => !broken.has(name))
  // as long as what came out, before room is made for it
  const isAsLong = ({ name, originalSize }: Listed): boolean =>
    waiting.get(name)?.some((each) => each.bytes.length === originalSize) === true
  const other = readable.find((entry) => !isAsLong(entry)) ?? members.find(({ name }) => !listed.some((entry) => entry.name === name))
  if (other !== undefined) return other.name
  for (let copy = 1; waiting.size > 0; copy++) {
    if (copy > COPIES) return [...waiting.keys()][0]
    const copies = copiesIn(bytes, copy, (name) => waiting.has(name))
    for (const [name, left] of waiting) {
      // asked by its name: one called __proto__ is no member of what fflate answers
      const content: unknown = copies[name]
      const same = left.findIndex((each) => content instanceof Uint8Array && equal(each.bytes, content))
      if (same < 0) return name
      left.splice(same, 1)
      if (left.length === 0) waiting.delete(name)
    }
  }
  return undefined
}

/** Members of one name that are looked at; nobody packs such archives. */
const COPIES = 4

/** By the directory: of the members of each name the first, the second … */
const copiesIn = (bytes: Uint8Array, copy: number, wanted: (name: string) => boolean): Unzipped => {
  const seen = new Map<string, number>()
  return unzipped(bytes, ({ name }) => {
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return count === copy && wanted(name)
  })
}

const isFolder = ({ name }: Pick<Listed, 'name'>): boolean => name.endsWith('/')

/** APPNOTE 4.3.16: the end of the directory says how long the comment is that ends the file. It was found before. */
const bytesBehind = (bytes: Uint8Array): number => {
  let end = bytes.length - END_BYTES
  while (end > 0 && !hasAt(bytes, SIGNATURES[1], end)) end--
  return bytes.length - end - END_BYTES - ((bytes[end + 20] ?? 0) | ((bytes[end + 21] ?? 0) << 8))
}

const END_BYTES = 22

type Listed = Pick<UnzipFileInfo, 'name' | 'originalSize'>

/** The members the archive's directory names, without empty folders. @throws Fault `record-malformed` when there is no directory */
const directoryOf = (bytes: Uint8Array, most: number): Listed[] => {
  const listed: Listed[] = []
  let count = 0
  unzipped(bytes, (entry) => {
    // an archive may claim four thousand million
    if (++count > FOLDERS * most) throw new Fault('limit-exceeded', `more than ${FOLDERS * most} entries in the archive's directory`)
    if (!isFolder(entry) || entry.originalSize > 0) listed.push(entry)
    return false
  })
  return listed
}

/** Folders are members of the directory, and cost nothing. */
const FOLDERS = 10

const unzipped = (bytes: Uint8Array, filter: (entry: UnzipFileInfo) => boolean): Unzipped => {
  try {
    return unzipSync(bytes, { filter })
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('record-malformed', 'expected a ZIP archive, found no directory at its end', {}, cause)
  }
}

const receive = (file: UnzipFile, account: Account, done: (part: Part) => void): void => {
  const chunks: Uint8Array[] = []
  let size = 0
  let over = false
  const finish = (part: Part): void => {
    if (!over) done(part)
    over = true
  }
  file.ondata = (error, chunk, final) => {
    // fflate hands back what was thrown below: a limit ends it all, a damaged member only itself
    if (error instanceof Fault) throw error
    if (error)
      return finish({
        kind: 'missing',
        name: file.name,
        fault: new Fault('record-malformed', `cannot be unpacked: ${error.message}`, {}, error),
      })
    size += chunk.length
    account.bytes(chunk.length, size)
    chunks.push(chunk)
    if (!final) return
    if (!isFolder(file)) finish({ kind: 'member', name: file.name, bytes: concatAll(chunks) })
    // most programs make a folder of it, and some may find a record
    else if (size > 0) finish({ kind: 'missing', name: file.name, fault: disagreement('folder has content, which was not read').fault })
  }
  file.start()
}

const disagreement = (what: string): Missing => ({
  kind: 'missing',
  name: undefined,
  fault: new Fault('record-malformed', `the archive's ${what}`),
})
