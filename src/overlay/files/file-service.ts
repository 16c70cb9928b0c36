// The files of nodes, as a node's operators and its other parts use them: its own through the same face as everybody's.
import type { FileEntry } from './file-space.ts'
import type { Progress, Transfer } from './transfer.ts'

/** A file as its node describes it. */
export interface FileFound extends FileEntry {
  /** Id of its content. */
  readonly content: string
  /** SHA-256 of the whole, hex. */
  readonly sha256: string
}

export interface Sending {
  readonly name: string
  /** Id of content that this node has: kept, or published. */
  readonly content: string
  readonly size: number
  /** As in `Putting`. */
  readonly onlyIfHash?: string
}

/** A file that moves between two nodes. */
export interface FileOnWay extends Progress {
  /** Of this node. */
  readonly direction: 'in' | 'out'
  /** The node at the other end. */
  readonly node: string
  readonly name: string
}

/** Every question is an order to that node, judged by its policy: throws Fault as a CALL does, `refused` where a rule, a name or a quota says no. */
export interface FileService {
  list(node: string, folder: string): Promise<readonly FileEntry[]>
  /** What the file is, and its bytes on their way here. Throws Fault `input-missing` where there is no such file. */
  get(node: string, name: string): Promise<{ readonly file: FileFound; readonly transfer: Transfer }>
  /** Resolves when the other node has the file, durable under its name. */
  send(node: string, sending: Sending, told?: (progress: Progress) => void): Promise<void>
  /** Whether there was one. */
  delete(node: string, name: string, onlyIfHash?: string): Promise<boolean>
}
