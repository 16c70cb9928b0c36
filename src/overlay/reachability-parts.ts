// What a node's knowledge of the network is made of and told; reachability.ts says what it does with it.
import type { Clock } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import type { AttachedStation } from './announcement.ts'
import type { Routes } from './routes.ts'
import type { TrustStore } from './trust.ts'

export interface ReachabilityParts {
  readonly self: string
  readonly routes: Routes
  readonly clock: Clock
  readonly trust?: TrustStore
  readonly engine?: Engine
  /** Somebody claims what is not theirs. */
  readonly alarm: (announcer: string, text: string) => void
  /** Which claims wait until the station was heard over who makes them. */
  readonly words: {
    readonly waits: (station: AttachedStation, node: string) => boolean
    readonly left: (station: string, node: string) => void
    readonly released: (station: string, node: string) => void
  }
  /** Told of links that nobody names any more, and that some are other than before. */
  readonly paths: { readonly ended: (lower: string, upper: string) => void; readonly changed: () => void }
  /** Asks the node that holds these stations to see whether they are there. */
  readonly look: (holder: string, stations: readonly string[]) => void
  /** Ids that came, went or moved since `hear` or `lost` last said so. */
  readonly moved: (ids: readonly string[]) => void
  /** Statements or best ways of these nodes changed. */
  readonly changed: (nodes: readonly string[]) => void
}
