// A node's part in the network's knowledge of itself: what it hears from its neighbours, what it tells them, when it says it anew, and
// whom it warns. One for each node.
import { Fault } from '../base/fault.ts'
import type { Cancel, Clock, Random } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { type Message, SEND } from '../ocpp/frame.ts'
import { Advertiser } from './advertiser.ts'
import { GROUPS, readAnnouncement } from './announcement.ts'
import { Bucket } from './damping.ts'
import { BROADCAST, destinationOf, isGroupName, isMeant } from './destinations.ts'
import { Paths } from './paths.ts'
import type { Peer } from './peer.ts'
import { Reachability } from './reachability.ts'
import type { Routes } from './routes.ts'
import { LIFETIME } from './scrutiny.ts'
import type { Identity } from './signature.ts'
import type { TrustStore } from './trust.ts'
import { type Asks, Words } from './words.ts'

/** Another node claims these stations: do they still answer? */
export const LOOK = 'org.chargeproof.Look'

/** How often expired statements are removed; every fourth time this node says its own anew. */
const SWEEP_MS = LIFETIME / 12
const SWEEPS_PER_REFRESH = 4
/** How long a station has to give a sign of life when another node claims it. */
const PROBE_MS = 1_500
const PROBES = { burst: 1_000, perSecond: 50 }
/** One announcer is reported once in this time by one rule. */
const ALARM_MS = 60_000
const ANNOUNCERS = 1_000

export interface TopologyParts extends Asks {
  readonly self: { readonly id: string; readonly role: string; readonly isTop: boolean; readonly groups?: readonly string[] }
  readonly routes: Routes
  readonly clock: Clock
  readonly random: Random
  readonly trust?: TrustStore
  readonly engine?: Engine
  /** Signs what this node says of itself. */
  readonly identity?: Identity
  /** Somebody announces what is not theirs. */
  readonly alarm: (announcer: string, text: string, rule: string) => void
  readonly tell: (node: string, action: string, value: { readonly ids: readonly string[] }) => void
  readonly moved: (ids: readonly string[]) => void
}

export class Topology {
  readonly reachability: Reachability
  /** Over whom stations speak, by their own word. */
  readonly words: Words
  /** Whether messages can have come the way they say. */
  readonly paths: Paths
  readonly #parts: TopologyParts
  readonly #advertiser: Advertiser
  readonly #alarmed = new Map<string, number>()
  readonly #probes: Bucket
  readonly #groups = new Set<string>()
  /** Stations that are connected here, and who claimed them when they were last looked at. */
  #claimed: ReadonlyMap<string, string> = new Map()
  #neighbours = 0
  #sweeps = 0
  #timer: Cancel | undefined

  constructor(parts: TopologyParts) {
    this.#parts = parts
    this.#probes = new Bucket(PROBES, parts.clock.now())
    this.#advertiser = new Advertiser({ ...parts, groups: this.#groups, reachability: () => this.reachability })
    this.words = new Words({
      ...parts,
      reachability: () => this.reachability,
      vain: (node, text) => this.#alarm(node, text, 'word-missing'),
    })
    this.paths = new Paths({
      ...parts,
      reachability: () => this.reachability,
      forged: (neighbour, text) => this.#alarm(neighbour, text, 'path-forged'),
    })
    this.reachability = new Reachability({
      ...parts,
      self: parts.self.id,
      alarm: (announcer, text) => this.#alarm(announcer, text),
      look: (holder, ids) => parts.tell(holder, LOOK, { ids }),
      words: this.words,
      paths: this.paths,
      changed: (nodes) => this.#advertiser.changed(nodes),
    })
    for (const name of parts.self.groups ?? []) this.subscribe(name)
  }

  /** From now on this node wants what is sent to that group (docs/protocol.md §3.6). @throws Fault `limit-exceeded` past 64, `config-invalid` for what is no name */
  subscribe(name: string): void {
    if (!isGroupName(name)) throw new Fault('config-invalid', 'expected the name of a group: 1 to 32 characters of a node id')
    if (this.#groups.size >= GROUPS && !this.#groups.has(name)) throw new Fault('limit-exceeded', `expected at most ${GROUPS} groups`)
    this.#groups.add(name)
    this.#advertiser.selfChanged()
  }

  unsubscribe(name: string): void {
    if (this.#groups.delete(name)) this.#advertiser.selfChanged()
  }

  /** Whether this node is one of those that stand behind `*any=` or `*all=`. */
  isMeant(whom: string): boolean {
    return isMeant(whom, { role: this.#parts.self.role, groups: this.#groups })
  }

  /** Whether a CALL to that destination may be answered here though it names no node. */
  isAnyOf(destination: string): boolean {
    const to = destinationOf(destination)
    return to.kind === 'anycast' && this.isMeant(to.role)
  }

  attached(peer: Peer): void {
    if (peer.kind === 'node' && ++this.#neighbours === 1) this.#timer = this.#parts.clock.after(SWEEP_MS, () => this.#tick())
    if (peer.kind === 'node') this.paths.changed()
    this.#advertiser.attached(peer)
    const before = peer.kind === 'station' ? this.reachability.holder(peer.id) : undefined
    // it moved here: where it was its socket may still be open
    if (before !== undefined) this.#parts.tell(before, LOOK, { ids: [peer.id] })
  }

  /** A link ended. What was reached over it is reached over another from here on, or not at all. */
  lost(peer: Peer): string[] {
    if (peer.kind === 'node' && --this.#neighbours === 0) {
      this.#timer?.()
      this.#advertiser.stop()
      this.reachability.stop()
      this.words.stop()
      this.paths.stop()
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

  /** The nearest node of a role or group, and all of them. Where keys of that role are trusted, only who proved to have one counts. */
  nearest(whom: string): string | undefined {
    const distance = (id: string): number => this.#parts.routes.place(id)?.path.length ?? Number.POSITIVE_INFINITY
    return this.members(whom).reduce<string | undefined>(
      (best, id) => (best !== undefined && distance(best) <= distance(id) ? best : id),
      undefined,
    )
  }

  members(whom: string): string[] {
    const { trust } = this.#parts
    const mustProve = trust?.hasRole(whom) ?? false
    return [...this.reachability.all()]
      .filter(({ best, proven, role, groups }) => best !== undefined && isMeant(whom, { role, groups }) && (proven || !mustProve))
      .filter((origin) => trust?.groups.allows(whom, origin) ?? true)
      .map(({ node }) => node)
  }

  /** Links to every neighbour; or those that lead to all of a role or group: to those that are known, and upwards where more may be known. */
  leadingTo(whom: string | undefined, from: Peer | undefined): Set<Peer> {
    const { routes } = this.#parts
    if (whom === undefined) return new Set(routes.peers.filter((peer) => peer.kind === 'node' && peer !== from))
    const isFromAbove = from !== undefined && routes.uplinks.includes(from)
    const peers = new Set<Peer>()
    for (const id of [...this.members(whom), BROADCAST]) {
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
    this.#watchOwn()
    if (++this.#sweeps % SWEEPS_PER_REFRESH === 0) this.#advertiser.refresh()
  }

  /** Stations that are connected here and that another node goes on to claim, though it was asked to look. */
  #watchOwn(): void {
    const { routes, self } = this.#parts
    const claimed = new Map<string, string>()
    for (const { kind, id } of routes.peers) {
      const claimant = kind === 'station' ? this.reachability.holder(id) : undefined
      if (claimant !== undefined) claimed.set(id, claimant)
      if (claimant !== undefined && this.#claimed.get(id) === claimant)
        this.#alarm(claimant, `${claimant} claims ${id}, which is connected to ${self.id} and stays`)
    }
    this.#claimed = claimed
  }

  #alarm(announcer: string, text: string, rule = 'reachability-forged'): void {
    const now = this.#parts.clock.now()
    const name = `${rule} ${announcer}`
    const last = this.#alarmed.get(name)
    if (last !== undefined && now - last < ALARM_MS) return
    if (this.#alarmed.size >= ANNOUNCERS) this.#alarmed.clear()
    this.#alarmed.set(name, now)
    this.#parts.alarm(announcer, text, rule)
  }
}
