// What a node stands on while it runs: its files, its ports to the world, and what can be done with it from outside.
import { readFileSync } from 'node:fs'
import type { FastifyBaseLogger } from 'fastify'
import { Fault } from '../base/fault.ts'
import type { Clock, Machine, Store } from '../base/ports.ts'
import type { Engine } from '../crypto/engine.ts'
import type { TimeSource } from '../overlay/clock-quality.ts'
import type { KeyLedger } from '../overlay/key-ledger.ts'
import type { Secrecy } from '../overlay/secrecy.ts'
import type { Identity } from '../overlay/signature.ts'
import type { TrustStore } from '../overlay/trust.ts'
import type { NetworkNode } from '../roles/network-node.ts'
import type { Station } from '../roles/station.ts'
import type { TimeSettings } from '../roles/time-keeper.ts'
import type { LoadedConfig, UplinkConfig } from './config.ts'
import type { Management } from './management.ts'
import type { NodeFiles } from './node-files.ts'
import type { StoreOptions } from './sqlite-store.ts'
import type { StoreMeter } from './store-meter.ts'

/** What surrounds a node and is not in its file. */
export interface World {
  readonly dataDir: string
  /** Operators show it to the API; every node of one process has the same. */
  readonly token: string
  readonly log: FastifyBaseLogger
  /** The folder of the built pages, for nodes that serve the dashboard. */
  readonly webFolder?: string
  readonly park?: Management['park']
  /** What the grid meter measures, in watts; a site of its own where nobody knows better. */
  readonly sitePowerW?: () => number
  /** How the node's store is opened; a test fills the disk here. */
  readonly store?: StoreOptions
  /** What the node takes for the time; a test has no month to wait. */
  readonly clock?: Machine
  /** How long a station needs to start again, ms; a test has no seconds to wait. */
  readonly rebootMs?: number
  /** How often links are pinged, in milliseconds, where it is not every 30 s; a test has no minute to wait for silence. */
  readonly pingMs?: number
  /** How often the list of revoked certificates is held against those who are connected; a default where not given. */
  readonly revocationMs?: number
}

export interface RunningNode {
  readonly id: string
  readonly role: string
  readonly network?: NetworkNode
  /** Where the file has a section for them. */
  readonly files?: NodeFiles
  readonly store: Store
  readonly station?: Station
  readonly identity: Identity
  stop(): Promise<void>
}

/** The parts every role needs. */
export interface Foundation {
  readonly config: LoadedConfig
  readonly world: World
  readonly clock: Clock
  /** Who vouches for the clock; where the file names somebody. */
  readonly source?: TimeSource
  /** Whom the node asks for the time, and the clock that is set by it. */
  readonly time?: TimeSettings
  readonly engine: Engine
  readonly store: Store
  readonly meter: StoreMeter
  readonly trust: TrustStore
  readonly identity: Identity
  /** What is encrypted and opened; where the file has a section for it. */
  readonly secrecy?: Secrecy
  /** What the operator's root says of keys; where the file names a root. */
  readonly ledger?: KeyLedger
}

/** What an uplink's entry says of passwords and certificates, files read. */
export const credentials = ({
  password,
  tls,
}: UplinkConfig): { password?: string; tls?: { ca?: string; cert?: string; key?: string } } => ({
  ...(password !== undefined && { password }),
  ...(tls && {
    tls: { ...(tls.ca && { ca: pem(tls.ca) }), ...(tls.cert && { cert: pem(tls.cert) }), ...(tls.key && { key: pem(tls.key) }) },
  }),
})

/** Reads a PEM file named in a configuration. Throws Fault `config-invalid`. */
export const pem = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Fault('config-invalid', `the file ${path} cannot be read`, { file: path }, cause)
  }
}
