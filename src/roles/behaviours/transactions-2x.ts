// Transactions of OCPP 2.0.1 and 2.1: TransactionEvent (E01 to E15, J02). The station names the transaction and numbers its
// events; an event is known again by (station, transaction id, seqNo), whatever message id it comes with.
import type { Json } from '../../base/ports.ts'
import { fingerprint } from '../fingerprint.ts'
import { type Behaviour, for2x, type Handler, type Reader, type Received } from './behaviour.ts'
import { integerOf, type JsonObject, objectOf, textOf } from './fields.ts'
import { type Readings, readMeterValues } from './readings.ts'
import { readMoment } from './time.ts'
import { idTokenInfo } from './tokens.ts'
import type { SessionEvent } from './transaction.ts'
import { type Entry, findTransaction, openTransaction, record, securityEvent, valuesAt } from './transaction-book.ts'

const transactionEvent: Handler = (received, { store, tokens }) => {
  const { station, payload, at } = received
  const info = payload.idToken === undefined ? undefined : idTokenInfo(tokens, payload.idToken, at)
  const answer = info === undefined ? {} : { idTokenInfo: info }
  const transactionId = textOf(objectOf(payload.transactionInfo).transactionId) ?? ''
  const entry = findTransaction(store, station, transactionId) ?? openTransaction(store, received, transactionId)
  const place = placeOf(store, entry, payload)
  if (place === undefined) return { answer, changes: [], events: [] }

  const readings = readMeterValues(payload.meterValue, at)
  const refused = info !== undefined && info.status !== 'Accepted' && payload.eventType !== 'Ended'
  const notes = [...(place.isConflict ? ['sequence-conflict'] : []), ...(refused ? ['token-refused'] : [])]
  const { changes, events } = record(store, entry, {
    event: eventOf(received, readings, notes),
    signed: readings.signed,
    row: { part: place.part, value: rowOf(payload) },
  })
  return {
    answer,
    changes,
    events: place.isConflict
      ? [
          ...events,
          securityEvent(received, 'sequence-conflict', `two different events have seqNo ${payload.seqNo} in transaction ${transactionId}`),
        ]
      : events,
  }
}

export const transactions2x: Behaviour = { once: true, handlers: for2x({ TransactionEvent: transactionEvent }) }

const KINDS: Readonly<Record<string, SessionEvent['kind'] | undefined>> = { Started: 'start', Ended: 'end' }

const eventOf = (
  { payload, at: received }: Received,
  { begins, ends, between, power, signed, notes: doubts }: Readings,
  notes: readonly string[],
): SessionEvent => {
  const { at, flag } = readMoment(payload.timestamp, received)
  const info = objectOf(payload.transactionInfo)
  const evse = objectOf(payload.evse)
  return {
    kind: KINDS[textOf(payload.eventType) ?? ''] ?? 'update',
    order: integerOf(payload.seqNo) ?? 0,
    at,
    begins,
    ends,
    between,
    power,
    signed: signed.length > 0,
    evseId: integerOf(evse.id),
    connectorId: integerOf(evse.connectorId),
    idToken: textOf(objectOf(payload.idToken).idToken),
    reservationId: integerOf(payload.reservationId),
    remoteStartId: integerOf(info.remoteStartId),
    chargingState: textOf(info.chargingState),
    stopReason: textOf(info.stoppedReason),
    notes: [...notes, ...doubts, ...(flag === undefined ? [] : [flag])],
  }
}

/** The event's row: what it is known again by, and its meter values as they came. */
const rowOf = ({
  eventType = null,
  timestamp = null,
  seqNo = null,
  triggerReason = null,
  offline = false,
  meterValue = [],
}: JsonObject): Json => ({
  eventType,
  timestamp,
  seqNo,
  triggerReason,
  offline,
  meterValue,
})

/**
 * Where the event's row goes; undefined when it is there. A station that counts from 0 again within a transaction says two different things
 * under one number: the second is kept beside the first, because it may be the one that ends the session.
 */
const placeOf = (store: Reader, entry: Entry, payload: JsonObject): { part: string; isConflict: boolean } | undefined => {
  const part = String(integerOf(payload.seqNo) ?? 0).padStart(10, '0')
  const before = valuesAt(store, entry, part)
  if (before === undefined) return { part, isConflict: false }
  const { eventType, timestamp } = objectOf(before)
  if (eventType === payload.eventType && timestamp === payload.timestamp) return undefined
  const beside = `${part}~${fingerprint(`${payload.eventType} ${payload.timestamp}`)}`
  return valuesAt(store, entry, beside) === undefined ? { part: beside, isConflict: true } : undefined
}
