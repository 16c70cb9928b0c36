// What a stream is to those who use one: bytes in order, both ways, under credit, between two nodes however many hops apart.
// How they travel is not said here (docs/protocol.md §11): files, logs and tunnels are written against this face alone.
import type { Fault } from '../../base/fault.ts'
import type { Json } from '../../base/ports.ts'

/** What goes first where a link is narrow: class 0 strictly before all others, the others by turns (docs/protocol.md §11). */
export const STREAM_CLASSES = ['safety', 'control', 'billing', 'interactive', 'live', 'files', 'logs', 'background'] as const

/** The action of the CALL that opens a stream: what rules, policies and the journal call it. Prefixed, so that no OCPP version can claim the name. */
export const OPEN_STREAM = 'org.chargeproof.OpenStream'

export type StreamClass = (typeof STREAM_CLASSES)[number]

/** One end of an open stream. It outlives the links under it: after a break both ends go on where the other had got to. */
export interface ByteStream {
  /** A UUID, the same at both ends and on every hop. */
  readonly id: string
  readonly class: StreamClass
  /** The node at the other end, as its signature proved where the rules demand one. */
  readonly peer: string
  /** Bytes that the other end has taken out of the stream. */
  readonly delivered: number
  /**
   * Resolves when there is room for more; what is written is sent in order. Bytes may be of any length, and are not kept by reference
   * once it has resolved.
   * @throws Fault of `reset`, of either end or of a hop
   */
  write(bytes: Uint8Array): Promise<void>
  /** Nothing more comes from this end; resolves when the other end has taken everything. Throws as `write`. */
  end(): Promise<void>
  /**
   * What the other end writes, in order, for one reader; bytes are there until the next are asked for. Taking grants credit: who does not
   * read is not sent to. Throws as `write`.
   */
  readonly received: AsyncIterable<Uint8Array>
  /** Gives the stream up in both directions; both ends are told why. */
  reset(fault: Fault): void
}

export interface StreamRequest {
  /** What is on the other end: the name it was offered under, such as `file`, `tunnel` or `events`. */
  readonly purpose: string
  readonly class: StreamClass
  /** What the other end is asked for, judged by its rules like the payload of any CALL. */
  readonly details: { readonly [member: string]: Json }
  /** Only the two ends can read it or write into it (docs/protocol.md §11.7). A handler sees here whether it is, and may refuse one that is not. */
  readonly sealed?: boolean
}

/** Opens streams, and answers those of others. */
export interface Streams {
  /**
   * Asks a node for a stream. The question is a CALL (`OPEN_STREAM`) like every other: signed, judged, journalled.
   * @throws Fault as a CALL does; `refused` or `remote-error` where the other end does not want it
   */
  open(destination: string, request: StreamRequest): Promise<ByteStream>
  /**
   * Offers a purpose. The handler is called for each stream that the rules let pass, before anybody is answered; what it throws refuses the
   * stream. It resolves with the answer's details and what is to be done with the stream once it stands.
   */
  offer(purpose: string, handler: StreamHandler): void
}

export type StreamHandler = (
  request: StreamRequest,
  from: string,
) => Promise<{ readonly details?: { readonly [member: string]: Json }; readonly run: (stream: ByteStream) => Promise<void> }>
