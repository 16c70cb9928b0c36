// A YAML file read once and held against a schema: every complaint with its line. What it is about is not known here.
import { readFileSync } from 'node:fs'
import type { ErrorObject } from 'ajv'
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import type { Check } from './schema-check.ts'

/** One thing wrong with a configuration file. */
export interface Complaint {
  /** First line is 1. */
  readonly line: number
  readonly text: string
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'this is a folder; name a file',
  EACCES: 'nobody but its owner may read the file (EACCES)',
}

/** The first ones; what follows is mostly their consequence. */
const SYNTAX_ERRORS = 3

interface Loaded<T> {
  readonly value?: T
  readonly complaints: Complaint[]
  readonly lineOf: (pointer: string) => number
}

/** Reads a file that somebody else judges. @throws Fault `config-invalid` with its first complaint */
export const readYaml = (path: string): Json => {
  const { value, complaints } = load<Json>(path, (read): read is Json => read !== undefined)
  const [first] = complaints
  if (first || value === undefined)
    throw new Fault('config-invalid', `${path}:${first?.line ?? 1}: ${first?.text ?? 'it is empty'}`, { file: path })
  return value
}

/** Reads a file and holds it against a schema. */
export const load = <T>(path: string, check: Check<T>): Loaded<T> => {
  const lines = new LineCounter()
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    return { complaints: [{ line: 1, text: UNREADABLE[code] ?? `the file cannot be read (${code})` }], lineOf: () => 1 }
  }
  if (text.length > 1_000_000) return { complaints: [{ line: 1, text: 'the file is larger than 1 MB' }], lineOf: () => 1 }
  const document = parseDocument(text, { lineCounter: lines, strict: true, uniqueKeys: true })
  const lineOf = (pointer: string): number => lineAt(document, lines, pointer)
  if (document.errors.length > 0)
    return {
      complaints: document.errors.slice(0, SYNTAX_ERRORS).map((error) => ({
        line: lines.linePos(error.pos[0]).line,
        // the parser names line and column too, and quotes what it found
        text: `this is not YAML: ${error.message.split(/ at line \d/)[0]}`,
      })),
      lineOf,
    }
  const value: unknown = document.toJS({ maxAliasCount: 0 })
  if (check(value)) return { value, complaints: [], lineOf }
  return { complaints: dedupe((check.errors ?? []).map((error) => ({ line: lineOf(placeOf(error)), text: sentence(error) }))), lineOf }
}

/** A setting that does not exist stands on a line of its own; what is missing, on its parent's. */
const placeOf = ({ instancePath, keyword, params }: ErrorObject): string =>
  keyword === 'additionalProperties' ? `${instancePath}/${String(params.additionalProperty)}` : instancePath

const FORMS: Readonly<Record<string, string>> = {
  object: 'the settings of a node, such as "node: lc1"; a trust list is checked together with the file that names it',
  array: 'a list of keys, each with node, role and key',
}

/** What a file should hold: as its schema describes itself, where ajv is asked to tell (`verbose`). */
const formOf = ({ params, parentSchema }: ErrorObject): string => {
  const told: unknown = parentSchema?.description
  return typeof told === 'string' ? told : (FORMS[String(params.type)] ?? String(params.type))
}

const sentence = (error: ErrorObject): string => {
  const { instancePath, keyword, params, message } = error
  const where = instancePath === '' ? 'the file' : instancePath.slice(1).replaceAll('/', '.')
  if (keyword === 'type' && instancePath === '') return `expected ${formOf(error)}`
  if (keyword === 'additionalProperties') return `${where}: there is no setting called "${String(params.additionalProperty)}"`
  if (keyword === 'required') return `${where}: "${String(params.missingProperty)}" is missing`
  if (keyword === 'const') return `${where}: "${String(params.allowedValue)}" would be possible`
  return `${where}: ${message}`
}

const dedupe = (complaints: Complaint[]): Complaint[] =>
  [...new Map(complaints.map((c) => [`${c.line} ${c.text}`, c])).values()].sort((a, b) => a.line - b.line)

/** The line of the deepest node that exists on the way to a JSON pointer. */
const lineAt = (document: Document, lines: LineCounter, pointer: string): number => {
  let at: unknown = document.contents
  let offset = isNode(at) ? (at.range?.[0] ?? 0) : 0
  for (const segment of pointer.split('/').slice(1)) {
    if (isMap(at)) {
      const pair = at.items.find(({ key }) => isScalar(key) && String(key.value) === segment)
      if (!pair) break
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset
      at = pair.value
    } else {
      const next = at && typeof at === 'object' && 'get' in at && typeof at.get === 'function' ? at.get(Number(segment), true) : undefined
      if (!isNode(next)) break
      offset = next.range?.[0] ?? offset
      at = next
    }
  }
  return lines.linePos(offset).line
}
