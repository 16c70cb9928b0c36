// Lines of nodes for stream tests: `a` at the bottom, up to four hops, `z` at the top, joined by memory links that can be cut and mended.
import type { ByteStream, StreamClass, StreamHandler } from '../../../src/overlay/streams/stream.ts'
import { build, type Network, type Plan } from '../networks.ts'

export interface Line extends Network {
  /** Link names from the bottom up. */
  readonly names: readonly string[]
}

/** `a` and `z` with so many nodes between them. */
export const line = async (hops: number): Promise<Line> => {
  const ids = ['a', ...Array.from({ length: hops }, (_, i) => `h${i}`), 'z']
  const plan: Plan = new Map(ids.map((id, i) => [id, ids.slice(i + 1, i + 2)]))
  return { ...(await build(plan)), names: ids.slice(1).map((id, i) => `${ids[i]} ${id}`) }
}

/** Offers `purpose` at the top and collects the streams that come. */
export const offered = (network: Network, purpose: string, run: (stream: ByteStream) => Promise<void>, at = 'z'): ByteStream[] => {
  const streams: ByteStream[] = []
  const handler: StreamHandler = async () => ({
    run: async (stream) => {
      streams.push(stream)
      await run(stream)
    },
  })
  network.at(at).streams.offer(purpose, handler)
  return streams
}

export const request = (purpose: string, rank: StreamClass = 'files') => ({ purpose, class: rank, details: {} })

/** Everything that comes out of a stream until its end. */
export const drain = async (stream: Pick<ByteStream, 'received'>): Promise<Uint8Array> => {
  const parts: Uint8Array[] = []
  for await (const part of stream.received) parts.push(part.slice())
  return Buffer.concat(parts)
}

/** Bytes that say where they stand. */
export const pattern = (length: number, seed = 0): Uint8Array => Uint8Array.from({ length }, (_, i) => ((i >> 8) ^ (i * 31) ^ seed) & 255)
