// Where everybody is: learned from the record route of what arrives and from the announcements of nodes, never configured.
// One table per node; a peer that goes takes its routes along.
import type { Version } from '../ocpp/version.ts'
import type { Peer } from './peer.ts'

/** What is known of a node or station somewhere in the network. */
export interface Place {
  readonly id: string
  /** `station`, or the role a node announced. */
  readonly role: string
  readonly protocol?: Version
  readonly online: boolean
  /** Hops from here, the place itself last. */
  readonly path: readonly string[]
  /** Milliseconds since 1970. */
  readonly lastSeen: number
}

interface Route {
  readonly peer: Peer
  readonly path: readonly string[]
}

/** Routes one neighbour may fill in: a table that strangers can grow without end is a weapon. */
const ROUTES_PER_PEER = 10_000

export class Routes {
  readonly #self: string
  readonly #direct = new Map<string, Peer>()
  readonly #learned = new Map<string, Route>()
  readonly #perPeer = new Map<Peer, number>()
  readonly #places = new Map<string, Place>()
  #uplinks: Peer[] = []

  constructor(self: string) {
    this.#self = self
  }

  /** A link came up. An uplink is also where everything unknown goes. */
  attach(peer: Peer, place: { role: string; uplink: boolean }, now: number): void {
    this.#direct.set(peer.id, peer)
    if (place.uplink) this.#uplinks.push(peer)
    this.#mark(peer.id, { role: place.role, path: [peer.id], now, ...(peer.protocol && { protocol: peer.protocol }) })
  }

  /** A link went down. Returns every id that can no longer be reached through it. */
  detach(peer: Peer, now: number): string[] {
    const lost: string[] = []
    if (this.#direct.get(peer.id) === peer) {
      this.#direct.delete(peer.id)
      lost.push(peer.id)
    }
    for (const [id, route] of this.#learned) if (route.peer === peer) lost.push(id)
    for (const id of lost) this.#forget(id, now)
    this.#perPeer.delete(peer)
    this.#uplinks = this.#uplinks.filter((uplink) => uplink !== peer)
    return lost
  }

  /**
   * Learns from a message's record route: each node on it can be reached through the peer it came from, as a switch
   * learns from source addresses. A direct link always wins over what was learned.
   */
  learn(path: readonly string[], peer: Peer, known: { role?: string; protocol?: Version; now: number }): void {
    // the usual case, thousands a second: the route stands already, nothing is allocated
    const origin = path[0] as string
    const route = this.#learned.get(origin)
    if (route?.peer === peer && route.path.length === path.length && this.#places.get(origin)?.online) return
    const back = [...path].reverse()
    for (let i = 0; i < back.length; i++) {
      const id = back[i] as string
      const isOrigin = i === back.length - 1
      this.#reach(id, { peer, path: back.slice(0, i + 1) }, isOrigin ? known : { now: known.now })
    }
  }

  /** An announcement: `id` can be reached through `peer`, over these hops (the place itself last). */
  announced(id: string, hops: readonly string[], peer: Peer, known: { role: string; protocol?: Version; now: number }): void {
    this.#reach(id, { peer, path: hops }, known)
  }

  /** An announcement: `id` is gone. Believed only from the peer that leads to it. */
  withdrawn(id: string, peer: Peer, now: number): boolean {
    if (this.#learned.get(id)?.peer !== peer) return false
    this.#forget(id, now)
    return true
  }

  /** The next hop towards a destination: direct, learned, or up; never back to where the message came from. */
  next(destination: string, from?: Peer): Peer | undefined {
    const peer = this.#direct.get(destination) ?? this.#learned.get(destination)?.peer
    if (peer) return peer === from ? undefined : peer
    return this.#uplinks.find((uplink) => uplink !== from)
  }

  /** Whether a way upwards exists at the moment. */
  get hasUplink(): boolean {
    return this.#uplinks.length > 0
  }

  get uplinks(): readonly Peer[] {
    return this.#uplinks
  }

  direct(id: string): Peer | undefined {
    return this.#direct.get(id)
  }

  get peers(): readonly Peer[] {
    return [...this.#direct.values()]
  }

  place(id: string): Place | undefined {
    return this.#places.get(id)
  }

  places(): Place[] {
    return [...this.#places.values()]
  }

  #reach(id: string, route: Route, known: { role?: string; protocol?: Version; now: number }): void {
    if (id === this.#self || route.path.includes(this.#self)) return
    const direct = this.#direct.get(id)
    if (direct && direct !== route.peer) return
    if (!direct) {
      const count = this.#perPeer.get(route.peer) ?? 0
      if (!this.#learned.has(id)) {
        if (count >= ROUTES_PER_PEER) return
        this.#perPeer.set(route.peer, count + 1)
      }
      this.#learned.set(id, route)
    }
    this.#mark(id, { ...known, path: route.path })
  }

  #mark(id: string, known: { role?: string; protocol?: Version; path: readonly string[]; now: number }): void {
    const before = this.#places.get(id)
    const protocol = known.protocol ?? before?.protocol
    this.#places.set(id, {
      id,
      role: known.role ?? before?.role ?? (protocol ? 'station' : 'node'),
      online: true,
      path: known.path,
      lastSeen: known.now,
      ...(protocol && { protocol }),
    })
  }

  #forget(id: string, now: number): void {
    const route = this.#learned.get(id)
    if (route) {
      this.#learned.delete(id)
      this.#perPeer.set(route.peer, (this.#perPeer.get(route.peer) ?? 1) - 1)
    }
    const place = this.#places.get(id)
    if (place) this.#places.set(id, { ...place, online: false, path: [], lastSeen: now })
  }
}
