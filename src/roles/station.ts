// A charging station of OCPP 1.6, 2.0.1 or 2.1, simulated down to the cable: the parts under station/ put together.
// It behaves towards a back end as a real one; only vehicles and drivers are made up. Sockets, clock and store are given to it.
import { asFault, Fault } from '../base/fault.ts'
import type { Cancel, Clock, Json } from '../base/ports.ts'
import { Authorizer } from './station/authorizer.ts'
import { Configuration } from './station/configuration.ts'
import { variableNow } from './station/device-model.ts'
import { dispatch } from './station/dispatch.ts'
import { Evse, type EvseHost } from './station/evse.ts'
import { Operations, supplyFor } from './station/operations.ts'
import { type EvseState, type Log, type Presented, type StationParts, type StationSettings, supplyOf } from './station/parts.ts'
import { Profiles } from './station/profiles.ts'
import { stateOf } from './station/state.ts'
import { Statuses } from './station/statuses.ts'
import type { BootReason, StopReason, Verdict } from './station/terms.ts'
import { Transactions } from './station/transactions.ts'
import { type Upkeep, upkeepOf, withFirmware } from './station/upkeep.ts'
import { Uplink } from './station/uplink.ts'
import { someVehicle, type Vehicle } from './station/vehicle.ts'
import type { Vocabulary } from './station/vocabulary.ts'
import { VOCABULARY_2X, VOCABULARY_21 } from './station/vocabulary-2x.ts'
import { VOCABULARY_16 } from './station/vocabulary-16.ts'

export type { Admitted, EvseState, Presented, Refused, StationGuard, StationParts, StationSettings } from './station/parts.ts'
export { openGuard } from './station/parts.ts'

/** Between the end of the sessions and the reset, so that what ended them can be told. */
const RESET_GRACE_MS = 1000
const REBOOT_MS = 5000
const QUEUE_LIMIT = 10_000

const VOCABULARIES = {
  'ocpp1.6': VOCABULARY_16,
  'ocpp2.0.1': VOCABULARY_2X,
  'ocpp2.1': VOCABULARY_21,
} as const satisfies Record<StationSettings['version'], Vocabulary>

export class Station {
  readonly settings: StationSettings
  readonly #parts: StationParts
  readonly #log: Log
  readonly #vocabulary: Vocabulary
  readonly #configuration: Configuration
  readonly #evses: readonly Evse[]
  readonly #transactions: Transactions
  readonly #uplink: Uplink
  readonly #statuses: Statuses
  readonly #authorizer: Authorizer
  readonly #operations: Operations
  readonly #upkeep: Upkeep
  readonly #listeners = new Set<() => void>()
  #running = false
  #rebooting: Cancel | undefined

  constructor(settings: StationSettings, parts: StationParts) {
    this.#parts = parts
    this.#log = (level, text, data) => {
      this.#upkeep.logs?.write(`${level} ${text}`)
      parts.log?.(level, text, data)
    }
    this.#upkeep = this.#makeUpkeep(settings)
    this.settings = withFirmware(settings, this.#upkeep)
    this.#vocabulary = VOCABULARIES[settings.version]
    this.#configuration = new Configuration(parts.store, settings.id, settings.configuration)
    this.#uplink = this.#makeUplink()
    this.#authorizer = this.#makeAuthorizer()
    const host = this.#host()
    this.#evses = Array.from({ length: settings.evses }, (_, i) => new Evse(i + 1, parts.meterFor(i + 1), host))
    this.#transactions = this.#makeTransactions()
    this.#statuses = new Statuses({ ...this.#common, uplink: this.#uplink, evses: this.#evses })
    this.#operations = new Operations({
      ...this.#common,
      ...{ settings: this.settings, parts, upkeep: this.#upkeep },
      profiles: new Profiles(parts.store, settings.id, supplyFor(settings)),
      authorizer: this.#authorizer,
      outbox: this.#transactions.outbox,
      uplink: this.#uplink,
      statuses: this.#statuses,
      evses: this.#evses,
      reboot: (reason) => this.#operations.run(this.#reboot(reason), 'a reset failed'),
    })
    this.#configuration.onChange = (name) => {
      if (name === 'heartbeatInterval' || name === 'wordInterval') this.#uplink.scheduleHeartbeat()
    }
  }

  /** Power on: closes what a power cut left open, then dials and boots. */
  start(): void {
    if (this.#running) return
    this.#running = true
    const recovered = Promise.all(this.#evses.map((evse) => evse.recover()))
    recovered
      .catch((thrown) => this.#log('error', 'a session left open could not be ended', { code: asFault(thrown).code }))
      .then(() => {
        if (this.#running) this.#powerOn('PowerUp')
      })
  }

  /** Power off, in the middle of whatever goes on: a running session is ended at the next start. Resolves when the registers are kept. */
  async stop(): Promise<void> {
    if (!this.#running) return
    this.#running = false
    this.#rebooting?.()
    this.#rebooting = undefined
    this.#upkeep.firmware?.stop()
    this.#uplink.stop('the station is switched off')
    await this.#cutPower()
  }

  /** Puts the cable into a vehicle, by default some usual one. */
  plugIn(evse: number, vehicle?: Vehicle): void {
    const { random } = this.#parts
    const coming = this.#evse(evse).plugIn(vehicle ?? someVehicle(random, supplyOf(this.settings)))
    this.#operations.run(coming, 'a session could not begin')
  }

  /** Pulls the cable; a running session ends. */
  unplug(evse: number): void {
    this.#operations.run(this.#evse(evse).unplug(), 'a session could not be ended')
  }

  /**
   * Holds a card to the reader: begins a session, or ends the one that the same card or another of its group began.
   * @throws Fault `store-failed`; then nothing has begun or ended
   */
  async present(evse: number, idToken: string): Promise<Presented> {
    const place = this.#evse(evse)
    if (!this.#running || this.#rebooting !== undefined) return { accepted: false, status: 'Unavailable' }
    if (place.session?.user.token === idToken) return this.#stopLocally(place, idToken)
    if (place.session === undefined && !place.free) return { accepted: false, status: place.operative ? 'Occupied' : 'Unavailable' }
    const { verdict, user } = await this.#authorizer.authorize(idToken)
    if (verdict.status !== 'Accepted') return { accepted: false, status: verdict.status }
    if (place.session !== undefined) {
      const sameGroup = verdict.group !== undefined && verdict.group === place.session.group
      return sameGroup ? this.#stopLocally(place, idToken) : { accepted: false, status: 'Occupied' }
    }
    await this.#operations.grant(place, { user, remote: false, ...(verdict.group === undefined ? {} : { group: verdict.group }) })
    return { accepted: true, status: 'Accepted' }
  }

  get state(): readonly EvseState[] {
    const { maxPowerW } = this.settings
    return this.#evses.map((evse) => stateOf(evse, this.#vocabulary, { limitW: this.#operations.limitOf(evse), maxPowerW }))
  }

  /** The token that a running session was begun with, by the transaction's name on the wire. */
  sessionToken(transaction: string): string | undefined {
    const named = (evse: Evse): boolean => evse.session !== undefined && this.#vocabulary.transactionId(evse.session) === transaction
    return this.#evses.find(named)?.session?.user.token
  }

  /** The text that a variable of the device model has now, as SetVariableData names it. */
  variable(named: Json): string | undefined {
    return variableNow(this.#operations, named)
  }

  /** Connected to a back end that has accepted the station. */
  get online(): boolean {
    return this.#uplink.ready
  }

  /** Transaction messages that wait to be sent or answered. */
  get queued(): number {
    return this.#transactions.outbox.length
  }

  /** Tells whenever something visible changed, each second while power flows. */
  onChange(listener: () => void): Cancel {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  get #common(): { clock: Clock; log: Log; configuration: Configuration; vocabulary: Vocabulary } {
    return { clock: this.#parts.clock, log: this.#log, configuration: this.#configuration, vocabulary: this.#vocabulary }
  }

  #makeUplink(): Uplink {
    return new Uplink({
      ...this.#common,
      ...{ settings: this.settings, parts: this.#parts },
      command: (call) => dispatch(call, this.#vocabulary.commands, this.#operations),
      said: () => this.#transactions.outbox.said(),
      online: (after, offlineMs) => this.#online(after, offlineMs),
      offline: () => this.#offline(),
    })
  }

  #makeUpkeep(settings: StationSettings): Upkeep {
    return upkeepOf(settings, this.#parts, {
      log: this.#log,
      request: (speech) => this.#uplink.request(speech, 'asked for'),
      isCharging: () => this.#evses.some(({ session }) => session !== undefined),
      reboot: () => this.#operations.run(this.#reboot('softReset', 'FirmwareUpdate'), 'a restart failed'),
    })
  }

  #makeTransactions(): Transactions {
    const { store, random } = this.#parts
    return new Transactions({
      ...this.#common,
      store,
      random,
      station: this.settings.id,
      evses: this.#evses,
      queueLimit: this.settings.queueLimit ?? QUEUE_LIMIT,
      deliver: (...said) => this.#uplink.deliver(...said),
      judged: (evse, verdict) => this.#judge(evse, verdict),
      changed: () => this.#tell(),
    })
  }

  #makeAuthorizer(): Authorizer {
    const { tokenLength } = this.#vocabulary
    return new Authorizer({
      ...this.#common,
      store: this.#parts.store,
      station: this.settings.id,
      tokenLength,
      ask: async (token) => this.#vocabulary.readAuthorize(await this.#uplink.request(this.#vocabulary.authorize(token))),
    })
  }

  #host(): EvseHost {
    const { store, random } = this.#parts
    const uplink = this.#uplink
    return {
      ...this.#common,
      station: this.settings.id,
      store,
      random,
      get online() {
        return uplink.ready
      },
      limitOf: (evse) => this.#operations.limitOf(evse),
      queue: (session, event, changes) => this.#transactions.queue(session, event, changes),
      changed: (evse) => {
        this.#statuses.report(evse)
        this.#tell()
      },
      ended: (evse) => this.#operations.ended(evse),
    }
  }

  #online(after: 'boot' | 'break', offlineMs: number): void {
    this.#operations.online(after, offlineMs)
    this.#tell()
  }

  #offline(): void {
    this.#operations.offline()
    this.#tell()
  }

  async #stopLocally(evse: Evse, token: string): Promise<Presented> {
    await evse.end('local', token)
    return { accepted: true, status: 'Stopped' }
  }

  async #reboot(reason: StopReason, boot: BootReason = 'RemoteReset'): Promise<void> {
    if (this.#rebooting !== undefined) return
    const { clock } = this.#parts
    this.#rebooting = clock.after(RESET_GRACE_MS, () => {
      this.#upkeep.firmware?.stop()
      this.#uplink.stop('the station resets')
      this.#operations.run(this.#cutPower(), 'the registers could not be kept')
      this.#rebooting = clock.after(this.settings.rebootMs ?? REBOOT_MS, () => {
        this.#rebooting = undefined
        this.#powerOn(boot)
      })
    })
    await Promise.all(this.#evses.map((evse) => evse.end(reason)))
  }

  #powerOn(reason: BootReason): void {
    this.#uplink.start(reason)
    this.#upkeep.firmware?.start()
  }

  #cutPower(): Promise<void> {
    return this.#parts.store.commit(this.#evses.flatMap((evse) => evse.halt()))
  }

  #judge(evse: Evse, verdict: Verdict): void {
    if (evse.session === undefined) return
    void this.#authorizer.learn(evse.session.user.token, verdict)
    // OCPP 2.0.1 E05, OCPP 1.6 StopTransactionOnInvalidId: it was wrong to begin
    if (verdict.status === 'Accepted' || !this.#configuration.flag('stopOnInvalid')) return
    this.#operations.run(evse.end('deauthorised'), 'a session could not be ended')
  }

  #evse(id: number): Evse {
    const found = this.#evses[id - 1]
    if (found === undefined) throw new Fault('internal', `expected an EVSE from 1 to ${this.#evses.length}, got ${id}`)
    return found
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
