// Calls both ways at once through one node, all stations using the same message ids: whose answer is it?

/** What one direction saw. */
export interface Crossing {
  readonly calls: number
  /** Questions that reached another station, or answers that were another's. */
  readonly misrouted: number
  /** Calls whose answer was an error: a node names the silence behind it. */
  readonly lost: number
  /** Microseconds from CALL to CALLRESULT. */
  readonly p50: number
  readonly p99: number
}

/** @param times milliseconds of each call */
export const summary = (times: readonly number[], { misrouted, lost }: { misrouted: number; lost: number }): Crossing => {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number): number => Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 1_000)
  return { calls: sorted.length, misrouted, lost, p50: at(0.5), p99: at(0.99) }
}
