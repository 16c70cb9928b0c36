// What a back end heard of sessions, in words that fit all versions.
import type { Version } from '../../../src/ocpp/version.ts'
import type { Payload } from './fake-csms.ts'
import type { Bench } from './test-station.ts'

export const is16 = (version: Version): boolean => version === 'ocpp1.6'
export const TRANSACTIONS = ['StartTransaction', 'MeterValues', 'StopTransaction', 'TransactionEvent']

/** The signed texts of a session in the order they came. */
export const signedTexts = ({ csms }: Bench): string[] => {
  const meterValues = csms.said(...TRANSACTIONS).flatMap(({ payload }) => payload.transactionData ?? payload.meterValue ?? [])
  const sampled: Payload[] = meterValues.flatMap(({ sampledValue }: Payload) => sampledValue)
  const data = sampled.flatMap((one) => {
    if (one.format === 'SignedData') return [JSON.parse(one.value)]
    return one.signedMeterValue === undefined ? [] : [one.signedMeterValue]
  })
  return data.map(({ signedMeterData }) => Buffer.from(signedMeterData, 'base64').toString())
}

/** What those texts say, each once and in the order in which the meter signed it: OCPP 1.6 tells the begin together with the end, too. */
export const signedStamps = (bench: Bench): Payload[] => {
  const stamps: Payload[] = [...new Set(signedTexts(bench))].map((text) => JSON.parse(text.split('|')[1] ?? ''))
  return stamps.sort((a, b) => Number(a.PG.slice(1)) - Number(b.PG.slice(1)))
}

/** One word per transaction message, for both vocabularies: begin, update, end. */
export const steps = ({ csms }: Bench): string[] =>
  csms.said(...TRANSACTIONS).map(({ action, payload }) => {
    const kinds: Record<string, string> = { StartTransaction: 'begin', MeterValues: 'update', StopTransaction: 'end' }
    return kinds[action] ?? { Started: 'begin', Updated: 'update', Ended: 'end' }[payload.eventType as string] ?? '?'
  })

export const wireId = (payload: Payload): unknown => payload.transactionId ?? payload.transactionInfo?.transactionId
