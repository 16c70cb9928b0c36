// Two nodes claim one station. Both are asked to see whether it is still there; if it is with whoever held it, the other claim counts no
// more and people are told. A station that moved answers nobody at its old place, so its new one has it within moments.
import type { Cancel, Clock } from '../base/ports.ts'
import type { Claims } from './claims.ts'

/** How long the holder has to let go: it gives its station 1.5 s to answer. */
const CONTEST_MS = 3_000
/** Stations that are named in one question. */
const STATIONS_PER_QUESTION = 1_000

export interface ContestParts {
  readonly clock: Clock
  readonly claims: Claims
  readonly look: (holder: string, stations: readonly string[]) => void
  readonly alarm: (announcer: string, text: string) => void
}

export class Contests {
  readonly #parts: ContestParts
  /** By the node that claims: the stations, and when its time is over. */
  readonly #open = new Map<string, { readonly stations: Set<string>; cancel: Cancel }>()
  /** Not asked about yet: stations, and who claims them. */
  #unasked = new Map<string, Set<string>>()

  constructor(parts: ContestParts) {
    this.#parts = parts
  }

  open(station: string, claimant: string): void {
    const contest = this.#open.get(claimant)
    if (contest?.stations.has(station)) return
    if (contest) contest.stations.add(station)
    else
      this.#open.set(claimant, { stations: new Set([station]), cancel: this.#parts.clock.after(CONTEST_MS, () => this.#close(claimant)) })
    // all that one announcement contests goes into one question for each node
    if (this.#unasked.size === 0) void Promise.resolve().then(() => this.#ask())
    this.#unasked.set(station, (this.#unasked.get(station) ?? new Set()).add(claimant))
  }

  stop(): void {
    for (const { cancel } of this.#open.values()) cancel()
    this.#open.clear()
  }

  #ask(): void {
    const { claims, look } = this.#parts
    const byNode = new Map<string, string[]>()
    for (const [station, claimants] of this.#unasked) {
      const holder = claims.holder(station)?.node
      for (const node of holder === undefined ? [] : [holder, ...claimants]) {
        const stations = byNode.get(node) ?? []
        if (stations.length < STATIONS_PER_QUESTION) stations.push(station)
        byNode.set(node, stations)
      }
    }
    this.#unasked = new Map()
    for (const [node, stations] of byNode) look(node, stations)
  }

  #close(claimant: string): void {
    const { claims, alarm } = this.#parts
    const stations = [...(this.#open.get(claimant)?.stations ?? [])]
    this.#open.delete(claimant)
    const vain = stations.filter((station) => claims.bar(station, claimant))
    const [first] = vain
    if (first === undefined) return
    const others = vain.length > 1 ? ` and ${vain.length - 1} more` : ''
    alarm(claimant, `${claimant} claims ${first}${others}, which ${claims.holder(first)?.node} has and keeps`)
  }
}
