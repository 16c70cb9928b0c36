// How far facts about keys may go, in time and in number: beyond it they are not believed (key-ledger.ts, docs/protocol.md §10.1).

import { EARLIEST_MS } from './clock-quality.ts'

/** Clocks of two nodes may differ by this much, ms. */
export const CLOCK_SKEW = 30_000
/**
 * By how much the number of the root's revocations may be above the time, ms. An administrator's may not: however fast a thief of such a key
 * counts, and however wrong clocks may be, the root's next word is the newer one.
 */
export const ROOT_AHEAD_MS = 2 * CLOCK_SKEW
/** What a root vouched for counts for so long beside what the next one says, which needs that time to be everywhere; ms since the next was heard of. */
export const AFTER_ROOT_MS = 3_600_000
/** Keys that an administrator may name: the root always finds room to revoke the administrator's own. */
export const BY_ADMINISTRATOR = 900
/** Nodes that have documents, and documents that one has under one root. */
export const NODES = 20_000
export const CHAIN = 256

/** Whether something was issued later than a clock may differ; one that knows of no time says nothing of it. */
export const isOfTheFuture = ({ issued }: { readonly issued: number }, now: number): boolean =>
  now >= EARLIEST_MS && issued > now + CLOCK_SKEW
