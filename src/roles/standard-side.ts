// One of the two ends of a station's standard uplink: its frames in order, one after the other, and the CALLs that it made
// and that nobody has answered yet. Bounded in both; what a frame means is the uplink's matter.
import type { Link } from '../base/ports.ts'
import type { Call, Message } from '../ocpp/frame.ts'
import type { PlainStation } from './foreign-door.ts'

/** `up`: from the station to the back end. */
export type Way = 'up' | 'down'

/** A message that goes through, as it is shown on its way; an answer with its question. */
export interface Passing {
  readonly station: PlainStation
  readonly way: Way
  readonly message: Message
  readonly question?: Call
}

export interface SideEvents {
  /** Whether the frames may pass yet. */
  ready(): boolean
  /** The next frame, once the one before it is through. Must not reject. */
  arrived(text: string): Promise<void>
  /** More came than is kept. */
  crowded(): void
}

/** Frames that wait, and CALLs that are open. OCPP asks for one at a time, so this many is no normal day. */
export const SIDE_LIMIT = 64
const CHARACTERS = 1_048_576

export class Side {
  /** Where its frames go. */
  readonly way: Way
  link: Link | undefined
  /** Flaws in a row. */
  flaws = 0
  readonly #events: SideEvents
  readonly #inbox: string[] = []
  #characters = 0
  #pumping = false
  readonly #asked = new Map<string, { readonly call: Call; readonly at: number }>()

  constructor(way: Way, events: SideEvents) {
    this.way = way
    this.#events = events
  }

  take(text: string): void {
    this.#inbox.push(text)
    this.#characters += text.length
    if (this.#inbox.length > SIDE_LIMIT || this.#characters > CHARACTERS) this.#events.crowded()
    else void this.pump()
  }

  /** Frames may pass now, or soon: called again where `ready` may have changed. */
  async pump(): Promise<void> {
    if (this.#pumping) return
    this.#pumping = true
    while (this.#events.ready()) {
      const text = this.#inbox.shift()
      if (text === undefined) break
      this.#characters -= text.length
      await this.#events.arrived(text)
    }
    this.#pumping = false
  }

  asks(call: Call, at: number): void {
    // who asks for ever and never hears loses the oldest question first
    if (this.#asked.size >= SIDE_LIMIT) this.#asked.delete(this.#asked.keys().next().value as string)
    this.#asked.set(call.id, { call, at })
  }

  /** The CALL that an answer is for; it is open no longer. */
  answered(id: string): Call | undefined {
    const call = this.#asked.get(id)?.call
    this.#asked.delete(id)
    return call
  }

  /** Whether a CALL is open that was made after `since`. */
  isAsking(since: number): boolean {
    for (const { at } of this.#asked.values()) if (at > since) return true
    return false
  }
}
