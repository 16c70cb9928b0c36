// Streams and roll-outs as the management API tells of them, read with care as in model.ts; and the pace of a roll-out.
import type { Json } from '../../../src/base/ports.ts'
import { membersOf, numberOf, oneOf, readList, textOf, timeOf } from './model.ts'

export const CLASSES = ['safety', 'control', 'billing', 'interactive', 'live', 'files', 'logs', 'background'] as const

export interface StreamInfo {
  readonly id: string
  readonly class: (typeof CLASSES)[number]
  /** Bytes. */
  readonly waiting: number
  readonly credit: number
}

/** The streams that go over one link. */
export interface StreamLink {
  readonly peer: string
  /** Bytes that may be under way, and that are. */
  readonly window: number
  readonly underWay: number
  readonly bytesPerSecond: number
  readonly streams: readonly StreamInfo[]
}

export const readStreamLinks = (json: Json): StreamLink[] =>
  readList(json, (link) => {
    const it = membersOf(link)
    return {
      peer: textOf(it.peer),
      ...{ window: numberOf(it.window), underWay: numberOf(it.underWay), bytesPerSecond: numberOf(it.bytesPerSecond) },
      streams: readList(it.streams, (stream) => {
        const { id, class: name, waiting, credit } = membersOf(stream)
        return { id: textOf(id), class: oneOf(CLASSES, name, 'background'), waiting: numberOf(waiting), credit: numberOf(credit) }
      }),
    }
  })

/** Characters of a value that are shown: a station may send thousands. */
const VALUE = 64

/** The event stream of a station: what came last of it. */
export interface EventStreamInfo {
  readonly station: string
  readonly id: number
  /** Empty where none came yet. */
  readonly value: string
  /** Milliseconds since 1970, 0 where none came yet. */
  readonly at: number
  /** Values. */
  readonly values: number
  readonly perSecond: number
  readonly pending: number
}

/** Who reads live events. */
export interface ReaderInfo {
  readonly node: string
  readonly feed: string
  /** Characters. */
  readonly waiting: number
  /** Events. */
  readonly missed: number
  readonly paused: boolean
}

export interface LiveInfo {
  readonly streams: readonly EventStreamInfo[]
  readonly readers: readonly ReaderInfo[]
}

export const readLive = (json: Json): LiveInfo => {
  const { streams, readers } = membersOf(json)
  return {
    streams: readList(streams, (stream) => {
      const { station, id, last, values, perSecond, pending } = membersOf(stream)
      const { value, at } = membersOf(last)
      const counts = { values: numberOf(values), perSecond: numberOf(perSecond), pending: numberOf(pending) }
      return { station: textOf(station), id: numberOf(id), value: textOf(value).slice(0, VALUE), at: timeOf(at), ...counts }
    }),
    readers: readList(readers, (reader) => {
      const { node, feed, waiting, missed, paused } = membersOf(reader)
      return { node: textOf(node), feed: textOf(feed), waiting: numberOf(waiting), missed: numberOf(missed), paused: paused === true }
    }),
  }
}

/** A file on its way to the node or from it. */
export interface FileWay {
  readonly direction: 'in' | 'out'
  readonly node: string
  readonly name: string
  /** Bytes. */
  readonly done: number
  readonly all: number
}

export const readFileWays = (json: Json): FileWay[] =>
  readList(json, (way) => {
    const { direction, node, name, done, total } = membersOf(way)
    return {
      direction: oneOf(['in', 'out'], direction, 'out'),
      node: textOf(node),
      name: textOf(name),
      done: numberOf(done),
      all: numberOf(total),
    }
  })

/** Per second, since it was looked at first. */
export const rateOf = ({ at, done }: Pace, now: number, { done: by }: { readonly done: number }): number =>
  now > at ? Math.max(0, ((by - done) * 1000) / (now - at)) : 0

export const ROLL_OUT_STATES = ['planned', 'running', 'paused', 'stopped', 'cancelled', 'done'] as const

export interface RollOutInfo {
  readonly id: string
  readonly version: string
  readonly state: (typeof ROLL_OUT_STATES)[number]
  readonly reason: string
  readonly stage: number
  readonly stages: number
  /** Stations. */
  readonly installed: number
  readonly failed: number
  readonly all: number
}

export const readRollOuts = (json: Json): RollOutInfo[] =>
  readList(json, (rollOut) => {
    const it = membersOf(rollOut)
    const counts = Object.entries(membersOf(it.counts)).map(([state, count]) => [state, numberOf(count)] as const)
    const of = (wanted: string): number => counts.find(([state]) => state === wanted)?.[1] ?? 0
    return {
      ...{ id: textOf(it.id), version: textOf(it.version), reason: textOf(it.reason) },
      state: oneOf(ROLL_OUT_STATES, it.state, 'planned'),
      ...{ stage: numberOf(it.stage), stages: numberOf(it.stages), installed: of('installed'), failed: of('failed') },
      all: counts.reduce((sum, [, count]) => sum + count, 0),
    }
  })

export interface Pace {
  /** When it was looked at first, and how many were done then. */
  readonly at: number
  readonly done: number
}

/** Milliseconds until the rest is done as fast as it went since `from`; undefined while nothing was done. */
export const timeLeft = ({ at, done }: Pace, now: number, progress: { readonly done: number; readonly all: number }): number | undefined =>
  progress.done <= done || progress.done >= progress.all
    ? undefined
    : ((progress.all - progress.done) * (now - at)) / (progress.done - done)
