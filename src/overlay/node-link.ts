// A link between two of our nodes: overlay frames, any number of conversations side by side. Answers are matched by
// (origin, message id) on the link they were asked on, so two stations may use the same id at the same moment.
import { asFault, Fault } from '../base/fault.ts'
import type { Cancel, Clock, Link } from '../base/ports.ts'
import { CALL, type Envelope, ERROR, type FrameLimits, RESULT, readEnvelope, writeEnvelope } from '../ocpp/frame.ts'
import { REACHABILITY } from './announcement.ts'
import { attachmentOf, isMessageFrame, readMessageFrame, writeMessageFrame } from './attachments.ts'
import { BARE_VERSION, readBare, writeBare } from './bare-frames.ts'
import type { Peer, PeerEvents } from './peer.ts'
import type { Carrier } from './streams/stream-link.ts'

/** Waiting CALLs of one (origin, destination) pair; one is outstanding at a time (docs/protocol.md §3.2). */
const QUEUE_PER_PAIR = 64
/** CALLs outstanding on one link, over all pairs. */
const OUTSTANDING_PER_LINK = 10_000
/** CALLs that wait for their turn on one link, over all pairs; and CALLs of the neighbour that are being served at once. */
const QUEUED_PER_LINK = 10_000
const SERVED_PER_LINK = 10_000
/** Characters of payloads that are kept until their answers come. */
const HELD_LIMIT = 64 * 1024 * 1024
/** Bytes the socket may hold back before new CALLs are refused and SENDs are dropped. */
const SOCKET_LIMIT = 4 * 1024 * 1024
/** What cannot be refused, answers and announcements, may fill it further; a neighbour that does not read even so is given up. */
const UNREAD_LIMIT = 2 * SOCKET_LIMIT

interface Waiting {
  readonly envelope: Envelope
  readonly timeoutMs: number
  readonly resolve: (answer: Envelope) => void
  readonly reject: (fault: Fault) => void
}

export interface NodeLinkOptions {
  /** This node's id. */
  readonly self: string
  /** The neighbour's id, as it was authenticated when the link was made. */
  readonly peer: string
  /** The key that it proved to hold. */
  readonly kid?: string
  /** It speaks frames without our header (bare-frames.ts). */
  readonly bare?: boolean
  readonly clock: Clock
  readonly limits?: FrameLimits
}

export class NodeLink implements Peer {
  readonly kind = 'node'
  readonly id: string
  readonly kid?: string
  readonly bare: boolean
  readonly carrier?: Carrier
  readonly counters = { sent: 0, received: 0 }
  readonly #link: Link
  readonly #options: NodeLinkOptions
  readonly #events: PeerEvents
  readonly #outstanding = new Map<string, { waiting: Waiting; cancel: Cancel }>()
  /** CALLs behind an outstanding one of the same pair; a pair with an entry has one outstanding. */
  readonly #pairs = new Map<string, Waiting[]>()
  #queued = 0
  #held = 0
  #serving = 0
  #closed = false

  constructor(link: Link, options: NodeLinkOptions, events: PeerEvents) {
    this.id = options.peer
    if (options.kid !== undefined) this.kid = options.kid
    this.bare = options.bare ?? false
    this.#link = link
    this.#options = options
    this.#events = events
    if (!this.bare) this.carrier = carrierOf(this, link)
    link.open({
      text: (frame) => this.#text(frame),
      binary: (frame) => this.#binary(frame),
      closed: (code, reason) => this.#ended(code, reason),
    })
  }

  get waiting(): number {
    return this.#outstanding.size + this.#queued
  }

  request(envelope: Envelope, timeoutMs: number): Promise<Envelope> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new Fault('unreachable', `the link to ${this.id} is closed`))
      const { ocpp = BARE_VERSION } = envelope.header
      if (this.bare && ocpp !== BARE_VERSION)
        return reject(new Fault('payload-invalid', `${this.id} speaks ${BARE_VERSION}, the message is ${ocpp}`))
      const size = sizeOf(envelope)
      if (this.#held + size > HELD_LIMIT) return reject(new Fault('queue-full', `the link to ${this.id} is full`))
      this.#held += size
      const done = (settle: () => void): void => {
        this.#held -= size
        settle()
      }
      this.#enter({
        envelope,
        timeoutMs,
        resolve: (answer) => done(() => resolve(answer)),
        reject: (fault) => done(() => reject(fault)),
      })
    })
  }

  /** A SEND or CALLRESULTERROR. Nobody waits for an answer to it, so where too much waits already it is dropped; an announcement is not. */
  send(envelope: Envelope): void {
    const { message } = envelope
    if (this.#link.waiting > SOCKET_LIMIT && !('action' in message && message.action === REACHABILITY)) {
      this.#events.flaw(new Fault('queue-full', `a message to ${this.id} was dropped: too much waits in its socket`), this)
      return
    }
    this.#write(envelope)
  }

  alive(ms: number): Promise<boolean> {
    return this.#link.alive(ms)
  }

  close(code: number, reason: string): void {
    this.#link.close(code, reason)
    this.#ended(code, reason)
  }

  #write(envelope: Envelope): void {
    if (this.#closed) return
    if (this.#link.waiting > UNREAD_LIMIT) {
      this.close(1008, 'reads too slowly')
      return
    }
    const frame = this.bare ? writeBare(envelope) : written(envelope)
    if (frame === undefined) return
    this.counters.sent++
    this.#link.send(frame)
  }

  #enter(waiting: Waiting): void {
    const pair = pairOf(waiting.envelope)
    const queue = this.#pairs.get(pair)
    if (!queue) {
      this.#pairs.set(pair, [])
      this.#ask(waiting)
    } else if (queue.length >= QUEUE_PER_PAIR || this.#queued >= QUEUED_PER_LINK) {
      waiting.reject(new Fault('queue-full', `${queue.length} messages wait for ${waiting.envelope.destination.at(-1)} already`))
    } else {
      queue.push(waiting)
      this.#queued++
    }
  }

  #ask(waiting: Waiting): void {
    const key = keyOf(waiting.envelope.path[0], waiting.envelope.message.id)
    if (this.#outstanding.size >= OUTSTANDING_PER_LINK || this.#link.waiting > SOCKET_LIMIT) {
      this.#refuse(waiting, new Fault('queue-full', `the link to ${this.id} is full`))
      return
    }
    if (this.#outstanding.has(key)) {
      this.#refuse(waiting, new Fault('queue-full', 'a message with that id waits for its answer already'))
      return
    }
    const cancel = this.#options.clock.after(waiting.timeoutMs, () => {
      this.#outstanding.delete(key)
      this.#refuse(waiting, new Fault('timeout', `no answer from ${waiting.envelope.destination.at(-1)} within ${waiting.timeoutMs} ms`))
    })
    this.#outstanding.set(key, { waiting, cancel })
    this.#write(waiting.envelope)
  }

  #refuse(waiting: Waiting, fault: Fault): void {
    this.#next(pairOf(waiting.envelope))
    waiting.reject(fault)
  }

  /** The pair's outstanding CALL is done: its next one may go. */
  #next(pair: string): void {
    const queue = this.#pairs.get(pair)
    const next = queue?.shift()
    if (!next) {
      this.#pairs.delete(pair)
      return
    }
    this.#queued--
    this.#ask(next)
  }

  #receive(read: () => Envelope): void {
    // fenced: whatever was on its way when the link was closed here does not count
    if (this.#closed) return
    this.counters.received++
    let envelope: Envelope
    try {
      envelope = read()
      this.#checkPath(envelope)
    } catch (error) {
      this.#events.flaw(asFault(error), this)
      return
    }
    const { message } = envelope
    if (message.type === CALL) this.#serve(envelope)
    else if (message.type === RESULT || message.type === ERROR) this.#answered(envelope)
    else this.#events.send(envelope, this)
  }

  #text(frame: string): void {
    const { limits } = this.#options
    this.#receive(() => (this.bare ? readBare(frame, this.id, limits) : readEnvelope(frame, limits)))
  }

  #binary(frame: Uint8Array): void {
    if (this.#closed) return
    if (!this.bare && isMessageFrame(frame)) {
      this.#receive(() => readMessageFrame(frame, this.#options.limits))
      return
    }
    try {
      if (this.bare || !this.#events.binary) throw new Fault('frame-malformed', 'binary frames are not spoken on this link')
      this.#events.binary(frame, this)
    } catch (error) {
      this.#events.flaw(asFault(error), this)
    }
  }

  /** The neighbour must stand last in the record route: whoever it carries messages for, it cannot hide itself. */
  #checkPath({ path }: Envelope): void {
    if (path.at(-1) !== this.id) throw new Fault('frame-malformed', `the path ends with ${path.at(-1)}, the link belongs to ${this.id}`)
  }

  #serve(envelope: Envelope): void {
    const failed = (fault: Fault): Envelope => this.#events.refusal(envelope, fault, this)
    if (this.#serving >= SERVED_PER_LINK) {
      this.#write(failed(new Fault('queue-full', `${this.#serving} messages of ${this.id} are being served already`)))
      return
    }
    this.#serving++
    const reply = (answer?: Envelope): void => {
      this.#serving--
      if (answer) this.#write(answer)
    }
    this.#events.request(envelope, this).then(reply, (error) => {
      const fault = asFault(error)
      reply(fault.code === 'dropped' ? undefined : failed(fault))
    })
  }

  #answered(envelope: Envelope): void {
    const key = keyOf(envelope.destination.at(-1), envelope.message.id)
    const entry = this.#outstanding.get(key)
    if (!entry) {
      this.#events.flaw(new Fault('frame-malformed', 'an answer to nothing that was asked, or too late', { id: envelope.message.id }), this)
      return
    }
    this.#outstanding.delete(key)
    entry.cancel()
    this.#next(pairOf(entry.waiting.envelope))
    entry.waiting.resolve(envelope)
  }

  #ended(code: number, reason: string): void {
    if (this.#closed) return
    this.#closed = true
    const lost = new Fault('link-lost', `the link to ${this.id} broke before the answer came`)
    const orphans = [...this.#outstanding.values()]
    const queued = [...this.#pairs.values()].flat()
    this.#outstanding.clear()
    this.#pairs.clear()
    this.#queued = 0
    for (const { waiting, cancel } of orphans) {
      cancel()
      waiting.reject(lost)
    }
    // these never left, so saying "unreachable" is true, and safe to try again
    for (const waiting of queued) waiting.reject(new Fault('unreachable', `the link to ${this.id} broke before the message was sent`))
    this.#events.closed(this, code, reason)
  }
}

const carrierOf = (peer: NodeLink, link: Link): Carrier => ({
  id: peer.id,
  get waiting() {
    return link.waiting
  },
  send: (frame) => link.send(frame),
  close: (code, reason) => peer.close(code, reason),
})

const written = (envelope: Envelope): string | Uint8Array => {
  const attachment = attachmentOf(envelope.message)
  return attachment ? writeMessageFrame(envelope, attachment) : writeEnvelope(envelope)
}

const sizeOf = ({ message }: Envelope): number =>
  ('payload' in message ? message.payload.text.length : message.details.text.length) + (attachmentOf(message)?.length ?? 0)
const keyOf = (origin: string | undefined, id: string): string => `${origin}\n${id}`
/** A source route is a pair of its own: who is silent on it holds up nothing that goes another way. */
const pairOf = ({ path, destination }: Envelope): string =>
  `${path[0]}\n${destination.length === 1 ? destination[0] : destination.join('\n')}`
