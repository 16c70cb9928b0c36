// The periodic event streams of stations as they are now, for people: what came last of each, how often values come, and what the station
// holds back (OCPP 2.1 N11 to N15). In memory, and bounded; every value is told to those who read the feed (live-feeds.ts).
import type { Clock } from '../base/ports.ts'
import type { DeskEvent } from './behaviours/behaviour.ts'
import { integerOf, objectOf, objectsOf, textOf } from './behaviours/fields.ts'

export interface EventStream {
  readonly station: string
  /** Of the stream, which a station numbers. */
  readonly id: number
  readonly last?: { readonly value: string /** Milliseconds since 1970, by the station's clock. */; readonly at: number }
  /** Since the stream is known here. */
  readonly values: number
  readonly perSecond: number
  /** Values that the station has and had not sent. */
  readonly pending: number
}

interface Kept {
  station: string
  id: number
  last?: { value: string; at: number }
  values: number
  pending: number
  /** Values of the slice that runs, and of the one before it. */
  slice: number
  now: number
  before: number
}

/** Streams that are kept; of more, the one that was silent for longest goes. */
const MOST = 1_000
/** Over how long a rate is counted. */
const SLICE_MS = 5_000
/** ECMA-262: no date is further from 1970, ms. */
const LATEST = 8.64e15

export class EventStreams {
  readonly #clock: Pick<Clock, 'now'>
  readonly #streams = new Map<string, Kept>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  heard({ type, data }: DeskEvent): void {
    const { station, action, payload } = objectOf(data)
    const hear =
      type === 'notice' && typeof action === 'string' && Object.hasOwn(HEARD, action) ? HEARD[action as keyof typeof HEARD] : undefined
    if (hear !== undefined) this[hear](String(station), objectOf(payload))
  }

  all(): readonly EventStream[] {
    const at = this.#clock.now()
    return [...this.#streams.values()].map((kept) => {
      const { station, id, last, values, pending } = kept
      return { station, id, ...(last && { last }), values, perSecond: this.#rate(kept, at), pending }
    })
  }

  opened(station: string, { constantStreamData }: ReturnType<typeof objectOf>): void {
    const id = integerOf(objectOf(constantStreamData).id)
    if (id !== undefined) this.#put({ station, id, values: 0, pending: 0, slice: 0, now: 0, before: 0 })
  }

  closed(station: string, { id }: ReturnType<typeof objectOf>): void {
    this.#streams.delete(keyOf(station, integerOf(id) ?? 0))
  }

  told(station: string, { id: number, basetime, pending, data }: ReturnType<typeof objectOf>): void {
    const id = integerOf(number) ?? 0
    const kept = this.#streams.get(keyOf(station, id)) ?? { station, id, values: 0, pending: 0, slice: 0, now: 0, before: 0 }
    const values = objectsOf(data)
    const newest = values.at(-1)
    const at = Math.round(Date.parse(textOf(basetime) ?? '') + Number(newest?.t) * 1000)
    if (newest && Math.abs(at) <= LATEST) kept.last = { value: textOf(newest.v) ?? '', at }
    this.#turn(kept, this.#clock.now())
    kept.values += values.length
    kept.now += values.length
    kept.pending = integerOf(pending) ?? 0
    this.#put(kept)
  }

  /** The one that spoke last is the last one. */
  #put(kept: Kept): void {
    const key = keyOf(kept.station, kept.id)
    this.#streams.delete(key)
    this.#streams.set(key, kept)
    if (this.#streams.size > MOST) this.#streams.delete(this.#streams.keys().next().value ?? '')
  }

  /** The slice that was running may be over, and the next one, too. */
  #turn(kept: Kept, at: number): void {
    const slice = Math.floor(at / SLICE_MS)
    if (slice === kept.slice) return
    kept.before = slice === kept.slice + 1 ? kept.now : 0
    kept.now = 0
    kept.slice = slice
  }

  /** Over the last slice's length: of the one before as much as it reaches back. */
  #rate(kept: Kept, at: number): number {
    this.#turn(kept, at)
    const passed = (at % SLICE_MS) / SLICE_MS
    return (kept.now + kept.before * (1 - passed)) / (SLICE_MS / 1000)
  }
}

/** What a station says of its streams, and what is done about it. */
const HEARD = {
  OpenPeriodicEventStream: 'opened',
  ClosePeriodicEventStream: 'closed',
  NotifyPeriodicEventStream: 'told',
} as const satisfies Record<string, keyof EventStreams>

const keyOf = (station: string, id: number): string => `${id} ${station}`
