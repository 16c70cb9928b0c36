// What keeps content for others: chunks on disk under a quota, the least used given up first. The face alone; adapters/content-store.ts
// fulfils it with files, tests with memory.
import type { Content } from './content.ts'

/** Content that can be read, whole or in part. Who has it gives it back with `release`; until then it is not given up. */
export interface ChunkSource {
  readonly id: string
  readonly content: Content
  has(index: number): boolean
  /**
   * The bytes of a chunk as they were verified; nothing where it is not here, or no more what it was. Rejects with Fault `store-failed`.
   * @param into what they may be put into, so that who reads many makes no garbage; of `chunkSize` bytes
   */
  read(index: number, into?: Uint8Array): Promise<Uint8Array | undefined>
  release(): void
}

/** Content that may lack chunks. What was put outlives the process; a chunk that a crash spoiled is missing again. */
export interface HeldContent extends ChunkSource {
  /** How many chunks are not here. */
  readonly missing: number
  /** Keeps a chunk, which whoever calls has verified, and the bytes not by reference. Once none is missing it resolves when all are durable. Rejects with Fault `store-failed`. */
  put(index: number, bytes: Uint8Array): Promise<void>
}

export interface ContentStore {
  /** What is kept of that content, if anything. */
  find(id: string): Promise<HeldContent | undefined>
  /**
   * Makes room for content, or finds what is kept of it.
   * @param account the node that it is kept for; what one node may have kept here is bounded
   * @throws Fault `limit-exceeded` where it does not fit, whatever else would be given up
   */
  begin(content: Content, account: string): Promise<HeldContent>
}
