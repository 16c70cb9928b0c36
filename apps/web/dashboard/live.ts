// The dashboard's picture of the network, and how an event changes it. Pure: the connection is feed.ts, the drawing is elsewhere.

import type { JournalEntry, LinkInfo, MessageInfo, NodeInfo, StationInfo, TransactionInfo } from './model.ts'
import { type Refusal, refusalsIn } from './refusals.ts'

export interface Live {
  readonly nodes: readonly NodeInfo[]
  readonly links: readonly LinkInfo[]
  readonly stations: readonly StationInfo[]
  readonly transactions: readonly TransactionInfo[]
  /** Newest last, at most `KEPT.messages`. */
  readonly messages: readonly MessageInfo[]
  readonly journal: readonly JournalEntry[]
  /** Newest last; kept apart, so that traffic does not push them out. */
  readonly refusals: readonly Refusal[]
}

export type LiveEvent =
  | { readonly type: 'node'; readonly data: NodeInfo }
  | { readonly type: 'link'; readonly data: LinkInfo }
  | { readonly type: 'station'; readonly data: StationInfo }
  | { readonly type: 'transaction'; readonly data: TransactionInfo }
  | { readonly type: 'message'; readonly data: MessageInfo }
  | { readonly type: 'journal'; readonly data: JournalEntry }

export const EMPTY: Live = { nodes: [], links: [], stations: [], transactions: [], messages: [], journal: [], refusals: [] }
export const KEPT = { messages: 1000, journal: 200, transactions: 200, refusals: 1000 } as const

/** Applies events in their order. A later object of the same identity takes the place of the earlier one. */
export const apply = (live: Live, events: readonly LiveEvent[]): Live => {
  const of = <T extends LiveEvent['type']>(type: T) =>
    events
      .filter((event): event is Extract<LiveEvent, { type: T }> => event.type === type)
      .map((event) => event.data as Extract<LiveEvent, { type: T }>['data'])
  return {
    nodes: upsert(live.nodes, of('node'), (node) => node.id),
    links: upsert(live.links, of('link'), (link) => `${link.node} ${link.peer}`),
    stations: upsert(live.stations, of('station'), (station) => station.id),
    transactions: upsert(live.transactions, of('transaction'), (transaction) => transaction.id).slice(-KEPT.transactions),
    messages: appended(live.messages, of('message'), KEPT.messages),
    refusals: appended(live.refusals, refusalsIn(of('message'), fresh(live.journal, of('journal'))), KEPT.refusals),
    journal: appended(live.journal, fresh(live.journal, of('journal')), KEPT.journal),
  }
}

/** Watts drawn by all running sessions together. */
export const totalPower = (live: Live): number =>
  live.transactions.reduce((sum, each) => sum + (each.state === 'running' ? each.powerW : 0), 0)

/** The list with each newcomer in the place of its predecessor, or at the end; the same list where there is none. */
const upsert = <T>(list: readonly T[], newcomers: readonly T[], keyOf: (each: T) => string): readonly T[] => {
  if (newcomers.length === 0) return list
  const byKey = new Map(list.map((each) => [keyOf(each), each]))
  for (const each of newcomers) byKey.set(keyOf(each), each)
  return [...byKey.values()]
}

const appended = <T>(list: readonly T[], newcomers: readonly T[], kept: number): readonly T[] =>
  newcomers.length === 0 ? list : [...list, ...newcomers].slice(-kept)

/** Journal entries may come twice, from the list and from the stream. */
const fresh = (known: readonly JournalEntry[], newcomers: readonly JournalEntry[]): readonly JournalEntry[] => {
  if (newcomers.length === 0) return newcomers
  const keyOf = (entry: JournalEntry): string => `${entry.node} ${entry.seq} ${entry.at}`
  const keys = new Set(known.map(keyOf))
  return newcomers.filter((each) => !keys.has(keyOf(each)) && keys.add(keyOf(each)))
}
