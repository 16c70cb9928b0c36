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
  /** Frames and messages that were not as they should be. */
  flaws = 0
  readonly #parts: LinkReportParts
  #before = new Map<string, number>()
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
        views.map((view) => ({ ...view, up: false, rate: 0 })),
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
      }
    }
    const down = settings.uplinks.filter((id) => !routes.direct(id))
    const views = [
      ...down.map((peer) => ({ node: node.id, peer, kind: 'uplink' as const, up: false, queued: queued(), rate: 0, sent: 0, received: 0 })),
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
  const { peer, kind, up, queued, rate, sent, received } = (value ?? {}) as { readonly [key: string]: Json | undefined }
  if (typeof peer !== 'string' || (kind !== 'uplink' && kind !== 'overlay' && kind !== 'station')) return undefined
  const count = (number: Json | undefined): number => (typeof number === 'number' && number >= 0 ? number : 0)
  return { node, peer, kind, up: up === true, queued: count(queued), rate: count(rate), sent: count(sent), received: count(received) }
}
