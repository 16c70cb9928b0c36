// The back ends of a node that are none of ours: at most one that stations belong to (a standard uplink), and mirrors that see copies.
// `#screen` is where every message between a station and its foreign back end passes, in both directions.
import { Fault } from '../base/fault.ts'
import type { Clock, Link, Random, Store } from '../base/ports.ts'
import type { Answer } from '../ocpp/connection.ts'
import { CALL, type Call, type Envelope, type Message } from '../ocpp/frame.ts'
import { foldedMessage } from '../overlay/custom-data.ts'
import type { Guard } from '../overlay/guard.ts'
import type { Screen } from '../overlay/passage.ts'
import type { Peer, PeerEvents } from '../overlay/peer.ts'
import { type Sighting, sightingOf } from '../overlay/sighting.ts'
import type { ForeignDoor, PlainStation } from './foreign-door.ts'
import type { LinkView } from './link-reports.ts'
import { isAnswer, MirrorSession, watched } from './mirror.ts'
import { MirrorOutbox } from './mirror-outbox.ts'
import type { Passing } from './standard-side.ts'
import { StandardUplink } from './standard-uplink.ts'

/** Rules name a foreign back end by the connection its messages come over: this node dialled it. */
export const uplinkRole = (name: string): string => `uplink:${name}`
export const mirrorRole = (name: string): string => `mirror:${name}`

export interface ForeignSettings {
  readonly standard?: { readonly door: ForeignDoor; readonly validate: 'strict' | 'pass' }
  readonly mirrors: readonly { readonly door: ForeignDoor; readonly outbox: number }[]
}

export interface ForeignParts {
  readonly node: string
  readonly clock: Clock
  readonly random: Random
  readonly store: Store
  readonly guard: Guard
  readonly firewall?: Screen
  /** The station as the node reaches it. */
  readonly peer: (station: string) => Peer | undefined
  readonly events: Pick<PeerEvents, 'flaw' | 'closed'>
  readonly seen: (look: () => Sighting) => void
  readonly failed: (fault: Fault, subject: string) => void
}

/** A station's patience with a mirror's command; the connection to the mirror waits a little longer. */
const COMMAND_MS = 25_000

interface Mirror {
  readonly door: ForeignDoor
  readonly outbox: MirrorOutbox
  readonly sessions: Map<string, MirrorSession>
}

export class ForeignBackends {
  readonly #settings: ForeignSettings
  readonly #parts: ForeignParts
  readonly #mirrors: readonly Mirror[]
  readonly #stations = new Map<string, StandardUplink>()
  #counters = { sent: 0, received: 0 }

  constructor(settings: ForeignSettings, parts: ForeignParts) {
    this.#settings = settings
    this.#parts = parts
    const { store, clock } = parts
    this.#mirrors = settings.mirrors.map(({ door, outbox: limit }) => ({
      door,
      outbox: new MirrorOutbox({ store, clock, name: door.name, limit, failed: (fault) => parts.failed(fault, door.name) }),
      sessions: new Map(),
    }))
  }

  /** Messages that each mirror will never hear, by its name. */
  get dropped(): ReadonlyMap<string, number> {
    return new Map(this.#mirrors.map(({ door, outbox }) => [door.name, outbox.dropped]))
  }

  /** The station's link with the mirrors listening. */
  mirrored(link: Link, station: PlainStation): Link {
    const sessions = this.#mirrors.map((mirror) => {
      const session: MirrorSession = new MirrorSession(station, {
        ...this.#parts,
        ...mirror,
        command: (from, call) => this.#command(mirror.door.name, from, call),
        failed: (fault) => this.#parts.failed(fault, mirror.door.name),
        ended: () => mirror.sessions.get(station.id) === session && mirror.sessions.delete(station.id),
      })
      mirror.sessions.set(station.id, session)
      return session
    })
    return sessions.length > 0 ? watched(link, sessions) : link
  }

  /** The station's peer, where a foreign back end is the one that it belongs to. */
  standardPeer(link: Link, station: PlainStation): Peer | undefined {
    const { standard } = this.#settings
    if (!standard) return undefined
    const { clock, events } = this.#parts
    const options = {
      ...standard,
      station,
      clock,
      screen: (passing: Passing) => this.#screen(passing),
      seen: (p: Passing) => this.#seen(p),
    }
    const closed = (from: Peer): void => {
      if (this.#stations.get(station.id) === from) this.#stations.delete(station.id)
      events.closed(from, 1000, '')
    }
    const peer = new StandardUplink(link, options, { flaw: (fault, from) => events.flaw(fault, from), closed })
    this.#stations.set(station.id, peer)
    return peer
  }

  /** How busy the foreign back ends are, all connections of one together. */
  views(): LinkView[] {
    const { node } = this.#parts
    const { standard } = this.#settings
    const mirrors = this.#mirrors.map(({ door, outbox, sessions }) => ({
      peer: door.name,
      up: [...sessions.values()].some(({ isUp }) => isUp),
      queued: outbox.waiting,
      ...outbox.counters,
    }))
    const uplinks = [...this.#stations.values()]
    const first = standard && {
      peer: standard.door.name,
      up: uplinks.some(({ isUp }) => isUp),
      queued: uplinks.reduce((sum, { waiting }) => sum + waiting, 0),
      ...this.#counters,
    }
    return [...(first ? [first] : []), ...mirrors].map((view) => ({ node, kind: 'uplink', rate: 0, ...view }))
  }

  stop(): void {
    for (const { sessions, outbox } of this.#mirrors) {
      for (const session of sessions.values()) session.stop(1001, 'the node is shutting down')
      outbox.stop()
    }
  }

  /** Whatever passes between a station and its foreign back end passes here first; a Fault that this rejects with stops it. */
  async #screen({ station, way, message, question }: Passing): Promise<void> {
    const { firewall, guard, node } = this.#parts
    const name = this.#settings.standard?.door.name ?? ''
    const [from, to] = way === 'up' ? [station.id, name] : [name, station.id]
    const envelope = envelopeOf(station, { from, to, message })
    const asked = question && envelopeOf(station, { from: to, to: from, message: question })
    const passed = firewall?.pass(envelope, {
      direction: way,
      uplink: way === 'down',
      station: way === 'up',
      ...(asked && { question: asked }),
    })
    // frames pass here byte for byte or not at all: a rule that would change one stops it
    if (passed !== undefined && passed !== envelope)
      throw new Fault('refused', 'towards a foreign back end nothing is replaced', { at: node, rule: 'firewall-replace' })
    if (way === 'down' && message.type === CALL) await guard.admit(envelope, node, uplinkRole(name))
  }

  #seen({ station, way, message, question }: Passing): void {
    const name = this.#settings.standard?.door.name ?? ''
    const [from, to] = way === 'up' ? [station.id, name] : [name, station.id]
    const { guard, clock, node } = this.#parts
    this.#counters[way === 'up' ? 'sent' : 'received']++
    const envelope = envelopeOf(station, { from, to, message })
    const asked = question && envelopeOf(station, { from: to, to: from, message: question })
    if (way === 'up' && asked) guard.answered(asked, Promise.resolve(envelope))
    guard.passed(asked ? { ...envelope, question: asked } : envelope)
    this.#parts.seen(() => sightingOf(envelope, { at: clock.now(), node, signature: 'absent', question: asked }))
  }

  /** A mirror's command goes to the station under an id of our own: the first back end may be using the same one (Part 4 §6.4). */
  async #command(name: string, station: PlainStation, call: Call): Promise<Answer> {
    const { guard, node, random, peer } = this.#parts
    const order = envelopeOf(station, { from: name, to: station.id, message: call })
    await guard.admit(order, node, mirrorRole(name))
    const message = { ...call, id: random.uuid() }
    const asked = peer(station.id)?.request({ ...order, path: [name, node], message }, COMMAND_MS)
    if (!asked) throw new Fault('unreachable', `${station.id} is not connected`)
    guard.answered(order, asked)
    const answer = await asked
    if (!isAnswer(answer.message)) throw new Fault('internal', `expected an answer, got message type ${answer.message.type}`)
    return foldedMessage(answer.message, answer.header.signatures, station.version)
  }
}

const envelopeOf = ({ version }: PlainStation, { from, to, message }: { from: string; to: string; message: Message }): Envelope => ({
  destination: [to],
  path: [from],
  header: { ocpp: version },
  message,
})
