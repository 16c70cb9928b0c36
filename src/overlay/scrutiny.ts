// What is asked of an announcement before it is believed: whether it can be, whether the neighbour has had its share, and who signed it.
// Budgets come before signatures, so that a flood costs little (docs/protocol.md §3.4, §3.5).
import type { Clock } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import { type Advertisement, type AttachedStation, isSignedBy, keyOfStatement, type Statement } from './announcement.ts'
import { Bucket, type Rate } from './damping.ts'
import type { Peer } from './peer.ts'
import type { TrustStore } from './trust.ts'

/** A statement lives this long, in milliseconds, and is made anew every third of it. */
export const LIFETIME = 120_000
const CLOCK_SKEW = 30_000
/** Signatures of one neighbour's announcements that are verified: some 1 % of a core at the most. */
const VERIFICATIONS: Rate = { burst: 1_000, perSecond: 100 }
/** Statements of one neighbour that say something new, and stations that come or go with them: all that it may bring in at once, then a few. */
const CHANGES: Rate = { burst: 50_000, perSecond: 1_000 }
/** A way that comes and goes more often is not taken up again for a while. */
const FLAPS: Rate = { burst: 6, perSecond: 0.1 }
/** What one neighbour may bring in. */
const WAYS_PER_PEER = 2_000
const STATIONS_PER_PEER = 50_000
const NODE_OF_ITS_OWN = 'which is a node of its own'
/** Nodes in these roles carry nobody's stations: their keys vouch for none. */
const NO_CARRIERS: readonly string[] = ['station', 'energy-meter', 'grid-operator']

interface Neighbour {
  readonly verifications: Bucket
  readonly changes: Bucket
  /** By node, while its way over this neighbour comes and goes. */
  readonly flaps: Map<string, Bucket>
  ways: number
  stations: number
}

interface Cost {
  readonly statement: Statement
  readonly before: Statement | undefined
  readonly signatures: 0 | 1
}

export interface Belief {
  /** Whether it was verified with a key of the trust store. */
  readonly proven: boolean
  readonly role: string
}

export interface ScrutinyParts {
  readonly self: string
  readonly clock: Clock
  readonly trust?: TrustStore
  readonly engine?: Engine
  readonly alarm: (announcer: string, text: string) => void
}

export class Scrutiny {
  readonly #parts: ScrutinyParts
  readonly #neighbours = new Map<Peer, Neighbour>()

  constructor(parts: ScrutinyParts) {
    this.#parts = parts
  }

  /** What costs nothing to see: times, and a way that leads from the node to the neighbour and not over here. */
  isPossible({ statement, path }: Advertisement, peer: Peer): boolean {
    const { self, clock } = this.#parts
    const left = statement.expires - clock.now()
    if (left <= 0 || left > LIFETIME + CLOCK_SKEW) return false
    if (path[0] !== statement.node || path.at(-1) !== peer.id) return false
    return !path.includes(self) && new Set(path).size === path.length
  }

  mayCome(node: string, peer: Peer, isNewWay: boolean): boolean {
    const { stations, ways, flaps } = this.#of(peer)
    if (stations > STATIONS_PER_PEER) return false
    if (!isNewWay) return true
    return ways < WAYS_PER_PEER && (flaps.get(node)?.take(this.#parts.clock.now()) ?? true)
  }

  /**
   * What says something new: a node whose key is known is believed with its own signature only; of another nobody knows better. `later`
   * where the neighbour has no share left, of signatures or of what the statement changes.
   */
  judge(advertisement: Advertisement, before: Statement | undefined, peer: Peer): Belief | 'later' | undefined {
    const { trust, engine, alarm } = this.#parts
    const { statement } = advertisement
    const { node, role } = statement
    if (!trust?.knows(node) || !engine) return this.#spend(peer, { statement, before, signatures: 0 }) ? { proven: false, role } : 'later'
    const key = keyOfStatement(advertisement, trust)
    if (key && !this.#spend(peer, { statement, before, signatures: 1 })) return 'later'
    if (key && isSignedBy(advertisement, key, engine)) return { proven: true, role: key.role }
    alarm(peer.id, `${peer.id} brought a statement of ${node} that ${node} did not sign`)
    return undefined
  }

  /**
   * Whether a node may say that a station is attached to it. Who is a node of its own, or has a key in another role than a station's,
   * is nobody's station; one whose homes are listed is at one of them, which proves that with its key.
   */
  mayVouch(by: Belief & { readonly node: string }, id: string, isNode: boolean): boolean {
    const flaw = isNode || id === this.#parts.self ? NODE_OF_ITS_OWN : this.#flawOf(by, id)
    if (flaw !== undefined) this.#parts.alarm(by.node, `${by.node} claims ${id}, ${flaw}`)
    return flaw === undefined
  }

  #flawOf(by: Belief & { readonly node: string }, id: string): string | undefined {
    const { trust } = this.#parts
    const listed = trust?.roleOf(id)
    if (listed !== undefined && listed !== 'station') return NODE_OF_ITS_OWN
    if (by.proven && NO_CARRIERS.includes(by.role)) return `and in its role ${by.role} it carries no stations`
    if (!trust || (trust.homes.allows(by.node, id) && (by.proven || !trust.homes.has(id)))) return undefined
    return 'of which it is no home'
  }

  countWay(peer: Peer, by: 1 | -1): void {
    this.#of(peer).ways += by
  }

  countStations(peer: Peer, by: number): void {
    const neighbour = this.#of(peer)
    neighbour.stations = Math.max(0, neighbour.stations + by)
  }

  /** A way over this neighbour was withdrawn: it may come back, not for ever. */
  flapped(node: string, peer: Peer): void {
    const { flaps } = this.#of(peer)
    if (!flaps.has(node)) flaps.set(node, new Bucket(FLAPS, this.#parts.clock.now()))
  }

  forget(peer: Peer): void {
    this.#neighbours.delete(peer)
  }

  sweep(): void {
    const now = this.#parts.clock.now()
    for (const { flaps } of this.#neighbours.values()) for (const [node, bucket] of flaps) if (bucket.isFull(now)) flaps.delete(node)
  }

  /** Takes both from the neighbour's share, or neither. */
  #spend(peer: Peer, { statement, before, signatures }: Cost): boolean {
    const { changes, verifications } = this.#of(peer)
    const now = this.#parts.clock.now()
    const changed = 1 + moves(before?.stations ?? [], statement.stations ?? [])
    return changes.has(now, changed) && verifications.take(now, signatures) && changes.take(now, changed)
  }

  #of(peer: Peer): Neighbour {
    const known = this.#neighbours.get(peer)
    if (known) return known
    const now = this.#parts.clock.now()
    const fresh = {
      verifications: new Bucket(VERIFICATIONS, now),
      changes: new Bucket(CHANGES, now),
      flaps: new Map(),
      ways: 0,
      stations: 0,
    }
    this.#neighbours.set(peer, fresh)
    return fresh
  }
}

/** How many stations are in one list and not in the other. */
const moves = (before: readonly AttachedStation[], after: readonly AttachedStation[]): number => {
  const known = new Set(before.map(({ id }) => id))
  const stayed = after.filter(({ id }) => known.has(id)).length
  return before.length + after.length - 2 * stayed
}
