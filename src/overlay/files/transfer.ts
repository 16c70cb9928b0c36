// Content on its way to this node, as those see it who want it: all who want the same share one transfer.

import type { StreamClass } from '../streams/stream.ts'
import type { Content } from './content.ts'
import type { ChunkSource } from './content-store.ts'

/** In bytes; of content whose size is not known yet both are 0. */
export interface Progress {
  readonly done: number
  readonly total: number
}

export interface Transfer extends Pick<ChunkSource, 'id' | 'release'> {
  /** Resolves when the list of chunks is here. */
  readonly content: Promise<Content>
  readonly progress: Progress
  /** A chunk, verified; waits for it where it is still on its way. Rejects with the Fault that ended the transfer. `into` as for `ChunkSource.read`. */
  chunk(index: number, into?: Uint8Array): Promise<Uint8Array>
  /** Resolves with the content when all of it is here and durable. */
  readonly done: Promise<ChunkSource>
}

export interface Wanted {
  readonly content: string
  /** The node that has it: whoever published it, or sends it. Nodes on the way there are asked first. */
  readonly source: string
  /** The node it is wanted for, by whose account it is kept; this node where not given. */
  readonly account?: string
  /** Of the streams that it comes over; `files` where not given. */
  readonly class?: StreamClass
  /** Whether nodes on the way may keep it for others; true where not given. Otherwise only the source itself is asked. */
  readonly shared?: boolean
}

/** Gets content, and offers what is here to others. */
export interface ContentExchange {
  /**
   * Opens a transfer, or joins the one that runs. What is here already is not asked for. Who opened it releases it; when nobody wants
   * it any more it ends, and what came stays for the next time.
   */
  open(wanted: Wanted): Transfer
  /** Lets others have content that is read from `source`, until the returned function is called: that releases it. */
  publish(source: ChunkSource): () => void
}
