// What a container is to the rest: something that holds records, keys or further containers. The list is in containers.ts.
import { Fault } from '../base/fault.ts'
import type { Content } from './content.ts'
import type { Budget } from './limits.ts'
import type { MeterRecord, UnsignedDetail } from './reading.ts'

export type ContainerName =
  | 'safe-xml'
  | 'zip'
  | 'tar'
  | 'gz'
  | 'bz2'
  | 'pdf'
  | 'qr'
  | 'chargeit'
  | 'ptb'
  | 'ocpi'
  | 'ocpp'
  | 'soap'
  | 'oicp'
  | 'ctr'
  | 'livelink'
  | 'list'
  | 'csv'
  | 'encoded'

/** Pixels, four bytes each: red, green, blue, alpha. */
export interface Pixels {
  readonly data: Uint8ClampedArray<ArrayBuffer>
  readonly width: number
  readonly height: number
}

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

/** A container that is opened with what has to be fetched from disk first. */
export interface LoadingContainer extends Omit<Container, 'open'> {
  /** As `open`; rejects where that throws. */
  load(content: Content, budget: Budget, openers: Openers): Promise<readonly Part[]>
}

/** What is too heavy to be there before it is needed. Each platform has it from its own disk, never from a network. */
export interface Openers {
  /** The program that reads codes in pictures: `zxing_reader.wasm` of the package zxing-wasm. Absent where pictures are not read. */
  readonly codeReader?: () => Promise<ArrayBuffer>
}

/** A file in an archive: an input of its own, of any kind. */
export interface Member {
  readonly kind: 'member'
  /** Undefined for the one file in a container that has no names: it is called by what the container's own name leaves (`innerName`). */
  readonly name: string | undefined
  readonly bytes: Uint8Array
}

/** A place for one record in a document, with the keys beside it. */
export interface Slot {
  readonly kind: 'slot'
  readonly name: string
  /** The ways in which the place can be read, most likely first; at least one. They can be gone through again. */
  readonly contents: Iterable<Content>
  /** Public keys, as text. */
  readonly keys: readonly string[]
  /** The signature, where it stands beside the record. */
  readonly beside?: Content
  /** Public keys of the document around the one in which the place is. */
  readonly keysAround?: readonly string[]
  /**
   * What the container says about the record, or where it contradicts it.
   * @param alone whether no other record is in the place: of several, nobody knows which one the words around it mean
   */
  annotate?(record: MeterRecord, alone: boolean): MeterRecord
  /** What the document says around it, which nobody signed. */
  readonly unsigned?: readonly UnsignedDetail[]
}

/** Something that is there and cannot be had. */
export interface Missing {
  readonly kind: 'missing'
  /** Undefined when it is the container itself that is damaged or too large. */
  readonly name: string | undefined
  readonly fault: Fault
}

export type Part = Member | Slot | Missing

/** @param name undefined for the container itself */
export const unreadable = (name: string | undefined, why: string): Missing => ({
  kind: 'missing',
  name,
  fault: new Fault('record-malformed', why),
})

/** What the name of an archive leaves for the one file in it: `a/session.tar.gz` holds `session.tar`, and so does `session.tgz`. */
export const innerName = (path: string): string => {
  const last = path.split(/[/\\]/).at(-1) ?? ''
  const bare = last.replace(/\.(?:gz|bz2|png|jpe?g|gif|bmp|webp|svg)$/i, '').replace(/\.t(?:gz|bz2?)$/i, '.tar')
  return bare === '' || bare === last ? 'content' : bare
}
