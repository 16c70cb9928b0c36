// Where each node of the network stands, and how the lines between them run. Pure: nodes, links and a width in, numbers out.
import { everyNode, joinLinks, type Network, type Pair } from './joined.ts'
import type { NodeInfo } from './model.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface PlacedNode extends Point {
  readonly id: string
  readonly role: string
  readonly online: boolean
  readonly tier: number
}

export interface PlacedLink {
  /** Both ids in order, so that a link told by either end, or by both, is one line. */
  readonly key: string
  readonly upper: PlacedNode
  readonly lower: PlacedNode
  readonly up: boolean
  /** Whether both ends proved their keys, as far as they say; undefined where none says. */
  readonly proven: boolean | undefined
  readonly queued: number
  readonly rate: number
  /** From the upper node to the lower. */
  readonly line: readonly Point[]
  /** Where words about the link stand, and to which side of that point. */
  readonly label: Point & { readonly anchor: 'middle' | 'start' }
}

export interface Layout {
  readonly width: number
  readonly height: number
  readonly nodes: readonly PlacedNode[]
  readonly links: readonly PlacedLink[]
}

export const NODE = { width: 104, height: 46 } as const
/**
 * `air` is what nodes above the lowest tier keep between them where there is room: words stand on their links. `pass` is what a line keeps from the nodes
 * of one row on its way to the next.
 */
const GAP = { x: 12, air: 120, y: 68, pass: 8 } as const
const MARGIN = 14

/** The tiers from the top; a role that is new here stands with the stations. */
const TIERS: Readonly<Record<string, number>> = {
  csms: 0,
  'grid-operator': 0,
  gateway: 1,
  'local-controller': 2,
  station: 3,
  'energy-meter': 3,
}
const LOWEST = 3

/**
 * Tiers from top to bottom where the width carries them, the lowest in two rows where it does not fit into one; otherwise a tree that grows downwards, one
 * node a row.
 */
export const layOut = (network: Network, width: number): Layout => {
  const known = everyNode(network)
  const pairs = joinLinks(network, known)
  const tiers = [0, 1, 2, LOWEST].map((tier) => known.filter((node) => tierOf(node) === tier)).filter((tier) => tier.length > 0)
  const lowest = tiers.at(-1)?.length ?? 0
  const fits = (count: number, step: number): boolean => (count - 1) * step + NODE.width + 2 * MARGIN <= width
  if (!tiers.slice(0, -1).every((tier) => fits(tier.length, NODE.width + GAP.x))) return tree(tiers, pairs, width)
  if (fits(lowest, NODE.width + GAP.x)) return pyramid(tiers, pairs, { width, rows: 1 })
  return fits(lowest, NODE.width / 2 + GAP.pass) ? pyramid(tiers, pairs, { width, rows: 2 }) : tree(tiers, pairs, width)
}

/**
 * The way of a message along the links that are drawn. What it passed is known only up to where it was seen; the rest of its way is
 * the shortest over the links. Fewer than two drawn nodes, or none between them, give no way.
 */
export const route = (ids: readonly string[], { nodes, links }: Layout): Point[] => {
  const drawn = ids.filter((id, i) => id !== ids[i - 1] && nodes.some((node) => node.id === id))
  return drawn.slice(1).flatMap((to, i) => shortest(drawn[i] ?? to, to, links))
}

const shortest = (from: string, to: string, links: readonly PlacedLink[]): Point[] => {
  const ways = new Map<string, Point[]>([[from, []]])
  // breadth first: a map keeps the order in which it was filled, and grows while it is walked
  for (const [id, way] of ways) {
    for (const { upper, lower, line } of links) {
      const next = upper.id === id ? lower.id : lower.id === id ? upper.id : undefined
      if (next !== undefined && !ways.has(next)) ways.set(next, [...way, ...(upper.id === id ? line : [...line].reverse())])
    }
  }
  return ways.get(to) ?? []
}

interface Space {
  readonly width: number
  /** Of the lowest tier: its nodes stand in them by turns. */
  readonly rows: number
}

/** The lowest tier is spread over the width in the order of its parents; every node above stands over the middle of what hangs on it. */
const pyramid = (tiers: Tier[], pairs: readonly Pair[], { width, rows }: Space): Layout => {
  const xs = place(tiers, pairs, width)
  const yOf = (row: number): number => MARGIN + NODE.height / 2 + row * (NODE.height + GAP.y)
  const last = tiers.length - 1
  const nodes = tiers.flatMap((tier, row) =>
    tier.map(({ id, role, online }, i) => ({
      ...{ id, role, online, tier: row },
      x: xs.get(id) ?? 0,
      y: yOf(row + (row === last ? i % rows : 0)),
    })),
  )
  // to a second row it goes straight down between the nodes of the first
  const top = yOf(last) - NODE.height / 2
  const reach = (from: Point, to: Point): Point[] =>
    to.y > yOf(last) && from.y < top ? [...curve(from, { x: to.x, y: top }), to] : curve(from, to)
  const links = placeLinks(pairs, nodes, reach)
  const parents = (id: string) => links.filter((link) => link.lower.id === id).length
  const height = yOf(Math.max(0, last) + rows - 1) + NODE.height / 2 + MARGIN
  return { width, height, nodes, links: links.map((link) => ({ ...link, label: labelAt(link, parents(link.lower.id) > 1) })) }
}

/** Above the lower node, where no other line runs; below the upper one where several links meet at the lower; within a tier in the middle. */
const labelAt = ({ upper, lower }: Pick<PlacedLink, 'upper' | 'lower'>, shared: boolean): PlacedLink['label'] => {
  if (upper.tier === lower.tier) return { x: (upper.x + lower.x) / 2, y: lower.y - 8, anchor: 'middle' }
  if (shared) return { x: upper.x, y: upper.y + NODE.height / 2 + 18, anchor: 'middle' }
  return { x: lower.x, y: lower.y - NODE.height / 2 - 8, anchor: 'middle' }
}

/** Across tiers an S that leaves and arrives upright; within a tier a straight line. */
const curve = (from: Point, to: Point): Point[] => {
  const steps = 12
  return Array.from({ length: steps + 1 }, (_, i) => {
    const t = i / steps
    const eased = from.y === to.y ? t : t * t * (3 - 2 * t)
    return { x: from.x + (to.x - from.x) * eased, y: from.y + (to.y - from.y) * t }
  })
}

const TREE = { indent: 24, gutter: 12, gap: 16 } as const

/** Depth first from the topmost node; what does not hang on it comes after, and its lines run up in the margin that indenting leaves free. */
const tree = (tiers: Tier[], pairs: readonly Pair[], width: number): Layout => {
  const rank = new Map(tiers.flatMap((tier, row) => tier.map((node) => [node.id, row] as const)))
  const byId = new Map(tiers.flat().map((node) => [node.id, node]))
  const ordered: NodeInfo[] = []
  const visit = (node: NodeInfo): void => {
    if (ordered.includes(node)) return
    ordered.push(node)
    for (const { ids } of pairs) {
      const other = ids[0] === node.id ? ids[1] : ids[1] === node.id ? ids[0] : undefined
      const child = other === undefined ? undefined : byId.get(other)
      if (child !== undefined && (rank.get(child.id) ?? 0) > (rank.get(node.id) ?? 0)) visit(child)
    }
  }
  for (const node of tiers.flat()) visit(node)
  const nodes = ordered.map(({ id, role, online }, row) => {
    const tier = rank.get(id) ?? 0
    return {
      id,
      role,
      online,
      tier,
      x: MARGIN + tier * TREE.indent + NODE.width / 2,
      y: MARGIN + NODE.height / 2 + row * (NODE.height + TREE.gap),
    }
  })
  const left = ({ x }: Point) => x - NODE.width / 2
  const links = placeLinks(pairs, nodes, (from, to) => {
    const gutter = left(from) + TREE.gutter
    return [
      { x: gutter, y: from.y },
      { x: gutter, y: to.y },
      { x: left(to), y: to.y },
    ]
  })
  const height = nodes.length * (NODE.height + TREE.gap) - TREE.gap + 2 * MARGIN
  return { width, height, nodes, links: links.map((link, i) => ({ ...link, label: besides(link, links.slice(0, i)) })) }
}

/** At the right of the lower node, each link on a line of its own. */
const besides = ({ lower }: Pick<PlacedLink, 'lower'>, before: readonly Pick<PlacedLink, 'lower'>[]): PlacedLink['label'] => {
  const row = before.filter((link) => link.lower.id === lower.id).length
  return { x: lower.x + NODE.width / 2 + 8, y: lower.y + 4 + 15 * row, anchor: 'start' }
}

type Unlabelled = Omit<PlacedLink, 'label'>

const placeLinks = (pairs: readonly Pair[], nodes: readonly PlacedNode[], draw: (from: Point, to: Point) => Point[]): Unlabelled[] =>
  pairs.flatMap(({ ids, ...state }) => {
    const [a, b] = ids.map((id) => nodes.find((node) => node.id === id))
    if (a === undefined || b === undefined) return []
    const [upper, lower] = a.tier <= b.tier ? [a, b] : [b, a]
    return [{ key: ids.join(' '), ...state, upper, lower, line: draw(upper, lower) }]
  })

const tierOf = (node: { role: string }): number => TIERS[node.role] ?? LOWEST

type Tier = NodeInfo[]

/** The x of every node: each tier is sorted by where its parents stand and spread evenly; then, from the bottom up, parents move over their children. */
const place = (tiers: Tier[], pairs: readonly Pair[], width: number): Map<string, number> => {
  const xs = new Map<string, number>()
  const rank = new Map(tiers.flatMap((tier, row) => tier.map((node) => [node.id, row] as const)))
  const around = (id: string, side: 1 | -1): number | undefined => {
    const others = pairs.flatMap(({ ids: [a, b] }) => (a === id ? b : b === id ? a : []))
    return middle(others.flatMap((other) => (((rank.get(other) ?? 0) - (rank.get(id) ?? 0)) * side > 0 ? (xs.get(other) ?? []) : [])))
  }
  for (const tier of tiers) {
    const pull = new Map(tier.map((node) => [node.id, around(node.id, -1)]))
    tier.sort((a, b) => (pull.get(a.id) ?? width) - (pull.get(b.id) ?? width))
    spread(tier, width, xs)
  }
  for (const tier of [...tiers].reverse().slice(1)) {
    for (const node of tier) xs.set(node.id, around(node.id, 1) ?? xs.get(node.id) ?? width / 2)
    separate(tier, width, xs)
  }
  return xs
}

const middle = (numbers: readonly number[]): number | undefined =>
  numbers.length === 0 ? undefined : (Math.min(...numbers) + Math.max(...numbers)) / 2

/** Evenly, the outermost within the margins. */
const spread = (tier: Tier, width: number, xs: Map<string, number>): void => {
  const inset = MARGIN + Math.max(NODE.width, (width - 2 * MARGIN) / tier.length) / 2
  const step = (width - 2 * inset) / Math.max(1, tier.length - 1)
  for (const [i, node] of tier.entries()) xs.set(node.id, inset + step * i)
}

/** Pushes the nodes of a tier apart where they crowd, about their common middle, and back inside the margins. */
const separate = (tier: Tier, width: number, xs: Map<string, number>): void => {
  const step = NODE.width + Math.min(GAP.air, (width - 2 * MARGIN - NODE.width * tier.length) / Math.max(1, tier.length - 1))
  tier.sort((a, b) => (xs.get(a.id) ?? 0) - (xs.get(b.id) ?? 0))
  const wanted = tier.map((node) => xs.get(node.id) ?? 0)
  const apart: number[] = []
  for (const x of wanted) apart.push(Math.max(x, (apart.at(-1) ?? -Infinity) + step))
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length
  const shift = mean(wanted) - mean(apart)
  const half = MARGIN + NODE.width / 2
  for (const [i, node] of tier.entries()) {
    const after = tier.length - 1 - i
    const x = Math.min(Math.max((apart[i] ?? 0) + shift, half + i * step), width - half - after * step)
    xs.set(node.id, x)
  }
}
