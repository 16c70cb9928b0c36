// What a container says about a record that it carries. Nobody signed it: it is shown and marked, it may contradict the record, and it
// proves nothing.
import type { Marker, Message, MeterRecord, Told, ToldCount, UnsignedDetail } from './reading.ts'

export interface Beside {
  /** The record's place in the session by the words around it. */
  readonly label?: Marker | undefined
  readonly unsigned?: readonly UnsignedDetail[]
  /** Compared with the session once its records are together. */
  readonly told?: readonly Told[] | undefined
  /** Compared likewise. */
  readonly counts?: readonly ToldCount[]
  readonly message?: Message | undefined
  /** Where the container contradicts what is signed: one line each, in English. They make the record invalid. */
  readonly problems?: readonly string[]
  /** The same where it touches no value. They warn. */
  readonly remarks?: readonly string[]
}

/** The record with what stands beside it. A record of several readings knows itself which comes first. */
export const withBeside = (record: MeterRecord, beside: Beside): MeterRecord => {
  const { label, unsigned = [], problems = [], remarks = [], counts = [], told = [], message } = beside
  const [reading, ...others] = record.readings
  const marker = others.length === 0 ? reading?.marker : undefined
  const contrary =
    label !== undefined && marker !== undefined && (label === 'begin' ? marker === 'end' : label === 'end' && marker === 'begin')
  const labelled = label !== undefined && reading !== undefined && others.length === 0 ? [{ ...reading, label }] : record.readings
  return {
    ...record,
    readings: labelled,
    ...(message === undefined ? {} : { message }),
    problems: [...record.problems, ...problems],
    ...joined('told', [...(record.told ?? []), ...told]),
    ...joined('counts', [...(record.counts ?? []), ...counts]),
    ...joined('remarks', [
      ...(record.remarks ?? []),
      ...remarks,
      ...(contrary ? [`it is called ${label} around it, and ${marker} is signed`] : []),
    ]),
    ...joined('unsigned', [...(record.unsigned ?? []), ...unsigned]),
  }
}

const joined = <Name extends string, T>(name: Name, list: readonly T[]): Partial<Record<Name, readonly T[]>> =>
  list.length === 0 ? {} : ({ [name]: list } as Record<Name, readonly T[]>)

/**
 * Of several records in one place nobody knows which one the words around it mean: they are shown, and make none of them invalid. What the
 * meter is said to have shown at the begin or the end is said of the session of each.
 */
export const ofSeveral = ({ label: _, problems = [], remarks = [], ...others }: Beside): Beside => ({
  ...others,
  remarks: [...problems, ...remarks],
})
