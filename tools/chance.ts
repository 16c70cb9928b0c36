// Chance that can be had again: the same seed draws the same numbers. Good enough for a choice of victims, not for keys.

export interface Chance {
  /** At least 0, less than 1. */
  next(): number
  /** A whole number from `low` up to, and with, `high`. */
  between(low: number, high: number): number
  pick<T>(items: readonly T[]): T
}

/** mulberry32, by Tommy Ettinger. */
export const chance = (seed: number): Chance => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  return { next, between, pick: (items) => items[between(0, items.length - 1)] as (typeof items)[number] }
}
