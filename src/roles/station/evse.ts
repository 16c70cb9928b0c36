// One EVSE: the cable, the vehicle on it, and the charging session from its begin to its end. Knows no OCPP version and no network:
// what happens becomes session events, which its host queues. OCPP 2.0.1 E01-E03, E05-E07, E09, G03; OCPP 1.6 §3.8, §4.8-4.10.
import { asFault } from '../../base/fault.ts'
import type { Cancel, Change, Clock, Json, Random, Store } from '../../base/ports.ts'
import type { Meter } from '../meter.ts'
import type { Configuration } from './configuration.ts'
import type { Log } from './parts.ts'
import { signedSample } from './signed-sample.ts'
import type {
  ChargingState,
  EvseStatus,
  Sample,
  SampleContext,
  Session,
  SessionEvent,
  StopReason,
  Trigger,
  UserAssignment,
} from './terms.ts'
import { STOP_REASONS } from './terms.ts'
import { demandW, drawnW, type Vehicle } from './vehicle.ts'

export interface EvseHost {
  readonly station: string
  readonly clock: Clock
  readonly random: Random
  readonly store: Store
  readonly configuration: Configuration
  readonly log: Log
  readonly online: boolean
  /** What this EVSE may draw now, W. */
  limitOf(evse: Evse): number
  /** Queues the event's messages and makes the changes, durably and at once. */
  queue(session: Session, event: SessionEvent, changes: readonly Change[]): Promise<void>
  /** Something that can be seen from outside is different. */
  changed(evse: Evse): void
  ended(evse: Evse, session: Session): void
}

/** Who may charge here, waiting for a vehicle. */
export interface Grant {
  readonly user: UserAssignment
  readonly group?: string
  readonly remoteStartId?: number
  /** Ordered by the back end. */
  readonly remote: boolean
}

const SESSIONS = 'station-session'
const AVAILABILITY = 'station-availability'
const TICK_MS = 1000

export class Evse {
  readonly id: number
  readonly meter: Meter
  readonly #host: EvseHost
  #vehicle: Vehicle | undefined
  /** The register when the vehicle was plugged in. */
  #pluggedWh = 0
  #grant: Grant | undefined
  #grantTimeout: Cancel | undefined
  #session: Session | undefined
  #operative: boolean
  /** To be out of order as soon as the session ends. */
  #closing = false
  #finished = false
  #ticking: Cancel | undefined
  #sampling: Cancel | undefined

  constructor(id: number, meter: Meter, host: EvseHost) {
    this.id = id
    this.meter = meter
    this.#host = host
    this.#operative = host.store.get(AVAILABILITY, this.#key) !== false
  }

  get session(): Session | undefined {
    return this.#session
  }
  get plugged(): boolean {
    return this.#vehicle !== undefined
  }
  get operative(): boolean {
    return this.#operative && !this.#closing
  }
  /** Free for another driver. */
  get free(): boolean {
    return this.operative && this.#session === undefined && this.#grant === undefined
  }

  get status(): EvseStatus {
    if (this.#session !== undefined) return this.#session.state === 'EVConnected' ? 'Preparing' : this.#session.state
    if (!this.#operative) return 'Unavailable'
    if (this.#vehicle !== undefined) return this.#finished ? 'Finishing' : 'Preparing'
    return this.#grant === undefined ? 'Available' : 'Preparing'
  }

  /** Ends the session that a power cut left open, with the register's last reading. */
  async recover(): Promise<void> {
    const left = this.#host.store.get(SESSIONS, this.#key)
    if (left === undefined || this.#session !== undefined) return
    this.#session = left as object as Session
    await this.end('powerLoss')
  }

  async plugIn(vehicle: Vehicle): Promise<void> {
    if (this.#vehicle !== undefined) return
    this.#vehicle = vehicle
    this.#pluggedWh = this.meter.reading().energyWh
    this.#finished = false
    this.#host.changed(this)
    if (this.#grant !== undefined) await this.#begin(this.#grant, 'CablePluggedIn')
  }

  async unplug(): Promise<void> {
    const ending = this.end('unplugged')
    // the cable is out now, however long the disk takes
    this.#vehicle = undefined
    this.#finished = false
    await ending
    this.#host.changed(this)
  }

  /** Lets somebody charge: now if a vehicle is plugged in, else if one comes in time (OCPP 2.0.1 E03, 1.6 ConnectionTimeOut). */
  async grant(grant: Grant): Promise<void> {
    this.#grantTimeout?.()
    this.#grant = grant
    if (this.#vehicle !== undefined) return this.#begin(grant, 'Authorized')
    const timeoutMs = this.#host.configuration.number('connectionTimeout') * 1000
    this.#grantTimeout = this.#host.clock.after(timeoutMs, () => {
      this.#grant = undefined
      this.#host.changed(this)
    })
    this.#host.changed(this)
  }

  /** @returns whether it holds from now on, or only after the running session */
  async setOperative(operative: boolean): Promise<'Accepted' | 'Scheduled'> {
    await this.#host.store.commit([{ collection: AVAILABILITY, key: this.#key, value: operative }])
    this.#closing = !operative && this.#session !== undefined
    if (!this.#closing) this.#operative = operative
    this.#host.changed(this)
    return this.#closing ? 'Scheduled' : 'Accepted'
  }

  /** OCPP 1.6: the number arrives with the answer to StartTransaction. @returns the change that keeps it */
  number(session: string, number: number): Change[] {
    if (this.#session?.id !== session) return []
    this.#session = { ...this.#session, number }
    return [this.#row(this.#session)]
  }

  async end(reason: StopReason, token?: string): Promise<void> {
    const session = this.#session
    if (session === undefined) return
    this.#cancelTimers()
    const sample = signedSample(this.meter, 'Transaction.End', session.user)
    this.meter.setPower(0)
    this.#session = undefined
    this.#finished = this.#vehicle !== undefined
    if (this.#closing) this.#operative = false
    this.#closing = false
    const event = { ...this.#event('end', STOP_REASONS[reason].trigger, [sample]), reason, ...(token === undefined ? {} : { token }) }
    // where this fails, the session's row still stands, and the next boot ends the session once more
    try {
      await this.#host.queue(session, event, [...this.meter.changes(), { ...this.#row(session), value: undefined }])
    } finally {
      this.#host.changed(this)
      this.#host.ended(this, session)
    }
  }

  /** Sets the power to what vehicle and limits allow now. Runs every second, and when a limit changes. */
  tick(): void {
    const session = this.#session
    if (session === undefined || this.#vehicle === undefined) return
    const limit = this.#host.limitOf(this)
    const demand = demandW(this.#vehicle, this.meter.reading().energyWh - this.#pluggedWh)
    this.meter.setPower(drawnW(Math.min(demand, limit), this.#host.random))
    const state: ChargingState = demand <= 0 ? 'SuspendedEV' : limit <= 0 ? 'SuspendedEVSE' : 'Charging'
    if (state !== session.state) {
      this.#session = { ...session, state }
      this.#update('ChargingStateChanged', [])
    }
    this.#host.changed(this)
  }

  /** A reading now, outside the interval. */
  sample(context: SampleContext): Sample {
    const { time, energyWh, powerW } = this.meter.reading()
    return { time, context, energyWh, powerW }
  }

  /**
   * Reports a reading in the running session, signed like its begin and its end: a driver may look at it meanwhile (2.x: SignReadings).
   * Offline it is not: there values in between may have to give way, and the meter's numbers must stay without a gap.
   */
  report(trigger: 'MeterValuePeriodic' | 'Trigger'): void {
    const session = this.#session
    if (session === undefined) return
    const context = trigger === 'Trigger' ? 'Trigger' : 'Sample.Periodic'
    this.#update(trigger, [this.#host.online ? signedSample(this.meter, context, session.user) : this.sample(context)])
  }

  /** The power is gone: nothing is remembered but what the store holds. @returns what must be kept */
  halt(): Change[] {
    this.#cancelTimers()
    this.#grantTimeout?.()
    this.#grant = undefined
    this.#session = undefined
    this.meter.setPower(0)
    return this.meter.changes()
  }

  async #begin(grant: Grant, trigger: Trigger): Promise<void> {
    this.#grantTimeout?.()
    this.#grant = undefined
    if (this.#session !== undefined || !this.operative) return
    const { user, group, remoteStartId } = grant
    const begin = signedSample(this.meter, 'Transaction.Begin', user)
    const session: Session = {
      id: this.#host.random.uuid(),
      evse: this.id,
      user,
      ...(group === undefined ? {} : { group }),
      ...(remoteStartId === undefined ? {} : { remoteStartId }),
      startedAt: begin.time,
      begin,
      seq: 0,
      state: 'EVConnected',
    }
    this.#session = session
    this.#finished = false
    try {
      await this.#emit(session, this.#event('begin', grant.remote ? 'RemoteStart' : trigger, [begin]))
    } catch (thrown) {
      // what is not on disk has not begun
      this.#session = undefined
      this.#host.changed(this)
      throw thrown
    }
    // the cable may have been pulled meanwhile
    if (this.#session?.id === session.id) this.#run()
  }

  /** Power flows from here on. */
  #run(): void {
    const { clock } = this.#host
    const again = (): void => {
      this.#ticking = clock.after(TICK_MS, again)
      this.tick()
    }
    again()
    this.#scheduleSample()
  }

  #scheduleSample(): void {
    const { clock, configuration } = this.#host
    const seconds = configuration.number('sampleInterval')
    // 0 means no samples (OCPP 1.6 §9.1); look again later, the setting may change
    this.#sampling = clock.after((seconds || 60) * 1000, () => {
      if (seconds > 0) this.report('MeterValuePeriodic')
      this.#scheduleSample()
    })
  }

  #update(trigger: Trigger, samples: readonly Sample[]): void {
    if (this.#session === undefined) return
    this.#emit(this.#session, this.#event('update', trigger, samples)).catch((thrown) => {
      this.#host.log('error', 'a session event could not be kept', { evse: this.id, code: asFault(thrown).code })
    })
  }

  #event(kind: SessionEvent['kind'], trigger: Trigger, samples: readonly Sample[]): SessionEvent {
    return { kind, trigger, time: this.#host.clock.now(), offline: !this.#host.online, samples }
  }

  #emit(session: Session, event: SessionEvent): Promise<void> {
    this.#session = { ...session, seq: session.seq + 1 }
    return this.#host.queue(session, event, [...this.meter.changes(), this.#row(this.#session)])
  }

  get #key(): string {
    return `${this.#host.station}/${this.id}`
  }

  #row(session: Session): Change {
    return { collection: SESSIONS, key: this.#key, value: session as object as Json }
  }

  #cancelTimers(): void {
    this.#ticking?.()
    this.#sampling?.()
    this.#ticking = undefined
    this.#sampling = undefined
  }
}
