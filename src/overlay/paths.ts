// Whether the path of a message can be: each step of it must be a link that the lower of its two nodes names in a statement it signed, and a
// station is with a node that says so (docs/protocol.md §3.5). What nobody said anything of is left open; the network moves, so what
// does not fit is looked at again before people are told, and no message is lost for it.
import type { Cancel, Clock } from '../base/ports.ts'
import type { Envelope } from '../ocpp/frame.ts'
import { attachedTo } from './origin.ts'
import type { Reachability } from './reachability.ts'
import type { Routes } from './routes.ts'

/** For the news that explains a path to arrive after it. */
const GRACE_MS = 5_000
/** How long a link counts that ended: a message may be on its way for as long. */
const MEMORY_MS = 60_000
const ENDED = 50_000
const JUDGED = 20_000
/** Paths that are looked at again, at once. */
const SUSPECTS = 256
/** A statement names no more: of whoever has so many not every uplink is known. */
const NAMED = 16

export interface PathsParts {
  readonly clock: Clock
  readonly routes: Routes
  readonly reachability: () => Reachability
  /** A path was tampered with by one of the nodes on it. */
  readonly forged: (neighbour: string, text: string) => void
}

interface Judged {
  readonly path: readonly string[]
  readonly version: number
  readonly flaw: string | undefined
}

export class Paths {
  readonly #parts: PathsParts
  /** The newest path of each origin. */
  readonly #judged = new Map<string, Judged>()
  /** Links that nobody names any more, and when that was; the oldest first. */
  readonly #ended = new Map<string, number>()
  readonly #suspects = new Map<string, Cancel>()
  #version = 0

  constructor(parts: PathsParts) {
    this.#parts = parts
  }

  /** Links are other than before: what was judged is judged anew. */
  changed(): void {
    this.#version++
  }

  /** A node does not name that uplink any more, or that station is not attached to it any more. */
  ended(lower: string, upper: string): void {
    const name = linkOf(lower, upper)
    this.#ended.delete(name)
    this.#ended.set(name, this.#parts.clock.now())
    const [oldest] = this.#ended.size > ENDED ? this.#ended.keys() : []
    if (oldest !== undefined) this.#ended.delete(oldest)
  }

  /** Whether anything may be learned from this path. One that cannot be is looked at again, and reported where it still cannot be then. */
  hold(envelope: Envelope): boolean {
    const { path } = envelope
    // the usual case: a neighbour speaks for itself
    if (path.length === 1 || this.flawOf(envelope) === undefined) return true
    const name = path.join(' > ')
    if (this.#suspects.size < SUSPECTS && !this.#suspects.has(name))
      this.#suspects.set(
        name,
        this.#parts.clock.after(GRACE_MS, () => this.#lookAgain(name, envelope)),
      )
    return false
  }

  /** Why a path cannot be, for people; undefined where it can, or where not enough is known to tell. */
  flawOf({ path, header }: Pick<Envelope, 'path' | 'header'>): string | undefined {
    const origin = path[0] as string
    const known = this.#judged.get(origin)
    let flaw = known?.flaw
    if (known?.version !== this.#version || !isSame(known.path, path)) {
      flaw = this.#wrongStep(path)
      if (this.#judged.size >= JUDGED) this.#judged.clear()
      this.#judged.set(origin, { path, version: this.#version, flaw })
    }
    // what a controller kept for a station it may bring when the station is elsewhere
    return flaw ?? (header.answered === undefined ? this.#wrongPlace(path) : undefined)
  }

  stop(): void {
    for (const cancel of this.#suspects.values()) cancel()
    this.#suspects.clear()
  }

  #lookAgain(name: string, envelope: Envelope): void {
    this.#suspects.delete(name)
    const flaw = this.flawOf(envelope)
    const neighbour = envelope.path.at(-1) as string
    if (flaw !== undefined) this.#parts.forged(neighbour, `${neighbour} brought a message with the path ${name}, which cannot be: ${flaw}`)
  }

  /**
   * The path is read backwards. From an uplink it came down, step by step, from some node to which it had climbed; from below it climbed all
   * the way: a site is no thoroughfare.
   */
  #wrongStep(path: readonly string[]): string | undefined {
    const { uplinks } = this.#parts.routes
    let isDown = uplinks.some(({ id }) => id === path.at(-1))
    for (let i = path.length - 2; i >= 0; i--) {
      const [before, after] = [path[i] as string, path[i + 1] as string]
      if (isDown && this.#names(after, before) !== false) continue
      isDown = false
      if (this.#names(before, after) === false) return `${before} has no link to ${after}`
    }
    return undefined
  }

  /** Whether the lower of two nodes says that the upper is above it; undefined where nothing is known that it signed. */
  #names(lower: string, upper: string): boolean | undefined {
    const origin = this.#parts.reachability().get(lower)
    const { up = [] } = origin?.parts.get(0)?.statement ?? {}
    if (!origin?.proven || !origin.parts.has(0)) return undefined
    if (up.includes(upper) || this.#wasLately(lower, upper)) return true
    return up.length < NAMED ? false : undefined
  }

  /** The first node on the path has the station that speaks, where anybody says that he has it. */
  #wrongPlace([station = '', node = '']: readonly string[]): string | undefined {
    const reachability = this.#parts.reachability()
    const holder = reachability.holder(station)
    if (holder === undefined || holder === node || !reachability.get(holder)?.proven) return undefined
    const origin = reachability.get(node)
    if ((origin?.proven && attachedTo(origin, station)) || this.#wasLately(station, node)) return undefined
    return `${station} is with ${holder} and not with ${node}`
  }

  #wasLately(lower: string, upper: string): boolean {
    const at = this.#ended.get(linkOf(lower, upper))
    return at !== undefined && this.#parts.clock.now() - at < MEMORY_MS
  }
}

const linkOf = (lower: string, upper: string): string => `${lower}\n${upper}`

const isSame = (one: readonly string[], other: readonly string[]): boolean => {
  if (one === other) return true
  if (one.length !== other.length) return false
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false
  return true
}
