// Streams and roll-outs as the management API tells of them, read with care as in model.ts; and the pace of a roll-out.
import type { Json } from '../../../src/base/ports.ts'
import { membersOf, numberOf, oneOf, readList, textOf } from './model.ts'

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
