// Which nodes may say that a station is attached to them, where somebody listed that: what a route origin authorisation is to an address
// (RFC 9582, RFC 6811). Without a list nobody is held to one.

/** What one entry of a trust list says of homes. */
export interface HomeEntry {
  readonly node: string
  /** The stations that this node may have: ids, or the beginning of ids with a `*` behind it. An empty list: none. */
  readonly stations?: readonly string[]
  /** The nodes that may have this station. */
  readonly homes?: readonly string[]
}

export class Homes {
  /** Whether a station that signs is with nobody until its own word came over that node; a home that is listed needs no such word. */
  wordRequired = true
  readonly #byStation = new Map<string, Set<string>>()
  readonly #byBeginning: { readonly node: string; readonly beginning: string }[] = []
  /** Nodes with a list of their own. */
  readonly #listed = new Set<string>()

  add({ node, stations, homes = [] }: HomeEntry): void {
    if (stations) this.#listed.add(node)
    for (const station of stations ?? []) {
      if (station.endsWith('*')) this.#byBeginning.push({ node, beginning: station.slice(0, -1) })
      else this.#addHome(station, node)
    }
    for (const home of homes) this.#addHome(node, home)
  }

  /** Whether a claim of that station waits for its own word. */
  needsWord(station: string): boolean {
    return this.wordRequired && !this.has(station)
  }

  /** Whether the homes of that station are known. */
  has(station: string): boolean {
    return this.#byStation.has(station) || this.#byBeginning.some(({ beginning }) => station.startsWith(beginning))
  }

  /** A station with homes is at one of them; a node with a list has what stands in it, and what names it as its home. */
  allows(node: string, station: string): boolean {
    if (!this.has(station)) return !this.#listed.has(node)
    if (this.#byStation.get(station)?.has(node)) return true
    return this.#byBeginning.some((entry) => entry.node === node && station.startsWith(entry.beginning))
  }

  #addHome(station: string, node: string): void {
    this.#byStation.set(station, (this.#byStation.get(station) ?? new Set()).add(node))
  }
}
