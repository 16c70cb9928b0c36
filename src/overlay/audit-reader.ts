// Exports of journals, read for an audit: pages of the management API, lists of heads, and files of `chargeproof audit export`. Whatever is
// in them is a claim; nothing is believed here.
import type { Json } from '../base/ports.ts'
import { readJson } from '../base/read-json.ts'
import type { JournalRow } from './journal.ts'

/** A head that an export holds; who kept it, where the export says so, and what that one says of it. */
export interface FoundHead {
  readonly value: Json
  readonly heldBy?: string
  readonly held?: Json
  /** It stands in an entry of its holder's journal, which is judged by itself. */
  readonly isEntry?: true
}

export interface Exported {
  readonly entries: readonly JournalRow[]
  readonly heads: readonly FoundHead[]
  /** What could not be used, one sentence each. */
  readonly flaws: readonly string[]
}

/** A file; without a text where it cannot be read. */
export interface ExportFile {
  readonly name: string
  readonly text?: string | undefined
}

/** Reads files as one body of evidence: JSON of any nesting, or one JSON value a line. */
export const readExports = (files: readonly ExportFile[]): Exported => {
  const found: Found = { entries: [], heads: [], flaws: [] }
  for (const { name, text } of files) {
    if (text === undefined) found.flaws.push(`${name}: it cannot be read`)
    for (const value of valuesOf(text ?? '')) {
      if (value === undefined) found.flaws.push(`${name}: a line is not JSON`)
      else take(value, name, found)
    }
  }
  // heads that a node wrote into its journal are held by that node
  for (const { kind, node, data } of found.entries) {
    if (kind !== 'head' && kind !== 'security') continue
    const { heads = [data ?? null] } = (data ?? {}) as { readonly heads?: readonly Json[] }
    for (const value of heads) if (isHead(value)) found.heads.push({ value, heldBy: node, isEntry: true })
  }
  return found
}

interface Found {
  readonly entries: JournalRow[]
  readonly heads: FoundHead[]
  readonly flaws: string[]
}

const valuesOf = (text: string): (Json | undefined)[] => {
  const whole = parsed(text)
  if (whole !== undefined) return [whole]
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parsed)
}

const parsed = (text: string): Json | undefined => {
  try {
    return readJson(text)
  } catch {
    // told as a flaw of its file
    return undefined
  }
}

const take = (value: Json, name: string, found: Found): void => {
  if (Array.isArray(value)) {
    for (const each of value) take(each, name, found)
    return
  }
  const entry = entryOf(value)
  if (entry) found.entries.push(entry)
  else if (isHead(value)) {
    const { heldBy, held, ...head } = value as { readonly heldBy?: Json; readonly held?: Json }
    found.heads.push({ value: head, ...(typeof heldBy === 'string' && { heldBy }), ...(held !== undefined && { held }) })
  } else found.flaws.push(`${name}: neither an entry nor a head: ${JSON.stringify(value).slice(0, 60)}`)
}

const isHead = (value: Json): boolean => value !== null && typeof value === 'object' && 'head' in value && 'signature' in value

/** An entry as the journal keeps it: the API writes its time as text. */
const entryOf = (value: Json): JournalRow | undefined => {
  const { seq, at, node, kind, subject, text, previous } = (value ?? {}) as { readonly [name: string]: Json | undefined }
  const ms = typeof at === 'string' ? Date.parse(at) : at
  const isEntry =
    Number.isSafeInteger(seq) && Number.isSafeInteger(ms) && [node, kind, subject, text, previous].every((each) => typeof each === 'string')
  return isEntry ? ({ ...(value as object), at: ms } as JournalRow) : undefined
}
