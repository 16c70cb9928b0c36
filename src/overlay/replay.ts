// Nobody's order counts twice: a sliding window of sequence numbers per (issuer, audience), RFC 4303 §3.4.3, kept in the
// store, so that a restart does not open it again.
import type { Change, Json, Store } from '../base/ports.ts'

/** How far behind the highest number an order may arrive. */
const WINDOW = 1024n
const COLLECTION = 'replay'

interface Window {
  readonly highest: bigint
  /** Bit i: the number `highest - i` was seen. */
  readonly seen: bigint
}

/**
 * Judges a sequence number. Returns the change that must be durable before the order is acted on, or undefined when the
 * number was seen already or is older than the window.
 */
export const admitSequence = (store: Store, pair: { iss: string; aud: string }, seq: number): Change | undefined => {
  const key = `${pair.iss} ${pair.aud}`
  const next = advanced(readWindow(store.get(COLLECTION, key)), BigInt(seq))
  return next && { collection: COLLECTION, key, value: { highest: String(next.highest), seen: next.seen.toString(16) } }
}

/**
 * The same for what is told and never answered, in memory: what was signed before this node started does not count, so that
 * nothing has to be on disk for every piece of news.
 */
export class Hearsay {
  readonly #windows = new Map<string, Window>()
  readonly #since: number

  /** @param since seconds since 1970 */
  constructor(since: number) {
    this.#since = since
  }

  /** Why it does not count, as of an order (docs/protocol.md §4.4); undefined where it does, and then its number is used up. */
  flawOf({
    iss,
    aud,
    iat,
    exp,
    seq,
  }: {
    iss: string
    aud: string
    iat: number
    exp?: number
    seq?: number
  }): 'expired' | 'replayed' | undefined {
    if (exp === undefined || iat < this.#since) return 'expired'
    if (!isSequence(seq)) return 'replayed'
    const key = `${iss} ${aud}`
    const next = advanced(this.#windows.get(key) ?? NOTHING, BigInt(seq))
    if (!next) return 'replayed'
    this.#windows.set(key, next)
    return undefined
  }
}

/** Numbers of orders and SENDs: whole, from 1. */
export const isSequence = (seq: unknown): seq is number => typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 1

const NOTHING: Window = { highest: 0n, seen: 0n }

/** The window with one more number, or undefined where that does not count. */
const advanced = ({ highest, seen }: Window, number: bigint): Window | undefined => {
  if (number > highest)
    return { highest: number, seen: number - highest < WINDOW ? ((seen << (number - highest)) | 1n) & ((1n << WINDOW) - 1n) : 1n }
  const isNew = highest - number < WINDOW && ((seen >> (highest - number)) & 1n) === 0n
  return isNew ? { highest, seen: seen | (1n << (highest - number)) } : undefined
}

const readWindow = (value: Json | undefined): Window => {
  const { highest, seen } = (value ?? {}) as { highest?: string; seen?: string }
  return { highest: BigInt(highest ?? 0), seen: BigInt(`0x${seen ?? '0'}`) }
}
