// A back end of one page: answers what a station says with the least that the schemas allow, remembers all of it, and holds both
// directions against the official schemas. It counts a message id once, as a real one does.
import type { Cancel, Json, Link } from '../../../src/base/ports.ts'
import { CALL, ERROR, type Message, payloadOf, RESULT, readFrame, SEND, writeFrame } from '../../../src/ocpp/frame.ts'
import { validateRequest, validateResponse } from '../../../src/ocpp/validate.ts'
import type { Version } from '../../../src/ocpp/version.ts'
import { memoryLinks } from '../../support/memory-link.ts'
import type { VirtualClock } from '../../support/virtual-clock.ts'

/** Parsed JSON of any action: tests look into it freely. */
export type Payload = ReturnType<typeof JSON.parse>

export interface Heard {
  readonly id: string
  readonly action: string
  readonly payload: Payload
}

/** `refuse` answers with a CALLERROR, `ignore` not at all. */
type Reply = Payload | 'ignore' | { readonly refuse: string }

const REDIAL_MS = 1000

export class FakeCsms {
  readonly version: Version
  readonly clock: VirtualClock
  /** Every CALL and SEND of the station, each repetition too. */
  readonly heard: Heard[] = []
  /** What broke a schema. Stays empty in a good test. */
  readonly flaws: string[] = []
  readonly tokens = new Map([['DEADBEEF', 'Accepted']])
  readonly replies = new Map<string, (payload: Payload) => Reply>()
  #up = true
  #nextNumber = 100
  #nextId = 0
  #link: Link | undefined
  #dial: (() => void) | undefined
  readonly #asked = new Map<string, { action: string; answered(message: Message): void }>()

  constructor(version: Version, clock: VirtualClock) {
    this.version = version
    this.clock = clock
  }

  /** For `StationParts.connect`. */
  readonly connect = (onLink: (link: Link) => void): Cancel => {
    const dial = (): void => {
      if (!this.#up || this.#dial !== dial || this.#link !== undefined) return
      const [ours, theirs] = memoryLinks()
      this.#link = ours
      ours.open({
        text: (frame) => this.#text(ours, frame),
        binary: () => this.flaws.push('a binary frame'),
        closed: () => {
          if (this.#link !== ours) return
          this.#link = undefined
          this.clock.after(REDIAL_MS, dial)
        },
      })
      onLink(theirs)
    }
    this.#dial = dial
    dial()
    return () => {
      if (this.#dial === dial) this.#dial = undefined
    }
  }

  get connected(): boolean {
    return this.#link !== undefined
  }

  /** Cuts the line and keeps it cut. */
  async cut(): Promise<void> {
    this.#up = false
    this.#link?.close(1006, 'cut')
    await this.clock.advance(0)
  }

  async mend(): Promise<void> {
    this.#up = true
    this.#dial?.()
    await this.clock.advance(0)
  }

  /** Distinct messages of an action, in the order of their first arrival. */
  said(...actions: readonly string[]): Heard[] {
    const seen = new Set<string>()
    return this.heard.filter(({ id, action }) => actions.includes(action) && !seen.has(id) && seen.add(id))
  }

  last(action: string): Payload {
    return this.said(action).at(-1)?.payload
  }

  /** Orders something and returns the answer; a CALLERROR comes as `{ error, description, details }`. */
  async order(action: string, payload: Json): Promise<Payload> {
    const id = `csms-${++this.#nextId}`
    const answer = new Promise<Message>((answered) => this.#asked.set(id, { action, answered }))
    this.#link?.send(writeFrame({ type: CALL, id, action, payload: payloadOf(payload) }))
    await this.clock.advance(0)
    const message = await answer
    await this.clock.advance(0)
    if (message.type === RESULT) return message.payload.value
    if (message.type !== ERROR) throw new Error('neither answer nor error')
    return { error: message.code, description: message.description, details: message.details.value }
  }

  #text(link: Link, frame: string): void {
    const message = readFrame(frame)
    if (message.type === CALL || message.type === SEND) {
      const flaw = validateRequest(this.version, message.action, message.payload.value)
      if (flaw !== undefined) this.flaws.push(`${message.action} ${flaw.path}: ${flaw.detail}`)
      this.heard.push({ id: message.id, action: message.action, payload: message.payload.value })
      if (message.type === SEND) return
      const reply = this.#reply(message.action, message.payload.value)
      if (reply === 'ignore') return
      if (typeof reply.refuse === 'string') {
        link.send(writeFrame({ type: ERROR, id: message.id, code: reply.refuse, description: '', details: payloadOf({}) }))
      } else link.send(writeFrame({ type: RESULT, id: message.id, payload: payloadOf(reply) }))
      return
    }
    const asked = this.#asked.get(message.id)
    if (message.type === RESULT && asked !== undefined) {
      const flaw = validateResponse(this.version, asked.action, message.payload.value)
      if (flaw !== undefined) this.flaws.push(`answer to ${asked.action} ${flaw.path}: ${flaw.detail}`)
    }
    asked?.answered(message)
  }

  #reply(action: string, payload: Payload): Reply {
    const special = this.replies.get(action)?.(payload)
    if (special !== undefined) return special
    const currentTime = new Date(this.clock.now()).toISOString()
    const status = (token: string): string => this.tokens.get(token) ?? 'Invalid'
    switch (action) {
      case 'BootNotification':
        return { status: 'Accepted', currentTime, interval: 300 }
      case 'Heartbeat':
        return { currentTime }
      case 'Authorize':
        return payload.idTag === undefined
          ? { idTokenInfo: { status: status(payload.idToken.idToken) } }
          : { idTagInfo: { status: status(payload.idTag) } }
      case 'StartTransaction':
        return { idTagInfo: { status: status(payload.idTag) }, transactionId: this.#nextNumber++ }
      case 'TransactionEvent':
        return payload.idToken === undefined ? {} : { idTokenInfo: { status: status(payload.idToken.idToken) } }
      default:
        return {}
    }
  }
}
