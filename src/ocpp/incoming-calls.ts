// The calls the peer makes: handled one after the other, each within a time limit, so that a handler that never returns
// costs its own call and no other. Knows nothing of frames and schemas.
import { Fault } from '../base/fault.ts'
import type { Cancel, Clock } from '../base/ports.ts'
import type { Call } from './frame.ts'
import type { Answer } from './outgoing-calls.ts'

/** Whose calls they are. */
export interface CallsOwner {
  readonly clock: Clock
  /** Milliseconds a handler may take. */
  readonly callTimeoutMs: number
  /** Calls that may wait behind the one being handled. */
  readonly inboundLimit: number
  handle(call: Call): Promise<Answer>
  /** Told once for every call taken, unless `stop` came first. `outcome` is whatever the handler threw where it is no answer. */
  done(call: Call, outcome: Outcome): void
}

export type Outcome = { readonly answer: Answer } | { readonly thrown: unknown }

export class IncomingCalls {
  readonly #owner: CallsOwner
  readonly #queue: Call[] = []
  #current: Call | undefined
  #cancel: Cancel | undefined

  constructor(owner: CallsOwner) {
    this.#owner = owner
  }

  get full(): boolean {
    return this.#queue.length >= this.#owner.inboundLimit
  }

  has(id: string): boolean {
    return this.#current?.id === id || this.#queue.some((call) => call.id === id)
  }

  take(call: Call): void {
    if (this.#current === undefined) this.#start(call)
    else this.#queue.push(call)
  }

  /** Forgets every call; a handler that still runs is not waited for. */
  stop(): void {
    this.#queue.length = 0
    this.#cancel?.()
    this.#current = undefined
  }

  #start(call: Call): void {
    const { clock, callTimeoutMs } = this.#owner
    this.#current = call
    this.#cancel = clock.after(callTimeoutMs, () =>
      this.#finish(call, { thrown: new Fault('internal', `${call.action} was not handled within ${callTimeoutMs} ms`) }),
    )
    // a microtask later, so that a handler that throws at once is one that rejects
    Promise.resolve(call)
      .then((call) => this.#owner.handle(call))
      .then(
        (answer) => this.#finish(call, { answer }),
        (thrown: unknown) => this.#finish(call, { thrown }),
      )
  }

  #finish(call: Call, outcome: Outcome): void {
    // given up by time or by `stop`
    if (this.#current !== call) return
    this.#cancel?.()
    // an idle connection keeps nothing of its last call
    this.#cancel = undefined
    this.#current = undefined
    this.#owner.done(call, outcome)
    const next = this.#current === undefined ? this.#queue.shift() : undefined
    if (next !== undefined) this.#start(next)
  }
}
