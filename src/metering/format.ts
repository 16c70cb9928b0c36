// What a format of meter records is to the rest: something that recognises a text and reads the records in it.
// The list of formats is in formats.ts.
import type { Fault } from '../base/fault.ts'
import type { Content } from './content.ts'
import type { FormatName, MeterRecord } from './reading.ts'

/** A record, or why there is none where one was expected. */
export type ReadRecord = MeterRecord | Fault

export interface Format {
  readonly name: FormatName
  /** Cheap: looks at the beginning only. */
  recognise(content: Content): boolean
  /** Where the signature lies in a file of its own: what is added to the name of the record's file to name that one. */
  readonly detached?: string
  /**
   * All records in the content, in order; nothing is left out. Read one by one, so that a limit can stop it.
   * @param beside the file with the signature, where there is one
   * @throws Fault `record-malformed` when not even the first can be found
   */
  read(content: Content, beside?: Content): Iterable<ReadRecord>
}
