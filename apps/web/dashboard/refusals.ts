// What was refused, from the two places that tell of it: answers that went through this node, and journals. Pure.
import type { JournalEntry, MessageInfo } from './model.ts'

export interface Refusal {
  /** Milliseconds since 1970. */
  readonly at: number
  /** The node that refused. */
  readonly by: string
  /** The rule; empty where none was named, as at a port's door. */
  readonly rule: string
  /** Whose message it was. */
  readonly origin: string
  /** The neighbour it came over, where that was told. */
  readonly hop: string
  readonly text: string
  readonly source: 'journal' | 'answer'
}

export interface RefusalGroup extends Omit<Refusal, 'source'> {
  readonly count: number
}

const KINDS: readonly string[] = ['order-refused', 'message-refused', 'security']

export const refusalsIn = (messages: readonly MessageInfo[], journal: readonly JournalEntry[]): Refusal[] => [
  ...messages
    .filter(({ type, code }) => type === 'error' && code === 'SecurityError')
    .map(({ at, to, from, action, rule, refusedBy }) => ({
      ...{ at, by: refusedBy || from, rule, origin: to, hop: '', text: action },
      source: 'answer' as const,
    })),
  ...journal
    .filter(({ kind }) => KINDS.includes(kind))
    .map(({ at, node, rule, subject, hop, text }) => ({ at, by: node, rule, origin: subject, hop, text, source: 'journal' as const })),
]

/** The refusals since then by who refused whom by which rule, the newest group first. */
export const grouped = (refusals: readonly Refusal[], since: number): RefusalGroup[] => {
  const groups = Map.groupBy(
    refusals.filter(({ at }) => at >= since),
    ({ by, rule, origin }) => JSON.stringify([by, rule, origin]),
  )
  return [...groups.values()].map(together).sort((a, b) => b.at - a.at)
}

const together = (all: readonly Refusal[]): RefusalGroup => {
  const told = all.filter(({ source }) => source === 'journal')
  // the journal says why in words, an answer only what was asked
  const ordered = (told.length > 0 ? told : all).toSorted((a, b) => a.at - b.at)
  const { source, ...last } = ordered.at(-1) as Refusal
  // a refusal that was answered is in the journal too: it happened once
  const count = Math.max(told.length, all.length - told.length)
  return { ...last, hop: all.findLast(({ hop }) => hop !== '')?.hop ?? '', at: Math.max(...all.map(({ at }) => at)), count }
}
