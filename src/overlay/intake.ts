// The statements of a neighbour on their way to be judged. What comes when it has had its share waits, the newest of each part, until
// there is a share again: nobody costs more for saying more, and nothing true is lost in it (docs/protocol.md §3.5).
import type { Cancel, Clock } from '../base/ports.ts'
import type { Advertisement, Withdrawal } from './announcement.ts'
import type { Peer } from './peer.ts'

/** Parts of nodes that wait for one neighbour: twice what its 50,000 stations need. */
const WAITING = 1_000
/** Some of what waits is looked at, then others have their turn. */
const AT_ONCE = 8
const PAUSE_MS = 50

/** What became of an advertisement; `later`: its neighbour has had its share for now. */
export type Outcome = 'taken' | 'refused' | 'later'

export interface IntakeParts {
  readonly clock: Clock
  /** Judges one; what is news is put off where it is not its turn yet. */
  readonly take: (advertisement: Advertisement, peer: Peer, isItsTurn: boolean) => Outcome
  /** Some of what waited was looked at. */
  readonly wentOn: () => void
}

export class Intake {
  /** Advertisements that were not believed, or for which there was no room. */
  ignored = 0
  readonly #parts: IntakeParts
  /** By neighbour, in the order in which the first of each part came. */
  readonly #waiting = new Map<Peer, Map<string, Advertisement>>()
  #timer: Cancel | undefined

  constructor(parts: IntakeParts) {
    this.#parts = parts
  }

  hear(advertisements: readonly Advertisement[], peer: Peer): void {
    for (const advertisement of advertisements) {
      const outcome = this.#parts.take(advertisement, peer, !this.#waiting.has(peer))
      if (outcome === 'refused' || (outcome === 'later' && !this.#keep(advertisement, peer))) this.ignored++
    }
  }

  /** The way is no more: what was said over it until then is not looked at. */
  withdrawn({ node, seq }: Withdrawal, peer: Peer): void {
    const waiting = this.#waiting.get(peer)
    for (const [name, { statement }] of waiting ?? []) if (statement.node === node && statement.seq <= seq) waiting?.delete(name)
    if (waiting?.size === 0) this.#waiting.delete(peer)
  }

  lost(peer: Peer): void {
    this.#waiting.delete(peer)
  }

  stop(): void {
    this.#timer?.()
    this.#timer = undefined
    this.#waiting.clear()
  }

  #keep(advertisement: Advertisement, peer: Peer): boolean {
    const { node, part, seq } = advertisement.statement
    const name = `${part} ${node}`
    const waiting = this.#waiting.get(peer) ?? new Map<string, Advertisement>()
    const before = waiting.get(name)
    if (before ? before.statement.seq > seq : waiting.size >= WAITING) return false
    this.#waiting.set(peer, waiting.set(name, advertisement))
    this.#timer ??= this.#parts.clock.after(PAUSE_MS, () => this.#goOn())
    return true
  }

  #goOn(): void {
    this.#timer = undefined
    for (const [peer, waiting] of this.#waiting) this.#takeSome(peer, waiting)
    if (this.#waiting.size > 0) this.#timer = this.#parts.clock.after(PAUSE_MS, () => this.#goOn())
    this.#parts.wentOn()
  }

  #takeSome(peer: Peer, waiting: Map<string, Advertisement>): void {
    let left = AT_ONCE
    for (const [name, advertisement] of waiting) {
      const outcome = left-- > 0 ? this.#parts.take(advertisement, peer, true) : 'later'
      if (outcome === 'later') return
      if (outcome === 'refused') this.ignored++
      waiting.delete(name)
    }
    this.#waiting.delete(peer)
  }
}
