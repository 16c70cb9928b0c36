// Transactions as the management API tells them, from the back end's documents.
import type { Json, Store } from '../base/ports.ts'
import { getTransaction, type TransactionView as TransactionDocument } from '../roles/csms-views.ts'
import type { TransactionDetailView, TransactionView } from './management.ts'

export const transactionView = (store: Store, transaction: TransactionDocument): TransactionView => {
  const { id, stationId, evseId, connectorId, state, startedAt, endedAt, energyWh, powerW, idToken } = transaction
  const evse = evseId ?? connectorId
  return {
    id,
    stationId,
    state,
    startedAt,
    energyWh: energyWh ?? '0',
    signed: (getTransaction(store, id)?.signedRecords.length ?? 0) > 0,
    ...(evse !== undefined && { evseId: evse }),
    ...(endedAt !== undefined && { endedAt }),
    ...(powerW !== undefined && { powerW: Number(powerW) }),
    ...(idToken !== undefined && { idToken }),
  }
}

/** The view of the transaction that an event of the desk is about. */
export const transactionEvent = (store: Store, data: Json): Json | undefined => {
  const id = (data as { readonly id?: Json }).id
  const found = typeof id === 'string' ? getTransaction(store, id) : undefined
  return found && { ...transactionView(store, found) }
}

type MeterValueView = TransactionDetailView['meterValues'][number]

/** One MeterValueType of OCPP, any version, with units as they came. */
export const meterValueView = (meterValue: { readonly [key: string]: Json }): MeterValueView => {
  const samples = Array.isArray(meterValue.sampledValue) ? meterValue.sampledValue : []
  return { at: String(meterValue.timestamp), values: samples.map(sampleView) }
}

const sampleView = (sample: Json): MeterValueView['values'][number] => {
  const { measurand, value, unit, unitOfMeasure, context, phase, location } = sample as { readonly [key: string]: Json | undefined }
  const ofMeasure = (unitOfMeasure as { readonly unit?: Json } | undefined)?.unit
  return {
    // OCPP 1.6 §7.31 and 2.x SampledValueType: what is not said is the import register in Wh
    measurand: typeof measurand === 'string' ? measurand : 'Energy.Active.Import.Register',
    value: String(value),
    unit: typeof unit === 'string' ? unit : typeof ofMeasure === 'string' ? ofMeasure : 'Wh',
    ...(typeof context === 'string' && { context }),
    ...(typeof phase === 'string' && { phase }),
    ...(typeof location === 'string' && { location }),
  }
}
