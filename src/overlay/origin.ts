// What is known of one node of the network: what it said, the ways to it, and which of them is best. What is believed is decided in
// reachability.ts.
import type { Advertisement, AttachedStation, Statement } from './announcement.ts'
import type { Peer } from './peer.ts'

export interface Way {
  readonly peer: Peer
  /** From the node that spoke to the neighbour. */
  readonly path: readonly string[]
  readonly seq: number
  readonly expires: number
  /** Whether it came from an uplink. */
  readonly above: boolean
}

export interface Origin {
  readonly node: string
  proven: boolean
  /** By the trust store where it is proven, as it says itself where not. */
  role: string
  /** The groups it is in, by its part 0. */
  groups: ReadonlySet<string>
  /** By part, as they came: passed on with the signature of the node. */
  readonly parts: Map<number, Pick<Advertisement, 'statement' | 'signature'>>
  readonly ways: Map<Peer, Way>
  best: Way | undefined
}

/** What the node says of a station that is attached to it. */
export const attachedTo = (origin: Origin | undefined, id: string): (AttachedStation & { readonly statement: Statement }) | undefined => {
  for (const { statement } of origin?.parts.values() ?? []) {
    const station = statement.stations?.find((each) => each.id === id)
    if (station) return { ...station, statement }
  }
  return undefined
}

/**
 * Each step of the way must be a link that the lower of the two names in a statement of its own: so nobody puts itself between two
 * others. News from below climbed all the way, news from above came down all the way.
 */
export const isAttested = (
  { path, above, here }: { readonly path: readonly string[]; readonly above: boolean; readonly here: string },
  upOf: (node: string) => readonly string[],
): boolean => {
  const last = path.length - 1
  if (above) return path.every((node, i) => i === last || upOf(path[i + 1] as string).includes(node))
  return path.every((node, i) => upOf(node).includes(path[i + 1] ?? here))
}

export const bestOf = (ways: Iterable<Way>): Way | undefined =>
  [...ways].reduce<Way | undefined>((best, way) => (best && isBetter(best, way) ? best : way), undefined)

/** From below before from above, then the shortest, then by name, so that all who know the same choose the same. */
const isBetter = (one: Way, other: Way): boolean => {
  if (one.above !== other.above) return !one.above
  if (one.path.length !== other.path.length) return one.path.length < other.path.length
  return one.path.join() <= other.path.join()
}
