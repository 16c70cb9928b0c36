// Who is in the network, and who is linked with whom: what nodes, their links and the stations' paths tell, put together. Where each stands is layout.ts.
import type { LinkInfo, NodeInfo, StationInfo } from './model.ts'

export interface Network {
  readonly nodes: readonly NodeInfo[]
  readonly links: readonly LinkInfo[]
  readonly stations: readonly StationInfo[]
}

/** What tells of itself, and stations that others tell of; by name, numbers in their order. */
export const everyNode = ({ nodes, stations }: Network): NodeInfo[] => {
  const ids = new Set(nodes.map((node) => node.id))
  const more = stations.filter((station) => !ids.has(station.id)).map(({ id, online, path }) => ({ id, role: 'station', online, path }))
  const online = new Map(stations.map((station) => [station.id, station.online]))
  return [
    ...nodes.map((node) => ({ ...node, online: node.role === 'station' ? (online.get(node.id) ?? node.online) : node.online })),
    ...more,
  ].sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }))
}

export interface Pair {
  readonly ids: readonly [string, string]
  readonly up: boolean
  readonly proven: boolean | undefined
  readonly queued: number
  readonly rate: number
}

/** One pair per two nodes: down if either end says so, and where no end says anything, what the path to the node tells. */
export const joinLinks = ({ links, stations, nodes }: Network, known: readonly NodeInfo[]): Pair[] => {
  const ids = new Set(known.map((node) => node.id))
  const pairs = new Map<string, Pair>()
  for (const link of links) {
    if (!ids.has(link.node) || !ids.has(link.peer)) continue
    const ends = [link.node, link.peer].sort() as [string, string]
    const before = pairs.get(ends.join(' ')) ?? { ids: ends, up: true, proven: undefined, queued: 0, rate: 0 }
    pairs.set(ends.join(' '), {
      ids: ends,
      up: before.up && link.up,
      proven: before.proven === false ? false : (link.proven ?? before.proven),
      queued: before.queued + link.queued,
      rate: Math.max(before.rate, link.rate),
    })
  }
  const joined = new Set([...pairs.values()].flatMap((pair) => pair.ids))
  const here = known.find((node) => node.role === 'csms')?.id
  for (const { id, path, online } of [...stations, ...nodes]) {
    if (joined.has(id)) continue
    const hops = path.filter((hop) => hop !== id && ids.has(hop))
    const parent = hops.at(-1) ?? here
    if (parent !== undefined && parent !== id)
      pairs.set(`${parent} ${id}`, { ids: [parent, id], up: online, proven: undefined, queued: 0, rate: 0 })
  }
  return [...pairs.values()]
}
