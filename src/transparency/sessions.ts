// Puts records into sessions by what the meter signed: its serial, the transaction's name where it has one, and else its pagination and
// its transaction markers. Names around a record, attributes and the order of files count for nothing. Whether a session is sound is the checks' business: what looks torn is kept
// together here, so that they can say so.
import type { MeterRecord } from '../metering/reading.ts'
import { TRAITS } from '../metering/traits.ts'
import { tellsAgain } from './repeats.ts'

/** What is put into sessions: anything that carries a record. */
export interface Carrier {
  readonly record: MeterRecord
}

export interface Group<T extends Carrier> {
  /** In signed order. */
  readonly records: readonly T[]
  /** Exact copies of records of this session, each with the one it repeats. They add nothing, so the checks do not count them. */
  readonly copies: readonly Copy<T>[]
}

export interface Copy<T extends Carrier> {
  readonly copy: T
  readonly original: T
}

/** In the order in which the first record of each session was found. */
export const sessionsOf = <T extends Carrier>(found: readonly T[]): Group<T>[] => {
  // most questions are of one record, and there is nothing to join
  if (found.length < 2) return found.map((record) => ({ records: [record], copies: [] }))
  const { originals, copies, contents } = withoutCopies(found)
  const order = byPagination(contents)
  const place = new Map(found.map((item, index) => [item, index]))
  const named = originals.filter(({ record }) => record.session !== undefined)
  const unnamed = originals.filter(({ record }) => record.session === undefined)
  const runs = [...runsOf(unnamed)].sort(([a], [b]) => (a < b ? -1 : 1))
  const fragments = runs.flatMap(([, run]) => fragmentsOf(run.sort(order)))
  const groups = [...byName(named.sort(order)), ...joined(fragments)].map(({ records }) => ({
    records,
    copies: records.flatMap((record) => copies.get(record) ?? []),
  }))
  const first = ({ records }: Group<T>): number => records.reduce((least, record) => Math.min(least, place.get(record) ?? 0), found.length)
  return groups
    .map((group) => ({ group, at: first(group) }))
    .sort((a, b) => a.at - b.at)
    .map(({ group }) => group)
}

/** The signed bytes tell a copy, never the signature: that has two forms for one record. */
const withoutCopies = <T extends Carrier>(found: readonly T[]) => {
  const seen = new Map<string, T>()
  const copies = new Map<T, Copy<T>[]>()
  const contents = new Map<T, string>()
  const originals = found.filter((item) => {
    const text = contentId(item.record)
    const original = seen.get(text)
    contents.set(item, text)
    if (original === undefined) seen.set(text, item)
    else addTo(copies, original, { copy: item, original })
    return original === undefined
  })
  return { originals, copies, contents }
}

const contentId = (record: MeterRecord): string => `${signs(record)} ${CHARACTERS.decode(record.signed[0]?.bytes)}`

/** What tells records of one kind: the bytes that a meter signs, and not the format in which somebody hands them on. */
const signs = ({ format }: MeterRecord): string => TRAITS[format].signs

/** Every byte is another character: as good a name as hex, and made at once. */
const CHARACTERS = new TextDecoder('latin1')

/**
 * In signed order. Records that carry the name of their session: those of one name and one meter, or one name and one gateway, are one. So a meter or a
 * gateway that changed on the way is found by the checks, and two stations may use one name.
 */
const byName = <T extends Carrier>(items: readonly T[]): { records: T[] }[] => {
  const groups: { records: T[] }[] = []
  const known = new Map<string, { records: T[] }>()
  for (const item of items) {
    const names = sessionNames(item.record)
    const group = names.map((name) => known.get(name)).find((found) => found !== undefined) ?? { records: [] }
    if (group.records.length === 0) groups.push(group)
    group.records.push(item)
    for (const name of names) known.set(name, group)
  }
  return withoutHalves(groups)
}

/** Two records that stand alone, of one name and one user, are halves of one session whose meter changed: the checks say so. A record of a whole session is no half. */
const withoutHalves = <T extends Carrier>(groups: readonly { records: T[] }[]): { records: T[] }[] => {
  const halves = new Map<string, { records: T[] }>()
  return groups.filter((group) => {
    const [only, second] = group.records
    const user = only?.record.source.user
    if (only === undefined || second !== undefined || user === undefined || only.record.source.gateway !== undefined) return true
    if (isWhole(only)) return true
    const name = JSON.stringify([signs(only.record), only.record.session, user])
    const other = halves.get(name)
    if (other === undefined) halves.set(name, group)
    else other.records.push(only)
    return other === undefined
  })
}

/** Begun and ended in itself. One that repeats the begin of others is part of theirs. */
const isWhole = (item: Carrier): boolean => TRAITS[item.record.format].begin === 'once' && has(item, 'begin') && has(item, 'end')

const sessionNames = (record: MeterRecord): string[] => {
  const { meter, gateway } = record.source
  const name = [signs(record), record.session]
  return [
    ...(meter === undefined ? [] : [JSON.stringify([...name, 'meter', meter])]),
    ...(gateway === undefined ? [] : [JSON.stringify([...name, 'gateway', gateway])]),
    ...(meter === undefined && gateway === undefined ? [JSON.stringify(name)] : []),
  ]
}

/** One meter at one gateway, counting in one series. */
const runsOf = <T extends Carrier>(items: readonly T[]): Map<string, T[]> => {
  const runs = new Map<string, T[]>()
  for (const item of items) addTo(runs, JSON.stringify([signs(item.record), meterKey(item), item.record.pagination?.series ?? null]), item)
  return runs
}

const addTo = <K, V>(lists: Map<K, V[]>, key: K, value: V): void => {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

const meterKey = ({ record }: Carrier): string => JSON.stringify([record.source.meter ?? null, record.source.gateway ?? null])

type Order = (a: Carrier, b: Carrier) => number

/** By the meter's own number; by time where it gives none; and where both are one by what is signed, so that no file orders them. */
const byPagination =
  (contents: ReadonlyMap<Carrier, string>): Order =>
  (a, b) =>
    (a.record.pagination?.number ?? 0) - (b.record.pagination?.number ?? 0) ||
    firstTime(a) - firstTime(b) ||
    lastTime(a) - lastTime(b) ||
    ((contents.get(a) ?? '') < (contents.get(b) ?? '') ? -1 : 1)

const firstTime = ({ record }: Carrier): number => record.readings[0]?.time?.ms ?? 0
const lastTime = ({ record }: Carrier): number => record.readings.at(-1)?.time?.ms ?? 0

/** A piece of a run: at most from one begin to its end. */
interface Fragment<T extends Carrier> {
  readonly records: T[]
  readonly begun: boolean
  ended: boolean
}

const fragmentsOf = <T extends Carrier>(run: readonly T[]): Fragment<T>[] => {
  const fragments: Fragment<T>[] = []
  for (const item of run) {
    const begins = has(item, 'begin')
    const ends = has(item, 'end')
    const current = fragments.at(-1)
    const before = current?.records.at(-1)
    const next = before !== undefined && isNext(before, item)
    const again = next && begins && ends && current?.ended === true && tellsAgain(item.record, recordsOf(current))
    if (current !== undefined && (again || belongs(current, { begins, ends, next }))) {
      current.records.push(item)
      current.ended ||= ends
    } else fragments.push({ records: [item], begun: begins, ended: ends })
  }
  return fragments
}

const recordsOf = ({ records }: Fragment<Carrier>): MeterRecord[] => records.map(({ record }) => record)

const has = ({ record }: Carrier, marker: 'begin' | 'end'): boolean => record.readings.some((reading) => reading.marker === marker)

/** Directly after it, or in its place, by the meter's count: nothing can be missing in between. */
const isNext = (before: Carrier, after: Carrier): boolean => {
  const [a, b] = [before.record.pagination, after.record.pagination]
  return a !== undefined && b !== undefined && a.series === b.series && (b.number === a.number + 1 || b.number === a.number)
}

/**
 * A second begin or a second end belongs to the session it follows only where the meter's count leaves no room for the missing other
 * one; where there is room, a new session has begun or an old one has ended out of sight.
 */
const belongs = ({ begun, ended }: Fragment<Carrier>, item: { begins: boolean; ends: boolean; next: boolean }): boolean => {
  if (item.begins) return begun && !ended && item.next
  return ended ? item.ends && item.next : true
}

/**
 * Joins a begin without an end and an end without a begin where one session was torn: the meter counted backwards between them, or
 * the serial, the gateway or the user changed on the way. The checks then find what is wrong with it.
 */
const joined = <T extends Carrier>(fragments: readonly Fragment<T>[]): Fragment<T>[] => {
  const open = new Map<string, Fragment<T>[]>()
  const offer = (fragment: Fragment<T>): void => {
    for (const link of linksAfter(fragment)) addTo(open, link, fragment)
  }
  for (const fragment of fragments) if (fragment.begun && !fragment.ended) offer(fragment)
  return fragments.filter((fragment) => {
    if (fragment.begun) return true
    const links = linksBefore(fragment)
    const found = links
      .flatMap((link) => (open.get(link) ?? []).slice(0, CANDIDATES))
      .find((start) => !start.ended && mayPrecede(start, fragment))
    if (found === undefined) return true
    for (const item of fragment.records) found.records.push(item)
    found.ended ||= fragment.ended
    return false
  })
}

/** More torn sessions of one meter than this are not told apart; it keeps the search linear. */
const CANDIDATES = 8

const linksAfter = ({ records }: Fragment<Carrier>): string[] => {
  const last = records.at(-1)
  if (last === undefined) return []
  const { pagination } = last.record
  return [...links(last), ...(pagination === undefined ? [] : [`next ${pagination.series}${pagination.number + 1}`])]
}

const linksBefore = ({ records }: Fragment<Carrier>): string[] => {
  const first = records[0]
  if (first === undefined) return []
  const { pagination } = first.record
  return [...links(first), ...(pagination === undefined ? [] : [`next ${pagination.series}${pagination.number}`])]
}

const links = (item: Carrier): string[] => {
  const { meter, gateway, user = '' } = item.record.source
  return [
    `meter ${meterKey(item)}`,
    ...(meter === undefined ? [] : [`serial ${JSON.stringify([meter, user])}`]),
    ...(gateway === undefined ? [] : [`gateway ${JSON.stringify([gateway, user])}`]),
  ]
}

/**
 * Of one meter they are torn only where the count fell and the time did not: where both rose there is room for two sessions that each
 * lost a half, and where both fell the end is an older session's.
 */
const mayPrecede = (start: Fragment<Carrier>, rest: Fragment<Carrier>): boolean => {
  const [last, first] = [start.records.at(-1), rest.records[0]]
  if (last === undefined || first === undefined) return false
  if (meterKey(last) !== meterKey(first)) return true
  const [a, b] = [last.record.pagination, first.record.pagination]
  const rises = a !== undefined && b !== undefined && a.series === b.series && a.number < b.number
  return !rises && lastTime(first) >= firstTime(last)
}
