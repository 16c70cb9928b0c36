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
  const { highest, seen } = readWindow(store.get(COLLECTION, key))
  const number = BigInt(seq)
  const next: Window | undefined =
    number > highest
      ? { highest: number, seen: number - highest < WINDOW ? ((seen << (number - highest)) | 1n) & ((1n << WINDOW) - 1n) : 1n }
      : highest - number < WINDOW && ((seen >> (highest - number)) & 1n) === 0n
        ? { highest, seen: seen | (1n << (highest - number)) }
        : undefined
  return next && { collection: COLLECTION, key, value: { highest: String(next.highest), seen: next.seen.toString(16) } }
}

const readWindow = (value: Json | undefined): Window => {
  const { highest, seen } = (value ?? {}) as { highest?: string; seen?: string }
  return { highest: BigInt(highest ?? 0), seen: BigInt(`0x${seen ?? '0'}`) }
}
