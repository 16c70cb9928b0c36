// The feeds of a node: its journal as it is written, and at a back end the periodic event streams of its stations (OCPP 2.1 N11 to N15),
// value by value.
import type { Clock } from '../base/ports.ts'
import type { Streams } from '../overlay/streams/stream.ts'
import type { DeskEvent } from './behaviours/behaviour.ts'
import { documentOf, integerOf, objectOf, objectsOf, textOf } from './behaviours/fields.ts'
import type { CsmsDesk } from './csms-desk.ts'
import { EventFeed, offerFeeds, type ReaderView } from './event-feed.ts'
import { type EventStream, EventStreams } from './event-streams.ts'
import type { NetworkNode } from './network-node.ts'

export const JOURNAL_FEED = 'journal'
export const PERIODIC_FEED = 'periodic'
/** The SEND of a station that carries values of a stream it opened with `OpenPeriodicEventStream`. */
const NOTIFY = 'NotifyPeriodicEventStream'

export interface FeedParts {
  readonly network: Pick<NetworkNode, 'watch'> & { readonly overlay: { readonly streams: Pick<Streams, 'offer'> } }
  readonly desk?: Pick<CsmsDesk, 'onEvent'> | undefined
  readonly clock: Pick<Clock, 'now'>
}

export interface LiveFeeds {
  streams(): readonly EventStream[]
  readers(): readonly (ReaderView & { readonly feed: string })[]
  stop(): void
}

/** Offers them, until it is stopped. */
export const tellLive = ({ network, desk, clock }: FeedParts): LiveFeeds => {
  const [journal, periodic, streams] = [new EventFeed(), new EventFeed(), new EventStreams(clock)]
  offerFeeds(network.overlay.streams, { [JOURNAL_FEED]: journal, ...(desk && { [PERIODIC_FEED]: periodic }) })
  const stopJournal = network.watch(
    (event) => {
      if (event.type === 'journal') journal.tell(event.data.at, event.data.subject, documentOf(event.data))
    },
    ['journal'],
  )
  const stopDesk = desk?.onEvent((event) => {
    streams.heard(event)
    tellValues(periodic, event)
  })
  const readersOf = (feed: string, from: EventFeed) => from.views().map((view) => ({ ...view, feed }))
  return {
    streams: () => streams.all(),
    readers: () => [...readersOf(JOURNAL_FEED, journal), ...readersOf(PERIODIC_FEED, periodic)],
    stop: () => {
      stopJournal()
      stopDesk?.()
    },
  }
}

/** `t` counts seconds from `basetime` (2.1 StreamDataElementType). `pending` says what the station still holds back. */
const tellValues = (feed: EventFeed, { type, data }: DeskEvent): void => {
  const { station, action, payload } = objectOf(data)
  if (type !== 'notice' || action !== NOTIFY) return
  const { id, basetime, pending, data: values } = objectOf(payload)
  const base = Date.parse(textOf(basetime) ?? '')
  for (const { t, v } of objectsOf(values)) {
    const at = Math.round(base + Number(t) * 1000)
    if (Number.isSafeInteger(at)) feed.tell(at, String(station), { id: integerOf(id) ?? 0, value: textOf(v) ?? '', pending: pending ?? 0 })
  }
}
