// Transactions of OCPP 1.6: StartTransaction §4.8, StopTransaction §4.10. Retries, orphans and starts that happened offline
// all end in the one model of transaction.ts.

import { Fault } from '../../base/fault.ts'
import type { Change, Json, Random } from '../../base/ports.ts'
import type { Behaviour, Desk, Handler, Outcome, Reader, Received } from './behaviour.ts'
import { documentOf, integerOf, keyPart, objectOf, textOf } from './fields.ts'
import { readMeterValues } from './readings.ts'
import { isoTime, readMoment } from './time.ts'
import { idTagInfo } from './tokens.ts'
import { hasStart, type Mark, noteDoubt, type SessionEvent } from './transaction.ts'
import {
  type Entry,
  entryAt,
  findTransaction,
  idIndex,
  isForeign,
  openTransaction,
  record,
  securityEvent,
  stationIndex,
  transactionEvent,
  valuesAt,
} from './transaction-book.ts'

const startTransaction: Handler = (received, desk) => {
  const { station, payload, at, answered } = received
  const { store } = desk
  const idTag = idTagInfo(desk.tokens, payload.idTag, at)
  // the message that names no transaction is known again by all it says
  const sameStart = `start/${station}/${[payload.connectorId, payload.timestamp, payload.idTag, payload.meterStart].map((value) => keyPart(String(value))).join('/')}`
  const retried = entryAt(store, store.get('transaction-index', sameStart))
  const promised = positive(objectOf(answered).transactionId)
  if (retried !== undefined) {
    const transactionId = promised ?? Number(retried.transaction.transactionId)
    return { answer: { transactionId, idTagInfo: idTag }, changes: alias(store, station, { entry: retried, transactionId }), events: [] }
  }

  const transactionId = promised ?? unusedId(desk, station)
  const known = findTransaction(store, station, String(transactionId))
  const isReused = known !== undefined && hasStart(known.transaction)
  const opened = known === undefined || isReused ? openTransaction(store, received, String(transactionId)) : known
  const notes = [...(isReused ? ['transaction-id-reused'] : []), ...(idTag.status === 'Accepted' ? [] : ['token-refused'])]
  const { changes, events } = record(store, opened, { event: startEvent(received, notes), signed: [] })
  return {
    answer: { transactionId, idTagInfo: idTag },
    changes: [...changes, { collection: 'transaction-index', key: sameStart, value: opened.key }],
    events: isReused
      ? [...events, securityEvent(received, 'transaction-id-reused', `a second start was given the transaction id ${transactionId}`)]
      : events,
  }
}

const stopTransaction: Handler = (received, desk) => {
  const { store } = desk
  const { station, payload, at } = received
  const answer = payload.idTag === undefined ? {} : { idTagInfo: idTagInfo(desk.tokens, payload.idTag, at) }
  const transactionId = nameOf(received)
  const known = findTransaction(store, station, transactionId)
  const entry = known ?? openTransaction(store, received, transactionId)
  const before = valuesAt(store, entry, STOP)
  if (before !== undefined) return { answer, ...repeatedStop(received, entry, before) }

  // another station's transaction is not touched: what is stopped here is one of this station's that nobody saw begin
  const orphan = known === undefined ? orphanKind(desk, received) : undefined
  const { event, signed } = stopEvent(received, orphan === FOREIGN ? [FOREIGN] : [])
  const row = {
    part: STOP,
    value: {
      print: received.print,
      at: isoTime(event.at),
      meterStop: payload.meterStop ?? null,
      meterValue: payload.transactionData ?? [],
    },
  }
  const { changes, events } = record(store, entry, { event, signed, row })
  return {
    answer,
    changes,
    events:
      orphan === undefined
        ? events
        : [
            ...events,
            securityEvent(received, orphan, `a stop came for transaction ${payload.transactionId}, which this station has not begun`),
          ],
  }
}

export const transactions16: Behaviour = {
  once: true,
  handlers: { 'ocpp1.6': { StartTransaction: startTransaction, StopTransaction: stopTransaction } },
}

/** The stop's own row; sorts behind the values, which begin with a digit. */
const STOP = '~stop'

/** A doubt that stays, while a stop without a start is one (`start-missing`) only until the start comes. */
const FOREIGN = 'foreign-transaction-id'

/** A back end's transaction id of 1.6. A station that started offline says 0 or -1, which names nothing. */
export const positive = (value: Json | undefined): number | undefined => {
  const id = integerOf(value)
  return id !== undefined && id > 0 ? id : undefined
}

/**
 * Where the first answer was lost and a local controller gave the retry an id of its own, the transaction goes by both: the station
 * will stop the one it was told of last.
 */
const alias = (store: Reader, station: string, { entry, transactionId }: { entry: Entry; transactionId: number }): Change[] => {
  const key = stationIndex(station, String(transactionId))
  return store.get('transaction-index', key) === undefined ? [{ collection: 'transaction-index', key, value: entry.key }] : []
}

/** Random, so that one station cannot guess another's, and none comes back after a restore; below 2^30, above which local controllers draw theirs. */
const unusedId = ({ store, random }: { store: Reader; random: Random }, station: string): number => {
  for (let attempt = 0; attempt < 100; attempt++) {
    const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4)
    const id = ((a & 0x3f) << 24) | (b << 16) | (c << 8) | d
    const isFree = (key: string): boolean => store.get('transaction-index', key) === undefined
    if (id > 0 && isFree(stationIndex(station, String(id))) && isFree(idIndex(String(id)))) return id
  }
  throw new Fault('internal', 'expected an unused transaction id within 100 attempts')
}

const startEvent = ({ payload, at: received }: Received, notes: readonly string[]): SessionEvent => {
  const { at, flag } = readMoment(payload.timestamp, received)
  return {
    kind: 'start',
    order: 0,
    at,
    begins: registerMark(payload.meterStart, at),
    ends: [],
    between: [],
    signed: false,
    evseId: integerOf(payload.connectorId),
    connectorId: integerOf(payload.connectorId),
    idToken: textOf(payload.idTag),
    reservationId: integerOf(payload.reservationId),
    notes: flag === undefined ? notes : [...notes, flag],
  }
}

const stopEvent = (
  { payload, at: received }: Received,
  notes: readonly string[],
): { event: SessionEvent; signed: ReturnType<typeof readMeterValues>['signed'] } => {
  const { at, flag } = readMoment(payload.timestamp, received)
  const { signed, notes: doubts, begins, ends, between, power } = readMeterValues(payload.transactionData, received)
  const event: SessionEvent = {
    kind: 'end',
    order: 1,
    at,
    begins,
    ends: [...ends, ...registerMark(payload.meterStop, at)],
    between,
    power,
    signed: signed.length > 0,
    idToken: textOf(payload.idTag),
    stopReason: textOf(payload.reason) ?? 'Local', // §6.49: Local where it is left out
    notes: [...notes, ...doubts, ...(flag === undefined ? [] : [flag])],
  }
  return { event, signed }
}

/** meterStart and meterStop are whole Wh (§6.45, §6.49). */
const registerMark = (value: Json | undefined, at: number): readonly Mark[] => {
  const wh = integerOf(value)
  return wh === undefined ? [] : [{ at, wh: String(wh), rank: 2 }]
}

/** A stop that names no transaction gets a name from all that it says, so that its retry is known again. */
const nameOf = ({ payload }: Received): string => {
  const id = positive(payload.transactionId)
  return id === undefined ? `offline-${keyPart(String(payload.timestamp))}-${payload.meterStop}` : String(id)
}

const orphanKind = ({ store }: Desk, { station, payload }: Received): string =>
  isForeign(store, station, String(payload.transactionId)) ? FOREIGN : 'stop-without-start'

/** The same stop again has no effect; another one for the same transaction neither, but it is told. */
const repeatedStop = (received: Received, entry: Entry, before: Json): Pick<Outcome, 'changes' | 'events'> => {
  if (objectOf(before).print === received.print || entry.transaction.flags.includes('stop-conflict')) return { changes: [], events: [] }
  const transaction = noteDoubt(entry.transaction, 'stop-conflict')
  return {
    changes: [{ collection: 'transactions', key: entry.key, value: documentOf(transaction) }],
    events: [
      transactionEvent(transaction, 'updated'),
      securityEvent(received, 'stop-conflict', `a second, different stop came for transaction ${transaction.id}`),
    ],
  }
}
