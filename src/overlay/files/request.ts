// The question for content: the details of a stream of the purpose `content`, written and read (docs/protocol.md §12.3).
import { Fault } from '../../base/fault.ts'
import type { Json } from '../../base/ports.ts'
import { isNodeId } from '../../ocpp/frame.ts'
import { isContentId } from './content.ts'

/** The name that content is offered under. */
export const CONTENT = 'content'

export interface ContentRequest {
  readonly content: string
  /** The node that has it, for who must ask further. */
  readonly source: string
  /** Whether the list of chunks is wanted before the chunks. */
  readonly list: boolean
  /** The nodes that want it for each other, the first one first: none may be asked again. */
  readonly via: readonly string[]
  /** Which chunks, in order; all where not given. */
  readonly chunks?: readonly Run[]
}

/** Chunks one after the other: the first, and how many. */
export type Run = readonly [first: number, count: number]

/** Runs in one question; what is beyond is asked for afterwards. */
const RUNS = 256
/** As many nodes as a message may pass (docs/protocol.md §3.5). */
const HOPS = 16

/** Throws Fault `payload-invalid`, and `hop-limit` for a question that went too far. */
export const readContentRequest = (details: { readonly [member: string]: Json | undefined }): ContentRequest => {
  const { content, source, list, via, chunks } = details
  if (!isContentId(content)) throw invalid('expected "content" to be 64 hex digits')
  if (!isNodeId(source)) throw invalid('expected "source" to be a node id')
  if (typeof list !== 'boolean') throw invalid('expected "list" to be true or false')
  if (!Array.isArray(via) || !via.every(isNodeId)) throw invalid('expected "via" to be node ids')
  if (via.length > HOPS) throw new Fault('hop-limit', `the question for content went over ${via.length} nodes`)
  if (chunks === undefined) return { content, source, list, via }
  if (!Array.isArray(chunks) || chunks.length > RUNS || !chunks.every(isRun)) throw invalid(`expected "chunks" to be up to ${RUNS} runs`)
  return { content, source, list, via, chunks }
}

export const contentDetails = (request: ContentRequest): { readonly [member: string]: Json } => ({ ...request })

/** Numbers that rise, as runs: as many as one question may have. */
export const runsOf = (indices: Iterable<number>): Run[] => {
  const runs: [number, number][] = []
  for (const index of indices) {
    const last = runs.at(-1)
    if (last && last[0] + last[1] === index) last[1]++
    else if (runs.length === RUNS) break
    else runs.push([index, 1])
  }
  return runs
}

export const indicesOf = function* (runs: readonly Run[]): Generator<number> {
  for (const [first, count] of runs) for (let i = 0; i < count; i++) yield first + i
}

const isRun = (value: Json): value is readonly [number, number] =>
  Array.isArray(value) && value.length === 2 && isCount(value[0]) && isCount(value[1]) && value[1] > 0
const isCount = (value: Json | undefined): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_536
const invalid = (why: string): Fault => new Fault('payload-invalid', why)
