// What waits on disk for the way upwards, each station's messages in order, within a quota. Where it is used up, what is worth
// least gives way; what is paid for never does: then the newcomer is refused, and its station keeps it.
import { Fault } from '../base/fault.ts'
import type { Change, Store } from '../base/ports.ts'
import { type Envelope, readEnvelope, writeEnvelope } from '../ocpp/frame.ts'
import { appraise, WORTHS, type Worth } from './worth.ts'

const COLLECTION = 'outbox'
/** Starts of sessions are refused at this share of a quota already: the rest is for those that run. */
const SHARE_FOR_STARTS = 0.9

export interface Quota {
  readonly stationMessages: number
  readonly stationBytes: number
  readonly nodeBytes: number
}

export const QUOTA: Quota = { stationMessages: 10_000, stationBytes: 16 * 1024 * 1024, nodeBytes: 1024 * 1024 * 1024 }

/** A message on disk. */
export interface Kept {
  readonly key: string
  readonly station: string
  readonly bytes: number
  readonly subject?: string
  worth: Worth
}

interface Queue {
  readonly entries: Kept[]
  /** The newest message of each subject. */
  readonly newest: Map<string, Kept>
  bytes: number
  dropped: number
}

export interface OutboxParts {
  readonly store: Store
  readonly quota?: Partial<Quota>
  /** Told when a station's first message is given up, and of their number when what waited has gone out. */
  readonly dropped?: (station: string, count: number, isOver: boolean) => void
}

export class Outbox {
  /** Messages given up since the start, by what they were worth. */
  readonly dropped: Record<Exclude<Worth, 'billing'>, number> = { superseded: 0, telemetry: 0, state: 0 }
  readonly #parts: OutboxParts
  readonly #quota: Quota
  readonly #queues = new Map<string, Queue>()
  /** What may be given up, the oldest first. */
  readonly #droppable = new Map<Worth, Set<Kept>>(WORTHS.filter((worth) => worth !== 'billing').map((worth) => [worth, new Set()]))
  #number = 0
  #count = 0
  #bytes = 0

  constructor(parts: OutboxParts) {
    this.#parts = parts
    this.#quota = { ...QUOTA, ...parts.quota }
    for (const { key, value } of parts.store.list(COLLECTION)) {
      if (typeof value !== 'string') continue
      const { subject, worth } = appraise(readEnvelope(value))
      this.#insert(entryOf(key, value, { worth, subject }))
      this.#number = Math.max(this.#number, Number(key.slice(key.indexOf('/') + 1)))
    }
  }

  get waiting(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#bytes
  }

  get stations(): Iterable<string> {
    return this.#queues.keys()
  }

  /** How many wait of each station that has any. */
  get lengths(): number[] {
    return [...this.#queues.values()].map(({ entries }) => entries.length)
  }

  has(station: string): boolean {
    return this.#queues.has(station)
  }

  head(station: string): Kept | undefined {
    return this.#queues.get(station)?.entries[0]
  }

  read({ key }: Kept): Envelope | undefined {
    const text = this.#parts.store.get(COLLECTION, key)
    return typeof text === 'string' ? readEnvelope(text) : undefined
  }

  /** Resolves when the message is durable. Throws Fault `queue-full` where nothing of less worth can make room, `store-failed`. */
  async keep(envelope: Envelope): Promise<void> {
    const station = envelope.path[0] as string
    const { worth, subject, begins } = appraise(envelope)
    const text = writeEnvelope(envelope)
    const entry = entryOf(`${station}/${String(++this.#number).padStart(12, '0')}`, text, { worth, subject })
    const victims = this.#makeRoom(entry, begins ? SHARE_FOR_STARTS : 1)
    for (const victim of victims) this.#remove(victim)
    const gone = victims.map(({ key }): Change => ({ collection: COLLECTION, key, value: undefined }))
    try {
      await this.#parts.store.commit([...gone, { collection: COLLECTION, key: entry.key, value: text }])
    } catch (error) {
      for (const victim of victims) this.#insert(victim)
      throw error
    }
    this.#insert(entry)
    for (const victim of victims) this.#tally(victim)
  }

  /** The message was delivered, or never will be. */
  async done(entry: Kept): Promise<void> {
    await this.#parts.store.commit([{ collection: COLLECTION, key: entry.key, value: undefined }])
    const dropped = this.#queues.get(entry.station)?.dropped ?? 0
    this.#remove(entry)
    if (dropped > 0 && !this.has(entry.station)) this.#parts.dropped?.(entry.station, dropped, true)
  }

  #makeRoom(entry: Kept, share: number): Kept[] {
    const { stationMessages, stationBytes, nodeBytes } = this.#quota
    const own = this.#queues.get(entry.station)
    const victims = new Set<Kept>()
    let freed = 0
    let ownFreed = 0
    const isStationFull = (): boolean =>
      (own?.entries.length ?? 0) - victims.size + 1 > Math.ceil(stationMessages * share) ||
      (own?.bytes ?? 0) - ownFreed + entry.bytes > stationBytes * share
    const isNodeFull = (): boolean => this.#bytes - freed + entry.bytes > nodeBytes * share
    const giveUp = (kept: Kept): void => {
      // the first of a queue may be on its way already
      if (this.head(kept.station) === kept || victims.has(kept)) return
      victims.add(kept)
      freed += kept.bytes
      if (kept.station === entry.station) ownFreed += kept.bytes
    }
    const cheaper = WORTHS.slice(0, Math.max(1, WORTHS.indexOf(entry.worth)))
    for (const worth of isStationFull() ? cheaper : [])
      for (const kept of own?.entries ?? []) if (kept.worth === worth && isStationFull()) giveUp(kept)
    if (isStationFull()) throw full(entry.station, `${own?.entries.length ?? 0} messages of ${entry.station} wait on disk already`)
    for (const worth of isNodeFull() ? cheaper : [])
      for (const kept of this.#droppable.get(worth) ?? []) {
        if (!isNodeFull()) break
        giveUp(kept)
      }
    if (isNodeFull()) throw full(entry.station, `${this.#bytes} bytes wait on disk already, all that this node may keep`)
    return [...victims]
  }

  #tally({ station, worth }: Kept): void {
    if (worth !== 'billing') this.dropped[worth]++
    const queue = this.#queues.get(station)
    if (queue && ++queue.dropped === 1) this.#parts.dropped?.(station, 1, false)
  }

  /** In the order of keys: one that comes back after a failed commit gets its old place. */
  #insert(entry: Kept): void {
    const queue = this.#queues.get(entry.station) ?? { entries: [], newest: new Map(), bytes: 0, dropped: 0 }
    this.#queues.set(entry.station, queue)
    let at = queue.entries.length
    while (at > 0 && (queue.entries[at - 1] as Kept).key > entry.key) at--
    queue.entries.splice(at, 0, entry)
    queue.bytes += entry.bytes
    this.#bytes += entry.bytes
    this.#count++
    this.#droppable.get(entry.worth)?.add(entry)
    if (entry.subject === undefined || entry.worth === 'superseded') return
    const before = queue.newest.get(entry.subject)
    if (before) this.#supersede(before)
    queue.newest.set(entry.subject, entry)
  }

  #supersede(entry: Kept): void {
    this.#droppable.get(entry.worth)?.delete(entry)
    entry.worth = 'superseded'
    this.#droppable.get('superseded')?.add(entry)
  }

  #remove(entry: Kept): void {
    const queue = this.#queues.get(entry.station)
    const at = queue?.entries.indexOf(entry) ?? -1
    if (!queue || at < 0) return
    queue.entries.splice(at, 1)
    queue.bytes -= entry.bytes
    this.#bytes -= entry.bytes
    this.#count--
    this.#droppable.get(entry.worth)?.delete(entry)
    if (entry.subject !== undefined && queue.newest.get(entry.subject) === entry) queue.newest.delete(entry.subject)
    if (queue.entries.length === 0) this.#queues.delete(entry.station)
  }
}

/** Sizes are counted in characters of the frame, which is ASCII but for names. */
const entryOf = (key: string, text: string, { worth, subject }: { worth: Worth; subject: string | undefined }): Kept => ({
  key,
  station: key.slice(0, key.indexOf('/')),
  bytes: text.length,
  worth,
  ...(subject !== undefined && { subject }),
})

const full = (station: string, text: string): Fault => new Fault('queue-full', text, { origin: station })
