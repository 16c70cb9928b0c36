// MeterValues: OCPP 1.6 §4.7 (of a transaction or not) and 2.x J01 (never of one; evseId 0 is the station's own or the grid's
// meter). Of values without a transaction the last ones are kept, and every signed record.
import { type Behaviour, type Desk, for2x, type Handler, type Outcome, type Received } from './behaviour.ts'
import { documentOf, integerOf, timeKey } from './fields.ts'
import { type Readings, readMeterValues } from './readings.ts'
import { isoTime, type Moment, UNREADABLE } from './time.ts'
import type { SessionEvent } from './transaction.ts'
import { findTransaction, isForeign, keepSigned, openTransaction, record, securityEvent, valuesAt } from './transaction-book.ts'
import { positive } from './transactions-16.ts'

/** Row of the collection `meters`, by `station/evse` (1.6: `station/connector`). */
export interface MeterDocument {
  readonly stationId: string
  /** EVSE in 2.x, connector in 1.6. */
  readonly place: number
  readonly at: string
  readonly powerW?: number | undefined
  /** Decimal text: what the register shows. */
  readonly registerWh?: string | undefined
}

const ofConnector: Handler = (received, desk) => {
  const { payload } = received
  const readings = readMeterValues(payload.meterValue, received.at)
  const place = integerOf(payload.connectorId) ?? 0
  if (payload.transactionId === undefined) return latest(received, desk, { place, readings })
  const id = positive(payload.transactionId)
  if (id === undefined || isForeign(desk.store, received.station, String(id))) return loose(received, desk, { place, readings })
  return ofTransaction(received, desk, { transactionId: String(id), readings })
}

export const meterValues16: Behaviour = { once: true, handlers: { 'ocpp1.6': { MeterValues: ofConnector } } }

/** Not `once`: the same values again leave the same rows, so the most frequent message of all needs no memory of its answers. */
export const meterValues2x: Behaviour = {
  once: false,
  handlers: for2x({
    MeterValues: (received, desk) =>
      latest(received, desk, {
        place: integerOf(received.payload.evseId) ?? 0,
        readings: readMeterValues(received.payload.meterValue, received.at),
      }),
  }),
}

const ofTransaction = (received: Received, { store }: Desk, values: { transactionId: string; readings: Readings }): Outcome => {
  const { payload, station } = received
  const { transactionId, readings } = values
  const entry = findTransaction(store, station, transactionId) ?? openTransaction(store, received, transactionId)
  const part = partOf(readings.first, received.print)
  // the same values under another message id
  if (valuesAt(store, entry, part) !== undefined) return { answer: {}, changes: [], events: [] }
  const { begins, ends, between, power, notes, signed } = readings
  const place = integerOf(payload.connectorId)
  const event: SessionEvent = {
    kind: 'update',
    order: 1,
    at: readings.first?.at ?? received.at,
    begins,
    ends,
    between,
    power,
    signed: signed.length > 0,
    evseId: place,
    connectorId: place,
    notes,
  }
  return { answer: {}, ...record(store, entry, { event, signed, row: { part, value: { meterValue: payload.meterValue ?? [] } } }) }
}

/** Values of a transaction that cannot be told (started offline) or is another station's: kept, and attached to nothing. */
const loose = (received: Received, desk: Desk, values: { place: number; readings: Readings }): Outcome => {
  const { station, payload } = received
  const { changes, events } = latest(received, desk, values)
  const id = positive(payload.transactionId)
  const foreign =
    id === undefined
      ? []
      : [securityEvent(received, 'foreign-transaction-id', `meter values came for transaction ${id}, which is another station's`)]
  const key = `loose/${station}/${values.place}/${partOf(values.readings.first, received.print)}`
  return { answer: {}, changes: [...changes, { collection: 'meter-values', key, value: payload }], events: [...events, ...foreign] }
}

const latest = (
  { station, at: received }: Received,
  { store }: Desk,
  { place, readings }: { place: number; readings: Readings },
): Outcome => {
  const register = [...readings.begins, ...readings.between, ...readings.ends].at(-1)
  const at = isoTime(readings.power?.at ?? register?.at ?? received)
  const document: MeterDocument = { stationId: station, place, at, powerW: readings.power?.w, registerWh: register?.wh }
  return {
    answer: {},
    changes: [
      { collection: 'meters', key: `${station}/${place}`, value: documentOf(document) },
      ...keepSigned(store, `station/${station}/${place}`, readings.signed),
    ],
    events: [{ type: 'meter', data: documentOf(document) }],
  }
}

/** Values sort by their first timestamp, if it can be read; what makes them different is all that the message says. */
const partOf = (first: Moment | undefined, print: string): string =>
  `${timeKey(first === undefined || first.flag === UNREADABLE ? 0 : first.at)}~${print}`
