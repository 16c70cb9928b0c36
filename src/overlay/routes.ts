// Where everybody is: learned from the record route of what arrives and from the announcements of nodes, never configured.
// One table per node; a peer that goes takes its routes along.
import type { Version } from '../ocpp/version.ts'
import type { Peer } from './peer.ts'
import { Uplinks } from './uplinks.ts'

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
/** Places remembered after they went away, for people to look at; the ones longest gone are forgotten first. */
const GONE_LIMIT = 10_000

export class Routes {
  readonly #self: string
  readonly #direct = new Map<string, Peer>()
  /** Never of an id that is attached directly. */
  readonly #learned = new Map<string, Route>()
  readonly #perPeer = new Map<Peer, number>()
  readonly #places = new Map<string, Place>()
  readonly #gone = new Map<string, Place>()
  readonly #uplinks: Uplinks

  constructor(self: string, uplinks = new Uplinks()) {
    this.#self = self
    this.#uplinks = uplinks
  }

  /** A link came up. An uplink is also where everything unknown goes. */
  attach(peer: Peer, place: { role: string; uplink: boolean }, now: number): void {
    this.#unlearn(peer.id)
    this.#direct.set(peer.id, peer)
    if (place.uplink) this.#uplinks.add(peer)
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
    this.#uplinks.remove(peer)
    return lost
  }

  /**
   * Learns from a message's record route: each node on it can be reached through the peer it came from, as a switch
   * learns from source addresses. A direct link always wins over what was learned.
   */
  learn(path: readonly string[], peer: Peer, known: { role?: string; protocol?: Version; now: number }): void {
    // the usual case, thousands a second: the route stands already, nothing is allocated
    const route = this.#learned.get(path[0] as string)
    if (route?.peer === peer && isReversed(route.path, path)) return
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

  /**
   * An announcement of `by`: `id` is gone. Believed only if the way known to it leads through the peer that passed it on and
   * through the announcer: whoever moved elsewhere meanwhile is not gone.
   */
  withdrawn(id: string, by: string, over: { peer: Peer; now: number }): boolean {
    const route = this.#learned.get(id)
    if (route?.peer !== over.peer || !route.path.includes(by)) return false
    this.#forget(id, over.now)
    return true
  }

  /** The next hop towards a destination: direct, learned, or up, by the message's origin; never back to where it came from. */
  next(destination: string, from?: Peer, origin = this.#self): Peer | undefined {
    const direct = this.#direct.get(destination)
    if (direct) return direct === from ? undefined : direct
    const learned = this.#learned.get(destination)?.peer
    // what lies above is reached over every uplink: the choice is not that of whoever carried the last answer
    if (learned && !this.uplinks.includes(learned)) return learned === from ? undefined : learned
    // what one uplink does not find below is not for another uplink: a site is no thoroughfare
    if (from && this.uplinks.includes(from)) return undefined
    return this.#uplinks.choose(origin, from)
  }

  /** Whether a way upwards exists at the moment. */
  get hasUplink(): boolean {
    return this.#uplinks.peers.length > 0
  }

  get uplinks(): readonly Peer[] {
    return this.#uplinks.peers
  }

  /** What went up over this neighbour did not get through. */
  doubt(uplink: Peer): void {
    this.#uplinks.doubt(uplink)
  }

  direct(id: string): Peer | undefined {
    return this.#direct.get(id)
  }

  get peers(): readonly Peer[] {
    return [...this.#direct.values()]
  }

  place(id: string): Place | undefined {
    return this.#places.get(id) ?? this.#gone.get(id)
  }

  places(): Place[] {
    return [...this.#places.values(), ...this.#gone.values()]
  }

  #reach(id: string, route: Route, known: { role?: string; protocol?: Version; now: number }): void {
    if (id === this.#self || route.path.includes(this.#self)) return
    const direct = this.#direct.get(id)
    if (direct) {
      if (direct === route.peer) this.#mark(id, { ...known, path: [id] })
      return
    }
    const before = this.#learned.get(id)
    if (before?.peer !== route.peer) {
      const count = this.#perPeer.get(route.peer) ?? 0
      if (count >= ROUTES_PER_PEER) return
      this.#unlearn(id)
      this.#perPeer.set(route.peer, count + 1)
    }
    this.#learned.set(id, route)
    this.#mark(id, { ...known, path: route.path })
  }

  #unlearn(id: string): void {
    const route = this.#learned.get(id)
    if (!route) return
    this.#learned.delete(id)
    const count = (this.#perPeer.get(route.peer) ?? 1) - 1
    if (count > 0) this.#perPeer.set(route.peer, count)
    else this.#perPeer.delete(route.peer)
  }

  #mark(id: string, known: { role?: string; protocol?: Version; path: readonly string[]; now: number }): void {
    const before = this.place(id)
    this.#gone.delete(id)
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
    this.#unlearn(id)
    const place = this.#places.get(id)
    if (!place) return
    this.#places.delete(id)
    this.#gone.set(id, { ...place, online: false, path: [], lastSeen: now })
    const [longest] = this.#gone.size > GONE_LIMIT ? this.#gone.keys() : []
    if (longest !== undefined) this.#gone.delete(longest)
  }
}

const isReversed = (back: readonly string[], path: readonly string[]): boolean => {
  if (back.length !== path.length) return false
  for (let i = 0; i < path.length; i++) if (path[i] !== back[path.length - 1 - i]) return false
  return true
}
