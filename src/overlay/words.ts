// Stations' own words: what a station signed itself says over whom it is reached. Which claims wait for one, when a word is news, and that
// it is asked for where none comes (docs/protocol.md §3.4). Who holds what is claims.ts'; how often is asked, word-asker.ts'.
import type { Clock } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import type { Envelope, Payload } from '../ocpp/frame.ts'
import type { Version } from '../ocpp/version.ts'
import type { AttachedStation } from './announcement.ts'
import { carriesSignatures } from './custom-data.ts'
import type { Asked } from './node-parts.ts'
import { answeredWord } from './own-word.ts'
import type { Reachability } from './reachability.ts'
import type { Routes } from './routes.ts'
import type { TrustStore } from './trust.ts'
import { type Waiting, WordAsker } from './word-asker.ts'
import { WORD_ACTION, wordPayload } from './word-question.ts'

/** How old a word may be that nobody asked for. */
const WORD_MS = 60_000
const WORDS = 50_000
/** For the answer to a question. */
const PATIENCE_MS = 5_000

/** How a node asks in its own name. */
export interface Asks {
  readonly compose: (destination: string, action: string, payload: Payload, options: { ocpp: Version; timeoutMs: number }) => Envelope
  /** Signs and sends it. Rejects as `OverlayNode.ask`. */
  readonly ask: (bare: Envelope) => Promise<Asked>
}

export interface WordsParts extends Asks {
  readonly clock: Clock
  readonly trust?: TrustStore
  readonly engine?: Engine
  readonly routes: Routes
  readonly reachability: () => Reachability
  readonly moved: (ids: readonly string[]) => void
  /** Nobody speaks in the name of a station over the node that claims it. */
  readonly vain: (node: string, text: string) => void
}

export class Words {
  readonly #parts: WordsParts
  readonly #asker: WordAsker
  /** When a station's own word last decided where it is, and where; nowhere since that node took its claim back. */
  readonly #last = new Map<string, { readonly signedAt: number; readonly node: string | undefined }>()

  constructor(parts: WordsParts) {
    this.#parts = parts
    const vain = ({ node, station }: Waiting): void =>
      parts.vain(node, `${node} claims ${station}, and nobody answers over it in the name of ${station}`)
    const towards = (node: string): string | undefined => parts.routes.next(node)?.id
    this.#asker = new WordAsker({ clock: parts.clock, towards, vain, ask: (waiting) => this.#ask(waiting) })
  }

  /** Whether what a node says of a station waits until the station was heard over it; then that is seen to. */
  waits({ id, protocol }: AttachedStation, node: string): boolean {
    if (!this.#isNeeded(id) || this.#last.get(id)?.node === node || this.#parts.reachability().holder(id) === node) return false
    this.#asker.expect({ station: id, node, ...(carriesSignatures(protocol ?? 'ocpp2.1') && { ocpp: protocol ?? 'ocpp2.1' }) })
    return true
  }

  /** The claim is not looked at any more. */
  released(station: string, node: string): void {
    this.#asker.forget(station, node)
  }

  /** The node took its claim back, or let it expire: what the station said over it is of the past. */
  left(station: string, node: string): void {
    const last = this.#last.get(station)
    if (last?.node === node) this.#last.set(station, { ...last, node: undefined })
  }

  /**
   * A message passed; `word` is when its origin signed it. What a station signs itself says over whom it speaks: once, and fresh, so that
   * nobody draws it to himself with what was caught.
   */
  spoke([station = '', node]: readonly string[], word: () => number | undefined): void {
    const holder = this.#parts.reachability().holder(station)
    if (node === undefined || holder === node || (holder === undefined && !this.#asker.isOpen(station, node))) return
    const signedAt = this.news(station, word)
    if (signedAt !== undefined) this.#settle(station, node, signedAt)
  }

  /** When a message was signed by its origin, ms, where that is fresh and later than what was heard before; undefined where not. */
  news(station: string, word: () => number | undefined): number | undefined {
    const signedAt = (word() ?? 0) * 1_000
    if (signedAt <= (this.#last.get(station)?.signedAt ?? 0)) return undefined
    return Math.abs(this.#parts.clock.now() - signedAt) > WORD_MS ? undefined : signedAt
  }

  stop(): void {
    this.#asker.stop()
  }

  async #ask({ station, node, ocpp = 'ocpp2.1' }: Waiting): Promise<boolean> {
    const { trust, engine, compose, ask } = this.#parts
    if (!trust || !engine) return false
    const bare = compose(station, WORD_ACTION, wordPayload(node), { ocpp, timeoutMs: PATIENCE_MS })
    const asked = await ask({ ...bare, destination: [node, station] })
    const word = answeredWord(asked, { trust, engine })
    if (word === undefined) return false
    // it answers what was asked just now, whatever its clock says
    return this.#settle(station, node, Math.max(word * 1_000, this.#last.get(station)?.signedAt ?? 0))
  }

  #settle(station: string, node: string, signedAt: number): boolean {
    const moved = this.#parts.reachability().heard(station, node)
    if (moved.length === 0) return false
    this.#asker.forget(station, node)
    const [oldest] = this.#last.size >= WORDS ? this.#last.keys() : []
    if (oldest !== undefined) this.#last.delete(oldest)
    this.#last.delete(station)
    this.#last.set(station, { signedAt, node })
    this.#parts.moved(moved)
    return true
  }

  /** Of who has no key no word can be had. */
  #isNeeded(station: string): boolean {
    const { trust } = this.#parts
    return trust?.knows(station) === true && trust.homes.needsWord(station)
  }
}
