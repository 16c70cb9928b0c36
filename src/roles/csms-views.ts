// What a person or the API asks of a back end's store: stations, transactions, reports. Reads only.
import type { Reader } from './behaviours/behaviour.ts'
import type { StationDocument } from './behaviours/boot.ts'
import { type JsonObject, objectOf, objectsOf, storedAs, textOf } from './behaviours/fields.ts'
import { type ReportHead, reportKey } from './behaviours/notify.ts'
import type { SignedRecord } from './behaviours/signed-values.ts'
import type { ConnectorDocument } from './behaviours/status.ts'
import { isoTime } from './behaviours/time.ts'
import { type TransactionView, viewOf } from './behaviours/transaction.ts'
import { type Entry, entryAt, idIndex } from './behaviours/transaction-book.ts'

export type { TransactionView } from './behaviours/transaction.ts'

export interface StationView extends StationDocument {
  /** RFC 3339. */
  readonly lastSeen?: string
  readonly connectors: readonly ConnectorDocument[]
}

export interface TransactionDetail extends TransactionView {
  /** As the station sent them, in order, each with `timestamp` and `sampledValue`. */
  readonly meterValues: readonly JsonObject[]
  /** The begin first, the end last, by time between. */
  readonly signedRecords: readonly SignedRecord[]
}

/** @param seen milliseconds since 1970 by station: what the desk remembers, newer than what is written down */
export const stations = (store: Reader, seen?: ReadonlyMap<string, number>): StationView[] => {
  const connectors = Map.groupBy(store.list('connectors'), ({ key }) => key.slice(0, key.indexOf('/')))
  return store.list('stations').map(({ key, value }) => {
    const time = seen?.get(key)
    const lastSeen = time === undefined ? textOf(store.get('seen', key)) : isoTime(time)
    return {
      ...storedAs<StationDocument>(value),
      ...(lastSeen !== undefined && { lastSeen }),
      connectors: (connectors.get(key) ?? []).map((row) => storedAs<ConnectorDocument>(row.value)),
    }
  })
}

/** Newest first, by when they were first heard of; without meter values. */
export const listTransactions = (store: Reader, station?: string): TransactionView[] => {
  if (station === undefined)
    return store.list('transactions', { reverse: true }).map(({ value }) => viewOf(storedAs<Entry['transaction']>(value)))
  const entries = store.list('transactions-by-station', { prefix: `${station}/`, reverse: true }).map(({ value }) => entryAt(store, value))
  return entries.filter((entry) => entry !== undefined).map(({ transaction }) => viewOf(transaction))
}

/** @param id the transaction's `id`; undefined where there is none */
export const getTransaction = (store: Reader, id: string): TransactionDetail | undefined => {
  const entry = entryAt(store, store.get('transaction-index', idIndex(id)))
  if (entry === undefined) return undefined
  const prefix = `${entry.key}/`
  return {
    ...viewOf(entry.transaction),
    meterValues: store.list('meter-values', { prefix }).flatMap(({ value }) => objectsOf(objectOf(value).meterValue)),
    signedRecords: store
      .list('signed-records', { prefix })
      .map(({ value }) => storedAs<SignedRecord>(value))
      .sort((a, b) => edge(a) - edge(b) || (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)),
  }
}

/** The messages of a transaction that carried something, in order: in OCPP 2.x every TransactionEvent, with its `seqNo`. */
export const getEvents = (store: Reader, id: string): readonly JsonObject[] => {
  const entry = entryAt(store, store.get('transaction-index', idIndex(id)))
  return entry === undefined ? [] : store.list('meter-values', { prefix: `${entry.key}/` }).map(({ value }) => objectOf(value))
}

/** A report that a station sent in parts: NotifyReport, NotifyMonitoringReport, ReportChargingProfiles and the like. */
export const getReport = (
  store: Reader,
  station: string,
  report: { readonly action: string; readonly requestId: number },
): (ReportHead & { readonly payloads: readonly JsonObject[] }) | undefined => {
  const key = reportKey(station, report.action, report.requestId)
  const head = store.get('reports', key) as ReportHead | undefined
  return head === undefined
    ? undefined
    : { ...head, payloads: store.list('reports', { prefix: `${key}/` }).map(({ value }) => objectOf(value)) }
}

const EDGES: Readonly<Record<string, number | undefined>> = { 'Transaction.Begin': -1, 'Transaction.End': 1 }
const edge = ({ context }: SignedRecord): number => EDGES[context ?? ''] ?? 0
