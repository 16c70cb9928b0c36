// One open connection that speaks plain OCPP-J of one version, either end: a station towards its back end, and a node towards a station.
// It judges frames and payloads and keeps the order of calls; what a call means is the handler's business.
import { asFault, Fault } from '../base/fault.ts'
import type { Clock, Link, LinkEvents } from '../base/ports.ts'
import { actionKind } from './actions.ts'
import { type ConnectionHandler, type ConnectionOptions, DEFAULTS, type Limits } from './connection-terms.ts'
import { errorFor, errorForFrame, fitted, resultErrorFor } from './error-message.ts'
import {
  CALL,
  type Call,
  ERROR,
  type ErrorMessage,
  type Message,
  RESULT,
  type Result,
  readFrame,
  SEND,
  type Send,
  writeFrame,
} from './frame.ts'
import { type CallsOwner, IncomingCalls, type Outcome } from './incoming-calls.ts'
import { type Answer, OutgoingCalls } from './outgoing-calls.ts'
import { flawFault, validateRequest, validateResponse } from './validate.ts'
import type { Version } from './version.ts'

export type { ConnectionHandler, ConnectionOptions } from './connection-terms.ts'
export type { Answer } from './outgoing-calls.ts'

/**
 * Its link and its calls tell it themselves what happens, by the methods below that are theirs: functions made for each connection would
 * weigh more than the connection.
 */
export class Connection implements LinkEvents, CallsOwner {
  readonly clock: Clock
  readonly #version: Version
  readonly #link: Link
  readonly #limits: Limits
  readonly #handler: ConnectionHandler
  /** Made for the first call: many stations are never asked anything. */
  #outgoing: OutgoingCalls | undefined
  readonly #incoming: IncomingCalls
  #flaws = 0
  #over = false

  /** Opens the link: the handler may be called from now on. */
  constructor(link: Link, options: ConnectionOptions, handler: ConnectionHandler) {
    const { version, clock, ...limits } = options
    this.clock = clock
    this.#version = version
    this.#link = link
    // most have the usual ones, and share them
    this.#limits = Object.keys(limits).length === 0 ? DEFAULTS : { ...DEFAULTS, ...limits }
    this.#handler = handler
    this.#incoming = new IncomingCalls(this)
    link.open(this)
  }

  get callTimeoutMs(): number {
    return this.#limits.callTimeoutMs
  }

  get inboundLimit(): number {
    return this.#limits.inboundLimit
  }

  /** Own calls that wait for their answer or their turn. */
  get waiting(): number {
    return this.#outgoing?.waiting ?? 0
  }

  /**
   * Makes a call when all before it are done. Resolves with the answer, which may be the peer's CALLERROR.
   * @throws Fault `timeout`, `link-lost`, `queue-full`; `payload-invalid`, `frame-malformed` or `limit-exceeded` for an answer that cannot be used.
   *   `data.sent` of the first two says whether the call went out: if it did, whether it was acted on is unknown.
   */
  request(call: Call, timeoutMs: number = this.#limits.callTimeoutMs): Promise<Answer> {
    return this.#calls().make(call, timeoutMs)
  }

  /**
   * Sends at once, past the calls that wait (OCPP 2.1 Part 4 §4.1.1).
   * @throws Fault `action-unknown` where the version has no SEND, `link-lost` after the end
   */
  send(message: Send | ErrorMessage): void {
    const version = this.#version
    const action = message.type === SEND ? message.action : 'CALLRESULTERROR'
    if (version !== 'ocpp2.1') throw new Fault('action-unknown', `${version} has no SEND and no CALLRESULTERROR`, { action })
    if (this.#over) throw new Fault('link-lost', 'the connection is closed', { action, sent: false })
    this.#write(message)
  }

  close(code: number, reason: string): void {
    if (this.#over) return
    this.#end(`the connection was closed here with ${code}`)
    this.#link.close(code, reason)
  }

  /** Of the link. */
  text(frame: string): void {
    if (this.#over) return
    let message: Message
    try {
      message = readFrame(frame, this.#limits.limits)
    } catch (thrown) {
      this.#malformed(asFault(thrown))
      return
    }
    if (message.type === CALL) this.#call(message)
    else if (message.type === RESULT) this.#result(message)
    else if (message.type === SEND) this.#send(message)
    else if (message.type === ERROR) this.#error(message)
    else this.#resultError(message)
  }

  /** Plain OCPP-J has no binary frames (OCPP 2.1 Part 4 §4): whatever they hold, JSON included, is not served. */
  binary(frame: Uint8Array): void {
    if (!this.#over) this.#flaw(new Fault('frame-malformed', `a binary frame of ${frame.length} bytes came where only text is spoken`))
  }

  /** Of the link. */
  closed(code: number, reason: string): void {
    this.#end(`the connection broke with ${code}`)
    this.#handler.closed(code, reason)
  }

  #end(why: string): void {
    this.#over = true
    this.#incoming.stop()
    // also where none was ever made: whoever asks later is told that it ended
    this.#calls().endAll(new Fault('link-lost', why))
  }

  #malformed(fault: Fault): void {
    const { id, type } = fault.data
    if ((type === RESULT || type === ERROR) && typeof id === 'string' && this.#outgoing?.called(id) !== undefined) {
      this.#unusable(id, fault)
      return
    }
    this.#flaw(fault)
    const error = errorForFrame(this.#version, fault)
    if (error !== undefined) this.#write(error)
  }

  #call(call: Call): void {
    if (this.#incoming.has(call.id)) {
      // the answer to come answers both, whether this is a retry or a mistake; an error now would be taken for that answer
      this.#flaw(new Fault('frame-malformed', 'a call with that id is being handled', { id: call.id }))
      return
    }
    const version = this.#version
    const fault = this.#incoming.full ? new Fault('queue-full', 'too many calls wait') : objection(version, call)
    if (fault === undefined) {
      this.#flaws = 0
      this.#incoming.take(call)
    } else {
      this.#flaw(fault)
      this.#write(sealed(this.#handler, errorFor(version, call.id, fault), call))
    }
  }

  #calls(): OutgoingCalls {
    const { queueLimit } = this.#limits
    this.#outgoing ??= new OutgoingCalls({ clock: this.clock, queueLimit, write: (call) => this.#write(call) })
    return this.#outgoing
  }

  /** Of the calls that came in. */
  handle(call: Call): Promise<Answer> {
    return this.#handler.call(call)
  }

  /** Of the calls that came in. */
  done(call: Call, outcome: Outcome): void {
    let frame: string
    try {
      if ('thrown' in outcome) throw outcome.thrown
      const { answer } = outcome
      frame = writeFrame(answer.type === RESULT ? { ...answer, id: call.id } : fitted(this.#version, call.id, answer))
    } catch (thrown) {
      const fault = thrown instanceof Fault ? thrown : new Fault('internal', `handling ${call.action} failed`, {}, thrown)
      if (fault.code === 'dropped') return
      if (fault.code === 'internal') this.#handler.flaw?.(fault)
      frame = writeFrame(sealed(this.#handler, errorFor(this.#version, call.id, fault), call))
    }
    this.#writeText(frame)
  }

  #result(result: Result): void {
    const call = this.#outgoing?.called(result.id)
    if (call === undefined) {
      this.#unasked(result.id)
      return
    }
    const flaw = validateResponse(this.#version, call.action, result.payload.value)
    if (flaw === undefined || flaw.kind === 'unknown-action') {
      this.#flaws = 0
      this.#outgoing?.end(result)
    } else this.#unusable(result.id, flawFault(flaw, call.action))
  }

  /** A result that is of no use ends its call; only OCPP 2.1 has a message to say so to the peer. */
  #unusable(id: string, fault: Fault): void {
    if (this.#version === 'ocpp2.1') this.#write(sealed(this.#handler, resultErrorFor(id, fault)))
    this.#outgoing?.end(fault)
    this.#flaw(fault)
  }

  #error(error: ErrorMessage): void {
    if (this.#outgoing?.called(error.id) === undefined) {
      this.#unasked(error.id)
      return
    }
    this.#flaws = 0
    this.#outgoing?.end(error)
  }

  #unasked(id: string): void {
    // coming too late is no flaw of the peer's, so it does not count towards the limit
    if (this.#outgoing?.gaveUp(id)) this.#handler.flaw?.(new Fault('timeout', 'an answer came after its call was given up', { id }))
    else this.#flaw(new Fault('frame-malformed', 'an answer came to no call', { id }))
  }

  #resultError(error: ErrorMessage): void {
    const version = this.#version
    const { id, code, description } = error
    if (version !== 'ocpp2.1') {
      this.#flaw(new Fault('frame-malformed', `${version} has no CALLRESULTERROR`, { id }))
      return
    }
    this.#handler.flaw?.(
      new Fault('remote-error', 'the peer could not use our answer', { id, code, description: description.slice(0, 255) }),
    )
    this.#handler.resultError?.(error)
  }

  #send(send: Send): void {
    const version = this.#version
    const fault = version === 'ocpp2.1' ? objection(version, send) : new Fault('frame-malformed', `${version} has no SEND`, { id: send.id })
    if (fault !== undefined) {
      this.#flaw(fault)
      return
    }
    this.#flaws = 0
    try {
      this.#handler.send?.(send)
    } catch (thrown) {
      this.#handler.flaw?.(new Fault('internal', `handling ${send.action} failed`, {}, thrown))
    }
  }

  #flaw(fault: Fault): void {
    this.#flaws++
    this.#handler.flaw?.(fault)
    if (this.#flaws >= this.#limits.flawLimit) this.close(POLICY_VIOLATION, 'too many flaws')
  }

  #write(message: Message): void {
    this.#writeText(writeFrame(message))
  }

  #writeText(frame: string): void {
    if (this.#over) return
    this.#link.send(frame)
    if (this.#link.waiting > this.#limits.bufferLimit) this.close(POLICY_VIOLATION, 'reads too slowly')
  }
}

const sealed = ({ seal }: ConnectionHandler, error: ErrorMessage, call?: Call): ErrorMessage => seal?.(error, call) ?? error

/** Why a CALL or SEND is not shown to a handler, or not passed on. An action that the version does not have is: a hop forwards what it does not know. */
export const objection = (version: Version, { type, action, payload }: Call | Send): Fault | undefined => {
  const kind = actionKind(version, action)
  if (kind === undefined) return undefined
  if (kind !== (type === SEND ? 'send' : 'call')) {
    return new Fault('action-unknown', `${action} is a ${kind === 'send' ? 'SEND, not a CALL' : 'CALL, not a SEND'}`, { action })
  }
  const flaw = validateRequest(version, action, payload.value)
  return flaw === undefined ? undefined : flawFault(flaw, action)
}

/** RFC 6455 §7.4.1. */
const POLICY_VIOLATION = 1008
