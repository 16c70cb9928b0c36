// What a container is to the rest: something that holds records, keys or further containers. The list is in containers.ts.
import type { Fault } from '../base/fault.ts'
import type { Content } from './content.ts'
import type { Budget } from './limits.ts'
import type { MeterRecord } from './reading.ts'

export type ContainerName = 'safe-xml' | 'zip' | 'chargeit' | 'ptb' | 'ocpi' | 'ocpp' | 'ctr' | 'livelink'

export interface Container {
  readonly name: ContainerName
  /** A link leads to records somewhere else, and nobody follows it. */
  readonly kind?: 'link'
  /** Cheap: looks at the beginning only. */
  recognise(content: Content): boolean
  /**
   * Everything inside, in order; nothing is left out. What lies past a limit is a `Missing` with the limit's fault.
   * @throws Fault `record-malformed` when the container itself cannot be read
   */
  open(content: Content, budget: Budget): readonly Part[]
}

/** A file in an archive: an input of its own, of any kind. */
export interface Member {
  readonly kind: 'member'
  readonly name: string
  readonly bytes: Uint8Array
}

/** A place for one record in a document, with the keys beside it. */
export interface Slot {
  readonly kind: 'slot'
  readonly name: string
  /** The ways in which the place can be read, most likely first; at least one. */
  readonly contents: Iterable<Content>
  /** Public keys, as text. */
  readonly keys: readonly string[]
  /** The signature, where it stands beside the record. */
  readonly beside?: Content
  /** What the container says about the record, or where it contradicts it. */
  annotate?(record: MeterRecord): MeterRecord
}

/** Something that is there and cannot be had. */
export interface Missing {
  readonly kind: 'missing'
  /** Undefined when it is the container itself that is damaged or too large. */
  readonly name: string | undefined
  readonly fault: Fault
}

export type Part = Member | Slot | Missing
