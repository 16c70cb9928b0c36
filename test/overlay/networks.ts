// Whole networks for tests, built from a plan of who dials whom, and what can be asked of them: the way a message goes, and who is where.
import fc from 'fast-check'
import type { Engine } from '../../src/crypto/engine.ts'
import type { NodeParts, OverlayNode } from '../../src/overlay/node.ts'
import type { Peer } from '../../src/overlay/peer.ts'
import { engine, type Joint, join, type Keys, makeNode, type TestNode, type VirtualClock, virtualClock } from './support.ts'

export interface Network {
  readonly clock: VirtualClock
  readonly nodes: ReadonlyMap<string, TestNode>
  readonly links: Map<string, Joint>
  at(id: string): OverlayNode
  /** Ends the link of that name, `LOWER UPPER`, or makes it again. */
  cut(name: string): void
  mend(name: string): void
}

/** Each node with the uplinks it dials; one that has none is the top. */
export type Plan = ReadonlyMap<string, readonly string[]>

export interface BuildOptions {
  /** Links that are not made. */
  readonly without?: ReadonlySet<string>
  readonly clock?: VirtualClock
  readonly keys?: Keys
  readonly engine?: Engine
  readonly parts?: (id: string) => Partial<NodeParts>
  /** Sees each link when it is made, and made again. */
  readonly joined?: (name: string, joint: Joint) => void
}

export const build = async (plan: Plan, options: BuildOptions = {}): Promise<Network> => {
  const { without, keys, parts = () => ({}), joined = () => undefined } = options
  const { clock = virtualClock() } = options
  const nodes = new Map<string, TestNode>()
  for (const [id, uplinks] of plan) {
    const signing = keys && { trust: keys.trust, identity: keys.identity(id), engine: options.engine ?? engine }
    nodes.set(id, makeNode(clock, id, { uplinks, role: id[0] as string, ...signing, ...parts(id) }))
  }
  const at = (id: string): OverlayNode => (nodes.get(id) as TestNode).node
  const links = new Map<string, Joint>()
  const mend = (name: string): void => {
    const [low = '', high = ''] = name.split(' ')
    const joint = join(clock, at(low), at(high))
    links.set(name, joint)
    joined(name, joint)
  }
  for (const name of linksOf(plan)) if (!without?.has(name)) mend(name)
  await clock.advance(2_000)
  return { clock, nodes, links, at, mend, cut: (name) => links.get(name)?.low.close(1006, 'cut') }
}

export const linksOf = (plan: Plan): string[] => [...plan].flatMap(([id, uplinks]) => uplinks.map((uplink) => `${id} ${uplink}`))

/** The nodes a message goes over, hop by hop, as each of them decides; undefined where one knows no way. */
export const walk = ({ nodes, at }: Network, from: string, to: string): string[] | undefined => {
  const way = [from]
  let came: Peer | undefined
  for (let here = from; here !== to; here = way.at(-1) as string) {
    const next = at(here).routes.next(to, came)
    if (!next || way.includes(next.id)) return undefined
    way.push(next.id)
    if (!nodes.has(next.id)) return next.id === to ? way : undefined
    came = at(next.id).routes.direct(here)
  }
  return way
}

/** Who is where, as every node knows it. */
export const tables = ({ nodes }: Network) =>
  Object.fromEntries(
    [...nodes].map(([id, { node }]) => {
      const known = node.routes.places().filter(({ online }) => online)
      return [
        id,
        Object.fromEntries(known.map((place) => [place.id, place.path.join(' > ')]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1))),
      ]
    }),
  )

/** 1 top, 5 gateways, 24 districts and 170 controllers; below the top each has two uplinks. */
export const fourLevels = (): Map<string, string[]> => {
  const level = (letter: string, count: number, above: readonly string[]) =>
    Array.from({ length: count }, (_, i): [string, string[]] => {
      const first = above[i % above.length] as string
      const second = above[(i + 1) % above.length] as string
      return [`${letter}${i}`, first === second ? [first] : [first, second]]
    })
  const ids = (entries: [string, string[]][]) => entries.map(([id]) => id)
  const gateways = level('g', 5, ['top'])
  const districts = level('d', 24, ids(gateways))
  return new Map([['top', []], ...gateways, ...districts, ...level('c', 170, ids(districts))])
}

/** Networks of up to `size` nodes. Node n has up to three uplinks among the nodes before it, so there is no circle of uplinks; node 0 is the top. */
export const plans = (size: number): fc.Arbitrary<Plan> =>
  fc
    .array(fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: size - 1, size: 'max' })
    .map(
      (picks) =>
        new Map([
          ['n0', []],
          ...picks.map((pick, i): [string, string[]] => [`n${i + 1}`, [...new Set(pick.map((n) => `n${n % (i + 1)}`))]]),
        ]),
    )

/** The nodes that have a way up to the top over links that stand. */
export const joinedTo = (plan: Plan, isCut: (name: string) => boolean): string[] => {
  const joined = new Set<string>()
  // who is above stands before who is below
  for (const [id, uplinks] of plan)
    if (uplinks.length === 0 || uplinks.some((above) => joined.has(above) && !isCut(`${id} ${above}`))) joined.add(id)
  return [...joined]
}

/**
 * The engine, which verifies each signature once however many nodes of one test ask: what was verified is remembered by key, bytes and
 * signature, all of them, so that it answers as the engine does.
 */
export const rememberingEngine = (): Engine => {
  const known = new Map<string, boolean>()
  return {
    ...engine,
    verifyEcdsa(key, hash, message, signature) {
      const name = [key.curve, hash, ...[key.point, message, signature].map((bytes) => Buffer.from(bytes).toString('base64'))].join(' ')
      const answer = known.get(name) ?? engine.verifyEcdsa(key, hash, message, signature)
      known.set(name, answer)
      return answer
    },
  }
}
