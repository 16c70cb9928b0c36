// The station's way to its back end: the connection of the moment, registration (boot), heartbeats, and the guard on both directions.
// What is said and done over it is not known here. OCPP 2.0.1 B01-B04, G02; OCPP 1.6 §4.2, §4.6.
import { asFault, Fault } from '../../base/fault.ts'
import type { Cancel, Json, Link } from '../../base/ports.ts'
import { type Answer, Connection, objection } from '../../ocpp/connection.ts'
import { spelled } from '../../ocpp/error-code.ts'
import { errorFor } from '../../ocpp/error-message.ts'
import { CALL, type Call, ERROR, payloadOf, RESULT, SEND } from '../../ocpp/frame.ts'
import type { Count } from '../../overlay/count.ts'
import type { Configuration } from './configuration.ts'
import type { Log, StationParts, StationSettings } from './parts.ts'
import type { BootReason, Registration, Speech } from './terms.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface UplinkOptions {
  readonly settings: StationSettings
  readonly parts: StationParts
  readonly configuration: Configuration
  readonly vocabulary: Vocabulary
  readonly log: Log
  /** An admitted command; answers with a payload or throws Fault `action-unknown`. */
  command(call: Call): Promise<Answer>
  /** How far the station has come with what it says until it is answered. */
  said(): Pick<Count, 'low' | 'top'>
  /** Registered and connected: after a boot, or again after `offlineMs` without a connection. */
  online(after: 'boot' | 'break', offlineMs: number): void
  offline(): void
}

/** Some messages are said because the back end asked for them. */
type Why = 'asked for'

/** Until a back end says another interval. */
const BOOT_RETRY_MS = 10_000

export class Uplink {
  readonly #options: UplinkOptions
  #dialling: Cancel | undefined
  #connection: Connection | undefined
  #registration: Registration | undefined
  #bootReason: BootReason = 'PowerUp'
  #heartbeat: Cancel | undefined
  #beating = false
  #bootRetry: Cancel | undefined
  #lostAt = 0

  constructor(options: UplinkOptions) {
    this.#options = options
  }

  get registration(): Registration | undefined {
    return this.#registration
  }

  /** Connected, and accepted by the back end. */
  get ready(): boolean {
    return this.#connection !== undefined && this.#registration === 'Accepted'
  }

  start(reason: BootReason): void {
    this.#bootReason = reason
    this.#registration = undefined
    this.#dialling = this.#options.parts.connect((link) => this.#connected(link))
  }

  /** Hangs up and dials no more. */
  stop(reason: string): void {
    this.#dialling?.()
    this.#dialling = undefined
    const connection = this.#connection
    this.#lost()
    connection?.close(1001, reason)
  }

  /** Hangs up; whoever dials for the station dials again. */
  reconnect(): void {
    this.#connection?.close(1000, 'reconnecting')
  }

  /**
   * Asks and returns the payload of the answer.
   * @throws Fault `unreachable` while not registered, `remote-error` for a CALLERROR, else what `Connection.request` throws
   */
  async request(speech: Speech, why?: Why): Promise<Json> {
    // a station that waits to be accepted says only what it is asked for (OCPP 2.0.1 B02, OCPP 1.6 §4.2)
    const may = this.#registration === 'Accepted' || (this.#registration === 'Pending' && why === 'asked for')
    if (!may || this.#connection === undefined)
      throw new Fault('unreachable', 'the back end is not connected or has not accepted the station')
    return this.#ask(speech)
  }

  /** Sends what nobody answers, where somebody is there to hear it. OCPP 2.1 alone. */
  tell({ action, payload }: Speech): void {
    const { guard, random } = this.#options.parts
    if (this.ready) this.#connection?.send(guard.sealTold({ type: SEND, id: random.uuid(), action, payload: payloadOf(payload) }))
  }

  /** Sends a CALL whose id is decided, `own` its number where it is said until it is answered, and returns whatever is answered. Throws as `request`, but no `remote-error`; `refused` for an answer that is not the back end's. */
  async deliver(call: Call, own?: number): Promise<Answer> {
    if (this.#connection === undefined) throw new Fault('unreachable', 'the back end is not connected')
    const { parts, configuration } = this.#options
    const hiding = parts.guard.hide?.(call)
    const said = hiding ? await hiding : call
    if (this.#connection === undefined) throw new Fault('link-lost', 'the connection ended before the call went out', { sent: false })
    const sealed = parts.guard.sealCall(said, this.#count(own))
    // whatever is said says how far the station has come: the next word is due from here
    if (parts.guard.signs) this.scheduleHeartbeat()
    const answer = await this.#connection.request(sealed, configuration.number('messageTimeout') * 1000)
    return parts.guard.opened(sealed, answer)
  }

  #count(own: number | undefined): Count {
    const { said } = this.#options
    return { ...(own !== undefined && { own }), ...said(), ...(this.ready && { due: this.#dueSeconds() }) }
  }

  /** Who signs speaks at least every few seconds, so that what is dropped on the way is missed as soon (docs/protocol.md §4.14). */
  #dueSeconds(): number {
    const { configuration, parts } = this.#options
    const interval = configuration.number('heartbeatInterval')
    return parts.guard.signs ? Math.min(interval, configuration.number('wordInterval')) : interval
  }

  /** Says the BootNotification now, whatever was agreed. */
  async boot(reason: BootReason = this.#bootReason): Promise<void> {
    const { vocabulary, settings, log, parts } = this.#options
    this.#bootRetry?.()
    this.#bootRetry = undefined
    const connection = this.#connection
    let retryMs = BOOT_RETRY_MS
    try {
      const answer = vocabulary.readBoot(await this.#ask(vocabulary.boot(settings, reason)))
      if (connection === undefined || connection !== this.#connection) return
      const before = this.#registration
      this.#registration = answer.status
      log('info', 'boot answered', { status: answer.status, interval: answer.intervalS })
      if (answer.status === 'Accepted') {
        if (before !== 'Accepted') this.#ready('boot', 0)
        if (answer.intervalS > 0) void this.#keepInterval(answer.intervalS)
        return
      }
      if (before === 'Accepted') this.#unready()
      if (answer.intervalS > 0) retryMs = answer.intervalS * 1000
    } catch (thrown) {
      log('warn', 'boot was not answered', { code: asFault(thrown).code })
    }
    if (connection !== undefined && connection === this.#connection && this.#registration !== 'Accepted') {
      this.#bootRetry = parts.clock.after(retryMs, () => void this.boot())
    }
  }

  /** Starts the heartbeat's interval anew; the interval may have changed. */
  scheduleHeartbeat(): void {
    this.#heartbeat?.()
    this.#heartbeat = undefined
    if (!this.ready) return
    this.#heartbeat = this.#options.parts.clock.after(this.#dueSeconds() * 1000, () => {
      this.scheduleHeartbeat()
      // one that waits for its turn is the word of now when it goes out
      if (!this.#beating) void this.heartbeat()
    })
  }

  async heartbeat(why?: Why): Promise<void> {
    this.#beating = true
    try {
      await this.request(this.#options.vocabulary.heartbeat(), why)
    } catch (thrown) {
      this.#options.log('warn', 'heartbeat was not answered', { code: asFault(thrown).code })
    } finally {
      this.#beating = false
    }
  }

  async #keepInterval(seconds: number): Promise<void> {
    const { configuration, log } = this.#options
    try {
      await configuration.set('heartbeatInterval', String(seconds))
    } catch (thrown) {
      log('error', 'the heartbeat interval could not be kept', { code: asFault(thrown).code })
    }
  }

  #connected(link: Link): void {
    const { settings, parts, log } = this.#options
    this.#connection?.close(1001, 'replaced by a new connection')
    const connection: Connection = new Connection(
      link,
      { version: settings.version, clock: parts.clock },
      {
        call: (call) => this.#commanded(call),
        seal: (error, call) => (call ? parts.guard.seal(call, error) : parts.guard.sealTold(error)),
        flaw: (fault) => log('warn', 'the back end, or this station, broke the protocol', { code: fault.code, why: fault.message }),
        closed: (code, reason) => {
          log('info', 'connection closed', { code, reason })
          if (connection === this.#connection) this.#lost()
        },
      },
    )
    this.#connection = connection
    if (this.#registration === 'Accepted') {
      // a registered station needs no second boot (OCPP 2.0.1 B04); the heartbeat tells it the time
      void this.heartbeat()
      this.#ready('break', parts.clock.now() - this.#lostAt)
    } else void this.boot()
  }

  #ready(after: 'boot' | 'break', offlineMs: number): void {
    this.scheduleHeartbeat()
    this.#options.online(after, offlineMs)
  }

  #unready(): void {
    this.#heartbeat?.()
    this.#heartbeat = undefined
    this.#options.offline()
  }

  #lost(): void {
    this.#connection = undefined
    this.#bootRetry?.()
    this.#lostAt = this.#options.parts.clock.now()
    this.#unready()
  }

  async #ask({ action, payload }: Speech): Promise<Json> {
    const answer = await this.deliver({ type: CALL, id: this.#options.parts.random.uuid(), action, payload: payloadOf(payload) })
    if (answer.type === RESULT) return answer.payload.value
    throw new Fault('remote-error', `${action} was answered with ${answer.code}: ${answer.description}`, { code: answer.code })
  }

  async #commanded(call: Call): Promise<Answer> {
    const { guard } = this.#options.parts
    const answer = await this.#answer(call)
    return guard.seal(call, (await guard.conceal?.(call, answer)) ?? answer)
  }

  /** A refused command ends here: nothing behind this line has seen it. */
  async #answer(call: Call): Promise<Answer> {
    const { parts, settings, log, command } = this.#options
    const security = spelled(settings.version, 'SecurityError')
    // OCPP 2.0.1 B03: a rejected station has nobody who may command it
    if (this.#registration === 'Rejected') return refusal(call, security, 'the station is not registered', {})
    const news = await parts.guard.told?.(call)
    if (news) return news
    const extended = parts.extension?.(call)
    if (extended) return extended
    const admission = await parts.guard.admit(call)
    if (!admission.allowed) {
      log('warn', 'command refused', { action: call.action, id: call.id, code: admission.code })
      return refusal(call, security, admission.description, admission.details)
    }
    const flaw = admission.call && objection(settings.version, admission.call)
    // an answer like any other, so that it is encrypted as the command was
    if (flaw) return errorFor(settings.version, call.id, flaw)
    return command(admission.call ?? call)
  }
}

const refusal = (call: Call, code: string, description: string, details: Json): Answer => ({
  type: ERROR,
  id: call.id,
  code,
  description,
  details: payloadOf(details),
})
