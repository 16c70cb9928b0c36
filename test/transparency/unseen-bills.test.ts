// Bills that two readers would read differently, and bills that were taken back.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { base64, utf8 } from '../../src/base/bytes.ts'
import { beginRecord, endRecord, hexKeyOf, ocmfText, payload, SIGNER } from '../../tools/transparency-vectors/maker.ts'
import { vectorSigner } from '../../tools/transparency-vectors/signer.ts'
import { ask, faults, findings } from './support.ts'

const KEY = hexKeyOf(SIGNER)
const [begin, end] = [ocmfText(beginRecord()), ocmfText(endRecord())]

const toldIn = async (document: unknown) => {
  const answer = await ask({ 'a.json': JSON.stringify(document) })
  return [answer.verdict, ...answer.sessions.flatMap(findings), ...faults(answer)]
}

const signed_data = {
  public_key: KEY,
  signed_values: [begin, end].map((text) => ({ nature: '', signed_data: base64(utf8(text)) })),
}
const bill = (over: object = {}) => ({
  ...{ id: 'cdr-1', cdr_token: {}, charging_periods: [], total_energy: 10.5, signed_data },
  ...{ start_date_time: '2026-03-01T07:00:00Z', end_date_time: '2026-03-01T08:00:00Z' },
  ...over,
})
const credit = (over: object = {}) => bill({ id: 'cdr-1-C', credit: true, credit_reference_id: 'cdr-1', ...over })

describe('a document that is two', () => {
  const ptb = { format: 'ptb', ocmfBegin: begin, ocmfEnd: end, publicKey: KEY, chargeboxIdentifier: 'CP1' }
  const link = {
    '@context': 'https://open.charging.cloud/contexts/chargeTransparency/live/link/1',
    signedMeterValues: { values: [begin, end] },
    chargingStationOperator: { publicKeys: [{ value: KEY }] },
  }
  const ctr = { publicKeys: [{ '@id': 'k', value: KEY }], chargingSessions: [{ original: base64(utf8(`${begin}\n${end}`)) }] }
  const values = [begin, end].map((SignedMeteringValue) => ({ SignedMeteringValue }))
  const oicp = { ConsumedEnergy: 10.5, SignedMeteringValues: values, CalibrationLawVerificationInfo: { PublicKey: KEY } }

  it.each([
    ['of the PTB', ptb],
    ['of transparency records', ctr],
    ['of OICP', oicp],
    ['that is a live link', link],
  ])('tells what is signed as either: a bill and one %s', async (_, document) => {
    expect(await toldIn({ ...bill(), ...document, ConsumedEnergy: 10.5 })).toEqual(['valid'])
    expect(await toldIn({ ...bill({ total_energy: 99 }), ...document })).toContain('total-mismatch:fail')
  })

  it('names the record of the one that is not read', async () => {
    const other = { signed_values: [{ signed_data: base64(utf8(end.replace('20.500', '30.500'))) }] }
    expect(await toldIn({ ...ptb, ...bill({ signed_data: other }) })).toEqual([
      'valid',
      'a.json/signed_data.signed_values[0].signed_data record-malformed',
    ])
  })

  it('tells what is signed where it is a bill and the signed data itself', async () => {
    expect(await toldIn({ ...signed_data })).toEqual(['valid'])
    expect(await toldIn({ ...bill({ total_energy: 99 }), ...signed_data })).toContain('total-mismatch:fail')
    expect(await toldIn({ ...bill({ total_energy: 99, signed_data: undefined }), ...signed_data })).toContain('total-mismatch:fail')
  })

  it('tells what is signed where it is an answer that looks like a bill', async () => {
    expect(await toldIn({ data: bill() })).toEqual(['valid'])
    expect((await toldIn({ signed_data, data: bill({ total_energy: 99 }) }))[0]).toBe('invalid')
  })
})

describe('an export of bills', () => {
  const exported = (one: object) => [{ cdr: one }, { cdrs: [one] }, { status_code: 1000, data: { items: [one], total: 1 } }]

  it('is read under the names that exports give them', async () => {
    for (const document of exported(bill())) expect(await toldIn(document)).toEqual(['valid'])
    for (const document of exported(bill({ total_energy: 99 }))) expect(await toldIn(document)).toEqual(['invalid', 'total-mismatch:fail'])
  })
})

describe('the times of a bill', () => {
  it.each(['2026-03-01 08:00:00Z', '2026-03-01T08:00Z', '2026-03-01t09:00:00,5+01', ' 2026-03-01T08:00:00.0000000000 z'])(
    'are compared as others read them: %s',
    async (end_date_time) => {
      expect(await toldIn(bill({ end_date_time }))).toEqual(['valid'])
      const early = end_date_time.replace(/0[89]:00/, (time) => (time === '08:00' ? '07:10' : '08:10'))
      expect(await toldIn(bill({ end_date_time: early }))).toEqual(['invalid', 'told-mismatch:fail'])
    },
  )

  it('say nothing where nobody knows of which place they are', async () =>
    expect(await toldIn(bill({ end_date_time: '2026-03-01 07:10:00' }))).toEqual(['valid']))

  it('end under the name of OCPI 2.1.1, too', async () => {
    const older = (stop_date_time: string) => bill({ end_date_time: undefined, stop_date_time })
    expect(await toldIn(older('2026-03-01T08:00:00Z'))).toEqual(['valid'])
    expect(await toldIn(older('2026-03-01T07:10:00Z'))).toEqual(['invalid', 'told-mismatch:fail'])
  })
})

describe('a bill that was taken back', () => {
  it.each([
    ['alone', [credit()]],
    ['beside the bill', [bill(), credit()]],
    ['before the bill', [credit(), bill()]],
    ['and sent anew', [bill(), credit(), bill({ id: 'cdr-2' })]],
  ])('repeats its records by the protocol: %s', async (_, bills) => expect(await toldIn(bills)).toEqual(['valid']))

  it.each([
    ['two bills', [bill(), bill({ id: 'cdr-2' })]],
    ['two bills with one taken back', [bill(), credit(), bill({ id: 'cdr-2' }), bill({ id: 'cdr-3' })]],
    ['one that was taken back twice', [bill(), credit(), credit({ id: 'cdr-1-D' })]],
    ['one that says nothing of what it takes back', [bill(), credit({ credit_reference_id: undefined })]],
    ['one that is none', [bill(), credit({ credit: false })]],
  ])('is repeated by somebody: %s', async (_, bills) => expect(await toldIn(bills)).toContain('duplicate:fail'))

  it('tells the total that is signed, as the bill does', async () => {
    expect(await toldIn([bill(), credit({ total_energy: 99 })])).toEqual(['invalid', 'total-mismatch:fail'])
    expect(await toldIn([credit(), bill({ total_energy: 99 })])).toEqual(['invalid', 'total-mismatch:fail'])
    expect(await toldIn([bill(), credit(), bill({ id: 'cdr-2', total_energy: 99 })])).toEqual(['invalid', 'total-mismatch:fail'])
  })
})

describe('a document of chargeIT that names its meter twice', () => {
  const file = 'vectors/transparency/chargeit-emh/session/question/session.chargy'
  const document = JSON.parse(readFileSync(file, 'utf8')) as { signedMeterValues: { meterInfo: { publicKey: string } }[] }
  const publicKey = document.signedMeterValues[0]?.meterInfo.publicKey ?? ''
  const stranger = hexKeyOf(vectorSigner('secp192r1', 'stranger')).slice(-96)

  it('has one key', async () => {
    expect((await toldIn({ ...document, meterInfo: { publicKey: `04${publicKey}` } }))[0]).toBe('valid')
    expect((await toldIn({ ...document, meterInfo: { publicKey: stranger } }))[0]).toBe('invalid')
  })
})

describe('a bill as a spreadsheet or a program of Windows writes it', () => {
  const latin = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
  const files = (record: string) => ({
    'a.csv': latin(['Ort;Beginn;Ende;Schlüssel', `Köln;${begin};${record};${KEY}`].join('\r\n')),
    'a.json': latin(
      JSON.stringify(
        bill({ location: 'Köln', signed_data: { ...signed_data, signed_values: [begin, record].map((text) => ({ signed_data: text })) } }),
      ),
    ),
  })

  it.each(['a.csv', 'a.json'] as const)('is read: %s', async (name) => {
    expect((await ask({ [name]: files(end)[name] })).verdict).toBe('valid')
    expect((await ask({ [name]: files(end.replace('20.500', '30.500'))[name] })).verdict).toBe('invalid')
  })
})

describe('two bills of one record', () => {
  const whole = ocmfText(payload())
  const value = (MeteringStatus: string) => ({ SignedMeteringValue: whole, MeteringStatus })
  const oicp = (SessionID: string, ...values: object[]) => ({
    ...{ SessionID, ConsumedEnergy: 10.5, SignedMeteringValues: values },
    CalibrationLawVerificationInfo: { PublicKey: KEY },
  })
  const message = (over: object, status?: string) => ({
    ...(status === undefined ? {} : { eventType: status }),
    ...{ ...over, meterValue: [{ sampledValue: [{ signedMeterValue: { signedMeterData: whole, publicKey: KEY } }] }] },
  })
  const stop = (transactionId: number) => ({ transactionId, transactionData: message({}).meterValue })

  it('are no session told again: of OICP', async () => {
    expect(await toldIn(oicp('a', value('Start'), value('End')))).toEqual(['valid'])
    expect(await toldIn([oicp('a', value('Start')), oicp('b', value('End'))])).toEqual(['invalid', 'duplicate:fail'])
    const files = { 'a.json': JSON.stringify(oicp('a', value('Start'))), 'b.json': JSON.stringify(oicp('a', value('End'))) }
    expect((await ask(files)).verdict).toBe('invalid')
  })

  it('are no session told again: of OCPP', async () => {
    const [first, second] = [{ transactionInfo: { transactionId: 'tx-1' } }, { transactionInfo: { transactionId: 'tx-2' } }]
    expect(await toldIn([message(first, 'Started'), message(first, 'Ended')])).toEqual(['valid'])
    expect(await toldIn([message(first, 'Started'), message(second, 'Ended')])).toEqual(['invalid', 'duplicate:fail'])
    expect(await toldIn([message({ transactionId: 7 }), stop(7)])).toEqual(['valid'])
    expect(await toldIn([message({ transactionId: 7 }), stop(8)])).toEqual(['invalid', 'duplicate:fail'])
    // MeterValues of 1.6 need not say their transaction
    expect(await toldIn([message({ connectorId: 1 }), stop(7)])).toEqual(['valid'])
  })
})
