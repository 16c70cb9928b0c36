// JSON Pointer (RFC 6901), and the same with `*` for "each of them", which policies use. What is read is never changed; a replacement is a copy.
import { Fault } from './fault.ts'
import type { Json } from './ports.ts'

/**
 * The value a pointer names (RFC 6901 §4), or undefined where there is none.
 * @throws Fault `json-malformed` when the pointer itself breaks the syntax
 */
export const pointerGet = (value: Json, pointer: string): Json | undefined => {
  let at: Json | undefined = value
  for (const segment of segmentsOf(pointer)) {
    at = child(at, segment)
    if (at === undefined) return undefined
  }
  return at
}

/**
 * Every value a pattern names, in document order: a pointer in which a segment `*` stands for each element of an array or each
 * member of an object. Nothing found is an empty list.
 * @throws Fault `json-malformed` when the pattern itself breaks the syntax of a pointer
 */
export const pointerAll = (value: Json, pattern: string): Json[] => valuesAt(value, segmentsOf(pattern))

/** As `pointerAll`, for a pattern that was taken apart before: whoever asks the same of every message reads it once. */
export const valuesAt = (value: Json, segments: readonly string[]): Json[] => {
  const found: Json[] = []
  collect(value, segments, 0, found)
  return found
}

const collect = (value: Json, segments: readonly string[], depth: number, found: Json[]): void => {
  const segment = segments[depth]
  if (segment === undefined) found.push(value)
  else if (segment === '*') for (const each of children(value)) collect(each, segments, depth + 1, found)
  else {
    const next = child(value, segment)
    if (next !== undefined) collect(next, segments, depth + 1, found)
  }
}

/**
 * A copy in which every value that a pattern names is the given one, or undefined where it names nothing. Members are not added.
 * @throws Fault `json-malformed` when the pattern itself breaks the syntax of a pointer
 */
export const pointerReplace = (value: Json, pattern: string, by: Json): Json | undefined => replaced(value, segmentsOf(pattern), by)

const replaced = (value: Json, [segment, ...rest]: readonly string[], by: Json): Json | undefined => {
  if (segment === undefined) return by
  if (value === null || typeof value !== 'object') return undefined
  const names = segment === '*' ? Object.keys(value) : child(value, segment) === undefined ? [] : [segment]
  const changes = names.flatMap((name): [string, Json][] => {
    const inner = replaced(child(value, name) as Json, rest, by)
    return inner === undefined ? [] : [[name, inner]]
  })
  if (changes.length === 0) return undefined
  const changed = new Map(changes)
  if (isArray(value)) return value.map((item, i) => changed.get(String(i)) ?? item)
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, changed.get(name) ?? item]))
}

/**
 * The segments of a pointer or pattern, unescaped.
 * @throws Fault `json-malformed` when it breaks the syntax
 */
export const segmentsOf = (pointer: string): string[] => {
  if (pointer === '') return []
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) {
    throw new Fault('json-malformed', 'expected a JSON Pointer (RFC 6901)', { pointer: pointer.slice(0, 200) })
  }
  // ~1 before ~0, so that ~01 becomes ~1 and not a slash (RFC 6901 §4)
  return pointer
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

const isArray = (value: Json): value is readonly Json[] => Array.isArray(value)

/** Own members only: `constructor` or `__proto__` name nothing unless the document says so. */
const child = (value: Json, segment: string): Json | undefined => {
  if (value === null || typeof value !== 'object') return undefined
  if (isArray(value)) return /^(0|[1-9][0-9]*)$/.test(segment) ? value[Number(segment)] : undefined
  return Object.hasOwn(value, segment) ? value[segment] : undefined
}

const children = (value: Json): readonly Json[] => {
  if (value === null || typeof value !== 'object') return []
  return isArray(value) ? value : Object.values(value)
}
