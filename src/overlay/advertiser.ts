// What a node tells its neighbours of who is where: upwards itself, its stations and all below, downwards itself and all above. Each
// neighbour is told what changed since it was told last (docs/protocol.md §3.3).
import type { Clock, Random } from '../base/ports.ts'
import {
  type Advertisement,
  announce,
  PARTS,
  STATEMENTS_PER_FRAME,
  STATIONS_PER_PART,
  type Statement,
  signStatement,
  type Withdrawal,
} from './announcement.ts'
import { Bucket, type Rate } from './damping.ts'
import type { Origin } from './origin.ts'
import type { Peer } from './peer.ts'
import type { Reachability } from './reachability.ts'
import type { Routes } from './routes.ts'
import { LIFETIME } from './scrutiny.ts'
import type { Identity } from './signature.ts'

/** Announcements of this node: what comes faster is told together. */
const FLUSHES: Rate = { burst: 50, perSecond: 20 }
const FLUSH_MS = 50
/** Characters of statements in one frame, of the 262144 that it may have. */
const CHARACTERS_PER_FRAME = 100_000

export interface AdvertiserParts {
  readonly self: { readonly id: string; readonly role: string; readonly isTop: boolean }
  /** Those that this node is in at the moment. */
  readonly groups: ReadonlySet<string>
  readonly routes: Routes
  readonly reachability: () => Reachability
  readonly clock: Clock
  readonly random: Random
  readonly identity?: Identity
}

/** What a neighbour was last told of a node. */
interface Told {
  readonly path: string
  /** Sequence numbers by part. */
  readonly parts: Map<number, number>
}

type Said = Pick<Advertisement, 'statement' | 'signature'>

export class Advertiser {
  readonly #parts: AdvertiserParts
  readonly #told = new Map<Peer, Map<string, Told>>()
  /** Nodes of which there may be news. */
  #dirty = new Set<string>()
  /** What this node says itself, by part; a part that must be said anew is missing. */
  readonly #own = new Map<number, Said>()
  /** Which part an attached station stands in. */
  readonly #partOf = new Map<string, number>()
  readonly #stations: Map<string, Peer>[] = []
  readonly #flushes: Bucket
  #isScheduled = false
  #cancel: (() => void) | undefined
  #lastSeq: number

  constructor(parts: AdvertiserParts) {
    this.#parts = parts
    this.#flushes = new Bucket(FLUSHES, parts.clock.now())
    // like the numbers of orders: microseconds, so it rises over restarts too
    this.#lastSeq = parts.clock.now() * 1000
  }

  attached(peer: Peer): void {
    if (peer.kind === 'station') this.#stationCame(peer)
    else {
      this.#told.set(peer, new Map())
      this.#own.delete(0)
      this.changed([this.#parts.self.id, ...[...this.#parts.reachability().all()].map(({ node }) => node)])
    }
  }

  lost(peer: Peer): void {
    this.#told.delete(peer)
    const part = this.#partOf.get(peer.id)
    if (peer.kind === 'station' && part !== undefined && this.#stations[part]?.get(peer.id) === peer) {
      this.#partOf.delete(peer.id)
      this.#stations[part]?.delete(peer.id)
      this.#own.delete(part)
    } else if (peer.kind === 'node') this.#own.delete(0)
    this.changed([this.#parts.self.id])
  }

  /** There may be news of these nodes: told at once, or with what follows where there was much lately. */
  changed(nodes: readonly string[]): void {
    for (const node of nodes) this.#dirty.add(node)
    if (this.#isScheduled || this.#told.size === 0) return
    this.#isScheduled = true
    if (this.#flushes.take(this.#parts.clock.now())) void Promise.resolve().then(() => this.#flush())
    else this.#cancel = this.#parts.clock.after(FLUSH_MS, () => this.#flush())
  }

  /** What this node says of itself is no longer so. */
  selfChanged(): void {
    this.#own.delete(0)
    this.changed([this.#parts.self.id])
  }

  /** Says everything of its own anew, before it expires. */
  refresh(): void {
    this.#own.clear()
    this.changed([this.#parts.self.id])
  }

  /** There is nobody to tell. */
  stop(): void {
    this.#cancel?.()
    this.#isScheduled = false
  }

  #stationCame(peer: Peer): void {
    const known = this.#partOf.get(peer.id)
    let part = known ?? 1
    while (known === undefined && (this.#stations[part]?.size ?? 0) >= STATIONS_PER_PART) part++
    // beyond what can be announced a station is found by its messages
    if (part >= PARTS) return
    const stations = this.#stations[part] ?? new Map<string, Peer>()
    this.#stations[part] = stations.set(peer.id, peer)
    this.#partOf.set(peer.id, part)
    this.#own.delete(part)
    this.changed([this.#parts.self.id])
  }

  #flush(): void {
    this.#isScheduled = false
    const { self, reachability } = this.#parts
    const isOwn = this.#dirty.has(self.id)
    // a step of a way is believed from who is known, so the nearer ones are told first
    const origins = [...this.#dirty].map((node) => reachability().get(node) ?? node)
    const distance = (origin: Origin | string): number => (typeof origin === 'string' ? 0 : (origin.best?.path.length ?? 0))
    origins.sort((a, b) => distance(a) - distance(b))
    this.#dirty = new Set()
    for (const [peer, told] of this.#told) {
      const above = this.#parts.routes.uplinks.includes(peer)
      const reachable: Advertisement[] = isOwn ? this.#news(told, { node: self.id, path: [self.id], said: this.#ownParts(above) }) : []
      const withdrawn: Withdrawal[] = []
      for (const origin of origins) {
        const node = typeof origin === 'string' ? origin : origin.node
        if (node === self.id) continue
        const wanted = typeof origin === 'string' ? undefined : this.#exported(origin, peer, above)
        if (wanted) reachable.push(...this.#news(told, wanted))
        else {
          const before = told.get(node)
          if (before) withdrawn.push({ node, seq: Math.max(...before.parts.values()) })
          told.delete(node)
        }
      }
      this.#send(peer, reachable, withdrawn)
    }
  }

  /** What of this way is this neighbour's business: a site is no thoroughfare between two uplinks, and stations are told upwards only. */
  #exported({ node, best, parts }: Origin, peer: Peer, above: boolean): { node: string; path: string[]; said: Said[] } | undefined {
    if (!best || best.above === above || best.peer === peer || best.path.includes(peer.id)) return undefined
    if (best.path.length + 1 > 16) return undefined
    const said = [...parts.values()].filter(({ statement }) => above || statement.part === 0)
    return { node, path: [...best.path, this.#parts.self.id], said }
  }

  #news(told: Map<string, Told>, { node, path, said }: { node: string; path: readonly string[]; said: readonly Said[] }): Advertisement[] {
    const text = path.join()
    const before = told.get(node)
    const parts = before?.path === text ? before.parts : new Map<number, number>()
    const news = said.filter(({ statement: { part, seq } }) => parts.get(part) !== seq)
    for (const { statement } of news) parts.set(statement.part, statement.seq)
    if (parts.size > 0) told.set(node, { path: text, parts })
    return news.map((each) => ({ path, ...each }))
  }

  #ownParts(above: boolean): Said[] {
    const numbers = above ? [0, ...this.#stations.keys()].filter((part) => part === 0 || this.#stations[part]) : [0]
    return [...new Set(numbers)].map((part) => {
      const said = this.#own.get(part) ?? this.#say(part)
      this.#own.set(part, said)
      return said
    })
  }

  #say(part: number): Said {
    const { self, groups, routes, clock, identity } = this.#parts
    this.#lastSeq++
    const stations = [...(this.#stations[part] ?? [])].map(([id, { protocol }]) => ({ id, ...(protocol && { protocol }) }))
    const statement: Statement = {
      ...{ node: self.id, role: self.role, part, seq: this.#lastSeq, expires: clock.now() + LIFETIME },
      ...(part === 0 && { up: routes.uplinks.map(({ id }) => id).slice(0, 16) }),
      ...(part === 0 && self.isTop && { top: true }),
      ...(part === 0 && groups.size > 0 && { groups: [...groups] }),
      ...(part > 0 && { stations }),
    }
    return { statement, ...(identity && { signature: signStatement(statement, identity) }) }
  }

  #send(peer: Peer, reachable: readonly Advertisement[], withdrawn: readonly Withdrawal[]): void {
    const { self, random } = this.#parts
    const route = () => ({ from: self.id, to: peer.id, id: random.uuid() })
    for (let i = 0; i < withdrawn.length; i += STATEMENTS_PER_FRAME)
      peer.send(announce(route(), { reachable: [], withdrawn: withdrawn.slice(i, i + STATEMENTS_PER_FRAME) }))
    let piece: Advertisement[] = []
    let size = 0
    for (const advertisement of reachable) {
      const { stations = [], groups = [] } = advertisement.statement
      const more = 600 + stations.length * 85 + groups.length * 36 + advertisement.path.length * 52
      if (piece.length >= STATEMENTS_PER_FRAME || size + more > CHARACTERS_PER_FRAME) {
        peer.send(announce(route(), { reachable: piece, withdrawn: [] }))
        piece = []
        size = 0
      }
      piece.push(advertisement)
      size += more
    }
    if (piece.length > 0) peer.send(announce(route(), { reachable: piece, withdrawn: [] }))
  }
}
