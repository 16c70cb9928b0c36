// JSON.parse that may be believed. V8 (as of Node 24 and 26) takes a member's name for the one that it met in the same place before where the
// escape of the first begins as the second reads (nodejs/node issue 63785): who sent {"a":1,"\\":2} before made {"a":1,"\u0061":2} read as
// something else, so that one node acted on what another never saw. So no name with an escape is given to it.

import type { Json } from './ports.ts'

/**
 * What the text says, as ECMA-262 has it: of two members of one name the last, in the place of the first.
 * @throws SyntaxError as JSON.parse
 */
export const readJson = (text: string): Json => {
  const value = JSON.parse(text) as Json
  if (!text.includes('\\')) return value
  const names = escapedNames(text)
  return names.length === 0 ? value : readPlainly(text, names)
}

/** The index after the quote that closes the string opened at `start`, in text that is valid JSON. */
export const stringEnd = (text: string, start: number): number => {
  for (let i = start + 1; ; i++) {
    i = text.indexOf('"', i)
    let backslashes = 0
    while (text.charCodeAt(i - 1 - backslashes) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return i + 1
  }
}

interface Name {
  /** In the text, with its quotes. */
  readonly start: number
  readonly end: number
  readonly name: string
}

const BACKSLASH = 0x5c
const COLON = /[\t\n\r ]*:/y
/** Whether JSON must write it with an escape. */
const isBound = (name: string): boolean => JSON.stringify(name).length !== name.length + 2

const escapedNames = (text: string): readonly Name[] => {
  const names: Name[] = []
  let slash = text.indexOf('\\')
  // no further escape, no further name that has one
  for (let start = text.indexOf('"'); start >= 0 && slash >= 0; ) {
    const end = stringEnd(text, start)
    COLON.lastIndex = end
    // a string that is no name is read as it should be
    if (slash < end && COLON.test(text)) names.push({ start, end, name: JSON.parse(text.slice(start, end)) as string })
    if (slash < end) slash = text.indexOf('\\', end)
    start = text.indexOf('"', end)
  }
  return names
}

/** With each of these names as it is; one that cannot be written so gets another, which is taken back afterwards. */
const readPlainly = (text: string, names: readonly Name[]): Json => {
  const mark = unused([text, ...names.map(({ name }) => name)])
  const bound = new Map<string, string>()
  for (const { name } of names) if (isBound(name) && !bound.has(name)) bound.set(name, `${mark}${bound.size}`)
  let plain = ''
  let at = 0
  for (const { start, end, name } of names) {
    plain += `${text.slice(at, start)}"${bound.get(name) ?? name}"`
    at = end
  }
  const value = JSON.parse(plain + text.slice(at)) as Json
  if (bound.size > 0) rename(value, new Map([...bound].map(([name, instead]) => [instead, name])))
  return value
}

/** A character for private use that none of the texts has, found in one look at each. */
const unused = (texts: readonly string[]): string => {
  const used = new Set(texts.flatMap((text) => text.match(/[\ue000-\uf8ff]/g) ?? []))
  for (let code = 0xe000; code <= 0xf8ff; code++) if (!used.has(String.fromCharCode(code))) return String.fromCharCode(code)
  throw new SyntaxError('all characters for private use are in use, and a name has an escape')
}

/** In place, and without recursion: whoever nests deeply is refused later, and must not be able to overflow the stack. */
const rename = (root: Json, names: ReadonlyMap<string, string>): void => {
  const open: object[] = isObject(root) ? [root] : []
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    const entries = Object.entries(each)
    for (const [, value] of entries) if (isObject(value)) open.push(value)
    if (Array.isArray(each) || !entries.some(([name]) => names.has(name))) continue
    for (const [name] of entries) Reflect.deleteProperty(each, name)
    // defined, not assigned: a member may be called __proto__
    for (const [name, value] of entries)
      Object.defineProperty(each, names.get(name) ?? name, { value, enumerable: true, writable: true, configurable: true })
  }
}

const isObject = (value: unknown): value is object => value !== null && typeof value === 'object'
