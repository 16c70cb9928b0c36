// A node's figures in the Prometheus text format.
import { Counter, Gauge, Registry } from 'prom-client'
import type { NetworkNode } from '../roles/network-node.ts'

/** Reads the figures at the moment of the question; nothing is counted twice or kept. */
export const metricsOf = (network: NetworkNode): Promise<string> => {
  const registers = [new Registry()] as const
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ name: `chargeproof_${name}`, help, labelNames, registers: [...registers] })
  const up = gauge('link_up', '1 while the link is open', ['node', 'peer', 'kind'])
  const queued = gauge('link_queued', 'Messages waiting for their turn, their answer, or for the link to come back', [
    'node',
    'peer',
    'kind',
  ])
  const messages = new Counter({
    name: 'chargeproof_link_messages_total',
    help: 'Messages over a link',
    labelNames: ['node', 'peer', 'kind', 'direction'],
    registers: [...registers],
  })
  for (const { node, peer, kind, ...view } of network.links.all()) {
    up.set({ node, peer, kind }, view.up ? 1 : 0)
    queued.set({ node, peer, kind }, view.queued)
    messages.inc({ node, peer, kind, direction: 'sent' }, view.sent)
    messages.inc({ node, peer, kind, direction: 'received' }, view.received)
  }
  outboxFigures(network, { gauge, registers })
  const places = network.overlay.routes.places()
  gauge('stations_online', 'Stations that can be reached').set(places.filter(({ role, online }) => role === 'station' && online).length)
  gauge('nodes_online', 'Other nodes that can be reached').set(places.filter(({ role, online }) => role !== 'station' && online).length)
  gauge('flaws_total', 'Frames and messages that were not as they should be').set(network.links.flaws)
  gauge('process_resident_memory_bytes', 'Resident memory of the process').set(process.memoryUsage.rss())
  return registers[0].metrics()
}

interface Figures {
  readonly gauge: (name: string, help: string) => Gauge
  readonly registers: readonly [Registry]
}

const outboxFigures = ({ autonomy }: NetworkNode, { gauge, registers }: Figures): void => {
  if (!autonomy) return
  const { outbox } = autonomy
  gauge('outbox_messages', 'Messages kept on disk for the way upwards').set(outbox.waiting)
  gauge('outbox_bytes', 'Their size').set(outbox.bytes)
  const dropped = new Counter({
    name: 'chargeproof_outbox_dropped_total',
    help: 'Kept messages given up for want of room, by what they were worth',
    labelNames: ['worth'],
    registers: [...registers],
  })
  for (const [worth, count] of Object.entries(outbox.dropped)) dropped.inc({ worth }, count)
}
