// A node's figures in the Prometheus text format. Every name stands in docs/operations.md. Each node tells of itself only, and
// labels are few: what a stranger can make up, or what a site has thousands of, is no label.
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { CLOCK_STATES } from '../overlay/clock-quality.ts'
import type { LinkView } from '../roles/link-reports.ts'
import type { NetworkNode } from '../roles/network-node.ts'
import { lagMeter } from './event-loop.ts'
import type { NodeFiles } from './node-files.ts'
import { COMMIT_STEPS, type StoreMeter } from './store-meter.ts'

export interface Meters {
  readonly network: NetworkNode
  readonly store: StoreMeter
  /** Where the node keeps some. */
  readonly files?: NodeFiles | undefined
  /** Sockets open on the ports of the node, of whatever kind. */
  readonly sockets: () => Promise<number>
}

/** Reads the figures at the moment of the question; nothing is counted twice or kept. */
export const metricsOf = async (meters: Meters): Promise<string> => {
  const { network, store, files, sockets } = meters
  const sheet = new Sheet()
  placesOf(sheet, network)
  linksOf(
    sheet,
    network.links.all().filter(({ node }) => node === network.id),
  )
  streamsOf(sheet, network)
  decisionsOf(sheet, network)
  clockOf(sheet, network)
  keptOf(sheet, network)
  sheet.registry.registerMetric(new CommitTimes(store))
  sheet.counter('store_failures_total', 'Groups of commits that failed; nothing of them was acknowledged').inc(store.failures)
  const { used, free } = store.room
  sheet.gauge('store_bytes', 'Size of the store on disk').set(used)
  sheet.gauge('disk_free_bytes', 'Room left on the disk of the store').set(free)
  sheet.gauge('open_sockets', 'Sockets open on the ports of the node: stations, nodes, HTTP').set(await sockets())
  droppedOf(sheet, network)
  contentOf(sheet, files)
  processOf(sheet)
  return sheet.registry.metrics()
}

class Sheet {
  readonly registry = new Registry()

  gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name: `chargeproof_${name}`, help, labelNames, registers: [this.registry] })
  }

  counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name: `chargeproof_${name}`, help, labelNames, registers: [this.registry] })
  }
}

const COMMITS = { name: 'chargeproof_store_commit_seconds', help: 'From the first change of a group to its being safe on disk' }

/** Counted by the store's meter, which knows nothing of Prometheus; told here. */
class CommitTimes extends Histogram {
  readonly #meter: StoreMeter

  constructor(meter: StoreMeter) {
    super({ ...COMMITS, buckets: [...COMMIT_STEPS], registers: [] })
    this.#meter = meter
  }

  /** What the registry asks a histogram for. */
  async getForPromString(): Promise<object> {
    const { commits, seconds } = this.#meter
    const buckets = commits.map((value, i) => ({ metricName: `${COMMITS.name}_bucket`, labels: { le: COMMIT_STEPS[i] ?? '+Inf' }, value }))
    const sums = Object.entries({ sum: seconds, count: commits.at(-1) ?? 0 })
    const values = [...buckets, ...sums.map(([of, value]) => ({ metricName: `${COMMITS.name}_${of}`, labels: {}, value }))]
    return { ...COMMITS, type: 'histogram', aggregator: 'sum', values }
  }
}

const placesOf = (sheet: Sheet, { overlay }: NetworkNode): void => {
  const places = overlay.routes.places()
  const online = (isWanted: (role: string) => boolean): number => places.filter((place) => place.online && isWanted(place.role)).length
  sheet.gauge('stations_online', 'Stations that can be reached').set(online((role) => role === 'station'))
  sheet.gauge('nodes_online', 'Other nodes that can be reached').set(online((role) => role !== 'station'))
  sheet.gauge('routes', 'Places in the routing table, gone ones included').set(places.length)
}

/** Neighbours with series of their own; the others, like all stations, are told as a sum under this name. */
const NEIGHBOURS = 200
const TOGETHER = '*'

const linksOf = (sheet: Sheet, links: readonly LinkView[]): void => {
  const labels = ['peer', 'kind']
  const up = sheet.gauge('link_up', 'Links that are open: 1 or 0 for a node; all stations together are peer="*"', labels)
  const queued = sheet.gauge('link_queued', 'Messages that wait for their turn, their answer, or for the link to come back', labels)
  const messages = sheet.counter('link_messages_total', 'Messages over a link', [...labels, 'direction'])
  let neighbours = 0
  for (const { kind, ...view } of links) {
    const peer = kind !== 'station' && ++neighbours <= NEIGHBOURS ? view.peer : TOGETHER
    up.inc({ peer, kind }, view.up ? 1 : 0)
    queued.inc({ peer, kind }, view.queued)
    messages.inc({ peer, kind, direction: 'sent' }, view.sent)
    messages.inc({ peer, kind, direction: 'received' }, view.received)
  }
}

const streamsOf = (sheet: Sheet, { overlay }: NetworkNode): void => {
  const open = sheet.gauge('streams', 'Streams on a link, ended ones included for ten seconds', ['peer', 'class'])
  const waiting = sheet.gauge('stream_waiting_bytes', 'Bytes of streams that wait here for the neighbour', ['peer'])
  const window = sheet.gauge('stream_window_bytes', 'Bytes of streams that may be under way on the link', ['peer'])
  const bytes = sheet.counter('stream_bytes_total', 'Bytes of streams over links that are open now', ['peer', 'direction'])
  for (const { peer, streams, window: size, sent, received } of overlay.streams.views().slice(0, NEIGHBOURS)) {
    for (const stream of streams) {
      open.inc({ peer, class: stream.class })
      waiting.inc({ peer }, stream.waiting)
    }
    window.set({ peer }, size)
    bytes.inc({ peer, direction: 'sent' }, sent)
    bytes.inc({ peer, direction: 'received' }, received)
  }
}

const decisionsOf = (sheet: Sheet, { figures }: NetworkNode): void => {
  const tallies = [
    ['flaws_total', 'Frames and messages that were not as they should be, by fault code', 'fault', figures.flaws],
    ['journal_entries_total', 'Entries written to the journal, by kind', 'kind', figures.journal],
    ['refusals_total', 'Orders and messages refused here, by rule', 'rule', figures.refusals],
  ] as const
  for (const [name, help, label, tally] of tallies) {
    const counter = sheet.counter(name, help, [label])
    for (const [value, count] of tally.entries) counter.inc({ [label]: value }, count)
  }
}

const clockOf = (sheet: Sheet, { guard: { quality } }: NetworkNode): void => {
  const state = sheet.gauge('clock_state', 'What the clock of the node is good for: 1 at the state it is in', ['state'])
  for (const each of CLOCK_STATES) state.set({ state: each }, quality.state === each ? 1 : 0)
  const bound = sheet.gauge('clock_bound_seconds', 'By how much the clock may be wrong; infinite where nobody vouches for it')
  bound.set((quality.bound ?? Number.POSITIVE_INFINITY) / 1_000)
}

/** At least so many messages wait. */
const KEPT_STEPS = [1, 10, 100, 1_000, 10_000] as const

const keptOf = (sheet: Sheet, { autonomy }: NetworkNode): void => {
  if (!autonomy) return
  const { queues, counters, outbox } = autonomy
  sheet.gauge('kept_messages', 'Reports of stations that wait on disk for the back end').set(autonomy.waiting)
  const stations = sheet.gauge('kept_stations', 'Stations of which at least so many reports wait on disk', ['at_least'])
  for (const step of KEPT_STEPS) stations.set({ at_least: String(step) }, queues.filter((length) => length >= step).length)
  sheet.counter('kept_full_total', 'Reports not kept for want of room; the station keeps them').inc(counters.full)
  sheet.counter('kept_rejected_total', 'Kept reports that the back end refused for good').inc(counters.rejected)
  sheet.gauge('kept_bytes', 'Size of the reports that wait').set(outbox.bytes)
  const dropped = sheet.counter('kept_dropped_total', 'Kept reports given up for want of room, by what they were worth', ['worth'])
  for (const [worth, count] of Object.entries(outbox.dropped)) dropped.inc({ worth }, count)
}

const droppedOf = (sheet: Sheet, { foreign }: NetworkNode): void => {
  const dropped = sheet.counter('mirror_dropped_total', 'Messages that a mirror will never hear', ['mirror'])
  for (const [mirror, count] of foreign.dropped) dropped.inc({ mirror }, count)
}

const contentOf = (sheet: Sheet, files: NodeFiles | undefined): void => {
  const { received, served, altered } = files?.exchange.figures ?? { received: 0, served: 0, altered: 0 }
  const bytes = sheet.counter('content_bytes_total', 'Bytes of content that came and fitted, or were handed out', ['direction'])
  bytes.inc({ direction: 'received' }, received)
  bytes.inc({ direction: 'sent' }, served)
  sheet.gauge('content_kept_bytes', 'Size of the content that is kept for others').set(files?.contents.bytes ?? 0)
  sheet.counter('content_altered_total', 'Chunks that came as another than was published').inc(altered)
}

const processOf = (sheet: Sheet): void => {
  const { median, p99, most } = lagMeter().lag
  const lag = sheet.gauge('event_loop_lag_seconds', 'How late the process came to its work in the last ten seconds', ['quantile'])
  for (const [quantile, seconds] of Object.entries({ '0.5': median, '0.99': p99, 1: most })) lag.set({ quantile }, seconds)
  sheet.gauge('process_resident_memory_bytes', 'Resident memory of the process').set(process.memoryUsage.rss())
  sheet.gauge('process_start_time_seconds', 'When the process started, since 1970').set(Math.round(performance.timeOrigin / 1000))
  sheet.gauge('clock_seconds', 'The clock of the node, since 1970').set(Date.now() / 1000)
}
