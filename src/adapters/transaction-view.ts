// Transactions as the management API tells them, from the back end's documents.
import type { Json } from '../base/ports.ts'
import type { TransactionView as TransactionDocument } from '../roles/csms-views.ts'
import type { TransactionDetailView, TransactionView } from './management.ts'

export const transactionView = (transaction: TransactionDocument): TransactionView => {
  const { id, stationId, evseId, state, startedAt, endedAt, energyWh, powerW, idToken, signed } = transaction
  return {
    id,
    stationId,
    state,
    startedAt,
    energyWh,
    signed,
    ...(evseId !== undefined && { evseId }),
    ...(endedAt !== undefined && { endedAt }),
    ...(powerW !== undefined && { powerW }),
    ...(idToken !== undefined && { idToken }),
  }
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
