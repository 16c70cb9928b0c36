// Live events of a node as a stream of class `live`: in order, numbered, at the pace of who reads. What a slow reader has no room for is
// counted, and the count stands in the place of what is missing (docs/protocol.md §13.5).
import { utf8, utf8Text } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import type { Json } from '../base/ports.ts'
import { readJson } from '../base/read-json.ts'
import type { ByteStream, StreamHandler, Streams } from '../overlay/streams/stream.ts'
import { integerOf, objectOf, textOf } from './behaviours/fields.ts'

/** The purpose of such a stream; its details are `{feed, stations?}`. */
export const EVENTS = 'events'

/** One line of the stream: JSON. `missed` stands where that many events before it found no room. */
export type LiveRecord =
  | { readonly seq: number; readonly at: number; readonly subject: string; readonly event: Json }
  | { readonly missed: number; readonly until: number }

export interface ReaderView {
  readonly node: string
  /** Characters. */
  readonly waiting: number
  /** Events, since it reads. */
  readonly missed: number
  readonly paused: boolean
}

export interface FeedLimits {
  /** Characters that wait for one reader. */
  readonly waiting?: number
  readonly readers?: number
}

const DEFAULTS = { waiting: 4 * 1024 * 1024, readers: 32 } as const
/** Characters that leave at once. */
const BATCH = 65_536

/** Events that a node tells live: whoever may read them opens a stream. */
export class EventFeed {
  readonly #readers = new Set<Reader>()
  readonly #limits: Required<FeedLimits>
  #seq = 0

  constructor(limits: FeedLimits = {}) {
    this.#limits = { ...DEFAULTS, ...limits }
  }

  get readers(): number {
    return this.#readers.size
  }

  /** Who reads, and what of it waits or found no room. */
  views(): readonly ReaderView[] {
    return [...this.#readers].map((reader) => reader.view())
  }

  /** Costs nothing where nobody reads. */
  tell(at: number, subject: string, event: Json): void {
    this.#seq += 1
    if (this.#readers.size === 0) return
    let line: string | undefined
    for (const reader of this.#readers) {
      if (!reader.wants(subject)) continue
      line ??= lineOf({ seq: this.#seq, at, subject, event })
      reader.add(line, this.#seq)
    }
  }

  /** Throws Fault `queue-full` where nobody else may read. */
  checkRoom(): void {
    if (this.#readers.size >= this.#limits.readers) throw new Fault('queue-full', `${this.#readers.size} others read already`)
  }

  /** @param stations whose events are wanted; of all where not given */
  async run(stream: ByteStream, stations: readonly string[] | undefined): Promise<void> {
    const reader = new Reader(stream, this.#limits.waiting, stations && new Set(stations))
    this.#readers.add(reader)
    try {
      await Promise.race([reader.write(), reader.listen()])
      reader.close()
      await stream.end()
    } finally {
      reader.close()
      this.#readers.delete(reader)
    }
  }
}

/** Offers feeds by their names. */
export const offerFeeds = (streams: Pick<Streams, 'offer'>, feeds: Readonly<Record<string, EventFeed>>): void => {
  const handler: StreamHandler = async ({ details }) => {
    const { feed = '', stations } = details
    const found = typeof feed === 'string' && Object.hasOwn(feeds, feed) ? feeds[feed] : undefined
    if (!found) throw new Fault('refused', `there is no feed of that name; there are ${Object.keys(feeds).join(', ')}`)
    if (stations !== undefined && !isTexts(stations)) throw new Fault('payload-invalid', 'expected "stations" as a list of names')
    found.checkRoom()
    return { run: (stream) => found.run(stream, stations) }
  }
  streams.offer(EVENTS, handler)
}

class Reader {
  readonly #stream: ByteStream
  readonly #most: number
  readonly #stations: ReadonlySet<string> | undefined
  #queue: string[] = []
  #size = 0
  #missed = 0
  #missedBefore = 0
  #last = 0
  #isPaused = false
  #isClosed = false
  #wake: (() => void) | undefined

  constructor(stream: ByteStream, most: number, stations: ReadonlySet<string> | undefined) {
    this.#stream = stream
    this.#most = most
    this.#stations = stations
  }

  view(): ReaderView {
    return { node: this.#stream.peer, waiting: this.#size, missed: this.#missedBefore + this.#missed, paused: this.#isPaused }
  }

  wants(subject: string): boolean {
    return this.#stations?.has(subject) ?? true
  }

  /** What finds no room is missed; what comes after the gap waits behind the word about it. */
  add(line: string, seq: number): void {
    if (this.#size + line.length > this.#most) {
      this.#missed += 1
      this.#last = seq
      return
    }
    if (this.#missed > 0) this.#keep(lineOf(this.#gap()))
    this.#keep(line)
    if (!this.#isPaused) this.#wake?.()
  }

  async write(): Promise<void> {
    while (!this.#isClosed) {
      if (this.#isPaused || (this.#size === 0 && this.#missed === 0))
        await new Promise<void>((wake) => {
          this.#wake = wake
        })
      this.#wake = undefined
      if (!this.#isPaused && !this.#isClosed && (this.#size > 0 || this.#missed > 0)) await this.#stream.write(utf8(this.#batch()))
    }
  }

  /** The reader's own words: `pause` and `resume`, each a line. Resolves when it says no more. */
  async listen(): Promise<void> {
    for await (const word of linesOf(this.#stream.received)) {
      if (word !== 'pause' && word !== 'resume') throw new Fault('payload-invalid', 'a reader of events says pause or resume')
      this.#isPaused = word === 'pause'
      if (!this.#isPaused) this.#wake?.()
    }
  }

  close(): void {
    this.#isClosed = true
    this.#wake?.()
  }

  #keep(line: string): void {
    this.#queue.push(line)
    this.#size += line.length
  }

  #gap(): LiveRecord {
    const gap = { missed: this.#missed, until: this.#last }
    this.#missedBefore += this.#missed
    this.#missed = 0
    return gap
  }

  #batch(): string {
    let count = 0
    let length = 0
    while (count < this.#queue.length && length < BATCH) length += this.#queue[count++]?.length ?? 0
    const text = this.#queue.splice(0, count).join('')
    this.#size -= length
    // everything before the gap has left: the gap is the next thing to say, though nothing may follow it
    return this.#queue.length === 0 && this.#missed > 0 ? text + lineOf(this.#gap()) : text
  }
}

export interface LiveEvents extends AsyncIterable<LiveRecord> {
  pause(): Promise<void>
  resume(): Promise<void>
  /** No more is wanted; the iteration ends behind what is on its way. Rejects as a stream's end does. */
  end(): Promise<void>
}

/** Reads a feed of another node. Rejects as `Streams.open`. */
export const readFeed = async (
  streams: Pick<Streams, 'open'>,
  node: string,
  { sealed = false, ...wanted }: { readonly feed: string; readonly stations?: readonly string[]; readonly sealed?: boolean },
): Promise<LiveEvents> => {
  const stream = await streams.open(node, { purpose: EVENTS, class: 'live', details: { ...wanted }, sealed })
  return {
    pause: () => stream.write(utf8('pause\n')),
    resume: () => stream.write(utf8('resume\n')),
    end: () => stream.end(),
    async *[Symbol.asyncIterator]() {
      for await (const line of linesOf(stream.received)) yield readRecord(line)
    },
  }
}

const lineOf = (record: LiveRecord): string => `${JSON.stringify(record)}\n`

/** @throws Fault `frame-malformed` */
const readRecord = (line: string): LiveRecord => {
  let value: Json
  try {
    value = readJson(line)
  } catch (cause) {
    throw new Fault('frame-malformed', 'a line of events is not JSON', {}, cause)
  }
  const { seq, at, subject, event = null, missed, until } = objectOf(value)
  if (integerOf(missed) !== undefined && integerOf(until) !== undefined) return { missed: missed as number, until: until as number }
  if (integerOf(seq) === undefined || integerOf(at) === undefined || textOf(subject) === undefined)
    throw new Fault('frame-malformed', 'a line of events lacks seq, at or subject')
  return { seq: seq as number, at: at as number, subject: subject as string, event }
}

/** Longer lines end the stream. */
const LONGEST = 1_048_576

const linesOf = async function* (parts: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = new Uint8Array()
  for await (const part of parts) {
    let from = 0
    for (let end = part.indexOf(10); end >= 0; end = part.indexOf(10, from)) {
      yield utf8Text(joined(rest, part.subarray(from, end)))
      rest = new Uint8Array()
      from = end + 1
    }
    rest = joined(rest, part.subarray(from))
    if (rest.length > LONGEST) throw new Fault('limit-exceeded', `a line of events is longer than ${LONGEST} bytes`)
  }
}

const joined = (head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(head.length + tail.length)
  bytes.set(head)
  bytes.set(tail, head.length)
  return bytes
}

const isTexts = (value: Json): value is readonly string[] =>
  Array.isArray(value) && value.length <= 1_000 && value.every((each) => typeof each === 'string')
