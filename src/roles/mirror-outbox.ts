// What a mirror has not heard yet, bounded: when it is full, the oldest telemetry goes first, and every message that goes unheard is
// counted. What a fifth of a second did not get rid of goes to disk, all in one write. Not with the group commit of the message itself: a
// node in front of a foreign back end writes nothing for most messages, and a flush for each copy would slow that back end down.
import { asFault, Fault } from '../base/fault.ts'
import type { Cancel, Clock, Json, Store } from '../base/ports.ts'
import { CALL, type Call, readFrame, SEND, type Send, writeFrame } from '../ocpp/frame.ts'
import { isVersion, type Version } from '../ocpp/version.ts'

const COLLECTION = 'mirror'
/** However few the messages, their texts are not longer than this together. */
const CHARACTERS = 67_108_864
/** What a crash can lose: copies younger than this and its write. The first back end's own copy is not among it. */
const FLUSH_MS = 200
/** Messages and their characters that wait in memory for the next write; past half of it the write comes at once. */
const FRESH = { messages: 1_000, characters: 4_194_304 } as const

export interface OutboxParts {
  readonly store: Store
  /** The mirror's name: several share one store. */
  readonly name: string
  readonly clock: Clock
  /** Messages kept. */
  readonly limit: number
  readonly failed: (fault: Fault) => void
}

interface Kept {
  readonly station: string
  readonly characters: number
  readonly isTelemetry: boolean
}

export class MirrorOutbox {
  /** Messages that the mirror will never hear. */
  dropped = 0
  readonly counters = { sent: 0, received: 0 }
  readonly #parts: OutboxParts
  /** Both in the order of arrival. */
  readonly #kept = new Map<string, Kept>()
  readonly #telemetry = new Set<string>()
  readonly #stations = new Map<string, Set<string>>()
  #characters = 0
  #number = 0
  /** What is not on disk yet, and what should not be there any more. */
  readonly #fresh = new Map<string, Row>()
  readonly #gone = new Set<string>()
  #freshCharacters = 0
  #isWriting = false
  #isStopped = false
  #timer: Cancel | undefined

  constructor(parts: OutboxParts) {
    this.#parts = parts
    const rows = parts.store.list(COLLECTION, { prefix: `${parts.name}/` })
    const number = (key: string): number => Number(key.split('/')[2])
    for (const { key, value } of rows.sort((a, b) => number(a.key) - number(b.key))) {
      const row = readRow(value)
      if (row) this.#note(key, keptOf(key.split('/')[1] as string, row.message))
      this.#number = Math.max(this.#number, number(key))
    }
  }

  get waiting(): number {
    return this.#kept.size
  }

  put(station: string, version: Version, message: Call | Send): void {
    const kept = keptOf(station, message)
    const key = `${this.#parts.name}/${station}/${String(++this.#number).padStart(12, '0')}`
    const isCrowded = this.#fresh.size >= FRESH.messages || this.#freshCharacters + kept.characters > FRESH.characters
    if (isCrowded || !this.#makeRoom(kept)) {
      this.dropped++
      return
    }
    this.#note(key, kept)
    this.#fresh.set(key, { version, message })
    this.#freshCharacters += kept.characters
    if (2 * this.#fresh.size > FRESH.messages || 2 * this.#freshCharacters > FRESH.characters) this.flush()
    else this.#plan()
  }

  /** The oldest message of a station, in the version that it speaks now; what it said in another cannot be said any more. */
  next(station: string, version: Version): { key: string; message: Call | Send } | undefined {
    for (const key of this.#stations.get(station) ?? []) {
      const row = this.#fresh.get(key) ?? readRow(this.#parts.store.get(COLLECTION, key))
      if (row?.version === version) return { key, message: row.message }
      this.drop(key)
    }
    return undefined
  }

  /** The mirror heard it. */
  done(key: string): void {
    if (!this.#forget(key)) return
    const isOnDisk = !this.#refresh(key) || this.#isWriting
    if (!isOnDisk) return
    this.#gone.add(key)
    this.#plan()
  }

  /** The mirror will never hear it. */
  drop(key: string): void {
    if (!this.#kept.has(key)) return
    this.dropped++
    this.done(key)
  }

  #makeRoom({ characters, isTelemetry }: Kept): boolean {
    const isFull = (): boolean => this.#kept.size >= this.#parts.limit || this.#characters + characters > CHARACTERS
    while (isFull()) {
      const [oldest] = this.#telemetry.size > 0 ? this.#telemetry : isTelemetry ? [] : this.#kept.keys()
      if (oldest === undefined) return false
      this.drop(oldest)
    }
    return true
  }

  #note(key: string, kept: Kept): void {
    this.#kept.set(key, kept)
    if (kept.isTelemetry) this.#telemetry.add(key)
    this.#characters += kept.characters
    const keys = this.#stations.get(kept.station) ?? new Set()
    this.#stations.set(kept.station, keys.add(key))
  }

  #forget(key: string): boolean {
    const kept = this.#kept.get(key)
    if (!kept) return false
    this.#kept.delete(key)
    this.#telemetry.delete(key)
    this.#characters -= kept.characters
    const keys = this.#stations.get(kept.station)
    keys?.delete(key)
    if (keys?.size === 0) this.#stations.delete(kept.station)
    return true
  }

  /** Writes what is left; nothing is planned from now on. */
  stop(): void {
    this.flush()
    this.#isStopped = true
    this.#timer?.()
  }

  #plan(): void {
    if (!this.#isStopped) this.#timer ??= this.#parts.clock.after(FLUSH_MS, () => this.flush())
  }

  /** Writes what is not on disk yet. Nobody waits for it. */
  flush(): void {
    this.#timer?.()
    this.#timer = undefined
    if (this.#isWriting || this.#fresh.size + this.#gone.size === 0) return
    const { store, failed } = this.#parts
    const fresh = [...this.#fresh]
    const gone = [...this.#gone]
    this.#gone.clear()
    this.#isWriting = true
    const puts = fresh.map(([key, { version, message }]) => ({
      collection: COLLECTION,
      key,
      value: { version, frame: writeFrame(message) },
    }))
    const ended = (isWritten: boolean): void => {
      for (const [key] of fresh) {
        const isNew = this.#refresh(key)
        if (!isWritten && isNew && this.#forget(key)) this.dropped++
      }
      if (!isWritten) for (const key of gone) this.#gone.add(key)
      this.#isWriting = false
      if (this.#fresh.size + this.#gone.size > 0) this.#plan()
    }
    store.commit([...puts, ...gone.map((key) => ({ collection: COLLECTION, key, value: undefined }))]).then(
      () => ended(true),
      (error) => {
        ended(false)
        failed(asFault(error))
      },
    )
  }

  /** It is fresh no longer. */
  #refresh(key: string): boolean {
    const row = this.#fresh.get(key)
    if (row) this.#freshCharacters -= keptOf('', row.message).characters
    return this.#fresh.delete(key)
  }
}

interface Row {
  readonly version: Version
  readonly message: Call | Send
}

const keptOf = (station: string, message: Call | Send): Kept => ({
  station,
  characters: message.payload.text.length + message.action.length + message.id.length,
  isTelemetry: isTelemetry(message),
})

/** What the next message of its kind makes up for. Nothing that belongs to a session is among it: that is what bills rest on. */
const TELEMETRY: readonly string[] = [
  'Heartbeat',
  'StatusNotification',
  'NotifyEvent',
  'NotifyReport',
  'NotifyMonitoringReport',
  'FirmwareStatusNotification',
  'DiagnosticsStatusNotification',
  'LogStatusNotification',
]

const isTelemetry = ({ type, action, payload }: Call | Send): boolean =>
  // whoever sends what nobody answers can do without it
  type === SEND ||
  // OCPP 1.6 reports a session's energy with MeterValues too, and then names the transaction
  TELEMETRY.includes(action) ||
  (action === 'MeterValues' && (payload.value as { transactionId?: Json }).transactionId === undefined)

const readRow = (value: Json | undefined): Row | undefined => {
  const { version, frame } = (value ?? {}) as { readonly version?: Json; readonly frame?: Json }
  if (!isVersion(version) || typeof frame !== 'string') return undefined
  const message = readFrame(frame)
  if (message.type !== CALL && message.type !== SEND) throw new Fault('internal', 'the outbox of a mirror holds CALLs and SENDs only')
  return { version, message }
}
