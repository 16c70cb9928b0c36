// What the pure floors ask of the world. adapters/ fulfil these with node and ws, tests with memory and a virtual clock.

export type Cancel = () => void

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number
  /** Calls `run` once, `ms` milliseconds from now, unless cancelled. */
  after(ms: number, run: () => void): Cancel
}

/** The clock of a machine: besides what it takes for the time, what has passed. */
export interface Machine extends Clock {
  /** Milliseconds since some moment, by a counter that nobody sets. It may stand still while the machine sleeps. */
  ticks(): number
}

export interface Random {
  bytes(length: number): Uint8Array
  /** A UUID of version 4, RFC 9562 §5.4; 36 characters, so it fits an OCPP message id. */
  uuid(): string
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** One durable change. `value: undefined` deletes the key. */
export interface Change {
  readonly collection: string
  readonly key: string
  readonly value: Json | undefined
}

export interface Row {
  readonly key: string
  readonly value: Json
}

export interface Range {
  /** Only keys that begin with this text. */
  readonly prefix?: string
  /** Only keys after this one. */
  readonly after?: string
  readonly limit?: number
  /** Last key first. */
  readonly reverse?: boolean
}

/** Named collections of JSON documents in key order (by UTF-16 code unit; use ASCII keys). One writer. */
export interface Store {
  get(collection: string, key: string): Json | undefined
  list(collection: string, range?: Range): Row[]
  /**
   * Applies all changes or none. Reads see them at once; the promise resolves when they survive a power cut, and rejects
   * with Fault `store-failed` when they will not (then reads do not see them either).
   */
  commit(changes: readonly Change[]): Promise<void>
  close(): Promise<void>
}

/** What the owner of a link is told. Frames arrive in order; nothing arrives after `closed`. */
export interface LinkEvents {
  text(frame: string): void
  binary(frame: Uint8Array): void
  closed(code: number, reason: string): void
}

/** One open connection that carries whole frames: a WebSocket in production, a pair of queues in a test. */
export interface Link {
  /** Unique among the links of this process, printable. */
  readonly id: string
  /** Bytes handed to `send` that have not left yet. */
  readonly waiting: number
  /**
   * Names the TLS session under the link that it is to be bound to (RFC 9266 `tls-exporter`, 32 bytes); empty where that session cannot be
   * named. Missing: there is no TLS, or the link is not to be bound to it.
   */
  readonly exporter?: Uint8Array | undefined
  /** Starts delivery; called exactly once. Frames that came before are delivered then. */
  open(events: LinkEvents): void
  send(frame: string | Uint8Array): void
  /** Whether the other side gives a sign of life within `ms` milliseconds: a WebSocket ping. */
  alive(ms: number): Promise<boolean>
  close(code: number, reason: string): void
}
