// Links as people think of them: one line between two, told of from either end. Pure.
import type { LinkInfo } from './model.ts'

export interface LinkPair {
  /** The end that dialled, or that serves a station; where nobody knows, the one heard first. */
  readonly link: LinkInfo
  /** What the other end says of it. */
  readonly other: LinkInfo | undefined
}

const RANK = { uplink: 0, station: 1, overlay: 2 } as const

export const linkPairs = (links: readonly LinkInfo[]): LinkPair[] =>
  [...Map.groupBy(links, ({ node, peer }) => JSON.stringify([node, peer].sort())).values()].map((ends) => {
    const [link, other] = ends.toSorted((a, b) => RANK[a.kind] - RANK[b.kind])
    return { link: link as LinkInfo, other }
  })
