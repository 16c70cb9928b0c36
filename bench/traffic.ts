// The message that everything is measured with: MeterValues of OCPP 2.0.1, some 400 bytes, valid by its schema.

/** Everything but id and time stays the same: how JSON numbers are printed is not what is measured. */
export const meterValues = (id: string, at: string): string => `[2,"${id}","MeterValues",${meterValuesPayload(at)}]`

/** @param at RFC 3339 */
export const meterValuesPayload = (at: string): string =>
  `{"evseId":1,"meterValue":[{"timestamp":"${at}","sampledValue":[${SAMPLES.join(',')}]}]}`

const SAMPLES: readonly string[] = [
  '{"value":11034.5,"context":"Sample.Periodic","measurand":"Power.Active.Import","unitOfMeasure":{"unit":"W"}}',
  '{"value":48231.7,"context":"Sample.Periodic","measurand":"Energy.Active.Import.Register","unitOfMeasure":{"unit":"Wh"}}',
  '{"value":16.1,"measurand":"Current.Import","phase":"L1"}',
]
