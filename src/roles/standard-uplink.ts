// A station and its own connection to a foreign back end: two sockets that open and close together, and frames that pass between
// them as they came (OCPP 2.1 Part 4 chapter 6). Neither side notices who is between; who may say what is `screen`'s matter.
import { asFault, Fault } from '../base/fault.ts'
import type { Cancel, Clock, Link } from '../base/ports.ts'
import { type Answer, objection } from '../ocpp/connection.ts'
import { errorFor, errorForFrame, resultErrorFor } from '../ocpp/error-message.ts'
import { CALL, type Call, type Envelope, ERROR, type Message, RESULT, readFrame, SEND, writeFrame } from '../ocpp/frame.ts'
import { OutgoingCalls } from '../ocpp/outgoing-calls.ts'
import { flawFault, validateResponse } from '../ocpp/validate.ts'
import type { Version } from '../ocpp/version.ts'
import { foldedMessage, liftedMessage } from '../overlay/custom-data.ts'
import type { Peer } from '../overlay/peer.ts'
import type { ForeignDoor, PlainStation } from './foreign-door.ts'
import { type Passing, SIDE_LIMIT, Side, type Way } from './standard-side.ts'

export interface StandardOptions {
  readonly station: PlainStation
  readonly door: ForeignDoor
  /** `pass`: payloads are not held against their schemas. */
  readonly validate: 'strict' | 'pass'
  readonly clock: Clock
  /** Every message in either direction goes through here before it goes on. Rejects with a Fault to stop it. */
  readonly screen: (passing: Passing) => Promise<void>
  /** Shown what went on. */
  readonly seen: (passing: Passing) => void
}

export interface StandardEvents {
  flaw(fault: Fault, from: Peer): void
  closed(from: Peer): void
}

export class StandardUplink implements Peer {
  readonly kind = 'station'
  readonly id: string
  readonly protocol: Version
  readonly counters = { sent: 0, received: 0 }
  readonly #options: StandardOptions
  readonly #events: StandardEvents
  readonly #station: Side
  readonly #backend: Side
  /** Our own calls to the station. Their answers are not the back end's (Part 4 §6.4). */
  readonly #own: OutgoingCalls
  /** Of our own: the one that waits until the station has answered the back end, and the id of the one it has. */
  #next: Call | undefined
  #onWire = ''
  /** The back end's CALLs that wait until the station has answered ours: it is asked one at a time (Part 4 §4.1.1). */
  readonly #held: { readonly call: Call; readonly text: string }[] = []
  readonly #giveUp: Cancel
  #over = false

  /** Opens the station's link and dials the back end. */
  constructor(link: Link, options: StandardOptions, events: StandardEvents) {
    const { station, door, clock } = options
    this.id = station.id
    this.protocol = station.version
    this.#options = options
    this.#events = events
    this.#station = this.#side('up')
    this.#backend = this.#side('down')
    this.#own = new OutgoingCalls({ clock, queueLimit: SIDE_LIMIT, write: (call) => this.#turn(call) })
    this.#listen(this.#station, link)
    this.#giveUp = door.dial(station, { up: (up) => this.#up(up), failed: (fault) => this.#refused(fault) })
  }

  /** Whether the back end is there. */
  get isUp(): boolean {
    return this.#backend.link !== undefined && !this.#over
  }

  get waiting(): number {
    return this.#own.waiting + this.#held.length
  }

  async request(envelope: Envelope, timeoutMs: number): Promise<Envelope> {
    const { message, header } = envelope
    if (message.type !== CALL) throw new Fault('internal', 'only a CALL can be asked')
    if (header.ocpp && header.ocpp !== this.protocol)
      throw new Fault('payload-invalid', `${this.id} speaks ${this.protocol}, the message is ${header.ocpp}`)
    const folded = foldedMessage(message, header.signatures, this.protocol)
    const answer = liftedMessage(await this.#own.make(folded, timeoutMs).finally(() => this.#turn()))
    const { signatures } = answer
    const back = { destination: [envelope.path[0] as string], path: [this.id] }
    return { ...back, header: { ocpp: this.protocol, ...(signatures && { signatures }) }, message: answer.message }
  }

  send({ message }: Envelope): void {
    if (message.type === SEND && this.protocol === 'ocpp2.1') this.#write(this.#station, writeFrame(message))
  }

  alive(ms: number): Promise<boolean> {
    return this.#station.link?.alive(ms) ?? Promise.resolve(false)
  }

  /** Both ends, together (Part 4 §6.3). */
  close(code: number, reason: string): void {
    if (this.#over) return
    this.#over = true
    this.#giveUp()
    this.#own.endAll(new Fault('link-lost', `the connection ended with ${code}`))
    this.#station.link?.close(code, reason)
    this.#backend.link?.close(code, reason)
    this.#events.closed(this)
  }

  #side(way: Way): Side {
    const side: Side = new Side(way, {
      ready: () => !this.#over && this.#backend.link !== undefined,
      arrived: (text) => this.#arrived(side, text).catch((error) => this.#flaw(side, asFault(error))),
      crowded: () => this.close(POLICY_VIOLATION, 'sends faster than is taken'),
    })
    return side
  }

  #up(link: Link): void {
    this.#listen(this.#backend, link)
    void this.#station.pump()
  }

  /** The station's handshake is done already, so what an HTTP status would have said is said by the close. */
  #refused(fault: Fault): void {
    const { status } = fault.data
    this.#events.flaw(fault, this)
    if (fault.code === 'unreachable') this.close(TRY_AGAIN_LATER, 'the back end cannot be reached')
    else if (typeof status === 'number') this.close(POLICY_VIOLATION, `the back end refused the connection with ${status}`)
    else this.close(PROTOCOL_ERROR, 'the back end does not speak this version')
  }

  #listen(from: Side, link: Link): void {
    from.link = link
    link.open({
      text: (frame) => this.#over || from.take(frame),
      binary: (frame) =>
        this.#flaw(from, new Fault('frame-malformed', `a binary frame of ${frame.length} bytes came where only text is spoken`)),
      closed: (code, reason) => this.close(code, reason),
    })
  }

  async #arrived(from: Side, text: string): Promise<void> {
    if (from === this.#station) this.counters.received++
    let message: Message
    try {
      message = readFrame(text)
    } catch (thrown) {
      this.#malformed(from, asFault(thrown))
      return
    }
    if (message.type === RESULT || message.type === ERROR) await this.#answered(from, message as Answer, text)
    else await this.#said(from, message, text)
  }

  /** A CALL, a SEND, or a CALLRESULTERROR: the other side's answer could not be used. */
  async #said(from: Side, message: Message, text: string): Promise<void> {
    const fault = (await this.#stopped(from, message)) ?? this.#crowded(from, message)
    if (this.#over) return
    if (!fault) {
      from.flaws = 0
      if (message.type === CALL) this.#ask(from, message, text)
      else this.#pass(from, { message, text })
      return
    }
    this.#flaw(from, fault)
    if (message.type === CALL && fault.code !== 'dropped') this.#write(from, writeFrame(errorFor(this.protocol, message.id, fault)))
  }

  /** Why it does not go on. */
  async #stopped({ way }: Side, message: Message): Promise<Fault | undefined> {
    const { station, validate } = this.#options
    if (message.type !== CALL && station.version !== 'ocpp2.1')
      return new Fault('frame-malformed', `${station.version} has no message of type ${message.type}`)
    const fault = validate === 'strict' && 'action' in message ? objection(station.version, message) : undefined
    return fault ?? this.#screened({ station, way, message })
  }

  #crowded(from: Side, { type }: Message): Fault | undefined {
    if (from !== this.#backend || type !== CALL || this.#held.length < SIDE_LIMIT) return undefined
    return new Fault('queue-full', `${this.#held.length} calls wait for the station already`)
  }

  #ask(from: Side, call: Call, text: string): void {
    if (from === this.#backend && this.#own.called(this.#onWire)) {
      this.#held.push({ call, text })
      return
    }
    from.asks(call, this.#options.clock.now())
    this.#pass(from, { message: call, text })
  }

  async #answered(from: Side, answer: Answer, text: string): Promise<void> {
    const asker = this.#other(from)
    const own = from === this.#station ? this.#own.called(answer.id) : undefined
    const call = own ?? asker.answered(answer.id)
    if (!call) {
      // coming too late is no flaw
      if (!this.#own.gaveUp(answer.id)) this.#flaw(from, new Fault('frame-malformed', 'an answer came to no call', { id: answer.id }))
      return
    }
    const fault = await this.#unusable(from, { answer, call, isOwn: Boolean(own) })
    if (this.#over) return
    if (fault) this.#flaw(from, fault)
    else from.flaws = 0
    if (own && this.#own.called(answer.id) === own) this.#own.end(fault ?? answer)
    else if (own) return
    else if (fault) this.#write(asker, writeFrame(errorFor(this.protocol, answer.id, fault)))
    else this.#pass(from, { message: answer, text, question: call })
    this.#turn()
  }

  #screened(passing: Passing): Promise<Fault | undefined> {
    return this.#options.screen(passing).then(() => undefined, asFault)
  }

  /** Why an answer does not go on. Only OCPP 2.1 has a message that says so to the one who gave it. */
  async #unusable(from: Side, { answer, call, isOwn }: { answer: Answer; call: Call; isOwn: boolean }): Promise<Fault | undefined> {
    const { station, validate } = this.#options
    const isChecked = answer.type === RESULT && (isOwn || validate === 'strict')
    const flaw = isChecked ? validateResponse(station.version, call.action, answer.payload.value) : undefined
    if (!flaw || flaw.kind === 'unknown-action')
      return isOwn ? undefined : this.#screened({ station, way: from.way, message: answer, question: call })
    const fault = flawFault(flaw, call.action)
    if (station.version === 'ocpp2.1') this.#write(from, writeFrame(resultErrorFor(answer.id, fault)))
    return fault
  }

  #malformed(from: Side, fault: Fault): void {
    const { id, type } = fault.data
    this.#flaw(from, fault)
    const asker = this.#other(from)
    if (typeof id === 'string' && (type === RESULT || type === ERROR)) {
      if (from === this.#station && this.#own.called(id)) this.#own.end(fault)
      else if (asker.answered(id)) this.#write(asker, writeFrame(errorFor(this.protocol, id, fault)))
      this.#turn()
    }
    const error = errorForFrame(this.protocol, fault)
    if (error) this.#write(from, writeFrame(error))
  }

  /** Whose CALL the station gets next: the back end's that waited, then ours. */
  #turn(own?: Call): void {
    this.#next = own ?? this.#next
    if (this.#over || this.#own.called(this.#onWire)) return
    for (const { call, text } of this.#held.splice(0)) this.#ask(this.#backend, call, text)
    const next = this.#next
    if (!next || this.#backend.isAsking(this.#options.clock.now() - PATIENCE_MS)) return
    this.#next = undefined
    if (this.#own.called(next.id) !== next) return
    this.#onWire = next.id
    this.#write(this.#station, writeFrame(next))
  }

  #other(from: Side): Side {
    return from === this.#station ? this.#backend : this.#station
  }

  /** The frame goes on as it came: not a byte of it is ours. */
  #pass(from: Side, { message, text, question }: { message: Message; text: string; question?: Call }): void {
    const { station, seen } = this.#options
    this.#write(this.#other(from), text)
    seen({ station, way: from.way, message, ...(question && { question }) })
  }

  #write(to: Side, text: string): void {
    if (this.#over || !to.link) return
    if (to === this.#station) this.counters.sent++
    to.link.send(text)
    if (to.link.waiting > BUFFER_BYTES) this.close(POLICY_VIOLATION, 'reads too slowly')
  }

  #flaw(from: Side, fault: Fault): void {
    this.#events.flaw(fault, this)
    if (fault.code !== 'refused' && ++from.flaws >= FLAW_LIMIT) this.close(POLICY_VIOLATION, 'too many flaws')
  }
}

const BUFFER_BYTES = 4_194_304
const FLAW_LIMIT = 100
/** A CALL of the back end's that is older holds ours up no longer. */
const PATIENCE_MS = 30_000

/** RFC 6455 §7.4.1 and its registry. */
const PROTOCOL_ERROR = 1002
const POLICY_VIOLATION = 1008
const TRY_AGAIN_LATER = 1013
