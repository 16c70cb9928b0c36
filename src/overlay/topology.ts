// A node's part in the network's knowledge of itself: what it hears from its neighbours, what it tells them, when it says it anew, and
// whom it warns. One for each node.
import type { Cancel, Clock, Random } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { type Message, SEND } from '../ocpp/frame.ts'
import { Advertiser } from './advertiser.ts'
import { readAnnouncement } from './announcement.ts'
import { Bucket } from './damping.ts'
import { BROADCAST } from './destinations.ts'
import type { Peer } from './peer.ts'
import { Reachability } from './reachability.ts'
import type { Routes } from './routes.ts'
import { LIFETIME } from './scrutiny.ts'
import type { Identity } from './signature.ts'
import type { TrustStore } from './trust.ts'

/** Another node claims these stations: do they still answer? */
export const LOOK = 'org.chargeproof.Look'

/** How often expired statements are removed; every fourth time this node says its own anew. */
const SWEEP_MS = LIFETIME / 12
const SWEEPS_PER_REFRESH = 4
/** How long a station has to give a sign of life when another node claims it. */
const PROBE_MS = 1_500
const PROBES = { burst: 1_000, perSecond: 50 }
/** One announcer is reported once in this time. */
const ALARM_MS = 60_000
const ANNOUNCERS = 1_000

export interface TopologyParts {
  readonly self: { readonly id: string; readonly role: string; readonly isTop: boolean }
  readonly routes: Routes
  readonly clock: Clock
  readonly random: Random
  readonly trust?: TrustStore
  readonly engine?: Engine
  /** Signs what this node says of itself. */
  readonly identity?: Identity
  /** Somebody announces what is not theirs. */
  readonly alarm: (announcer: string, text: string) => void
  readonly tell: (node: string, action: string, value: { readonly ids: readonly string[] }) => void
  readonly moved: (ids: readonly string[]) => void
}

export class Topology {
  readonly reachability: Reachability
  readonly #parts: TopologyParts
  readonly #advertiser: Advertiser
  readonly #alarmed = new Map<string, number>()
  readonly #probes: Bucket
  #neighbours = 0
  #sweeps = 0
  #timer: Cancel | undefined

  constructor(parts: TopologyParts) {
    this.#parts = parts
    this.#probes = new Bucket(PROBES, parts.clock.now())
    this.#advertiser = new Advertiser({ ...parts, reachability: () => this.reachability })
    this.reachability = new Reachability({
      ...parts,
      self: parts.self.id,
      alarm: (announcer, text) => this.#alarm(announcer, text),
      look: (holder, ids) => parts.tell(holder, LOOK, { ids }),
      changed: (nodes) => this.#advertiser.changed(nodes),
    })
  }

  attached(peer: Peer): void {
    if (peer.kind === 'node' && ++this.#neighbours === 1) this.#timer = this.#parts.clock.after(SWEEP_MS, () => this.#tick())
    this.#advertiser.attached(peer)
  }

  /** A link ended. What was reached over it is reached over another from here on, or not at all. */
  lost(peer: Peer): string[] {
    if (peer.kind === 'node' && --this.#neighbours === 0) {
      this.#timer?.()
      this.#advertiser.stop()
      this.reachability.stop()
    }
    const moved = this.reachability.lost(peer)
    this.#advertiser.lost(peer)
    return moved
  }

  /** An announcement of a neighbour. Throws Fault `frame-malformed`. */
  heard(message: Message, from: Peer): void {
    this.#parts.moved(this.reachability.hear(readAnnouncement(message), from))
  }

  /** Another node claims stations of this one: those that give no sign of life are let go. */
  look(message: Message): void {
    const { ids } = (message.type === SEND ? message.payload.value : {}) as { readonly ids?: unknown }
    if (!Array.isArray(ids)) return
    for (const id of new Set(ids)) {
      const peer = typeof id === 'string' ? this.#parts.routes.direct(id) : undefined
      if (peer?.kind === 'station' && this.#probes.take(this.#parts.clock.now())) void this.#probe(peer)
    }
  }

  /** The nearest node of a role, and all of them. Where keys of that role are trusted, only who proved to have one counts. */
  nearest(role: string): string | undefined {
    const distance = (id: string): number => this.#parts.routes.place(id)?.path.length ?? Number.POSITIVE_INFINITY
    return this.members(role).reduce<string | undefined>(
      (best, id) => (best !== undefined && distance(best) <= distance(id) ? best : id),
      undefined,
    )
  }

  members(role: string): string[] {
    const mustProve = this.#parts.trust?.hasRole(role) ?? false
    return [...this.reachability.all()]
      .filter((origin) => origin.best !== undefined && origin.role === role && (origin.proven || !mustProve))
      .map(({ node }) => node)
  }

  /** Links to every neighbour; or those that lead to all of a role: to those that are known, and upwards where more may be known. */
  leadingTo(role: string | undefined, from: Peer | undefined): Set<Peer> {
    const { routes } = this.#parts
    if (role === undefined) return new Set(routes.peers.filter((peer) => peer.kind === 'node' && peer !== from))
    const isFromAbove = from !== undefined && routes.uplinks.includes(from)
    const peers = new Set<Peer>()
    for (const id of [...this.members(role), BROADCAST]) {
      const peer = routes.next(id, from)
      // a site is no thoroughfare between two uplinks
      if (peer && !(isFromAbove && routes.uplinks.includes(peer))) peers.add(peer)
    }
    return peers
  }

  /** Whether that uplink leads to a node above which there is none. */
  leadsUp(peer: Peer): boolean {
    return this.reachability.leadsUp(peer)
  }

  /** Whether that node was announced by that neighbour. */
  leadsTo(node: string, peer: Peer): boolean {
    return this.reachability.get(node)?.ways.has(peer) ?? false
  }

  async #probe(peer: Peer): Promise<void> {
    if (!(await peer.alive(PROBE_MS))) peer.close(1008, 'it gives no sign of life, and another node has it')
  }

  #tick(): void {
    const { clock, moved } = this.#parts
    this.#timer = clock.after(SWEEP_MS, () => this.#tick())
    const gone = this.reachability.sweep()
    if (gone.length > 0) moved(gone)
    if (++this.#sweeps % SWEEPS_PER_REFRESH === 0) this.#advertiser.refresh()
  }

  #alarm(announcer: string, text: string): void {
    const now = this.#parts.clock.now()
    const last = this.#alarmed.get(announcer)
    if (last !== undefined && now - last < ALARM_MS) return
    if (this.#alarmed.size >= ANNOUNCERS) this.#alarmed.clear()
    this.#alarmed.set(announcer, now)
    this.#parts.alarm(announcer, text)
  }
}
