// The calls one side makes: one on the wire at a time, the rest waiting in order (OCPP 2.1 Part 4 §4.1.1, OCPP-J 1.6 §4.1.1).
// Knows ids and time; frames and schemas are the connection's business.
import { Fault } from '../base/fault.ts'
import type { Cancel, Clock } from '../base/ports.ts'
import type { Call, ErrorMessage, Result } from './frame.ts'

export type Answer = Result | ErrorMessage

export interface OutgoingCallsOptions {
  readonly clock: Clock
  /** Calls that may wait behind the one on the wire. */
  readonly queueLimit: number
  readonly write: (call: Call) => void
}

export class OutgoingCalls {
  readonly #options: OutgoingCallsOptions
  readonly #queue: Pending[] = []
  /** Ids of calls that were given up, oldest first: their answers may still come. */
  #late: Set<string> | undefined
  #current: Pending | undefined
  #ended: Fault | undefined

  constructor(options: OutgoingCallsOptions) {
    this.#options = options
  }

  get waiting(): number {
    return this.#queue.length + (this.#current === undefined ? 0 : 1)
  }

  /** The time limit counts from the moment the call goes out. */
  make(call: Call, timeoutMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const pending: Pending = { call, timeoutMs, resolve, reject, cancel: undefined }
      if (this.#ended !== undefined) reject(notSent(this.#ended, call))
      else if (this.#current === undefined) this.#start(pending)
      else if (this.#queue.length < this.#options.queueLimit) this.#queue.push(pending)
      else reject(new Fault('queue-full', `${this.#queue.length} calls wait on this connection already`, { action: call.action }))
    })
  }

  /** The call on the wire, if that is its id. */
  called(id: string): Call | undefined {
    return this.#current?.call.id === id ? this.#current.call : undefined
  }

  /** Whether a call with that id was given up; true only once for each. */
  gaveUp(id: string): boolean {
    return this.#late?.delete(id) ?? false
  }

  /** Ends the call on the wire with its answer, or with the fault that its answer was. */
  end(outcome: Answer | Fault): void {
    const ended = this.#current
    if (ended === undefined) return
    ended.cancel?.()
    this.#current = undefined
    const next = this.#queue.shift()
    if (next !== undefined) this.#start(next)
    if (outcome instanceof Fault) ended.reject(outcome)
    else ended.resolve(outcome)
  }

  /** Ends all calls, now and to come; `fault` says why. What was on the wire may have been acted on, what waited was not. */
  endAll(fault: Fault): void {
    if (this.#ended !== undefined) return
    this.#ended = fault
    const queue = this.#queue.splice(0)
    this.end(new Fault(fault.code, fault.message, { ...fault.data, sent: true }))
    for (const { call, reject } of queue) reject(notSent(fault, call))
  }

  #start(pending: Pending): void {
    const { call, timeoutMs } = pending
    this.#current = pending
    pending.cancel = this.#options.clock.after(timeoutMs, () => {
      this.#remember(call.id)
      this.end(new Fault('timeout', `no answer to ${call.action} within ${timeoutMs} ms`, { action: call.action, sent: true }))
    })
    this.#options.write(call)
  }

  #remember(id: string): void {
    // made when first needed, because most connections never are
    this.#late ??= new Set()
    this.#late.add(id)
    for (const oldest of this.#late) {
      if (this.#late.size <= LATE_LIMIT) break
      this.#late.delete(oldest)
    }
  }
}

interface Pending {
  readonly call: Call
  readonly timeoutMs: number
  readonly resolve: (answer: Answer) => void
  readonly reject: (fault: Fault) => void
  cancel: Cancel | undefined
}

const LATE_LIMIT = 64

const notSent = (fault: Fault, call: Call): Fault =>
  new Fault(fault.code, fault.message, { ...fault.data, action: call.action, sent: false })
