// Which of several ways upwards a message takes: the lowest priority that is up, inside it by weight, and always the same one for
// one origin, so that what it says stays in order. It decides; links, announcements and retries are elsewhere.
import { utf8 } from '../base/bytes.ts'
import type { Clock, Random } from '../base/ports.ts'
import type { Peer } from './peer.ts'

export interface UplinkPreference {
  /** The lowest that is up carries everything, as in RFC 2782; 0 if not given. */
  readonly priority?: number
  /** The share of origins inside one priority; 1 if not given. */
  readonly weight?: number
  /** How long an uplink that was lost must be up again before it is used while another one works; 10 s if not given. */
  readonly stableMs?: number
}

export interface UplinkParts {
  readonly clock: Clock
  readonly random: Random
  /** By node id; an uplink that is not in it has every default. */
  readonly preferences?: Readonly<Record<string, UplinkPreference>>
}

const STABLE_MS = 10_000

interface Way {
  readonly peer: Peer
  readonly priority: number
  readonly weight: number
  /** Milliseconds since 1970 from when on it may take messages from another one that works. */
  readonly readyAt: number
}

export class Uplinks {
  readonly #parts: UplinkParts | undefined
  /** Drawn once for each node: a thousand controllers with the same file spread differently. */
  readonly #salt: Uint8Array
  readonly #lost = new Set<string>()
  #ways: readonly Way[] = []
  /** Those that lead to the top of the network, as far as is known. */
  #leading: ReadonlySet<Peer> = new Set()

  /** Without parts every uplink counts the same and from its first moment. */
  constructor(parts?: UplinkParts) {
    this.#parts = parts
    this.#salt = parts?.random.bytes(4) ?? new Uint8Array(4)
  }

  /** Those that are up, in the order in which they came. */
  get peers(): readonly Peer[] {
    return this.#ways.map(({ peer }) => peer)
  }

  add(peer: Peer): void {
    const { priority = 0, weight = 1 } = this.#parts?.preferences?.[peer.id] ?? {}
    // one that was never lost has nothing to prove
    const readyAt = this.#lost.has(peer.id) ? this.#now() + this.#stableMs(peer) : 0
    this.#ways = [...this.#ways, { peer, priority, weight, readyAt }]
  }

  remove(peer: Peer): void {
    const left = this.#ways.filter((way) => way.peer !== peer)
    if (left.length < this.#ways.length) this.#lost.add(peer.id)
    this.#ways = left
  }

  /** What went this way did not get through further up: another one, where there is one, is tried for a while. */
  doubt(peer: Peer): void {
    this.#lost.add(peer.id)
    this.#ways = this.#ways.map((way) => (way.peer === peer ? { ...way, readyAt: this.#now() + this.#stableMs(peer) } : way))
  }

  /** Which of them lead on: no other is chosen while one of these is up. */
  prefer(leadsOn: (uplink: Peer) => boolean): void {
    this.#leading = new Set(this.peers.filter(leadsOn))
  }

  /**
   * The way of one origin's next message; never back to where it came from.
   * @param leads which of them lead to whom it is for; those that lead on where not given
   */
  choose(origin: string, from?: Peer, leads = (uplink: Peer): boolean => this.#leading.has(uplink)): Peer | undefined {
    // the usual case: one uplink
    if (this.#ways.length < 2) return this.#ways[0]?.peer === from ? undefined : this.#ways[0]?.peer
    const others = this.#ways.filter(({ peer }) => peer !== from)
    const leading = others.filter(({ peer }) => leads(peer))
    const open = leading.length > 0 ? leading : others
    const now = this.#now()
    const ready = open.filter(({ readyAt }) => readyAt <= now)
    const candidates = ready.length > 0 ? ready : open
    const lowest = Math.min(...candidates.map(({ priority }) => priority))
    return this.#drawn(
      candidates.filter(({ priority }) => priority === lowest),
      origin,
    )
  }

  /**
   * Weighted rendezvous hashing: each origin ranks the uplinks in an order of its own, so one that is lost moves only its own
   * origins, they come back to it when it does, and nothing has to be remembered.
   */
  #drawn(ways: readonly Way[], origin: string): Peer | undefined {
    let best: { peer: Peer; score: number } | undefined
    for (const { peer, weight } of ways) {
      const score = -weight / Math.log(this.#chance(`${origin}\n${peer.id}`))
      if (best === undefined || score > best.score) best = { peer, score }
    }
    return best?.peer
  }

  /** Above 0, below 1, and always the same for the same text (FNV-1a, its bits mixed as in MurmurHash3). */
  #chance(text: string): number {
    let hash = 0x811c9dc5
    for (const bytes of [this.#salt, utf8(text)]) for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    return (((hash ^ (hash >>> 16)) >>> 0) + 0.5) / 2 ** 32
  }

  #stableMs({ id }: Peer): number {
    return this.#parts?.preferences?.[id]?.stableMs ?? STABLE_MS
  }

  #now(): number {
    return this.#parts?.clock.now() ?? 0
  }
}
