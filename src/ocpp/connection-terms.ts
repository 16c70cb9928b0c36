// What one connection is told and held to: the face of whoever is behind it, and its limits. connection.ts says what it does with them.
import type { Fault } from '../base/fault.ts'
import type { Clock } from '../base/ports.ts'
import { type Call, type ErrorMessage, FRAME_LIMITS, type FrameLimits, type Send } from './frame.ts'
import type { Answer } from './outgoing-calls.ts'
import type { Version } from './version.ts'

export interface ConnectionHandler {
  /** A CALL, its payload valid where the version knows the action. A Fault that it rejects with becomes a CALLERROR, anything else an InternalError; `dropped` is not answered. */
  call(call: Call): Promise<Answer>
  /** A SEND, its payload valid where the version knows the action. OCPP 2.1. */
  send?(send: Send): void
  /** The peer could not use an answer it got: CALLRESULTERROR, OCPP 2.1. Told as a flaw too. */
  resultError?(error: ErrorMessage): void
  /** An error that this end says by itself, as it is to go out: to a `call` of the peer's, or a CALLRESULTERROR. */
  seal?(error: ErrorMessage, call?: Call): ErrorMessage
  /** Told once, and nothing after it. */
  closed(code: number, reason: string): void
  /** What the peer, or the handler itself, did wrong; the connection goes on. */
  flaw?(fault: Fault): void
}

export interface ConnectionOptions {
  readonly version: Version
  readonly clock: Clock
  /** Milliseconds an answer may take, from the moment its CALL goes out; for a handler, from the moment it is called. 30000 */
  readonly callTimeoutMs?: number
  /** Own calls that may wait behind the one on the wire. 64 */
  readonly queueLimit?: number
  /** The peer's calls that may wait behind the one being handled. 32 */
  readonly inboundLimit?: number
  /** Flaws in a row after which the connection is closed with 1008. 100 */
  readonly flawLimit?: number
  /** Bytes that may wait for a peer that reads too slowly; past it the connection is closed with 1008. 4 MiB */
  readonly bufferLimit?: number
  readonly limits?: FrameLimits
}

export type Limits = Required<Omit<ConnectionOptions, 'version' | 'clock'>>

export const DEFAULTS = {
  callTimeoutMs: 30_000,
  queueLimit: 64,
  inboundLimit: 32,
  flawLimit: 100,
  bufferLimit: 4_194_304,
  limits: FRAME_LIMITS,
} as const satisfies Limits
