// The commands' side of the station: checks an order against what the station is and does, and carries it out. No version's words here.
import { asFault } from '../../base/fault.ts'
import type { Json } from '../../base/ports.ts'
import type { Authorizer } from './authorizer.ts'
import { remoteUser } from './authorizer.ts'
import { askingFor } from './certificate-commands.ts'
import type { StationCertificates } from './certificates.ts'
import type { Configuration } from './configuration.ts'
import { variableNow } from './device-model.ts'
import type { Evse, Grant } from './evse.ts'
import { Monitors } from './monitors.ts'
import type { Outbox } from './outbox.ts'
import { type Log, type StationParts, type StationSettings, supplyOf } from './parts.ts'
import type { ProfileFilter, Profiles, Scope, Stretch } from './profiles.ts'
import type { Profile, Supply } from './schedule.ts'
import type { EvseFacts, RemoteStart, Site, TriggeredMessage } from './site.ts'
import type { Statuses } from './statuses.ts'
import type { Session, Speech, StopReason } from './terms.ts'
import type { Upkeep } from './upkeep.ts'
import type { Uplink } from './uplink.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface OperationsParts {
  readonly settings: StationSettings
  readonly parts: StationParts
  readonly configuration: Configuration
  readonly profiles: Profiles
  readonly authorizer: Authorizer
  readonly outbox: Outbox
  readonly uplink: Uplink
  readonly statuses: Statuses
  readonly vocabulary: Vocabulary
  readonly evses: readonly Evse[]
  readonly upkeep: Upkeep
  readonly log: Log
  reboot(reason: StopReason): void
}

/** A composite schedule further ahead than this is a guess. */
const HORIZON_S = 7 * 86_400

/** AC: 230 V and three phases. DC has no phases; amperes are at the nominal 400 V of the output. */
export const supplyFor = (settings: StationSettings): Supply =>
  supplyOf(settings) === 'AC' ? { volts: 230, phases: 3 } : { volts: 400, phases: 1 }

export class Operations implements Site {
  readonly monitors: Monitors
  readonly #it: OperationsParts
  #resetWhenIdle = false

  constructor(parts: OperationsParts) {
    this.#it = parts
    const { settings, uplink } = parts
    this.monitors = new Monitors({
      ...{ store: parts.parts.store, clock: parts.parts.clock, station: settings.id },
      value: (of) => variableNow(this, of as object as Json),
      request: (speech) => uplink.request(speech),
      say: (speech) => this.say(speech),
      tell: (speech) => uplink.tell(speech),
    })
  }

  online(after: 'boot' | 'break', offlineMs: number): void {
    const { outbox, statuses, upkeep } = this.#it
    // the queue first: what waited longest is told before what is new
    outbox.resume()
    // after a long break the back end wants every state again (OCPP 2.0.1 B04)
    if (after === 'boot' || offlineMs > this.configuration.number('offlineThreshold') * 1000) statuses.forget()
    statuses.reportAll()
    upkeep.firmware?.online()
    this.monitors.online(after)
  }

  offline(): void {
    this.#it.outbox.pause()
    this.monitors.offline()
  }

  get settings(): StationSettings {
    return this.#it.settings
  }
  get configuration(): Configuration {
    return this.#it.configuration
  }
  get supply(): Supply {
    return this.#it.profiles.supply
  }
  get evses(): readonly EvseFacts[] {
    return this.#it.evses
  }
  get accepted(): boolean {
    return this.#it.uplink.ready
  }
  get firmware(): Upkeep['firmware'] {
    return this.#it.upkeep.firmware
  }
  get logs(): Upkeep['logs'] {
    return this.#it.upkeep.logs
  }
  get certificates(): StationCertificates | undefined {
    return this.#it.parts.certificates
  }

  askForCertificate(): void {
    const asking = this.certificates?.request().then((csr) => this.#it.uplink.request(askingFor(this, csr), 'asked for'))
    this.run(asking ?? Promise.resolve(), 'a certificate was not asked for')
  }

  reconnect(): void {
    this.#it.uplink.reconnect()
  }

  now(): number {
    return this.#it.parts.clock.now()
  }

  soon(run: () => void): void {
    this.#it.parts.clock.after(0, run)
  }

  say(speech: Speech): void {
    this.run(this.#it.uplink.request(speech, 'asked for'), `${speech.action} was not taken`)
  }

  /** Lets something go on by itself; what goes wrong is logged. */
  run(work: Promise<unknown>, complaint: string): void {
    work.catch((thrown) => {
      const fault = asFault(thrown)
      this.#it.log(fault.code === 'internal' || fault.code === 'store-failed' ? 'error' : 'warn', complaint, {
        code: fault.code,
        why: fault.message,
      })
    })
  }

  session(transactionId: string): Session | undefined {
    return this.#evseOf(transactionId)?.session
  }

  queued(transactionId?: string): boolean {
    return this.#it.outbox.holds(transactionId)
  }

  remoteStart({ token, evse, remoteStartId, profile }: RemoteStart): boolean {
    const { evses, uplink } = this.#it
    const free = evses.filter((one) => one.free && (evse === undefined || one.id === evse))
    const target = free.find(({ plugged }) => plugged) ?? free[0]
    if (!uplink.ready || target === undefined || (profile !== undefined && !this.#wellFormed(profile))) return false
    const grant = { user: remoteUser(token), remote: true, ...(remoteStartId === undefined ? {} : { remoteStartId }) }
    this.soon(() => this.run(this.#startRemotely(target, grant, profile), 'a remote start failed'))
    return true
  }

  remoteStop(transactionId: string): boolean {
    const evse = this.#evseOf(transactionId)
    if (evse === undefined) return false
    this.soon(() => this.run(evse.end('remote'), 'a remote stop failed'))
    return true
  }

  /** Lets somebody charge, with the profile for it and none left over from another session. Throws `store-failed`. */
  async grant(evse: Evse, grant: Grant, profile?: Profile): Promise<void> {
    await this.#it.profiles.clear({ evse: evse.id, purpose: 'TxProfile' })
    if (profile !== undefined) await this.#it.profiles.install(evse.id, profile)
    await evse.grant(grant)
  }

  async setProfile(evse: number, profile: Profile): Promise<boolean> {
    const { profiles, evses, vocabulary } = this.#it
    const target = evses.find(({ id }) => id === evse)
    if ((evse !== 0 && target === undefined) || !this.#wellFormed(profile)) return false
    if (profile.purpose === 'ChargingStationMaxProfile' && evse !== 0) return false
    if (profile.purpose === 'TxProfile') {
      // only for the transaction that runs (OCPP 2.0.1 K01, OCPP 1.6 §3.13.1)
      if (target?.session === undefined) return false
      if (profile.transactionId !== undefined && profile.transactionId !== vocabulary.transactionId(target.session)) return false
    }
    if (!profiles.has(profile.id) && profiles.count >= this.configuration.number('profilesInstalled')) return false
    await profiles.install(evse, profile)
    this.#adjust()
    return true
  }

  async clearProfiles(filter: ProfileFilter): Promise<boolean> {
    const removed = await this.#it.profiles.clear(filter)
    this.#adjust()
    return removed > 0
  }

  composite(evse: number, seconds: number): readonly Stretch[] | undefined {
    if (seconds < 0) return undefined
    if (evse === 0) return this.#it.profiles.composite(this.now(), Math.min(seconds, HORIZON_S), this.#scope(0, undefined))
    const target = this.#it.evses.find(({ id }) => id === evse)
    if (target === undefined) return undefined
    return this.#it.profiles.composite(this.now(), Math.min(seconds, HORIZON_S), this.#scope(evse, target.session))
  }

  limitOf(evse: Evse): number {
    return this.#it.profiles.limitAt(this.now(), this.#scope(evse.id, evse.session))
  }

  async changeAvailability(evse: number, operative: boolean): Promise<'Accepted' | 'Scheduled' | 'Rejected'> {
    const targets = this.#it.evses.filter(({ id }) => evse === 0 || id === evse)
    if (targets.length === 0) return 'Rejected'
    const results = []
    for (const target of targets) results.push(await target.setOperative(operative))
    this.soon(() => this.#it.statuses.reportAll())
    return results.includes('Scheduled') ? 'Scheduled' : 'Accepted'
  }

  unlock(evse: number, end: boolean): 'unlocked' | 'unknown' | 'busy' {
    const target = this.#it.evses.find(({ id }) => id === evse)
    if (target === undefined) return 'unknown'
    if (target.session === undefined) return 'unlocked'
    if (!end) return 'busy'
    this.soon(() => this.run(target.end('unlock'), 'a session could not be ended'))
    return 'unlocked'
  }

  reset({ hard, whenIdle }: { hard: boolean; whenIdle: boolean }): 'Accepted' | 'Scheduled' {
    if (whenIdle && this.#charging > 0) {
      this.#resetWhenIdle = true
      return 'Scheduled'
    }
    this.soon(() => this.#it.reboot(hard ? 'hardReset' : 'softReset'))
    return 'Accepted'
  }

  forgetTokens(): Promise<void> {
    return this.#it.authorizer.forgetAll()
  }

  trigger(message: TriggeredMessage, evse?: number): void {
    const { uplink, statuses, vocabulary, evses } = this.#it
    const targets = evses.filter(({ id }) => evse === undefined || id === evse)
    const perEvse: Readonly<Record<Exclude<TriggeredMessage, 'boot' | 'heartbeat'>, (one: Evse) => void>> = {
      status: (one) => statuses.repeat(one),
      meterValues: (one) => this.say(vocabulary.meterValues(one.id, one.sample('Trigger'), one.session)),
      transaction: (one) => one.report('Trigger'),
    }
    if (message === 'boot') this.soon(() => void uplink.boot('Triggered'))
    else if (message === 'heartbeat') this.soon(() => void uplink.heartbeat('asked for'))
    else
      this.soon(() => {
        for (const one of targets) perEvse[message](one)
      })
  }

  /** A session is over: its profile goes, the others' shares grow, and a reset that waited happens. */
  ended(evse: Evse): void {
    this.run(this.#it.profiles.clear({ evse: evse.id, purpose: 'TxProfile' }), 'a profile could not be removed')
    this.#adjust()
    if (this.#charging > 0) return
    this.firmware?.idle()
    if (!this.#resetWhenIdle) return
    this.#resetWhenIdle = false
    this.soon(() => this.#it.reboot('softReset'))
  }

  async #startRemotely(evse: Evse, grant: Grant, profile: Profile | undefined): Promise<void> {
    if (!this.configuration.flag('authorizeRemote')) return this.grant(evse, grant, profile)
    const { verdict } = await this.#it.authorizer.authorize(grant.user.token)
    if (verdict.status === 'Accepted') await this.grant(evse, grant, profile)
  }

  /** Follows a changed limit at once. */
  #adjust(): void {
    for (const evse of this.#it.evses) evse.tick()
  }

  #wellFormed({ schedule, stackLevel }: Profile): boolean {
    const { periods } = schedule
    const rising = periods.every(({ startPeriod }, i) => i === 0 || startPeriod > (periods[i - 1]?.startPeriod ?? 0))
    const fits = periods.length <= this.configuration.number('schedulePeriods') && stackLevel <= this.configuration.number('stackLevels')
    return fits && rising && periods[0]?.startPeriod === 0 && stackLevel >= 0
  }

  #scope(evse: number, session: Session | undefined): Scope {
    const { evses, settings } = this.#it
    const sharing = evse === 0 ? evses.length : Math.max(1, this.#charging)
    return { evse, sharing, maxPowerW: settings.maxPowerW, ...(session === undefined ? {} : { sessionStart: session.startedAt }) }
  }

  get #charging(): number {
    return this.#it.evses.filter(({ session }) => session !== undefined).length
  }

  #evseOf(transactionId: string): Evse | undefined {
    const { evses, vocabulary } = this.#it
    return evses.find(({ session }) => session !== undefined && vocabulary.transactionId(session) === transactionId)
  }
}
