// What a mirror has not heard yet, on disk, bounded: when it is full, the oldest telemetry goes first, and every message that
// goes unheard is counted. Nobody waits for it: a disk that fails here costs the mirror its copy and nobody else anything.
import { asFault, Fault } from '../base/fault.ts'
import type { Change, Json, Store } from '../base/ports.ts'
import { CALL, type Call, readFrame, writeFrame } from '../ocpp/frame.ts'
import { isVersion, type Version } from '../ocpp/version.ts'

const COLLECTION = 'mirror'
/** However few the messages, their texts are not longer than this together. */
const CHARACTERS = 67_108_864
/** Commits that the disk has not confirmed; more would pile up in memory. */
const UNCONFIRMED = 1_000

export interface OutboxParts {
  readonly store: Store
  /** The mirror's name: several share one store. */
  readonly name: string
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
  #unconfirmed = 0

  constructor(parts: OutboxParts) {
    this.#parts = parts
    const rows = parts.store.list(COLLECTION, { prefix: `${parts.name}/` })
    const number = (key: string): number => Number(key.split('/')[2])
    for (const { key, value } of rows.sort((a, b) => number(a.key) - number(b.key))) {
      const row = readRow(value)
      if (row) this.#note(key, keptOf(key.split('/')[1] as string, row.call))
      this.#number = Math.max(this.#number, number(key))
    }
  }

  get waiting(): number {
    return this.#kept.size
  }

  put(station: string, version: Version, call: Call): void {
    const kept = keptOf(station, call)
    const key = `${this.#parts.name}/${station}/${String(++this.#number).padStart(12, '0')}`
    if (this.#unconfirmed >= UNCONFIRMED || !this.#makeRoom(kept)) {
      this.dropped++
      return
    }
    this.#note(key, kept)
    this.#commit([{ collection: COLLECTION, key, value: { version, frame: writeFrame(call) } }], () => {
      if (this.#forget(key)) this.dropped++
    })
  }

  /** The oldest message of a station, in the version that it speaks now; what it said in another cannot be said any more. */
  next(station: string, version: Version): { key: string; call: Call } | undefined {
    for (const key of this.#stations.get(station) ?? []) {
      const row = readRow(this.#parts.store.get(COLLECTION, key))
      if (row?.version === version) return { key, call: row.call }
      this.drop(key)
    }
    return undefined
  }

  /** The mirror heard it. */
  done(key: string): void {
    if (this.#forget(key)) this.#commit([{ collection: COLLECTION, key, value: undefined }])
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

  #commit(changes: readonly Change[], undo: () => void = () => undefined): void {
    this.#unconfirmed++
    this.#parts.store
      .commit(changes)
      .catch((error: unknown) => {
        undo()
        this.#parts.failed(asFault(error))
      })
      .finally(() => this.#unconfirmed--)
  }
}

const keptOf = (station: string, call: Call): Kept => ({
  station,
  characters: call.payload.text.length + call.action.length + call.id.length,
  isTelemetry: isTelemetry(call),
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

const isTelemetry = ({ action, payload }: Call): boolean =>
  // OCPP 1.6 reports a session's energy with MeterValues too, and then names the transaction
  TELEMETRY.includes(action) || (action === 'MeterValues' && (payload.value as { transactionId?: Json }).transactionId === undefined)

const readRow = (value: Json | undefined): { version: Version; call: Call } | undefined => {
  const { version, frame } = (value ?? {}) as { readonly version?: Json; readonly frame?: Json }
  if (!isVersion(version) || typeof frame !== 'string') return undefined
  const message = readFrame(frame)
  if (message.type !== CALL) throw new Fault('internal', 'the outbox of a mirror holds CALLs only')
  return { version, call: message }
}
