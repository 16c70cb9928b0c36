// One node of the overlay: takes messages from its links, delivers what is meant for it and passes on the rest. It has no
// sockets and no clock of its own; which role it plays is decided by who listens behind `local`.
import { asFault, Fault } from '../base/fault.ts'
import type { Clock, Json, Random } from '../base/ports.ts'
import { CALL, type Envelope, type Header, type Payload, payloadOf, RESULT, SEND } from '../ocpp/frame.ts'
import type { Version } from '../ocpp/version.ts'
import { type Announcement, announce, REACHABILITY, readAnnouncement } from './announcement.ts'
import { errorAnswer } from './error-answer.ts'
import type { Peer, PeerEvents } from './peer.ts'
import { Routes } from './routes.ts'
import { isHousekeeping, isSigned, type Sighting, sightingOf, unacceptedState } from './sighting.ts'
import type { SignatureState } from './signature.ts'
import type { Uplinks } from './uplinks.ts'

/** docs/protocol.md §3.4 */
const HOP_LIMIT = 16
const DEFAULT_TIMEOUT = 30_000
/** A place takes up to 900 characters, a frame 262144. */
const PLACES_PER_FRAME = 250

/** What a node does with messages that end at it. */
export interface Local {
  /** Answers a CALL that came over `from`; a station's link has checked its payload. Rejects with a Fault to refuse it. */
  call(envelope: Envelope, from?: Peer): Promise<Payload>
  /** Takes a SEND. */
  told?(envelope: Envelope): void
}

/** What a node asks of the trust that it was given; see guard.ts. */
export interface Gatekeeper {
  /** Judges a message that passes through, or ends `here`. Throws Fault `refused` when a signature that can be checked is broken or missing. */
  inspect(envelope: Envelope | AnswerEnvelope, from: { id: string }, here: boolean): SignatureState
  /** Decides over a CALL that would leave the overlay here, towards a station that cannot judge signatures itself. Rejects with Fault `refused`. */
  protect(envelope: Envelope, station: Peer, self: string): Promise<void>
  /** Signs this node's answer to a CALL that was signed. */
  sealAnswer(call: Envelope, answer: Envelope): Envelope
}

export interface NodeParts {
  readonly clock: Clock
  readonly random: Random
  readonly gatekeeper: Gatekeeper
  readonly local: Local
  /** Chooses among several uplinks; all count the same where not given. */
  readonly uplinks?: Uplinks
  /** Sees every message after it was handled; must not throw. */
  readonly observe?: (look: () => Sighting) => void
  /** Told when places come and go. */
  readonly moved?: (ids: readonly string[]) => void
  readonly flaw?: (fault: Fault, peer: string) => void
  /** Told when this node itself refused a message by a rule. */
  readonly refused?: (fault: Fault) => void
}

export interface CallOptions {
  readonly ocpp: Version
  readonly timeoutMs?: number
}

export class OverlayNode implements PeerEvents {
  readonly id: string
  readonly role: string
  readonly routes: Routes
  readonly #parts: NodeParts

  constructor(identity: { id: string; role: string }, parts: NodeParts) {
    this.id = identity.id
    this.role = identity.role
    this.routes = new Routes(identity.id, parts.uplinks)
    this.#parts = parts
  }

  /** A link came up. Towards an uplink everything known here is announced; from elsewhere the newcomer is passed on upwards. */
  attach(peer: Peer, place: { role: string; uplink?: boolean }): void {
    const now = this.#parts.clock.now()
    this.routes.attach(peer, { role: place.role, uplink: place.uplink ?? false }, now)
    if (place.uplink) this.#sendAnnouncement(peer, this.#everything())
    else
      this.#announce({
        online: [{ id: peer.id, role: place.role, via: [], ...(peer.protocol && { protocol: peer.protocol }) }],
        offline: [],
      })
    this.#parts.moved?.([peer.id])
  }

  /** A CALL of this node's own, not yet signed. */
  compose(destination: string, action: string, payload: Payload, { ocpp, timeoutMs }: CallOptions): Envelope {
    const message = { type: CALL, id: this.#parts.random.uuid(), action, payload } as const
    return { destination: [destination], path: [this.id], header: timeoutMs === undefined ? { ocpp } : { ocpp, ttl: timeoutMs }, message }
  }

  /**
   * Sends a CALL that is complete, signatures included, and resolves with the answer, whose path is the record route from
   * the answering node to this one. A CALLERROR is an answer, not a rejection.
   * @throws Fault `unreachable`, `timeout`, `link-lost`, `queue-full`; `refused` when the answer was tampered with
   */
  async ask(envelope: Envelope): Promise<Envelope> {
    const peer = this.#nextHop(envelope)
    const answer = await peer.request(envelope, patience(envelope))
    try {
      this.#arrived(answer, peer, envelope)
    } catch (error) {
      const fault = asFault(error)
      if (fault.code === 'refused') this.#parts.refused?.(fault)
      throw new Fault(fault.code, fault.message, { at: this.id, ...fault.data }, error)
    }
    return answer
  }

  /** Sends a SEND of this node's own. Nothing tells whether it arrived. */
  tell(destination: string, action: string, value: Json, header: Header = {}): void {
    const message = { type: SEND, id: this.#parts.random.uuid(), action, payload: payloadOf(value) } as const
    this.routes.next(destination)?.send({ destination: [destination], path: [this.id], header, message })
  }

  /** A CALL came in. `instead` answers it in the place of this node and of everybody behind it. */
  async request(envelope: Envelope, from: Peer, instead?: () => Promise<Envelope>): Promise<Envelope> {
    let signature: SignatureState | undefined
    try {
      signature = this.#accept(envelope, from)
      const served = instead ? { answer: await instead(), signature: 'absent' as const } : await this.#serve(envelope, from)
      this.#observe(envelope, signature)
      this.#observe(served.answer, served.signature, envelope)
      return served.answer
    } catch (error) {
      const fault = asFault(error)
      const answer = errorAnswer(envelope, fault, this.id)
      if (fault.code === 'refused' && fault.data.at === undefined) this.#parts.refused?.(fault)
      this.#observe(envelope, signature ?? unacceptedState(envelope, fault))
      this.#observe(answer, 'absent', envelope)
      return answer
    }
  }

  send(envelope: Envelope, from: Peer): void {
    try {
      const signature = this.#accept(envelope, from)
      if (envelope.message.type === SEND && envelope.message.action === REACHABILITY) {
        this.#heard(envelope, from)
        return
      }
      if (this.#isHere(envelope)) this.#parts.local.told?.(envelope)
      else this.#nextHop(envelope, from).send(this.#stamped(envelope))
      // the network's own housekeeping is no traffic of anybody's
      if (!isHousekeeping(envelope)) this.#observe(envelope, signature)
    } catch (error) {
      this.flaw(asFault(error), from)
    }
  }

  flaw(error: Error, from: { readonly id: string }): void {
    this.#parts.flaw?.(asFault(error), from.id)
  }

  closed(from: Peer): void {
    const wasUplink = this.routes.uplinks.includes(from)
    const lost = this.routes.detach(from, this.#parts.clock.now())
    // the nodes above may know this one over the lost uplink only: they hear at once that another leads here too
    if (wasUplink) for (const uplink of this.routes.uplinks) this.#sendAnnouncement(uplink, this.#everything())
    if (lost.length === 0) return
    // what lay behind an uplink that is gone is no news to another: nobody reaches it through here
    if (!wasUplink) this.#announce({ online: [], offline: lost })
    this.#parts.moved?.(lost)
  }

  /** What every message must satisfy before anything is done with it. */
  #accept(envelope: Envelope, from: Peer): SignatureState {
    const { path, header } = envelope
    if (path.includes(this.id)) throw new Fault('hop-limit', `the message was here before: ${path.join(' > ')}`)
    if (path.length >= HOP_LIMIT) throw new Fault('hop-limit', `the message went over ${path.length} hops`)
    const state = this.#parts.gatekeeper.inspect(envelope, from, this.#isHere(envelope))
    this.routes.learn(path, from, {
      now: this.#parts.clock.now(),
      ...(from.kind === 'station' && { role: 'station' }),
      ...(header.ocpp && from.kind === 'station' && { protocol: header.ocpp }),
    })
    return state
  }

  async #serve(envelope: Envelope, from: Peer): Promise<{ answer: Envelope; signature: SignatureState }> {
    if (!this.#isHere(envelope)) {
      const peer = this.#nextHop(envelope, from)
      if (peer.kind === 'station') await this.#parts.gatekeeper.protect(envelope, peer, this.id)
      const onward = this.#stamped(envelope)
      const answer = await peer.request(onward, patience(onward))
      const signature = this.#arrived(answer, peer, envelope)
      return { answer: this.#stamped(answer), signature }
    }
    const payload = await this.#parts.local.call(envelope, from)
    const answer = this.#parts.gatekeeper.sealAnswer(envelope, {
      destination: [envelope.path[0] as string],
      path: [this.id],
      header: envelope.header.ocpp ? { ocpp: envelope.header.ocpp } : {},
      message: { type: RESULT, id: envelope.message.id, payload },
    })
    return { answer, signature: isSigned(answer) ? 'valid' : 'absent' }
  }

  /** An answer came back over `peer`: it must have come honestly, and its path teaches the way to who gave it. */
  #arrived(answer: Envelope, peer: Peer, question: Envelope): SignatureState {
    if (answer.path.includes(this.id)) throw new Fault('hop-limit', `the answer was here before: ${answer.path.join(' > ')}`)
    const state = this.#parts.gatekeeper.inspect({ ...answer, question }, peer, question.path[0] === this.id)
    this.routes.learn(answer.path, peer, { now: this.#parts.clock.now() })
    return state
  }

  #isHere({ destination }: Envelope): boolean {
    return destination.length === 1 && destination[0] === this.id
  }

  #nextHop({ destination, path }: Envelope, from?: Peer): Peer {
    const next = destination[0] === this.id ? destination[1] : destination[0]
    const peer = this.routes.next(next as string, from, path[0])
    if (!peer) throw new Fault('unreachable', `no route leads to ${next} at the moment`)
    // a station would take for its own what was meant for somebody behind it
    if (peer.kind === 'station' && destination.at(-1) !== peer.id)
      throw new Fault('unreachable', `${peer.id} is a station: no route leads through it`)
    return peer
  }

  /** The envelope as it leaves this node: this node on its record route, and off its source route. */
  #stamped(envelope: Envelope): Envelope {
    const { destination } = envelope
    const rest = destination[0] === this.id && destination.length > 1 ? destination.slice(1) : destination
    return { ...envelope, destination: rest, path: [...envelope.path, this.id] }
  }

  #heard(envelope: Envelope, from: Peer): void {
    if (from.kind === 'station') throw new Fault('refused', `${from.id} is a station: it has nobody behind it to announce`)
    const announcement = readAnnouncement(envelope.message)
    const now = this.#parts.clock.now()
    const back = [...envelope.path].reverse()
    for (const { id, role, protocol, via } of announcement.online) {
      const hops = id === envelope.path[0] ? back : [...back, ...via, id]
      this.routes.announced(id, hops, from, { role, now, ...(protocol && { protocol }) })
    }
    const gone = announcement.offline.filter((id) => this.routes.withdrawn(id, envelope.path[0] as string, { peer: from, now }))
    // passed on upwards by origin and path, so that the next node learns the whole way
    const { uplinks } = this.routes
    if (!uplinks.includes(from)) for (const uplink of uplinks) uplink.send(this.#stamped(envelope))
    this.#parts.moved?.([...announcement.online.map((place) => place.id), ...gone])
  }

  #announce(news: Announcement): void {
    for (const uplink of this.routes.uplinks) this.#sendAnnouncement(uplink, news)
  }

  /** In pieces that fit a frame, whatever is behind this node. */
  #sendAnnouncement(peer: Peer, { online, offline }: Announcement): void {
    for (let i = 0; i < Math.max(online.length, offline.length); i += PLACES_PER_FRAME) {
      const piece = { online: online.slice(i, i + PLACES_PER_FRAME), offline: offline.slice(i, i + PLACES_PER_FRAME) }
      peer.send(announce({ from: this.id, to: peer.id, id: this.#parts.random.uuid() }, piece))
    }
  }

  #everything(): Announcement {
    const above = new Set(this.routes.uplinks.map((uplink) => uplink.id))
    const below = this.routes.places().filter(({ online, path }) => online && !above.has(path[0] as string))
    const places = below.map(({ id, role, protocol, path }) => ({ id, role, via: path.slice(0, -1), ...(protocol && { protocol }) }))
    return { online: [{ id: this.id, role: this.role, via: [] }, ...places], offline: [] }
  }

  #observe(envelope: Envelope, signature: SignatureState, question?: Envelope): void {
    this.#parts.observe?.(() => sightingOf(envelope, { at: this.#parts.clock.now(), signature, question }))
  }
}

/** How long this node waits for an answer: less with every hop, so that the node nearest to the silence is the one that names it. */
const patience = ({ header, path }: Envelope): number =>
  Math.max(500, (typeof header.ttl === 'number' ? Math.min(header.ttl, 300_000) : DEFAULT_TIMEOUT) - 200 * path.length)

/** What a gatekeeper needs to judge an answer: the answer itself and the question it claims to answer. */
export interface AnswerEnvelope extends Envelope {
  readonly question: Envelope
}
