// How long a node waits for an answer that it passed the question of (docs/protocol.md §3.2).
import type { Envelope } from '../ocpp/frame.ts'

const DEFAULT_TIMEOUT = 30_000

/** How long this node waits for an answer: less with every hop, so that the node nearest to the silence is the one that names it. */
export const patience = ({ header, path }: Envelope): number =>
  Math.max(500, (typeof header.ttl === 'number' ? Math.min(header.ttl, 300_000) : DEFAULT_TIMEOUT) - 200 * path.length)
