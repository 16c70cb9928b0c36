// A node's file space: a folder with a quota. The face alone; adapters/file-space.ts fulfils it on a disk. Who may do what in it is said
// by the node's policy (docs/protocol.md §12.4).
import type { ChunkSource } from './content-store.ts'

export interface FileEntry {
  /** As `fileNameFlaw` wants it: parts with `/` between them. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modified: number
  /** The node that put it there; missing where it came some other way. */
  readonly origin?: string
}

export interface Putting {
  /** The node that the file is put there for: what one may have here is bounded. */
  readonly origin: string
  /** Only in the place of a file with this SHA-256, hex; empty: only where there is none. */
  readonly onlyIfHash?: string
}

export interface FileSpace {
  /** Every file below a folder; of the whole space for the empty name. */
  list(folder: string): Promise<readonly FileEntry[]>
  /** A file as content; nothing where there is none. Its chunks are read from the file itself. */
  open(name: string): Promise<ChunkSource | undefined>
  /** Throws as `put` would, before there is anything to put. */
  check(name: string, size: number, putting: Putting): Promise<void>
  /**
   * Puts content under a name; resolves when that is durable, and until then the name shows what it showed before.
   * @throws Fault `limit-exceeded` beyond the quota; `refused` for a name or a condition that does not hold; `store-failed`
   */
  put(name: string, source: ChunkSource, putting: Putting): Promise<void>
  /** Whether there was one. @throws Fault `refused` where its SHA-256 is another than `onlyIfHash` */
  delete(name: string, onlyIfHash?: string): Promise<boolean>
}
