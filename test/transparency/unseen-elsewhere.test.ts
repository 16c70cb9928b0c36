// What messages of OCPP without a signed value tell of a session that has signed ones: meterStop, and samples of its begin and its end.
import { describe, expect, it } from 'vitest'
import { hex } from '../../src/base/bytes.ts'
import { edlBlock, edlSignature, edlTelegram, keyHex } from '../../tools/transparency-vectors/edl-maker.ts'
import { beginRecord, endRecord, hexKeyOf, ocmfText, SIGNER } from '../../tools/transparency-vectors/maker.ts'
import { ask, faults, findings } from './support.ts'

const publicKey = hexKeyOf(SIGNER)
const [begin, end] = [ocmfText(beginRecord()), ocmfText(endRecord())]

const toldIn = async (document: unknown) => {
  const answer = await ask({ 'a.json': JSON.stringify(document) })
  return [answer.verdict, ...answer.sessions.flatMap(findings), ...faults(answer)]
}

const BEGIN = { context: 'Transaction.Begin' }
const END = { context: 'Transaction.End' }
const signed = (signedMeterData: string, around: object = {}, key = publicKey) => ({
  ...{ value: 0, ...around },
  signedMeterValue: { signedMeterData, publicKey: key },
})
const meterValue = (...sampledValue: object[]) => ({ timestamp: '2026-03-01T07:00:00Z', sampledValue })
const meterValues = (...samples: object[]) => ({ transactionId: 7, meterValue: [meterValue(...samples)] })
const event = (eventType: string, ...samples: object[]) => ({
  ...{ eventType, transactionInfo: { transactionId: 'tx' } },
  meterValue: [meterValue(...samples)],
})
const REGISTER = { measurand: 'Energy.Active.Import.Register' }

describe('meterStop', () => {
  const both = [meterValues(signed(begin, BEGIN)), meterValues(signed(end, END))]
  const stop = (meterStop: unknown, transactionId = 7) => ({ transactionId, meterStop })
  const frames = (meterStop: number) =>
    [...both, stop(meterStop)].map((payload, index) => [2, `${index}`, index < 2 ? 'MeterValues' : 'StopTransaction', payload])

  it.each([
    ['in a message without a signed value', [...both, stop(20_500)], [...both, stop(99_500)]],
    ['in a frame', frames(20_500), frames(99_500)],
    ['that stands in its message and once more around the value', nested(20_500, 20_500), nested(99_500, 20_500)],
    ['that stands in its message and once more below', nested(20_500, 20_500), nested(20_500, 99_500)],
    ['whose message has nothing in its second place', nested(20_500, null), nested(99_500, null)],
  ])('is compared %s', async (_, right, wrong) => {
    expect(await toldIn(right)).toEqual(['valid'])
    expect(await toldIn(wrong)).toEqual(['invalid', 'told-mismatch:fail'])
  })

  it('is of its own transaction', async () => expect(await toldIn([...both, stop(99_500, 8)])).toEqual(['valid']))
  it('is one number', async () => expect(await toldIn([...both, stop([20_500, 99_500])])).toEqual(['invalid', 'record-malformed:fail']))
  it('tells nothing where the signed end is not here', async () =>
    expect(await toldIn([both[0], stop(20_500)])).toEqual(['incomplete', 'end-missing:fail']))
  it('tells nothing of one telegram that may be begin or end', async () => {
    const block = edlBlock()
    const telegram = meterValues(signed(hex(edlTelegram(block, edlSignature(block))), {}, keyHex()))
    expect(await toldIn([telegram, stop(99_500)])).not.toContain('told-mismatch:fail')
  })

  function nested(outer: unknown, inner: unknown) {
    const last = { ...meterValue(signed(end, END)), meterStop: inner }
    return { transactionId: 7, meterStop: outer, transactionData: [meterValue(signed(begin, BEGIN)), last] }
  }
})

describe('a sample of the begin or the end without a signature', () => {
  const started = event('Started', signed(begin, BEGIN))
  const ended = (...samples: object[]) => event('Ended', signed(end, END), ...samples)
  const raw = (value: unknown, around: object) => ({ value, ...REGISTER, ...around })
  const inKilowattHours = { unitOfMeasure: { unit: 'kWh' } }
  const inTable = (value: number) => ({
    connectorId: 1,
    meterValue: [meterValue(signed(begin, BEGIN)), meterValue(raw(value, END), signed(end, END))],
  })
  const own = (value: number) => ({
    ...{ id: 'tx', signedRecords: [begin, end].map((signedMeterData) => ({ signedMeterData, publicKey })) },
    meterValues: [meterValue(signed(begin, BEGIN)), meterValue(signed(end, { ...END, value }))],
  })

  it.each([
    ['beside the signed one', [started, ended(raw(20_500, END))], [started, ended(raw(99_500, END))]],
    ['as 1.6 writes it', [started, ended(raw('20.5', { ...END, unit: 'kWh' }))], [started, ended(raw('99.5', { ...END, unit: 'kWh' }))]],
    ['in another message', [started, ended(), event('Updated', raw(20_500, END))], [started, ended(), event('Updated', raw(99_500, END))]],
    ['where nobody names a transaction', inTable(20_500), inTable(99_500)],
    ['in the messages that our back end shows', own(20_500), own(99_500)],
  ])('is compared %s', async (_, right, wrong) => {
    expect(await toldIn(right)).toEqual(['valid'])
    expect(await toldIn(wrong)).toEqual(['invalid', 'told-mismatch:fail'])
  })

  it.each([
    ['of one phase', [started, ended(raw(5000, { ...END, phase: 'L1' }))]],
    ['of the inlet', [started, ended(raw(11_900, { ...END, location: 'Inlet' }))]],
    ['of something else', [started, ended({ value: 16, measurand: 'Current.Import', ...END })]],
    ['in between', [started, ended(raw(15_000, { context: 'Sample.Periodic' }))]],
    ['in two units', [event('Started', signed(begin, BEGIN), raw(10, { ...BEGIN, ...inKilowattHours })), ended(raw(20_500, END))]],
    ['of another transaction', [started, ended(), { ...event('Ended', raw(99_500, END)), transactionInfo: { transactionId: 'other' } }]],
  ])('is in order %s', async (_, messages) => expect(await toldIn(messages)).toEqual(['valid']))

  it('may count from the begin, beside the meterStop of the whole meter', async () => {
    const stop = {
      transactionId: 7,
      meterStop: 20_500,
      transactionData: [meterValue(signed(begin, BEGIN)), meterValue(raw(10_500, END), signed(end, END))],
    }
    expect(await toldIn(stop)).toEqual(['valid', 'record-deviates:warn'])
  })

  it('tells nothing where the signed end is not here', async () =>
    expect(await toldIn([started, event('Ended', raw(20_500, END))])).toEqual(['incomplete', 'end-missing:fail']))

  it('makes no bill of the count from the begin and of the whole meter', async () => {
    const almostZero = event('Started', signed(begin, BEGIN), raw(50, BEGIN))
    expect(await toldIn([almostZero, ended(raw(20_500, END))])).toContain('told-mismatch:fail')
    expect(await toldIn([almostZero, event('Ended', signed(end, { ...END, value: 20_500 }))])).toContain('told-mismatch:fail')
  })
})
