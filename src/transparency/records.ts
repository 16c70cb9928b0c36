// The records in one content, each with the name of its place and with what stands around it. Keys are read elsewhere, and nothing is verified.
import { asFault, Fault } from '../base/fault.ts'
import type { Slot } from '../metering/container.ts'
import type { Content } from '../metering/content.ts'
import type { Format, ReadRecord } from '../metering/format.ts'
import type { MeterRecord, UnsignedDetail } from '../metering/reading.ts'
import type { Report } from './found.ts'

export interface Reading {
  readonly format: Format
  readonly content: Content
  /** The input the records belong to. */
  readonly report: Report
  /** Where in it they stand. */
  readonly name: string
  readonly keys: readonly string[]
  readonly keysAround?: readonly string[]
  /** What stands around it in the document, which nobody signed. */
  readonly unsigned?: readonly UnsignedDetail[]
  /** The file with the signature, where that lies in one of its own. */
  readonly beside?: Content | undefined
  /** What the container around it says. */
  readonly annotate?: Slot['annotate']
}

export interface NamedRecord {
  /** The name of the content, with a number where it has several records. */
  readonly own: string
  readonly found: ReadRecord
}

/** Nothing is left out: where a record cannot be read, a fault stands in its place. @throws Fault `limit-exceeded` */
export function* recordsIn({ format, content, name, beside, unsigned = [], annotate = asItIs }: Reading): Generator<NamedRecord> {
  const records = format.read(content, beside)[Symbol.iterator]()
  let current = nextOf(records)
  for (let number = 1; current.done !== true; number++) {
    const following = nextOf(records)
    const alone = number === 1 && following.done === true
    const read = current.value
    yield { own: alone ? name : `${name}#${number}`, found: read instanceof Fault ? read : withDetails(annotate(read, alone), unsigned) }
    current = following
  }
}

const asItIs = (record: MeterRecord): MeterRecord => record

/** What cannot be read is a fault in its place, and takes nothing that stands before or beside it along. A limit ends everything. */
const nextOf = (records: Iterator<ReadRecord>): IteratorResult<ReadRecord> => {
  try {
    return records.next()
  } catch (thrown) {
    const fault = asFault(thrown)
    if (fault.code === 'limit-exceeded') throw fault
    return { done: false, value: fault }
  }
}

const withDetails = (found: MeterRecord, unsigned: readonly UnsignedDetail[]): MeterRecord =>
  unsigned.length === 0 ? found : { ...found, unsigned: [...(found.unsigned ?? []), ...unsigned] }
