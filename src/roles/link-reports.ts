// How busy each link of a node is, once a second, for people: kept here, and told to the back end over the overlay itself.
import type { Cancel, Clock, Json } from '../base/ports.ts'
import type { OverlayNode } from '../overlay/node.ts'
import type { Peer } from '../overlay/peer.ts'

export const LINK_REPORT = 'org.chargeproof.LinkReport'
const INTERVAL_MS = 1_000
/** So that a report fits a frame. The links that carry others' messages come first. */
const LINKS_PER_REPORT = 1_000
/** Stations named as having messages on disk. */
const KEPT_PER_REPORT = 1_000
/** How long it counts that a node keeps messages: it says so every second for as long as it does. */
const KEEPING_MS = 10_000
/** Nodes whose reports are kept: the origin of a report is but a claim. */
const REPORTERS = 10_000

export interface LinkView {
  readonly node: string
  readonly peer: string
  readonly kind: 'uplink' | 'overlay' | 'station'
  readonly up: boolean
  /** Of a link between nodes that is up: whether the neighbour proved a key that is listed for it. */
  readonly proven?: boolean
  /** Messages that wait: for their turn, their answer, or on disk for the link to come back. */
  readonly queued: number
  /** Messages per second, both directions. */
  readonly rate: number
  readonly sent: number
  readonly received: number
  /** Since when it is up, or down: milliseconds since 1970. Nothing where the node that tells of it does not say. */
  readonly since?: number
}

export interface LinkReportParts {
  readonly node: OverlayNode
  readonly settings: { readonly uplinks: readonly string[]; readonly backend: string }
  readonly clock: Clock
  /** Uplinks to back ends that are none of ours. */
  readonly foreign: () => readonly LinkView[]
  /** Messages kept on disk for the uplink. */
  readonly queued: () => number
  /** Whose they are. */
  readonly kept: () => Iterable<string>
  readonly isProven: (peer: Peer) => boolean
  readonly told: (links: readonly LinkView[]) => void
  /** Whether somebody listens to what is told of this node's own links. */
  readonly isWatched: () => boolean
}

/** What is remembered of a link from one look to the next: kept in place, because a node may have ten thousand. */
interface Followed {
  readonly link: Peer | undefined
  readonly since: number
  total: number
  rate: number
  look: number
}

/** A link as it is found: what it is called, and how much went over it so far. */
type Found = Omit<LinkView, 'node' | 'rate' | 'since'> & { readonly link?: Peer; readonly since?: number }

export class LinkReports {
  readonly #parts: LinkReportParts
  readonly #followed = new Map<string, Followed>()
  /** What other nodes told of their links, by node. */
  readonly #others = new Map<string, readonly LinkView[]>()
  /** Stations that other nodes say they keep messages of, by node, and when they said so, ms. */
  readonly #keepers = new Map<string, { readonly stations: ReadonlySet<string>; readonly at: number }>()
  #looks = 0
  #timer: Cancel

  constructor(parts: LinkReportParts) {
    this.#parts = parts
    this.#timer = parts.clock.after(INTERVAL_MS, () => this.#tick())
  }

  /** The links of this node, and of every node that reports here. */
  all(): LinkView[] {
    return [...this.#views(), ...[...this.#others.values()].flat()]
  }

  /** A report of another node. Believed as far as it speaks of that node's own links. */
  heard(from: string, payload: Json): void {
    const { links, kept } = payload as { readonly links?: Json; readonly kept?: Json }
    if (!Array.isArray(links) || links.length > LINKS_PER_REPORT) return
    if (!this.#others.has(from) && this.#others.size >= REPORTERS) return
    const views = links.map((link) => readView(from, link)).filter((view) => view !== undefined)
    this.#others.set(from, views)
    const stations = Array.isArray(kept) ? kept.slice(0, KEPT_PER_REPORT).filter((id) => typeof id === 'string') : []
    if (stations.length > 0) this.#keepers.set(from, { stations: new Set(stations), at: this.#parts.clock.now() })
    else this.#keepers.delete(from)
    this.#parts.told(views)
  }

  /** Who of these says that it keeps messages of a station on disk. */
  keeper(station: string, holders: readonly (string | undefined)[]): string | undefined {
    const now = this.#parts.clock.now()
    return holders.find((node) => {
      const said = node === undefined ? undefined : this.#keepers.get(node)
      return said?.stations.has(station) && now - said.at < KEEPING_MS
    })
  }

  /** A node that is gone has no links that are up. */
  gone(node: string): void {
    const views = this.#others.get(node)
    if (views)
      this.#others.set(
        node,
        views.map(({ since, ...view }) => ({ ...view, up: false, rate: 0 })),
      )
  }

  stop(): void {
    this.#timer()
  }

  #tick(): void {
    const { clock, node, settings, told, isWatched } = this.#parts
    this.#timer = clock.after(INTERVAL_MS, () => this.#tick())
    this.#follow()
    if (isWatched()) told(this.#views())
    if (settings.backend !== node.id && node.routes.hasUplink) node.tell(settings.backend, LINK_REPORT, this.#report())
  }

  #report(): Json {
    const kept = [...take(this.#parts.kept(), KEPT_PER_REPORT)]
    return { links: this.#views(LINKS_PER_REPORT).map((view) => ({ ...view })), ...(kept.length > 0 && { kept }) }
  }

  /** Counts what went over each link since the last look, and forgets the links that are gone. */
  #follow(): void {
    this.#looks++
    const { uplinks, peers } = this.#links()
    for (const found of uplinks) this.#count(this.#of(found.peer, found, found.link), total(found))
    for (const peer of peers) this.#count(this.#of(peer.id, peer.counters, peer), total(peer.counters))
    if (this.#followed.size > uplinks.length + peers.length)
      for (const [id, { look }] of this.#followed) if (look !== this.#looks) this.#followed.delete(id)
  }

  #count(followed: Followed, now: number): void {
    followed.rate = Math.max(0, now - followed.total)
    followed.total = now
    followed.look = this.#looks
  }

  #of(id: string, counters: Counters, link: Peer | undefined): Followed {
    const known = this.#followed.get(id)
    if (known && known.link === link) return known
    const fresh = { link, since: this.#parts.clock.now(), total: total(counters), rate: 0, look: this.#looks }
    this.#followed.set(id, fresh)
    return fresh
  }

  /** Uplinks that are down or foreign; and whoever is connected, those first that carry others' messages. */
  #links(): { uplinks: readonly Found[]; peers: readonly Peer[] } {
    const { node, settings, queued, foreign } = this.#parts
    const { peers } = node.routes
    const down = settings.uplinks.filter((id) => !node.routes.direct(id))
    const silent = { kind: 'uplink', up: false, queued: queued(), sent: 0, received: 0 } as const
    return {
      uplinks: [...down.map((peer) => ({ peer, ...silent })), ...foreign()],
      peers: [...peers.filter(({ kind }) => kind !== 'station'), ...peers.filter(({ kind }) => kind === 'station')],
    }
  }

  #views(limit = Number.POSITIVE_INFINITY): LinkView[] {
    const { uplinks, peers } = this.#links()
    const views = uplinks.map((found) => this.#view(found))
    for (const peer of peers) {
      if (views.length >= limit) break
      views.push(this.#view(this.#found(peer)))
    }
    return views.slice(0, limit)
  }

  #found(peer: Peer): Found {
    const { node, queued, isProven } = this.#parts
    const uplink = node.routes.uplinks.includes(peer)
    return {
      peer: peer.id,
      kind: uplink ? 'uplink' : peer.kind === 'station' ? 'station' : 'overlay',
      up: true,
      ...(peer.kind === 'node' && { proven: isProven(peer) }),
      queued: peer.waiting + (uplink ? queued() : 0),
      ...peer.counters,
      link: peer,
    }
  }

  #view({ link, ...found }: Found): LinkView {
    const { rate, since } = this.#of(found.peer, found, link)
    return { node: this.#parts.node.id, ...found, rate, since: found.since ?? since }
  }
}

function* take<T>(values: Iterable<T>, limit: number): Iterable<T> {
  let left = limit
  for (const value of values) {
    if (left-- <= 0) return
    yield value
  }
}

type Counters = Pick<LinkView, 'sent' | 'received'>

const total = ({ sent, received }: Counters): number => sent + received

const readView = (node: string, value: Json): LinkView | undefined => {
  const { peer, kind, up, proven, queued, rate, sent, received, since } = (value ?? {}) as { readonly [key: string]: Json | undefined }
  if (typeof peer !== 'string' || (kind !== 'uplink' && kind !== 'overlay' && kind !== 'station')) return undefined
  const count = (number: Json | undefined): number => (typeof number === 'number' && number >= 0 ? number : 0)
  const counts = { queued: count(queued), rate: count(rate), sent: count(sent), received: count(received) }
  // what a Date cannot show would break the list for everybody
  const isTime = typeof since === 'number' && since >= 0 && since < 8.64e15
  return { node, peer, kind, up: up === true, ...(typeof proven === 'boolean' && { proven }), ...counts, ...(isTime && { since }) }
}
