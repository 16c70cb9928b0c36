// Where everybody is: learned from the record route of what arrives and from the announcements of nodes, never configured.
// One table per node; a peer that goes takes its routes along.
import type { Version } from '../ocpp/version.ts'
import type { Peer } from './peer.ts'
import type { TrustStore } from './trust.ts'
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
  /** How the way is known: it is a link of this node, nodes announced it, or a message came over it. */
  readonly learned: 'link' | 'announced' | 'traffic'
  /** Of what was announced: by whom, whether that was verified with the node's key, which of its statements, and until when it counts. */
  readonly via?: string
  readonly proven?: boolean
  readonly seq?: number
  readonly expires?: number
}

/** A way that was announced; see reachability.ts for what is believed. */
export interface AnnouncedRoute {
  readonly peer: Peer
  /** Hops from here, the destination last. */
  readonly path: readonly string[]
  readonly via: string
  readonly proven: boolean
  readonly seq: number
  readonly expires: number
  readonly now: number
}

interface Route {
  readonly peer: Peer
  readonly path: readonly string[]
  /** Stands until it is withdrawn: messages do not bend it. By whom it was announced. */
  readonly via?: string
  /** Counts among those that its neighbour may fill in. */
  readonly isCounted: boolean
}

/** Routes one neighbour may fill in: a table that strangers can grow without end is a weapon. */
const ROUTES_PER_PEER = 10_000
/** Places remembered after they went away, for people to look at; the ones longest gone are forgotten first. */
const GONE_LIMIT = 10_000

export interface RoutesParts {
  /** Of whom it knows a key or the homes, messages are believed with a valid signature only. */
  readonly trust?: Pick<TrustStore, 'knows' | 'homes'>
  /** Chooses among several uplinks; all count the same where not given. */
  readonly choice?: Uplinks
  /** Whether a node was announced over that uplink. */
  readonly leadsTo?: (uplink: Peer, node: string) => boolean
}

export class Routes {
  readonly #self: string
  readonly #mustSign: (id: string) => boolean
  readonly #direct = new Map<string, Peer>()
  /** Never of an id that is attached directly. */
  readonly #learned = new Map<string, Route>()
  readonly #perPeer = new Map<Peer, number>()
  readonly #places = new Map<string, Marked>()
  readonly #gone = new Map<string, Place>()
  readonly #uplinks: Uplinks
  readonly #leadsTo: (uplink: Peer, node: string) => boolean

  constructor(self: string, { trust, choice = new Uplinks(), leadsTo = () => true }: RoutesParts = {}) {
    this.#self = self
    this.#mustSign = (id) => trust !== undefined && (trust.knows(id) || trust.homes.has(id))
    this.#uplinks = choice
    this.#leadsTo = leadsTo
  }

  /** A link came up. An uplink is also where everything unknown goes. */
  attach(peer: Peer, place: { role: string; uplink: boolean }, now: number): void {
    this.#unlearn(peer.id)
    this.#direct.set(peer.id, peer)
    if (place.uplink) this.#uplinks.add(peer)
    this.#mark(peer.id, { role: place.role, path: [peer.id], now, learned: 'link', ...(peer.protocol && { protocol: peer.protocol }) })
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
  learn(path: readonly string[], peer: Peer, known: Heard): void {
    // the usual cases, thousands a second: a neighbour speaks for itself, or the route stands already; nothing is allocated
    if (path.length === 1 && path[0] === peer.id && this.#isStill(peer, known)) return
    const route = this.#learned.get(path[0] as string)
    if (route && (route.via !== undefined || (route.peer === peer && isReversed(route.path, path)))) return
    const { word = () => undefined, ...seen } = known
    const back = [...path].reverse()
    for (let i = 0; i < back.length; i++) {
      const id = back[i] as string
      const isOrigin = i === back.length - 1
      if (this.#learned.get(id)?.via !== undefined || (this.#mustSign(id) && !(isOrigin && word() !== undefined))) continue
      const hint = { peer, path: back.slice(0, i + 1), isCounted: true }
      this.#reach(id, hint, { ...(isOrigin ? seen : { now: seen.now }), learned: 'traffic' })
    }
  }

  /** What was announced and is believed. */
  announced(id: string, route: AnnouncedRoute, known: { role: string; protocol?: Version }): void {
    const { peer, path, now, via, proven, seq, expires } = route
    const source = { learned: 'announced', via, proven, seq, expires } as const
    this.#reach(id, { peer, path, via, isCounted: !proven }, { ...known, ...source, now })
  }

  /** What was announced counts no more. */
  withdrawn(id: string, now: number): void {
    if (this.#learned.get(id)?.via !== undefined) this.#forget(id, now)
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
    const via = this.#learned.get(destination)?.via
    return this.#uplinks.choose(origin, from, via === undefined ? undefined : (uplink) => this.#leadsTo(uplink, via))
  }

  /** Which uplinks lead on: what is known of nobody goes to one of those, and to any where none is known to lead on. */
  preferUplinks(leadsOn: (uplink: Peer) => boolean): void {
    this.#uplinks.prefer(leadsOn)
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

  #reach(id: string, route: Route, known: Omit<Known, 'path'>): void {
    // no way leads to a destination that is many: who is meant by it is known otherwise
    if (id === this.#self || id.startsWith('*') || route.path.includes(this.#self)) return
    const direct = this.#direct.get(id)
    if (direct) {
      if (direct === route.peer) this.#mark(id, { ...known, learned: 'link', path: [id] })
      return
    }
    const before = this.#learned.get(id)
    if (before?.peer !== route.peer || before.isCounted !== route.isCounted) {
      const count = this.#perPeer.get(route.peer) ?? 0
      if (route.isCounted && count >= ROUTES_PER_PEER) return
      this.#unlearn(id)
      if (route.isCounted) this.#perPeer.set(route.peer, count + 1)
    }
    this.#learned.set(id, route)
    this.#mark(id, { ...known, path: route.path })
  }

  /** A link's own end was heard of again, and all else about it is known. */
  #isStill(peer: Peer, { role, protocol, now }: { role?: string; protocol?: Version; now: number }): boolean {
    const place = this.#direct.get(peer.id) === peer ? this.#places.get(peer.id) : undefined
    if (!place || (role !== undefined && role !== place.role) || (protocol !== undefined && protocol !== place.protocol)) return false
    place.lastSeen = now
    return true
  }

  #unlearn(id: string): void {
    const route = this.#learned.get(id)
    if (!route) return
    this.#learned.delete(id)
    if (!route.isCounted) return
    const count = (this.#perPeer.get(route.peer) ?? 1) - 1
    if (count > 0) this.#perPeer.set(route.peer, count)
    else this.#perPeer.delete(route.peer)
  }

  #mark(id: string, { now, role, protocol, ...known }: Known): void {
    const before = this.place(id)
    this.#gone.delete(id)
    const spoken = protocol ?? before?.protocol
    this.#places.set(id, {
      id,
      role: role ?? before?.role ?? (spoken ? 'station' : 'node'),
      online: true,
      ...known,
      lastSeen: now,
      ...(spoken && { protocol: spoken }),
    })
  }

  #forget(id: string, now: number): void {
    this.#unlearn(id)
    const place = this.#places.get(id)
    if (!place) return
    this.#places.delete(id)
    const { role, protocol, learned } = place
    this.#gone.set(id, { id, role, online: false, path: [], lastSeen: now, learned, ...(protocol && { protocol }) })
    const [longest] = this.#gone.size > GONE_LIMIT ? this.#gone.keys() : []
    if (longest !== undefined) this.#gone.delete(longest)
  }
}

/** What a message says of its origin. */
interface Heard {
  readonly role?: string
  readonly protocol?: Version
  readonly now: number
  /** When its origin signed it itself, if it did; asked only where that matters. */
  readonly word?: () => number | undefined
}

/** A place that can be reached, as the table keeps it. */
type Marked = Place & { lastSeen: number }

/** What is marked of a place that can be reached. */
type Known = Omit<Place, 'id' | 'online' | 'lastSeen' | 'role' | 'protocol'> & {
  readonly role?: string
  readonly protocol?: Version
  readonly now: number
}

const isReversed = (back: readonly string[], path: readonly string[]): boolean => {
  if (back.length !== path.length) return false
  for (let i = 0; i < path.length; i++) if (path[i] !== back[path.length - 1 - i]) return false
  return true
}
