// What documents tell of times, readings and prices, against clocks that say more or less: what is not comparable is not compared, all else is.
import { describe, expect, it } from 'vitest'
import { base64, utf8 } from '../../../src/base/bytes.ts'
import { alfenBlock, alfenEnd, alfenLine } from '../../../tools/transparency-vectors/alfen.ts'
import {
  beginRecord,
  END,
  endRecord,
  hexKeyOf,
  ocmfText,
  payload,
  present,
  reading,
  SIGNER,
} from '../../../tools/transparency-vectors/maker.ts'
import { ask, faults, findings } from '../support.ts'

const KEY = hexKeyOf(SIGNER)
const B = ocmfText(beginRecord())
const E = ocmfText(endRecord())

const told = async (document: unknown): Promise<string[]> => {
  const answer = await ask({ 'a.json': JSON.stringify(document) })
  return [answer.verdict, ...answer.sessions.flatMap(findings), ...faults(answer).map((fault) => fault.split(' ')[1] ?? '')]
}
const MISMATCH = 'told-mismatch:fail'

describe('the times of a bill', () => {
  const cdr = (start: string, end: string, ...texts: string[]) => ({
    ...{ cdr_token: {}, charging_periods: [], start_date_time: `2026-03-01T${start}Z`, end_date_time: `2026-03-01T${end}Z` },
    signed_data: {
      public_key: texts[0]?.startsWith('OCMF') ? KEY : '',
      signed_values: texts.map((signed_data) => ({ nature: '', plain_data: '', signed_data })),
    },
  })
  /** 07:00 to 08:00 in UTC by a clock of this state. */
  const by = (state: string): string =>
    ocmfText(
      payload({
        RD: [
          reading({ TM: `2026-03-01T08:00:00,000+0100 ${state}` }),
          reading({ ...END, TM: `2026-03-01T09:00:00,000+0100 ${state}` }),
        ].map(present),
      }),
    )
  const short = ocmfText(payload({ RD: [reading(), reading({ ...END, TM: '2026-03-01T08:05:00,000+0100 S' })].map(present) }))

  it.each([
    ['that encloses what is signed', cdr('06:00:00', '09:00:00', by('S')), []],
    ['of a clock that is a quarter of an hour off', cdr('07:15:00', '07:45:00', by('S')), []],
    ['beside a clock that was set by nobody', cdr('10:00:00', '11:00:00', by('I')), ['time-informative:warn']],
    ['beside a clock of no known state', cdr('10:00:00', '11:00:00', by('U')), ['time-informative:warn']],
  ])('agree with one %s', async (_, document, found) => expect(await told(document)).toEqual(['valid', ...found]))

  it.each([
    ['began later', cdr('07:15:01', '09:00:00', by('S'))],
    ['ended earlier', cdr('06:00:00', '07:44:59', by('S'))],
    ['ended before it began', cdr('07:10:00', '07:05:00', short)],
  ])('are refused where it %s', async (_, document) => expect(await told(document)).toEqual(['invalid', MISMATCH]))

  it('are compared with a clock of which the format says no state', async () => {
    const lines = [alfenBlock(), alfenEnd()].map((block) => alfenLine(block))
    const verdicts = async (start: string, end: string) => (await told(cdr(start, end, ...lines)))[0]
    expect(await verdicts('00:00:00', '23:59:59')).toBe('valid')
    expect(await verdicts('23:00:00', '23:59:59')).toBe('invalid')
  })
})

describe('a transparency record', () => {
  const TARIFF = '003;EUR;100;2'
  const record = (texts: readonly string[], over: object) => ({
    begin: '',
    chargingSessions: [{ original: base64(utf8(texts.join('\n'))), ...over }],
    publicKeys: [{ value: KEY }],
  })
  const values = (...said: readonly (readonly [value: string, timestamp?: string])[]) => ({
    measurements: [{ unit: 'kWh', values: said.map(([value, timestamp]) => ({ value, timestamp })) }],
  })
  const at = (PG: string, TM: string, RV: string, TX: string): string =>
    ocmfText(payload({ PG, RD: [present(reading({ TM: `2026-03-01T${TM}:00,000+0100 S`, RV: `#${RV}`, TX }))] }))
  const later = [at('T3', '10:00', '20.500', 'B'), at('T4', '11:00', '22.000', 'E')]
  const priced = (TT: string, costs: object) => record([ocmfText(payload({ TT }))], { costs })

  it.each([
    ['readings at their times', record([B, E], values(['10', '2026-03-01T07:00:00Z'], ['20.5', '2026-03-01T08:01:00Z'])), []],
    [
      'readings at other times, where the clock was not set',
      record([ocmfText(beginRecord({}, { TM: '2026-03-01T08:00:00,000+0100 I' })), E], values(['10', '2026-03-01T06:00:00Z'])),
      ['time-informative:warn'],
    ],
    ['readings of two sessions in any order', record([B, E, ...later], values(['22.0'], ['20.5'], ['10.0'])), []],
    ['a price to the cent', priced(TARIFF, { total: '2.20', currency: 'EUR' }), []],
    ['a price with more decimals', priced(TARIFF, { total: '2.204', currency: 'EUR' }), []],
    ['a price of which the record tells a part', priced('002;EUR;0;10;99', { total: '99.00', currency: 'EUR' }), []],
    ['a price of two sessions', record([B, E, ...later], { costs: { total: '9.99', currency: 'EUR' } }), []],
  ])('may tell %s', async (_, document, found) => expect(await told(document)).toEqual(['valid', ...found]))

  it.each([
    ['a reading at another time', record([B, E], values(['10', '2026-03-01T07:01:01Z']))],
    ['readings of one session in another order', record([B, E], values(['20.5'], ['10.0']))],
    ['a price that is a cent more', priced(TARIFF, { total: '2.21', currency: 'EUR' })],
    ['a price in another currency', priced(TARIFF, { total: '2.20', currency: 'GBP' })],
  ])('may not tell %s', async (_, document) => expect(await told(document)).toEqual(['invalid', MISMATCH]))
})

describe('a bill with a value that is not read', () => {
  const cdr = (...texts: string[]) => ({
    ...{ SessionID: 's', MeterValueStart: 10, MeterValueEnd: 22, CalibrationLawVerificationInfo: { PublicKey: KEY } },
    SignedMeteringValues: texts.map((SignedMeteringValue) => ({ SignedMeteringValue })),
  })

  it('may tell of that one', async () => {
    expect(await told(cdr(B, E))).toEqual(['invalid', MISMATCH])
    expect(await told(cdr(B, E, 'OCMF|{'))).toEqual(['valid', 'record-malformed'])
  })
})

describe('a bill that tells its last record once more', () => {
  const cdr = (ConsumedEnergy: number) => ({
    ...{ SessionID: 's', ConsumedEnergy, CalibrationLawVerificationInfo: { PublicKey: KEY } },
    SignedMeteringValues: [
      { SignedMeteringValue: B, MeteringStatus: 'Start' },
      { SignedMeteringValue: E, MeteringStatus: 'Progress' },
      { SignedMeteringValue: E, MeteringStatus: 'End' },
    ],
  })

  it('is compared all the same', async () => {
    expect(await told(cdr(10.5))).toEqual(['valid'])
    expect(await told(cdr(99))).toEqual(['invalid', 'total-mismatch:fail'])
  })
})

describe('a bill and a message in it', () => {
  const sample = (text: string, context: string, value: number) => ({
    ...{ value, context, unitOfMeasure: { unit: 'Wh' } },
    signedMeterValue: { signedMeterData: base64(utf8(text)), encodingMethod: 'OCMF', signingMethod: '', publicKey: KEY },
  })
  const message = (number: number) => ({
    meterValue: [
      { timestamp: '2026-03-01T07:00:00Z', sampledValue: [sample(B, 'Transaction.Begin', number), sample(E, 'Transaction.End', 20_500)] },
    ],
  })
  const bill = (number: number, total_energy: number, start: string) => ({
    ...{ cdr_token: {}, charging_periods: [], total_energy, start_date_time: `2026-03-01T${start}Z` },
    signed_data: { signed_values: [{ nature: '', plain_data: '', signed_data: base64(utf8(JSON.stringify(message(number)))) }] },
  })

  it.each([
    [bill(10_000, 10.5, '07:00:00'), ['valid']],
    [bill(10_050, 10.5, '07:00:00'), ['valid', 'record-deviates:warn']],
    [bill(10_050, 10.5, '08:00:00'), ['invalid', 'record-deviates:warn', MISMATCH]],
  ])('are both compared: %#', async (document, found) => expect(await told(document)).toEqual(found))
})
