// What a node that carries messages is made of and told, and what it tells those who watch it.
import type { Clock, Json, Random, Store } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import type { Version } from '../ocpp/version.ts'
import type { TimeSource } from '../overlay/clock-quality.ts'
import type { CountersignRule } from '../overlay/countersigning.ts'
import type { FirewallSettings } from '../overlay/firewall-rules.ts'
import type { JournalRow } from '../overlay/journal.ts'
import type { KeyLedger } from '../overlay/key-ledger.ts'
import type { CallOptions, Local } from '../overlay/node.ts'
import type { Policy } from '../overlay/policy.ts'
import type { Sealing } from '../overlay/sealer.ts'
import type { Secrecy } from '../overlay/secrecy.ts'
import type { Sighting } from '../overlay/sighting.ts'
import type { Identity } from '../overlay/signature.ts'
import type { TrustStore } from '../overlay/trust.ts'
import type { UplinkPreference } from '../overlay/uplinks.ts'
import type { ForeignSettings } from './foreign-backends.ts'
import type { ToldRow } from './journal-notes.ts'
import type { LinkView } from './link-reports.ts'
import type { Quota } from './outbox.ts'
import type { TimeSettings } from './time-keeper.ts'

export interface NetworkParts {
  readonly clock: Clock
  readonly random: Random
  readonly store: Store
  readonly engine: Engine
  readonly trust: TrustStore
  /** In force until a signed one came over the overlay. */
  readonly policy: Policy
  /** Why a value is no policy document, or nothing; without it the node takes none. */
  readonly policyFlaw?: (value: Json) => string | undefined
  /** What may pass; without it everything may. */
  readonly firewall?: FirewallSettings
  /** What this node countersigns when it passes it on. */
  readonly countersign?: readonly CountersignRule[]
  readonly identity: Identity
  /** What the operator's root says of keys; without it the keys of files are all there are. */
  readonly ledger?: KeyLedger
  /** Who vouches for the clock; the same clock, where others do. */
  readonly source?: TimeSource
  /** Whom it asks for the time. */
  readonly time?: TimeSettings
  /** What is encrypted, and opened; without it nothing is. */
  readonly secrecy?: Secrecy
  readonly local: Local
  /** Back ends that know nothing of the overlay. */
  readonly foreign?: ForeignSettings
}

export interface NetworkSettings {
  readonly id: string
  readonly role: string
  /** Where stations' messages go. */
  readonly backend: string
  /** Node ids of the configured uplinks, up or not. */
  readonly uplinks: readonly string[]
  /** Those of them that dial this node, instead of being dialled. */
  readonly awaits?: readonly string[]
  /** Which of them is used while several are up, by node id. */
  readonly preferences?: Readonly<Record<string, UplinkPreference>>
  /** Groups whose messages it wants from the start. */
  readonly groups?: readonly string[]
  /** Stations are spoken to in signed messages of OCPP Part 4 chapter 7, in this node's name. */
  readonly signedActions?: boolean
  /** What may wait on disk for a back end that is away. */
  readonly quota?: Partial<Quota>
}

/** News for people who watch a node. */
export type NodeEvent =
  | { readonly type: 'message'; readonly data: Sighting }
  | { readonly type: 'journal'; readonly data: JournalRow }
  /** Of another node's journal. */
  | { readonly type: 'note'; readonly data: ToldRow }
  | { readonly type: 'moved'; readonly data: readonly string[] }
  | { readonly type: 'links'; readonly data: readonly LinkView[] }

/** A station that was let in. */
export interface DoorKnock {
  readonly stationId: string
  readonly version: Version
  readonly password?: Uint8Array
  /** It showed a password or a certificate that is its own (security profiles 1 to 3). */
  readonly proven?: boolean
}

export interface AskOptions extends CallOptions {
  /** Another key, audience or lifetime than usual; `false` sends the order unsigned. */
  readonly sealing?: Sealing | false
}
