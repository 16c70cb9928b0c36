// The way to a back end that is none of ours and knows nothing of us: a connection of its own for each station, as if the
// station had dialled itself (OCPP 2.1 Part 4 §6.2). The sockets behind it are the adapters' matter.

import type { Fault } from '../base/fault.ts'
import type { Cancel, Link } from '../base/ports.ts'
import type { Version } from '../ocpp/version.ts'

/** A station as it came through our own door. */
export interface PlainStation {
  readonly id: string
  /** What it negotiated here; the same is asked for there. */
  readonly version: Version
  /** The password it showed, where it showed one. */
  readonly password?: Uint8Array
}

export interface ForeignDoor {
  /** The name of the back end in the configuration. */
  readonly name: string
  /**
   * Tries once. Exactly one of the two is called, unless the attempt is cancelled first.
   * `failed` is told a Fault `refused` (with `data.status` where HTTP said it) or `unreachable`.
   */
  dial(station: PlainStation, told: { readonly up: (link: Link) => void; readonly failed: (fault: Fault) => void }): Cancel
}
