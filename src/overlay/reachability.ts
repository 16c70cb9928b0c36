// What the nodes of the network say of themselves, and over which neighbours they are reached: a path vector over signed statements.
// It decides what is believed and which way is best; the routing table holds the outcome, advertiser.ts tells it on.
import type { Advertisement, Announcement, AttachedStation, Statement, Withdrawal } from './announcement.ts'
import { Claims } from './claims.ts'
import { Contests } from './contests.ts'
import { Intake, type Outcome } from './intake.ts'
import { attachedTo, bestOf, isAttested, type Origin, type Way } from './origin.ts'
import type { Peer } from './peer.ts'
import type { ReachabilityParts } from './reachability-parts.ts'
import { Scrutiny } from './scrutiny.ts'

export class Reachability {
  readonly #parts: ReachabilityParts
  readonly #origins = new Map<string, Origin>()
  /** Those that say that nobody is above them: few, and asked for whenever something moved. */
  readonly #tops = new Set<Origin>()
  readonly #scrutiny: Scrutiny
  readonly #claims = new Claims()
  readonly #contests: Contests
  readonly #intake: Intake
  /** Ids that came or went since they were last asked for. */
  #moved = new Set<string>()

  constructor(parts: ReachabilityParts) {
    this.#parts = parts
    this.#scrutiny = new Scrutiny(parts)
    this.#contests = new Contests({ clock: parts.clock, claims: this.#claims, look: parts.look, alarm: parts.alarm })
    const take = (advertisement: Advertisement, peer: Peer, isItsTurn: boolean): Outcome => this.#take(advertisement, peer, isItsTurn)
    this.#intake = new Intake({ clock: parts.clock, take, wentOn: () => parts.moved(this.#movedNow()) })
  }

  /** Advertisements that were not believed, or for which there was no room. */
  get ignored(): number {
    return this.#intake.ignored
  }

  get(node: string): Origin | undefined {
    return this.#origins.get(node)
  }

  all(): IterableIterator<Origin> {
    return this.#origins.values()
  }

  /** The node that says a station is attached to it. */
  holder(station: string): string | undefined {
    return this.#claims.holder(station)?.node
  }

  /**
   * A message that the station itself signed came by way of this node. Where two claim it, its own word decides: the node that it
   * speaks over has it, and the other claim is void unless it is confirmed so. Returns the ids that moved.
   */
  heard(station: string, node: string): string[] {
    const origin = this.#origins.get(node)
    const attached = attachedTo(origin, station)
    if (!origin?.best || !attached || !this.#scrutiny.mayVouch(origin, station, false)) return []
    const claim = { node, proven: origin.proven, ...(attached.protocol && { protocol: attached.protocol }) }
    if (this.#claims.holder(station)?.node === node) return []
    const before = this.#claims.confirm(station, claim)
    if (before !== undefined) this.#contests.open(station, before)
    this.#reinstallStation(station, node)
    return this.#movedNow()
  }

  /** Whether it was announced by that neighbour from above, and has nobody above itself. */
  leadsUp(peer: Peer): boolean {
    for (const { ways } of this.#tops) if (ways.get(peer)?.above) return true
    return false
  }

  /** Takes an announcement of a neighbour. Returns the ids that came, went or moved. */
  hear(announcement: Announcement, peer: Peer): string[] {
    for (const withdrawal of announcement.withdrawn) this.#withdraw(withdrawal, peer)
    this.#intake.hear(announcement.reachable, peer)
    return this.#movedNow()
  }

  /** A link ended, and every way over it with it. */
  lost(peer: Peer): string[] {
    for (const origin of this.#origins.values()) if (origin.ways.has(peer)) this.#dropWay(origin, peer)
    this.#intake.lost(peer)
    this.#scrutiny.forget(peer)
    return this.#movedNow()
  }

  /** A direct link to it ended: what was announced of it counts again. */
  reinstall(id: string): void {
    const origin = this.#origins.get(id)
    if (origin?.best) this.#install(origin)
    this.#reinstallStation(id, this.#claims.holder(id)?.node)
  }

  /** What expired is gone. */
  sweep(): string[] {
    const now = this.#parts.clock.now()
    for (const origin of this.#origins.values()) {
      for (const [peer, { expires }] of origin.ways) if (expires <= now) this.#dropWay(origin, peer)
      for (const [part, { statement }] of origin.parts) if (statement.expires <= now) this.#dropPart(origin, part)
      if (origin.parts.size === 0 && origin.ways.size === 0) this.#origins.delete(origin.node)
    }
    this.#scrutiny.sweep()
    return this.#movedNow()
  }

  stop(): void {
    this.#intake.stop()
    this.#contests.stop()
  }

  /** Cheap checks first; the signature, which costs, last and within the neighbour's budget. */
  #take(advertisement: Advertisement, peer: Peer, isItsTurn: boolean): Outcome {
    const { statement, path } = advertisement
    const { node, part, seq, expires, up } = statement
    if (!this.#scrutiny.isPossible(advertisement, peer)) return 'refused'
    const above = this.#parts.routes.uplinks.includes(peer)
    const origin = this.#origins.get(node)
    const known = origin?.parts.get(part)
    if (known && known.statement.seq > seq) return 'refused'
    const isNews = known?.statement.seq !== seq
    if (!this.#isAttested({ path, above, up: isNews && part === 0 ? up : undefined })) return 'refused'
    if (isNews && !isItsTurn) return 'later'
    const before = origin?.ways.get(peer)
    if (!this.#scrutiny.mayCome(node, peer, before === undefined)) return 'refused'
    // of the same number the content is already here, so whatever came with it is not looked at
    const believed = isNews ? this.#believe(advertisement, known?.statement, peer) : origin
    if (!believed || believed === 'later') return believed ?? 'refused'
    if (!before) this.#scrutiny.countWay(peer, 1)
    // what is believed may have cut the way that was known
    const kept = believed.ways.get(peer)
    believed.ways.set(peer, { peer, path, seq: Math.max(seq, kept?.seq ?? 0), expires: Math.max(expires, kept?.expires ?? 0), above })
    this.#select(believed, isNews ? statement : undefined)
    return 'taken'
  }

  #isAttested({ path, above, up }: { path: readonly string[]; above: boolean; up?: readonly string[] | undefined }): boolean {
    const upOf = (node: string): readonly string[] =>
      (up && node === path[0] ? up : this.#origins.get(node)?.parts.get(0)?.statement.up) ?? []
    return isAttested({ path, above, here: this.#parts.self }, upOf)
  }

  #believe(advertisement: Advertisement, before: Statement | undefined, peer: Peer): Origin | 'later' | undefined {
    const belief = this.#scrutiny.judge(advertisement, before, peer)
    if (!belief || belief === 'later') return belief
    const { statement, signature } = advertisement
    const { node } = statement
    const fresh = (): Origin => ({ node, ...belief, groups: new Set(), parts: new Map(), ways: new Map(), best: undefined })
    const origin = this.#origins.get(node) ?? fresh()
    origin.proven = belief.proven
    origin.role = belief.role
    this.#origins.set(node, origin)
    this.#store(origin, { statement, ...(signature && { signature }) }, peer)
    return origin
  }

  #store(origin: Origin, said: Pick<Advertisement, 'statement' | 'signature'>, peer: Peer): void {
    const { statement } = said
    const before = origin.parts.get(statement.part)?.statement
    origin.parts.set(statement.part, said)
    if (statement.part === 0) {
      origin.groups = new Set(statement.groups)
      this.#noteTop(origin)
    }
    this.#scrutiny.countStations(peer, (statement.stations?.length ?? 0) - (before?.stations?.length ?? 0))
    if (statement.part === 0 && before?.up?.join() !== statement.up?.join()) this.#relinked(origin.node, before?.up, statement.up)
    const now = new Set(statement.stations?.map(({ id }) => id))
    for (const { id } of before?.stations ?? []) if (!now.has(id)) this.#left(id, origin.node)
  }

  #noteTop(origin: Origin): void {
    if (origin.parts.get(0)?.statement.top) this.#tops.add(origin)
    else this.#tops.delete(origin)
  }

  /** A node has other uplinks than before: ways that led over the old ones are no more. */
  #relinked(node: string, before: readonly string[] = [], now: readonly string[] = []): void {
    for (const uplink of before) if (!now.includes(uplink)) this.#parts.paths.ended(node, uplink)
    this.#parts.paths.changed()
    if (before.length === 0) return
    for (const origin of this.#origins.values())
      for (const [peer, { path, above }] of origin.ways)
        if (path.includes(node) && !this.#isAttested({ path, above })) this.#dropWay(origin, peer)
  }

  #withdraw(withdrawal: Withdrawal, peer: Peer): void {
    const { node, seq } = withdrawal
    this.#intake.withdrawn(withdrawal, peer)
    const origin = this.#origins.get(node)
    const way = origin?.ways.get(peer)
    // one that was overtaken by a newer statement says nothing about it
    if (!origin || !way || way.seq > seq) return
    this.#scrutiny.flapped(node, peer)
    this.#dropWay(origin, peer)
  }

  #dropWay(origin: Origin, peer: Peer): void {
    if (!origin.ways.delete(peer)) return
    this.#scrutiny.countWay(peer, -1)
    this.#select(origin)
  }

  #dropPart(origin: Origin, part: number): void {
    const said = origin.parts.get(part)
    origin.parts.delete(part)
    if (part === 0) {
      this.#noteTop(origin)
      this.#parts.paths.changed()
    }
    for (const { id } of said?.statement.stations ?? []) this.#left(id, origin.node)
    this.#parts.changed([origin.node])
  }

  /** The best way: from below before from above, then the shortest, then by name, so that all who know the same choose the same. */
  #select(origin: Origin, news?: Statement): void {
    const before = origin.best
    origin.best = bestOf(origin.ways.values())
    const isSame = before !== undefined && before.peer === origin.best?.peer && before.path.join() === origin.best.path.join()
    if (!origin.best) this.#uninstall(origin)
    else if (!isSame) this.#install(origin)
    else if (news) this.#installPart(origin, news)
    else return
    this.#parts.changed([origin.node])
  }

  #install(origin: Origin): void {
    for (const { statement } of origin.parts.values()) this.#installPart(origin, statement)
  }

  #installPart(origin: Origin, { part, stations = [], seq, expires }: Statement): void {
    const { best } = origin
    if (!best) return
    if (part === 0) {
      this.#parts.routes.announced(origin.node, this.#routeOf(origin, best, { seq, expires }), { role: origin.role })
      this.#moved.add(origin.node)
    }
    const here: string[] = []
    for (const { id, protocol } of stations) {
      if (!this.#scrutiny.mayVouch(origin, id, this.#origins.get(id)?.best !== undefined)) continue
      if (this.#parts.words.waits({ id, ...(protocol && { protocol }) }, origin.node)) continue
      const outcome = this.#claims.claim(id, { node: origin.node, proven: origin.proven, ...(protocol && { protocol }) })
      if (outcome === 'taken' && this.#parts.routes.direct(id)?.kind === 'station') here.push(id)
      if (outcome === 'contested') this.#contests.open(id, origin.node)
      else if (outcome !== 'barred') this.#installStation(origin, { id, ...(protocol && { protocol }) }, { seq, expires })
    }
    // what this node holds itself is contested too, and nobody above may be there to ask about it
    if (here.length > 0) for (const node of [this.#parts.self, origin.node]) this.#parts.look(node, here)
  }

  #installStation(origin: Origin, { id, protocol }: AttachedStation, said: { seq: number; expires: number }): void {
    if (!origin.best) return
    const route = this.#routeOf(origin, origin.best, said)
    this.#parts.routes.announced(id, { ...route, path: [...route.path, id] }, { role: 'station', ...(protocol && { protocol }) })
    this.#moved.add(id)
  }

  /** Rare: the node's statement of the station has to be looked for. */
  #reinstallStation(id: string, node: string | undefined): boolean {
    const origin = node === undefined ? undefined : this.#origins.get(node)
    const attached = attachedTo(origin, id)
    if (!attached || !origin?.best) return false
    this.#installStation(origin, attached, attached.statement)
    return true
  }

  #routeOf(origin: Origin, best: Way, { seq, expires }: { seq: number; expires: number }) {
    const { clock } = this.#parts
    return { peer: best.peer, path: best.path.toReversed(), via: origin.node, proven: origin.proven, seq, expires, now: clock.now() }
  }

  #uninstall(origin: Origin): void {
    this.#parts.routes.withdrawn(origin.node, this.#parts.clock.now())
    this.#moved.add(origin.node)
    for (const { statement } of origin.parts.values()) for (const { id } of statement.stations ?? []) this.#release(id, origin.node)
  }

  /** A node does not list a station any more: if it comes back, its word is asked for again. */
  #left(id: string, node: string): void {
    this.#parts.words.left(id, node)
    this.#parts.paths.ended(id, node)
    this.#release(id, node)
  }

  /** A station is no longer claimed by a node, or the node is not reached: whoever else claims it has it now. */
  #release(id: string, node: string): void {
    this.#parts.words.released(id, node)
    const released = this.#claims.release(id, node)
    if (!released) return
    if (!this.#reinstallStation(id, released.holder?.node)) this.#parts.routes.withdrawn(id, this.#parts.clock.now())
    this.#moved.add(id)
  }

  #movedNow(): string[] {
    const moved = [...this.#moved]
    this.#moved = new Set()
    return moved
  }
}
