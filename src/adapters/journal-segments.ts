// Keeps the journal of a node bounded: what is old goes into files beside the store, in the form of an export, and only then out of the
// store. Nothing is deleted; moving the files to an archive is for people.
import { closeSync, fsyncSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { asFault, type Fault } from '../base/fault.ts'
import type { Cancel } from '../base/ports.ts'
import type { NetworkNode, NodeEvent } from '../roles/network-node.ts'

/** Entries of a segment, and how many stay in the store. */
const SEGMENT = 10_000
const KEPT = 50_000

export interface SegmentOptions {
  /** The node's own folder; segments go into `journal` in it. */
  readonly folder: string
  readonly failed: (fault: Fault) => void
  readonly segment?: number
  readonly kept?: number
}

/** Watches the journal of a node until it is cancelled. */
export const keepSegments = (network: NetworkNode, { folder, failed, segment = SEGMENT, kept = KEPT }: SegmentOptions): Cancel => {
  const { journal } = network
  let isSealing = false
  const seal = async (): Promise<void> => {
    const { seq } = journal.base()
    const rows = journal.read(seq, segment)
    const last = rows.at(-1)
    if (!last) return
    // which policy is in force must be read in the store (overlay/policy-shelf.ts)
    if (rows.some(({ kind }) => kind === 'policy')) await network.policy.restate()
    writeSegment(
      join(folder, 'journal'),
      `${keyOf(seq + 1)}-${keyOf(last.seq)}.jsonl`,
      rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    )
    await journal.seal(last.seq)
  }
  const written = (event: NodeEvent): void => {
    if (event.type !== 'journal' || isSealing || event.data.seq - journal.base().seq < kept + segment) return
    isSealing = true
    seal()
      .catch((error) => failed(asFault(error, 'store-failed')))
      .finally(() => {
        isSealing = false
      })
  }
  // one who watches all makes the node describe every message that passes
  return network.watch(written, ['journal'])
}

const keyOf = (seq: number): string => String(seq).padStart(12, '0')

/** On disk, file and name, before anything is taken out of the store. */
const writeSegment = (folder: string, name: string, text: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = openSync(join(folder, name), 'w', 0o600)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  const directory = openSync(folder, 'r')
  fsyncSync(directory)
  closeSync(directory)
}
