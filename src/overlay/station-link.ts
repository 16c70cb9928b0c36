// A link to a station that speaks plain OCPP-J: overlay envelopes become plain frames towards it, and back. The station
// notices nothing (OCPP 2.1 Part 4 §6.1).
import { Fault } from '../base/fault.ts'
import type { Clock, Link } from '../base/ports.ts'
import { type Answer, Connection, type ConnectionHandler, objection } from '../ocpp/connection.ts'
import { CALL, type Call, type Envelope, ERROR, type ErrorMessage, RESULT, RESULT_ERROR, SEND, type Send } from '../ocpp/frame.ts'
import { flawFault, validateResponse } from '../ocpp/validate.ts'
import type { Version } from '../ocpp/version.ts'
import { carriedCall, carriedResult, uncarriedAnswer, uncarriedCall } from './carriage.ts'
import { carriesSignatures, foldedMessage, liftedMessage } from './custom-data.ts'
import type { Peer, PeerEvents } from './peer.ts'
import { isSecret } from './secrecy.ts'
import { type ActionSigner, isSignedAction, unwrapAction, wrapAction } from './signed-action.ts'

/** A station says at once that an answer is of no use, so a few are enough. */
const ANSWERS_REMEMBERED = 16

export interface StationLinkOptions {
  readonly station: string
  readonly version: Version
  /** Where a station's messages go: the back end's node id. */
  readonly backend: string
  /** Signs what the station is told, as OCPP Part 4 chapter 7 has it: in the name of this node. */
  readonly signedActions?: ActionSigner
  readonly clock: Clock
  /** It showed its password or certificate at the door. */
  readonly proven?: boolean
  /** How long the station may take to answer, and we to answer it; milliseconds. */
  readonly callTimeoutMs?: number
}

export class StationLink implements Peer {
  readonly kind = 'station'
  readonly id: string
  readonly protocol: Version
  readonly proven: boolean
  readonly deputised: boolean
  readonly counters = { sent: 0, received: 0 }
  readonly #link: Link
  readonly #connection: Connection
  readonly #options: StationLinkOptions
  readonly #events: PeerEvents
  /** Who gave the last answers, by message id; only where a station can say that one was of no use. */
  readonly #answerers: Map<string, string> | undefined
  #closed = false

  constructor(link: Link, options: StationLinkOptions, events: PeerEvents) {
    const { version, clock, callTimeoutMs } = options
    this.id = options.station
    this.protocol = options.version
    this.proven = options.proven === true
    this.deputised = options.signedActions !== undefined
    this.#link = link
    this.#options = options
    this.#events = events
    this.#answerers = options.version === 'ocpp2.1' ? new Map() : undefined
    const terms = callTimeoutMs === undefined ? { version, clock } : { version, clock, callTimeoutMs }
    this.#connection = new Connection(link, terms, new Hearing(this))
  }

  get waiting(): number {
    return this.#connection.waiting
  }

  async request(envelope: Envelope, timeoutMs: number): Promise<Envelope> {
    const { message, header } = envelope
    if (message.type !== CALL) throw new Fault('internal', 'only a CALL can be asked')
    if (header.ocpp && header.ocpp !== this.protocol)
      throw new Fault('payload-invalid', `${this.id} speaks ${this.protocol}, the message is ${header.ocpp}`)
    const isCarried = isSecret(envelope)
    const said = isCarried ? carriedCall(message, this.protocol) : message
    this.counters.sent++
    const { signedActions } = this.#options
    const answer =
      signedActions && !isCarried
        ? await this.#askSigned(message, timeoutMs, signedActions)
        : await this.#connection.request(foldedMessage(said, header.signatures, this.protocol), timeoutMs)
    this.counters.received++
    const lifted = this.#lifted(answer, envelope.path[0] as string)
    return isCarried ? uncarriedAnswer(lifted) : lifted
  }

  send(envelope: Envelope): void {
    const { message, header } = envelope
    if ((message.type !== SEND && message.type !== RESULT_ERROR) || this.protocol !== 'ocpp2.1') return
    this.counters.sent++
    this.#connection.send(foldedMessage(message, header.signatures, this.protocol))
  }

  alive(ms: number): Promise<boolean> {
    return this.#link.alive(ms)
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason)
    this.ended(code, reason)
  }

  /** Told at once when the link is closed here: a dead socket may take its time to say so. */
  ended(code: number, reason: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#events.closed(this, code, reason)
  }

  flawed(fault: Fault): void {
    this.#events.flaw(fault, this)
  }

  called(call: Call): Promise<Answer> {
    this.counters.received++
    return carriesSignatures(this.protocol) && isSignedAction(call)
      ? this.#calledSigned(call)
      : this.#calledPlain(this.#lifted(call, this.#options.backend))
  }

  /** What came encrypted came in another message, and is answered in it. */
  async #calledPlain(envelope: Envelope): Promise<Answer> {
    const answer = await this.#events.request(envelope, this)
    const { message } = answer
    return this.#plain(isSecret(envelope) && message.type === RESULT ? { ...answer, message: carriedResult(message) } : answer)
  }

  /** The connection has not looked into the wrapping, so what is in it is held against its schema here. */
  async #calledSigned(call: Call): Promise<Answer> {
    const envelope = this.#lifted(call, this.#options.backend)
    const { message } = envelope
    const fault = message.type === CALL ? objection(this.protocol, message) : undefined
    if (fault) throw fault
    const answer = await this.#events.request(envelope, this)
    const { signedActions } = this.#options
    if (!signedActions || answer.message.type !== RESULT || message.type !== CALL) return this.#plain(answer)
    this.#remember(call.id, answer.path[0] as string)
    return wrapAction(answer.message, message.action, signedActions) as Answer
  }

  /** Asks as chapter 7 has it; an answer that is not wrapped is a plain one. */
  async #askSigned(message: Call, timeoutMs: number, by: ActionSigner): Promise<Answer> {
    const answer = await this.#connection.request(wrapAction(message, message.action, by) as Call, timeoutMs)
    if (answer.type !== RESULT) return answer
    const said = unwrapAction(answer)?.message ?? answer
    const flaw = validateResponse(this.protocol, message.action, said.payload.value)
    if (flaw && flaw.kind !== 'unknown-action') throw flawFault(flaw, message.action)
    return answer
  }

  /** What the station is told. */
  #plain(answer: Envelope): Answer {
    this.counters.sent++
    this.#remember(answer.message.id, answer.path[0] as string)
    const { message, header } = answer
    if (message.type === RESULT || message.type === ERROR) return foldedMessage(message, header.signatures, this.protocol)
    throw new Fault('internal', `expected an answer, got message type ${message.type}`)
  }

  told(message: Send): void {
    this.counters.received++
    this.#events.send(this.#lifted(message, this.#options.backend), this)
  }

  #remember(id: string, answerer: string): void {
    const answerers = this.#answerers
    if (!answerers) return
    answerers.delete(id)
    answerers.set(id, answerer)
    if (answerers.size > ANSWERS_REMEMBERED) answerers.delete(answerers.keys().next().value as string)
  }

  /** The station could not use an answer: whoever gave it is told, once. */
  unusable(message: ErrorMessage): void {
    const answerer = this.#answerers?.get(message.id)
    if (answerer === undefined || !this.#answerers?.delete(message.id)) return
    this.#events.send(this.#lifted(message, answerer), this)
  }

  /** A plain message as an envelope from this station, signatures moved to the header. */
  #lifted(plain: Call | Send | Answer | ErrorMessage, destination: string): Envelope {
    // OCPP 1.6 carries none of it: what looks like ours there is the station's, and goes on as it is
    if (!carriesSignatures(this.protocol))
      return { destination: [destination], path: [this.id], header: { ocpp: this.protocol }, message: plain }
    const unwrapped = unwrapAction(plain)
    const { message, signatures } = unwrapped ? { message: unwrapped.message, signatures: [unwrapped.signature] } : liftedMessage(plain)
    const header = signatures ? { ocpp: this.protocol, signatures } : { ocpp: this.protocol }
    return { destination: [destination], path: [this.id], header, message: message.type === CALL ? uncarriedCall(message) : message }
  }
}

/** What the connection of a station hears. Functions made for each station would weigh more than the station. */
class Hearing implements ConnectionHandler {
  readonly #station: StationLink

  constructor(station: StationLink) {
    this.#station = station
  }

  call(call: Call): Promise<Answer> {
    return this.#station.called(call)
  }

  send(message: Send): void {
    this.#station.told(message)
  }

  resultError(error: ErrorMessage): void {
    this.#station.unusable(error)
  }

  flaw(fault: Fault): void {
    this.#station.flawed(fault)
  }

  closed(code: number, reason: string): void {
    this.#station.ended(code, reason)
  }
}
