// What a station watches and reports by itself, every so often: the periodic monitors of OCPP 2.x (Part 2 N04, N06, N08). In 2.1 their values
// may go in an event stream (N11 to N15): opened with the back end, sent several at a time, answered by nobody. Thresholds and deltas are
// not watched here. Monitors outlive a power cut; streams are opened again after each boot.
import type { OCPP20, OCPP21 } from 'typed-ocpp'
import type { Cancel, Clock, Json, Store } from '../../base/ports.ts'
import { iso, type Speech, speech } from './terms.ts'

export type MonitoredVariable = Pick<OCPP20.SetVariableMonitoringRequest['setMonitoringData'][number], 'component' | 'variable'>
export type StreamParams = OCPP21.AdjustPeriodicEventStreamRequest['params']

export interface Monitor extends MonitoredVariable {
  readonly id: number
  readonly type: 'Periodic' | 'PeriodicClockAligned'
  /** Seconds between two values. */
  readonly value: number
  readonly severity: number
  /** Where its values go in a stream, whose number is the monitor's. */
  readonly stream?: StreamParams
}

export interface MonitorsParts {
  readonly store: Store
  readonly clock: Clock
  readonly station: string
  /** The text that a variable has now; nothing where there is none. */
  value(of: MonitoredVariable): string | undefined
  /** Asks the back end; rejects where it does not answer. */
  request(speech: Speech): Promise<Json>
  /** Asks, and lets what goes wrong be logged. */
  say(speech: Speech): void
  /** Sends what nobody answers. */
  tell(speech: Speech): void
}

interface Value {
  readonly at: number
  readonly text: string
}

/** A monitor at work. */
interface Watch {
  monitor: Monitor
  timer?: Cancel
  /** Whether the back end takes its stream. */
  isOpen: boolean
  /** Taken and not yet sent. */
  values: Value[]
}

const COLLECTION = 'station-monitors'
const MOST_MONITORS = 50
/** Faster than that nothing here changes. */
const FASTEST_S = 0.1
/** Values in one message, however many were asked for. */
const MOST_VALUES = 100

export class Monitors {
  readonly #parts: MonitorsParts
  readonly #watches = new Map<number, Watch>()
  #isOnline = false
  #events = 0

  constructor(parts: MonitorsParts) {
    this.#parts = parts
    for (const { value } of parts.store.list(COLLECTION, { prefix: `${parts.station}/` })) this.#put(value as object as Monitor)
  }

  /** Streams that the back end takes. */
  get streams(): readonly Monitor[] {
    return [...this.#watches.values()].flatMap(({ monitor, isOpen }) => (isOpen ? [monitor] : []))
  }

  /** N04: sets one, in the place of the one with its id where it has one. Rejects with Fault `store-failed`. */
  async set({ id, ...wanted }: Omit<Monitor, 'id'> & { readonly id?: number }): Promise<number | 'Rejected' | 'Duplicate'> {
    if (id === undefined ? this.#watches.size >= MOST_MONITORS : !this.#watches.has(id)) return 'Rejected'
    if (wanted.value < FASTEST_S) return 'Rejected'
    const isSame = ({ monitor }: Watch): boolean => monitor.id !== id && sameSubject(monitor, wanted)
    if ([...this.#watches.values()].some(isSame)) return 'Duplicate'
    const monitor: Monitor = { ...wanted, id: id ?? Math.max(0, ...this.#watches.keys()) + 1 }
    await this.#keep(monitor.id, monitor)
    this.#end(monitor.id)
    this.#put(monitor)
    return monitor.id
  }

  /** N06. Rejects with Fault `store-failed`. */
  async clear(id: number): Promise<boolean> {
    if (!this.#watches.has(id)) return false
    await this.#keep(id, undefined)
    this.#end(id)
    return true
  }

  /** N14: how many values a stream gathers, and for how long. Rejects with Fault `store-failed`. */
  async adjust(id: number, params: StreamParams): Promise<boolean> {
    const watch = this.#watches.get(id)
    if (!watch?.isOpen) return false
    const monitor = { ...watch.monitor, stream: params }
    await this.#keep(id, monitor)
    watch.monitor = monitor
    return true
  }

  /** The answers to what set monitors are on their way: what they set begins. */
  begin(): void {
    if (!this.#isOnline) return
    for (const [id, watch] of this.#watches) {
      if (watch.timer !== undefined) continue
      this.#schedule(id)
      if (watch.monitor.stream) void this.#open(id, watch.monitor.stream)
    }
  }

  /** @param after a boot begins every stream anew */
  online(after: 'boot' | 'break'): void {
    this.#isOnline = true
    if (after === 'boot') for (const watch of this.#watches.values()) watch.isOpen = false
    for (const id of this.#watches.keys()) this.#schedule(id)
    for (const [id, { monitor, isOpen }] of this.#watches) if (monitor.stream && !isOpen) void this.#open(id, monitor.stream)
  }

  /** Values of now are of no use later: none is taken while nobody hears of it. */
  offline(): void {
    this.#isOnline = false
    for (const watch of this.#watches.values()) {
      watch.timer?.()
      watch.values = []
    }
  }

  /** N11: nothing of a stream is said before the back end takes it. */
  async #open(id: number, params: StreamParams): Promise<void> {
    const constantStreamData = { id, variableMonitoringId: id, params }
    const answer = await this.#parts.request(speech('OpenPeriodicEventStream', { constantStreamData })).catch(() => undefined)
    const watch = this.#watches.get(id)
    if (watch) watch.isOpen = (answer as { readonly status?: string } | undefined)?.status === 'Accepted'
  }

  #put(monitor: Monitor): void {
    this.#watches.set(monitor.id, { monitor, isOpen: false, values: [] })
  }

  /** N13: the back end is told that a stream is over. */
  #end(id: number): void {
    const watch = this.#watches.get(id)
    watch?.timer?.()
    if (watch?.isOpen) this.#parts.say(speech('ClosePeriodicEventStream', { id }))
    this.#watches.delete(id)
  }

  #keep(id: number, value: Monitor | undefined): Promise<void> {
    return this.#parts.store.commit([{ collection: COLLECTION, key: `${this.#parts.station}/${id}`, value: value as object as Json }])
  }

  #schedule(id: number): void {
    const watch = this.#watches.get(id)
    if (watch === undefined) return
    const { clock } = this.#parts
    const period = watch.monitor.value * 1000
    const wait = watch.monitor.type === 'PeriodicClockAligned' ? period - (clock.now() % period) : period
    watch.timer = clock.after(wait, () => {
      this.#take(watch)
      if (this.#isOnline) this.#schedule(id)
    })
  }

  #take(watch: Watch): void {
    const { monitor } = watch
    const text = this.#parts.value(monitor)
    if (text === undefined) return
    const value = { at: this.#parts.clock.now(), text }
    if (!monitor.stream) this.#parts.say(this.#event(monitor, value))
    else if (watch.isOpen) {
      watch.values.push(value)
      if (isDue(watch.values, monitor.stream)) this.#send(watch)
    }
  }

  #send(watch: Watch): void {
    const [first] = watch.values
    if (first === undefined) return
    const data = watch.values.map(({ at, text }) => ({ t: (at - first.at) / 1000, v: text }))
    watch.values = []
    this.#parts.tell(speech('NotifyPeriodicEventStream', { id: watch.monitor.id, pending: 0, basetime: iso(first.at), data }))
  }

  /** N08, as 2.0.1 has it and 2.1 where no stream was asked for. */
  #event({ id, component, variable }: Monitor, { at, text }: Value): Speech {
    const eventData = {
      ...{ eventId: ++this.#events, timestamp: iso(at), trigger: 'Periodic', actualValue: text, component, variable },
      ...{ variableMonitoringId: id, eventNotificationType: 'CustomMonitor' },
    }
    return speech('NotifyEvent', { generatedAt: iso(at), seqNo: 0, eventData: [eventData] })
  }
}

/** As many as were asked for, or the first of them as old as was asked for; each value at once where neither was. */
const isDue = (values: readonly Value[], { interval, values: count }: StreamParams): boolean => {
  const [first, last] = [values[0]?.at ?? 0, values.at(-1)?.at ?? 0]
  const isOld = interval !== undefined && last - first >= interval * 1000
  const isMany = count !== undefined && values.length >= count
  return isOld || isMany || values.length >= MOST_VALUES || (interval === undefined && count === undefined)
}

/** N04: one variable is watched in one way with one severity. */
const sameSubject = (a: Omit<Monitor, 'id'>, b: Omit<Monitor, 'id'>): boolean =>
  a.type === b.type && a.severity === b.severity && sameText(a.component, b.component) && sameText(a.variable, b.variable)

const sameText = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b)
