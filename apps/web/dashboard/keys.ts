// Which keys want attention, and in which order they are shown. Pure.
import type { KeyInfo, KeysInfo } from './trust-model.ts'

const DAY_MS = 86_400_000
/** A key that ends within this time and has no successor is a warning: enough for somebody to be back from holidays. */
export const SOON_MS = 14 * DAY_MS

/** So long somebody who did not mean a key has to notice it. */
export const NEW_MS = 3 * DAY_MS

/** In the order in which they are shown: what wants attention first. */
export const STANDING = {
  revoked: { tone: 'bad' },
  expired: { tone: 'bad' },
  soon: { tone: 'warn' },
  'not-yet-valid': { tone: 'quiet' },
  valid: { tone: 'good' },
  replaced: { tone: 'quiet' },
} as const satisfies Record<string, { tone: string }>
export type Standing = keyof typeof STANDING

export interface StandingKey extends KeyInfo {
  readonly standing: Standing
  /** Whether the node has another key that counts longer. */
  readonly succeeded: boolean
}

/** Every key with its standing at that time, in milliseconds since 1970; those first that want attention. */
export const standings = (keys: readonly KeyInfo[], now: number): StandingKey[] => {
  const order = Object.keys(STANDING)
  const byNode = Map.groupBy(keys, ({ node }) => node)
  const rank = ({ standing, succeeded }: StandingKey): number => order.indexOf(standing) + (succeeded ? order.length : 0)
  return keys
    .map((key) => standingOf(key, byNode.get(key.node) ?? [], now))
    .sort((a, b) => rank(a) - rank(b) || a.node.localeCompare(b.node) || b.from - a.from)
}

const standingOf = (key: KeyInfo, ofNode: readonly KeyInfo[], now: number): StandingKey => {
  const end = key.until || Number.POSITIVE_INFINITY
  const ends = key.state === 'valid' && end - now < SOON_MS
  const lasts = ({ state, until }: KeyInfo): boolean => state === 'valid' && (until || Number.POSITIVE_INFINITY) - now >= SOON_MS
  const succeeded = ofNode.some((other) => other.kid !== key.kid && lasts(other)) && (ends || key.state !== 'valid')
  return { ...key, standing: ends ? 'soon' : key.state, succeeded }
}

export interface KeyWarning {
  readonly kind: 'stale' | 'no-news' | 'few' | 'soon' | 'new'
  /** Whose keys it is about. */
  readonly nodes: readonly string[]
}

/** What is wrong with the keys as a whole, worst first. */
export const warningsOf = ({ root, revocations, keys }: KeysInfo, now: number): readonly KeyWarning[] => {
  const bare = [...Map.groupBy(keys, ({ node }) => node)].filter(([, all]) => all.every(({ state }) => state !== 'valid'))
  const ending = standings(keys, now).filter(({ standing, succeeded }) => standing === 'soon' && !succeeded)
  const fresh = [
    ...new Set(
      keys.filter(({ source, from, state }) => source === 'document' && from > now - NEW_MS && state !== 'revoked').map(({ node }) => node),
    ),
  ]
  const warnings: readonly (KeyWarning & { readonly holds: boolean })[] = [
    { kind: 'stale', nodes: [], holds: revocations?.fresh === false },
    { kind: 'no-news', nodes: [], holds: root !== undefined && revocations === undefined },
    { kind: 'few', nodes: bare.map(([node]) => node), holds: bare.length > 0 },
    { kind: 'soon', nodes: [...new Set(ending.map(({ node }) => node))], holds: ending.length > 0 },
    { kind: 'new', nodes: fresh, holds: fresh.length > 0 },
  ]
  return warnings.filter(({ holds }) => holds).map(({ kind, nodes }) => ({ kind, nodes }))
}
