// Keeps the picture up to date: reads every list, then follows the event stream, and starts over when it breaks.
import { useEffect, useState } from 'preact/hooks'
import type { Json } from '../../../src/base/ports.ts'
import { get, Refused } from '../shell/api.ts'
import { apply, EMPTY, KEPT, type Live, type LiveEvent } from './live.ts'
import { type JournalEntry, readJournal, readLink, readList, readMessage, readNode, readStation, readTransaction } from './model.ts'
import { refusalsIn } from './refusals.ts'
import type { ServerEvent } from './sse.ts'
import { stream } from './stream.ts'

export type Connection = 'connecting' | 'live' | 'lost' | 'refused'

export interface Feed {
  readonly live: Live
  readonly connection: Connection
}

/** Events are drawn together at most this often, in ms: a busy network sends hundreds a second. */
const BATCH = 150
const RETRY = [500, 1000, 2000, 5000] as const

export const useFeed = (token: string): Feed => {
  const [feed, setFeed] = useState<Feed>({ live: EMPTY, connection: 'connecting' })
  useEffect(() => {
    const stop = new AbortController()
    follow(token, stop.signal, (change) => setFeed(change))
    return () => stop.abort()
  }, [token])
  return feed
}

type Change = (change: (feed: Feed) => Feed) => void

const follow = async (token: string, signal: AbortSignal, change: Change): Promise<void> => {
  for (let failures = 0; !signal.aborted; failures++) {
    const attempt = new AbortController()
    const opened = () => {
      failures = 0
    }
    try {
      await followOnce(token, { signal: AbortSignal.any([signal, attempt.signal]), change, opened })
    } catch (thrown) {
      if (signal.aborted) return
      if (thrown instanceof Refused && (thrown.status === 401 || thrown.status === 403))
        return change((feed) => ({ ...feed, connection: 'refused' }))
      console.info('the event stream broke, and is opened again:', String(thrown))
    } finally {
      attempt.abort()
    }
    change((feed) => ({ ...feed, connection: 'lost' }))
    await new Promise((resolve) => setTimeout(resolve, RETRY[Math.min(failures, RETRY.length - 1)]))
  }
}

interface Attempt {
  readonly signal: AbortSignal
  readonly change: Change
  readonly opened: () => void
}

/** The stream is opened first and the lists are read after it, with the events held back meanwhile: so no change falls between the two. */
const followOnce = async (token: string, { signal, change, opened }: Attempt): Promise<void> => {
  const open = Promise.withResolvers<void>()
  const ready = open.promise.then(async () => {
    const live = await snapshot(token, signal)
    opened()
    change((feed) => ({ connection: 'live', live: { ...live, messages: feed.live.messages } }))
  })
  const take = (events: readonly LiveEvent[]) =>
    ready.then(
      () => change((feed) => ({ ...feed, live: apply(feed.live, events) })),
      // why the lists could not be read is thrown below; events without them mean nothing
      () => undefined,
    )
  const batch = batched(signal, take)
  await Promise.all([
    ready,
    stream('/api/v1/events', token, { opened: () => open.resolve(), event: (event) => read(event).forEach(batch) }, signal),
  ])
}

const snapshot = async (token: string, signal: AbortSignal): Promise<Live> => {
  const lists = ['nodes', 'links', 'stations', 'transactions'].map((path) => get(`/api/v1/${path}`, token, signal))
  const told = get('/api/v1/journal/told', token, signal)
  const [own, others, nodes, links, stations, transactions] = await Promise.all([journalTail(token, signal), told, ...lists])
  const journal = [...own, ...readList(others, readJournal)].sort((a, b) => a.at - b.at).slice(-KEPT.journal)
  return {
    nodes: readList(nodes, readNode),
    links: readList(links, readLink),
    stations: readList(stations, readStation),
    transactions: readList(transactions, readTransaction),
    messages: [],
    journal,
    refusals: refusalsIn([], journal),
  }
}

const PAGE = 1000

/** The journal is told from its beginning, a page at a time; only its end is kept. */
const journalTail = async (token: string, signal: AbortSignal): Promise<readonly JournalEntry[]> => {
  let kept: readonly JournalEntry[] = []
  for (let after = 0; ; ) {
    const page = readList(await get(`/api/v1/journal?after=${after}&limit=${PAGE}`, token, signal), readJournal)
    kept = [...kept, ...page].slice(-KEPT.journal)
    const last = page.at(-1)?.seq ?? 0
    if (page.length < PAGE || last <= after) return kept
    after = last
  }
}

let counted = 0

/** The event that a piece of the stream carries; none where its type is new to this page or its data cannot be read. */
const read = ({ type, data }: ServerEvent): LiveEvent[] => {
  let json: Json
  try {
    json = JSON.parse(data) as Json
  } catch (thrown) {
    console.info(`an event of type ${type} is not JSON:`, String(thrown))
    return []
  }
  const one = <T extends LiveEvent['type'], D>(name: T, value: D | undefined) => (value === undefined ? [] : [{ type: name, data: value }])
  switch (type) {
    case 'node':
      return one(type, readNode(json))
    case 'link':
      return one(type, readLink(json))
    case 'station':
      return one(type, readStation(json))
    case 'transaction':
      return one(type, readTransaction(json))
    case 'journal':
      return one(type, readJournal(json))
    case 'message':
      return one(type, readMessage(json, counted++, Date.now()))
    default:
      return []
  }
}

/** Collects events and hands them over together. */
const batched = (signal: AbortSignal, take: (events: readonly LiveEvent[]) => void): ((event: LiveEvent) => void) => {
  let waiting: LiveEvent[] = []
  return (event) => {
    waiting.push(event)
    if (waiting.length > 1) return
    setTimeout(() => {
      const events = waiting
      waiting = []
      if (!signal.aborted) take(events)
    }, BATCH)
  }
}
