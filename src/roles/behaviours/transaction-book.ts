// Where transactions lie in the store and how they are found: the document, its meter values and its signed records each in
// a row of their own, so that a long session costs no more per message than a short one.
import type { Change, Json } from '../../base/ports.ts'
import { fingerprint } from '../fingerprint.ts'
import type { DeskEvent, Outcome, Reader, Received } from './behaviour.ts'
import { documentOf, keyPart, timeKey } from './fields.ts'
import type { SignedRecord } from './signed-values.ts'
import { emptyTransaction, foldEvent, type SessionEvent, type Transaction, viewOf } from './transaction.ts'

/** A transaction and the key of its row: time of the first message, station, transaction id. */
export interface Entry {
  readonly key: string
  readonly transaction: Transaction
  /** Rows that make a new transaction findable; empty for one that is in the store. */
  readonly index: readonly Change[]
}

/** One message's own row in the collection `meter-values`, below its transaction. */
export interface ValuesRow {
  /** Sorts within the transaction. */
  readonly part: string
  readonly value: Json
}

export const stationIndex = (station: string, transactionId: string): string => `station/${station}/${transactionId}`
export const idIndex = (id: string): string => `id/${id}`

/** By the name that the station and this back end use. */
export const findTransaction = (store: Reader, station: string, transactionId: string): Entry | undefined =>
  entryAt(store, store.get('transaction-index', stationIndex(station, transactionId)))

export const entryAt = (store: Reader, key: Json | undefined): Entry | undefined => {
  if (typeof key !== 'string') return undefined
  const transaction = store.get('transactions', key) as Transaction | undefined
  return transaction === undefined ? undefined : { key, transaction, index: [] }
}

/** A transaction nobody has heard of yet; where the station reuses an id, it hides the older one from now on. */
export const openTransaction = (store: Reader, { station, version, at }: Received, transactionId: string): Entry => {
  const key = `${timeKey(at)}/${station}/${keyPart(transactionId)}`
  const id = publicId(store, station, transactionId)
  return {
    key,
    transaction: emptyTransaction({ id, transactionId, stationId: station, protocol: version }),
    index: [
      { collection: 'transaction-index', key: stationIndex(station, transactionId), value: key },
      { collection: 'transaction-index', key: idIndex(id), value: key },
      { collection: 'transactions-by-station', key: `${station}/${key}`, value: key },
    ],
  }
}

/** Whether a transaction of another station goes by this id. */
export const isForeign = (store: Reader, station: string, transactionId: string): boolean => {
  const other = entryAt(store, store.get('transaction-index', idIndex(transactionId)))
  return other !== undefined && other.transaction.stationId !== station
}

/** Whether this message's row is there already, and with which value. */
export const valuesAt = (store: Reader, { key, index }: Entry, part: string): Json | undefined =>
  // what is not in the store yet has no rows: no need to look
  index.length > 0 ? undefined : store.get('meter-values', `${key}/${part}`)

/** Everything that one new message changes. */
export const record = (
  store: Reader,
  entry: Entry,
  message: { event: SessionEvent; signed: readonly SignedRecord[]; row?: ValuesRow | undefined },
): Pick<Outcome, 'changes' | 'events'> => {
  const { key, transaction: before, index } = entry
  const { event, signed, row } = message
  const transaction = foldEvent(before, event)
  const changes: Change[] = [...index, { collection: 'transactions', key, value: documentOf(transaction) }]
  if (row !== undefined) changes.push({ collection: 'meter-values', key: `${key}/${row.part}`, value: row.value })
  changes.push(...keepSigned(store, key, signed))
  return { changes, events: [transactionEvent(transaction, index.length > 0 ? 'started' : event.kind === 'end' ? 'ended' : 'updated')] }
}

/** @param change started, updated or ended */
export const transactionEvent = (transaction: Transaction, change: string): DeskEvent => ({
  type: 'transaction',
  data: documentOf({ ...viewOf(transaction), change }),
})

export const securityEvent = ({ station, id, action }: Received, kind: string, detail: string): DeskEvent => ({
  type: 'security',
  data: { station, kind, detail, message: id, action },
})

/**
 * Signed records under their transaction (or whatever `under` names), each once, however often it is sent: stations repeat the begin and
 * the end in StopTransaction or the Ended event. A repetition may add which of the two it is, and the key.
 */
export const keepSigned = (store: Reader, under: string, records: readonly SignedRecord[]): Change[] => {
  if (records.length === 0) return []
  const kept = new Map<string, SignedRecord>()
  for (const record of records) {
    const key = `${under}/${fingerprint(record.data)}`
    const before = kept.get(key) ?? (store.get('signed-records', key) as SignedRecord | undefined)
    kept.set(key, before === undefined ? record : merge(before, record))
  }
  return Array.from(kept, ([key, record]) => ({ collection: 'signed-records', key, value: documentOf(record) }))
}

const merge = (a: SignedRecord, b: SignedRecord): SignedRecord => {
  const [better, other] = isBetter(b, a) ? [b, a] : [a, b]
  return better.publicKey === undefined && other.publicKey !== undefined ? { ...better, publicKey: other.publicKey } : better
}

/** The one whose context names an edge, then the earlier: the same whichever came first. */
const isBetter = (a: SignedRecord, b: SignedRecord): boolean => {
  const [edgeA, edgeB] = [isEdge(a), isEdge(b)]
  return edgeA === edgeB ? a.at < b.at : edgeA
}
const isEdge = ({ context }: SignedRecord): boolean => context === 'Transaction.Begin' || context === 'Transaction.End'

const publicId = (store: Reader, station: string, transactionId: string): string => {
  const taken = (id: string): boolean => store.get('transaction-index', idIndex(id)) !== undefined
  if (!taken(transactionId)) return transactionId
  const plain = `${transactionId}@${station}`
  for (let n = 1; ; n++) {
    const id = n === 1 ? plain : `${plain}~${n}`
    if (!taken(id)) return id
  }
}
