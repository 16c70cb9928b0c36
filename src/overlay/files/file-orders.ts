// The four orders that files are asked for with, and the news of one that is on its way: payloads read and written (docs/protocol.md §12.4).
// The prefix, so that no OCPP version can claim the names.
import { Fault } from '../../base/fault.ts'
import type { Json } from '../../base/ports.ts'
import { isContentId } from './content.ts'
import type { FileFound, Sending } from './file-service.ts'
import type { FileEntry } from './file-space.ts'
import { fileName } from './names.ts'
import type { Progress } from './transfer.ts'

export const GET_FILE = 'org.chargeproof.GetFile'
export const SEND_FILE = 'org.chargeproof.SendFile'
export const DELETE_FILE = 'org.chargeproof.DeleteFile'
export const LIST_FILES = 'org.chargeproof.ListFiles'
/** A SEND to who sent a file: how far it is, or why it will not come. Whether it is there says only the answer to `SendFile`. */
export const FILE_PROGRESS = 'org.chargeproof.FileProgress'

export interface Deletion {
  readonly name: string
  readonly onlyIfHash?: string
}

export interface Listing {
  /** A folder with `/` behind it, as rules see it; empty for all. */
  readonly name: string
  /** The last name of the page before. */
  readonly after?: string
}

export interface FileNews extends Progress {
  readonly name: string
  readonly content: string
  /** It will not come. */
  readonly fault?: { readonly code: string; readonly message: string }
}

type Members = { readonly [name: string]: Json | undefined }

/** Each throws Fault `payload-invalid`, and `refused` for what is no name. */
export const readGet = (value: Json): { readonly name: string } => ({ name: fileName(membersOf(value).name) })

export const readSend = (value: Json): Sending => {
  const { content, size, ...named } = membersOf(value)
  if (!isContentId(content) || !isCount(size)) throw invalid('expected "content" as 64 hex digits and "size" in bytes')
  return { ...readDelete(named as Json), content, size }
}

export const readDelete = (value: Json): Deletion => {
  const { name, onlyIfHash } = membersOf(value)
  if (onlyIfHash !== undefined && onlyIfHash !== '' && !isContentId(onlyIfHash))
    throw invalid('expected "onlyIfHash" as 64 hex digits in lower case, or empty')
  return { name: fileName(name), ...(onlyIfHash !== undefined && { onlyIfHash }) }
}

export const readListing = (value: Json): Listing => {
  const { name, after } = membersOf(value)
  if (typeof name !== 'string' || (name !== '' && !name.endsWith('/'))) throw invalid('expected "name" as a folder with "/" behind it')
  if (name !== '') fileName(name.slice(0, -1))
  return { name, ...(after !== undefined && { after: fileName(after) }) }
}

export const readNews = (value: Json): FileNews | undefined => {
  const { name, content, done, total, fault } = membersOf(value)
  if (typeof name !== 'string' || !isContentId(content) || !isCount(done) || !isCount(total)) return undefined
  const { code, message } = membersOf(fault ?? null)
  return { name, content, done, total, ...(typeof code === 'string' && { fault: { code, message: String(message ?? '').slice(0, 300) } }) }
}

/** Characters of the entries of a page: it fits a frame with room for signatures. */
const PAGE = 100_000

/** The next entries behind a name, as many as fit one answer. */
export const pageOf = (entries: readonly FileEntry[], after = ''): { readonly files: readonly FileEntry[]; readonly more: boolean } => {
  const files: FileEntry[] = []
  const rest = entries.filter(({ name }) => name > after)
  for (let length = 0; files.length < rest.length; ) {
    const next = rest[files.length] as FileEntry
    length += JSON.stringify(next).length
    if (length > PAGE) break
    files.push(next)
  }
  return { files, more: files.length < rest.length }
}

/** What another node says of its files. Throws Fault `payload-invalid`. */
export const readEntries = (value: Json | undefined): FileEntry[] => {
  if (!Array.isArray(value)) throw invalid('expected a list of files')
  return value.map(readEntry)
}

export const readFound = (value: Json): FileFound => {
  const { content, sha256 } = membersOf(value)
  if (!isContentId(content) || !isContentId(sha256)) throw invalid('expected "content" and "sha256" of a file')
  return { ...readEntry(value), content, sha256 }
}

const readEntry = (value: Json): FileEntry => {
  const { name, size, modified, origin } = membersOf(value)
  if (!isCount(size) || !isCount(modified)) throw invalid('expected "size" and "modified" of a file')
  return { name: fileName(name), size, modified, ...(typeof origin === 'string' && { origin }) }
}

export const membersOf = (value: Json): Members =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Members) : {}
const isCount = (value: Json | undefined): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const invalid = (why: string): Fault => new Fault('payload-invalid', why)
