// What several clocks agree on (Marzullo 1984, as NTP chooses its sources: RFC 5905 §11.2.1): each says a time and by how much it may be wrong;
// right can only be what lies in enough of these spans.
import type { Fix } from './steered-clock.ts'

/** What a source said of the time, at some tick. */
export interface Said extends Fix {
  readonly by: string
}

export interface Agreement {
  readonly fix: Fix
  readonly by: readonly string[]
  /** Those whose span has nothing of what the others agree on. */
  readonly others: readonly string[]
}

/** How many of so many sources must agree, where nobody says: more than half; of two the one that answers. */
export const majorityOf = (sources: number): number => (sources < 3 ? 1 : Math.floor(sources / 2) + 1)

/** The narrowest span that lies in those of the most sources, at that tick of the machine; undefined where fewer than `needed` agree. */
export const agreedTime = (said: readonly Said[], needed: number, ticks: number): Agreement | undefined => {
  const spans = said.map(({ by, time, bound, ticks: then }) => {
    const now = time + (ticks - then)
    return { by, low: now - bound, high: now + bound }
  })
  // wherever a number of them meet, one of them begins
  const meetings = spans.map(({ low }) => {
    const members = spans.filter((each) => each.low <= low && low <= each.high)
    return { members, low, high: Math.min(...members.map(({ high }) => high)) }
  })
  const [best] = meetings.sort((a, b) => b.members.length - a.members.length || a.high - a.low - (b.high - b.low))
  if (!best || best.members.length < needed) return undefined
  const { members, low, high } = best
  const by = members.map((each) => each.by)
  return {
    fix: { time: (low + high) / 2, bound: (high - low) / 2, ticks },
    by,
    others: spans.filter((each) => each.high < low || each.low > high).map((each) => each.by),
  }
}
