// How busy each link of a node is, once a second, for people: kept here, and told to the back end over the overlay itself.
import type { Cancel, Clock, Json } from '../base/ports.ts'
import type { OverlayNode } from '../overlay/node.ts'
import type { Peer } from '../overlay/peer.ts'

export const LINK_REPORT = 'org.chargeproof.LinkReport'
const INTERVAL_MS = 1_000
/** So that a report fits a frame. The links that carry others' messages come first. */
const LINKS_PER_REPORT = 1_000
/** Nodes whose reports are kept: the origin of a report is but a claim. */
const REPORTERS = 10_000

export interface LinkView {
  readonly node: string
  readonly peer: string
  readonly kind: 'uplink' | 'overlay' | 'station'
  readonly up: boolean
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
  readonly told: (links: readonly LinkView[]) => void
}

export class LinkReports {
  readonly #parts: LinkReportParts
  #before = new Map<string, number>()
  /** The link each peer had when it was looked at first, and when that was. */
  #since = new Map<string, { readonly link: Peer | undefined; readonly at: number }>()
  /** What other nodes told of their links, by node. */
  readonly #others = new Map<string, readonly LinkView[]>()
  #views: readonly LinkView[] = []
  #timer: Cancel

  constructor(parts: LinkReportParts) {
    this.#parts = parts
    this.#timer = parts.clock.after(INTERVAL_MS, () => this.#tick())
  }

  /** The links of this node, and of every node that reports here. */
  all(): LinkView[] {
    return [...this.#look(), ...[...this.#others.values()].flat()]
  }

  /** A report of another node. Believed as far as it speaks of that node's own links. */
  heard(from: string, payload: Json): void {
    const links = (payload as { readonly links?: Json }).links
    if (!Array.isArray(links) || links.length > LINKS_PER_REPORT) return
    if (!this.#others.has(from) && this.#others.size >= REPORTERS) return
    const views = links.map((link) => readView(from, link)).filter((view) => view !== undefined)
    this.#others.set(from, views)
    this.#parts.told(views)
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
    const { clock, node, settings, told } = this.#parts
    this.#timer = clock.after(INTERVAL_MS, () => this.#tick())
    const looked = this.#look()
    const fresh = looked.map((view) => ({ ...view, rate: this.#rate(view) }))
    this.#before = new Map(looked.map((view) => [view.peer, total(view)]))
    this.#views = fresh
    told(fresh)
    if (settings.backend !== node.id && node.routes.hasUplink)
      node.tell(settings.backend, LINK_REPORT, { links: fresh.slice(0, LINKS_PER_REPORT).map((view) => ({ ...view })) })
  }

  #look(): LinkView[] {
    const { node, settings, queued, foreign } = this.#parts
    const { routes } = node
    const before = this.#since
    this.#since = new Map()
    const since = (peer: string, link?: Peer): number => {
      const known = before.get(peer)
      const entry = known && known.link === link ? known : { link, at: this.#parts.clock.now() }
      this.#since.set(peer, entry)
      return entry.at
    }
    const rates = new Map(this.#views.map((view) => [view.peer, view.rate]))
    const view = (peer: Peer): LinkView => {
      const uplink = routes.uplinks.includes(peer)
      const kind = uplink ? 'uplink' : peer.kind === 'station' ? 'station' : 'overlay'
      return {
        node: node.id,
        peer: peer.id,
        kind,
        up: true,
        queued: peer.waiting + (uplink ? queued() : 0),
        rate: rates.get(peer.id) ?? 0,
        ...peer.counters,
        since: since(peer.id, peer),
      }
    }
    const down = settings.uplinks.filter((id) => !routes.direct(id))
    const silent = { kind: 'uplink', up: false, queued: queued(), rate: 0, sent: 0, received: 0 } as const
    const views = [
      ...down.map((peer) => ({ node: node.id, peer, ...silent, since: since(peer) })),
      ...foreign().map((uplink) => ({ ...uplink, rate: rates.get(uplink.peer) ?? 0 })),
      ...routes.peers.map(view),
    ]
    return views.sort((a, b) => Number(a.kind === 'station') - Number(b.kind === 'station'))
  }

  #rate(view: LinkView): number {
    const now = total(view)
    return Math.max(0, now - (this.#before.get(view.peer) ?? now))
  }
}

const total = ({ sent, received }: LinkView): number => sent + received

const readView = (node: string, value: Json): LinkView | undefined => {
  const { peer, kind, up, queued, rate, sent, received, since } = (value ?? {}) as { readonly [key: string]: Json | undefined }
  if (typeof peer !== 'string' || (kind !== 'uplink' && kind !== 'overlay' && kind !== 'station')) return undefined
  const count = (number: Json | undefined): number => (typeof number === 'number' && number >= 0 ? number : 0)
  const counts = { queued: count(queued), rate: count(rate), sent: count(sent), received: count(received) }
  // what a Date cannot show would break the list for everybody
  const isTime = typeof since === 'number' && since >= 0 && since < 8.64e15
  return { node, peer, kind, up: up === true, ...counts, ...(isTime && { since }) }
}
