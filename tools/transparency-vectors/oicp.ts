// The golden vectors of OICP charge detail records, and of whole documents in places for a record: SAFE XML and JSON in bills and messages.
import { base64, hex, unhex, utf8 } from '../../src/base/bytes.ts'
import type { Json } from '../../src/base/ports.ts'
import type { ContainerVectors, VectorCase } from './case.ts'
import { edlBlock, edlEnd, edlSignature, edlTelegram, keyHex } from './edl-maker.ts'
import { type Fields, hexKeyOf, present, ptbDocument, SIGNER, safeXml } from './maker.ts'
import { pcdfLine } from './pcdf.ts'
import { vectorSigner } from './signer.ts'
import { BAD, BEGIN, FINISH, NEXT, THREE } from './two-records.ts'

const KEY = hexKeyOf(SIGNER)
const OTHER = hexKeyOf(vectorSigner('secp256r1', 'stranger'))

const STATUSES = ['Start', 'End'] as const
const values = (texts: readonly string[], statuses: readonly string[] = STATUSES): Json =>
  texts.map((SignedMeteringValue, index) => ({ SignedMeteringValue, MeteringStatus: statuses[index] ?? 'Progress' }))

const cdr = (over: Fields = {}): Fields => ({
  SessionID: 'f0000000-0000-4000-8000-000000000001',
  CPOPartnerSessionID: 'CPO-1',
  EvseID: 'DE*CPV*E0001',
  Identification: { RFIDMifareFamilyIdentification: { UID: 'DEADBEEF' } },
  ChargingStart: '2026-03-01T07:00:00.000Z',
  ChargingEnd: '2026-03-01T08:00:00.000Z',
  SessionStart: '2026-03-01T06:59:00.000Z',
  SessionEnd: '2026-03-01T08:05:00.000Z',
  MeterValueStart: 10,
  MeterValueEnd: 20.5,
  ConsumedEnergy: 10.5,
  SignedMeteringValues: values([BEGIN, FINISH]),
  CalibrationLawVerificationInfo: {
    CalibrationLawCertificateID: 'CPV : V1 : 01Jan2026',
    PublicKey: KEY,
    MeteringSignatureUrl: 'https://127.0.0.1/never',
    MeteringSignatureEncodingFormat: 'OCMF: V1',
  },
  ...over,
})

const file = (name: string, value: Json | Fields): VectorCase => ({ name, question: { 'cdr.json': JSON.stringify(value, null, 1) } })
const of = (name: string, over: Fields = {}): VectorCase => file(name, cdr(over))

const xmlOf = (texts: readonly string[], key = KEY): string => safeXml(texts.map((data) => ({ data, key })))
const coded = (text: string): string => base64(utf8(text))
const telegrams = [edlBlock(), edlEnd()].map((block) => base64(edlTelegram(block, edlSignature(block))))
const edlXml = safeXml(telegrams.map((data) => ({ data, key: keyHex(), format: 'EDL_40_P' })))
const EDL_KEY = { CalibrationLawVerificationInfo: { PublicKey: base64(unhex(keyHex())) } }

/** What was charged is signed, and neither number of the meter. */
const WITHOUT_BEGIN: Fields = { SignedMeteringValues: values([pcdfLine()], ['End']), CalibrationLawVerificationInfo: {} }

export const oicpVectors: ContainerVectors = {
  container: 'oicp',
  cases: () => [
    of('session'),
    of('session-base64', { SignedMeteringValues: values([coded(BEGIN), coded(FINISH)]) }),
    file('one-session-in-two-bills-tampered', [
      present(cdr({ SignedMeteringValues: values([BEGIN, FINISH], ['Start', 'Progress']) })),
      present(cdr({ SessionID: 'f0000000-0000-4000-8000-000000000002', SignedMeteringValues: values([BEGIN, FINISH], ['End', 'End']) })),
    ]),
    of('session-safe-xml', { SignedMeteringValues: values([xmlOf([BEGIN]), xmlOf([FINISH])]) }),
    of('session-safe-xml-told-at-the-end', { SignedMeteringValues: values([xmlOf([BEGIN]), xmlOf([BEGIN, FINISH])]) }),
    of('session-safe-xml-base64', { SignedMeteringValues: values([coded(xmlOf([BEGIN, FINISH]))], ['End']) }),
    of('session-telegrams', { SignedMeteringValues: values(telegrams), MeterValueStart: undefined, ...EDL_KEY }),
    of('session-before-2.3', { SignedMeteringValues: undefined, MeteringSignature: xmlOf([BEGIN, FINISH]) }),
    of('session-counted-from-zero', { MeterValueStart: 0, MeterValueEnd: 10.5 }),
    of('session-rounded', { MeterValueEnd: 21, ConsumedEnergy: 11 }),
    of('session-values-in-between', { MeterValueInBetween: { meterValues: [12, 15.1] } }),
    file('session-page', { content: [present(cdr())], number: 0, size: 20, totalElements: 1, last: true, first: true }),
    file('session-list', [
      present(cdr()),
      present(
        cdr({
          SessionID: 'f0000000-0000-4000-8000-000000000002',
          ChargingStart: '2026-03-01T09:00:00Z',
          ChargingEnd: '2026-03-01T10:00:00Z',
          MeterValueStart: 20.5,
          MeterValueEnd: 22,
          ConsumedEnergy: 1.5,
          SignedMeteringValues: values(NEXT),
        }),
      ),
    ]),
    file('page-with-one-that-is-none', { content: [present(cdr()), { SessionID: 'another', EvseID: 'DE*CPV*E0001' }] }),
    of('stray-list', { content: [present(cdr({ SignedMeteringValues: [] }))] }),
    of('value-tampered', { SignedMeteringValues: values([BEGIN, BAD]) }),
    of('safe-xml-tampered', { SignedMeteringValues: values([xmlOf([BEGIN]), xmlOf([BAD])]) }),
    of('safe-xml-base64-tampered', { SignedMeteringValues: values([coded(xmlOf([BEGIN, BAD]))], ['End']) }),
    of('telegram-tampered', {
      SignedMeteringValues: values([telegrams[0] ?? '', base64(edlTelegram(edlEnd(), edlSignature(edlBlock())))]),
      ...EDL_KEY,
    }),
    of('energy-tampered', { ConsumedEnergy: 15.5 }),
    of('energy-beside-safe-xml-tampered', { ConsumedEnergy: 15.5, SignedMeteringValues: values([xmlOf([BEGIN, FINISH])], ['End']) }),
    of('session-of-three', { SignedMeteringValues: values(THREE, ['Start', 'Progress', 'End']) }),
    of('begin-lost', { SignedMeteringValues: values(THREE.slice(1), ['Progress', 'End']) }),
    of('reading-between-as-the-last-value-tampered', {
      ...{ SignedMeteringValues: values(THREE, ['Start', 'Progress', 'End']), MeterValueEnd: 15, ConsumedEnergy: undefined },
    }),
    of('session-without-a-value-at-its-begin', { ...WITHOUT_BEGIN, ConsumedEnergy: undefined }),
    of('value-without-one-at-its-begin-tampered', { ...WITHOUT_BEGIN, ConsumedEnergy: undefined, MeterValueEnd: 30.5 }),
    of('first-value-tampered', { MeterValueStart: 5 }),
    of('last-value-tampered', { MeterValueEnd: 25.5 }),
    of('last-value-counted-from-zero-tampered', { MeterValueStart: 0, MeterValueEnd: 99 }),
    of('last-value-alone-tampered', { MeterValueStart: undefined, MeterValueEnd: 25.5 }),
    of('session-last-value-alone', { MeterValueStart: undefined }),
    of('begin-tampered', { ChargingStart: '2026-03-01T07:30:00Z' }),
    of('end-tampered', { ChargingEnd: '2026-03-01T07:30:00Z' }),
    of('key-of-another-tampered', { CalibrationLawVerificationInfo: { PublicKey: OTHER } }),
    of('keys-disagree-tampered', {
      CalibrationLawVerificationInfo: { PublicKey: OTHER },
      SignedMeteringValues: values([xmlOf([BEGIN]), xmlOf([FINISH])]),
    }),
    of('doubled-tampered', { SignedMeteringValues: values([BEGIN, BEGIN, FINISH], ['Start', 'Start', 'End']) }),
    of('stray-beside-the-values', { Remark: BAD }),
    of('key-absent', { CalibrationLawVerificationInfo: undefined }),
    of('value-without-text', { SignedMeteringValues: values([BEGIN, '', FINISH], ['Start', 'Progress', 'End']) }),
    of('value-that-is-no-record', { SignedMeteringValues: values([BEGIN, coded('hello'), FINISH], ['Start', 'Progress', 'End']) }),
    of('without-signed-values', { SignedMeteringValues: undefined }),
  ],
}

const event = (data: string): Fields => ({
  eventType: 'Ended',
  transactionInfo: { transactionId: 'tx-0001' },
  meterValue: [
    { sampledValue: [{ value: 20_500, context: 'Transaction.End', signedMeterValue: { signedMeterData: data, publicKey: '' } }] },
  ],
})

const sampled = (value: string): Json => ({ sampledValue: [{ value, format: 'SignedData' }] })

const stopped = (value: string, meterStop = 20_500): Fields => ({
  transactionId: 1,
  meterStop,
  transactionData: [{ sampledValue: [{ value, format: 'SignedData', context: 'Transaction.End' }] }],
})

const roaming = (texts: readonly string[], over: Fields = {}): Fields => ({
  id: 'cdr-0001',
  start_date_time: '2026-03-01T07:00:00Z',
  end_date_time: '2026-03-01T08:00:00Z',
  cdr_token: { uid: 'DEADBEEF' },
  charging_periods: [],
  total_energy: 10.5,
  signed_data: { public_key: KEY, signed_values: texts.map((signed_data) => ({ nature: 'End', plain_data: '', signed_data })) },
  ...over,
})

/** The document in a bill, in a bill … */
const nested = (depth: number): string =>
  depth === 0 ? xmlOf([BEGIN, FINISH]) : JSON.stringify(roaming([coded(nested(depth - 1))], { total_energy: undefined }))

/** Documents in the places of others; in the folder of the one around them. */
export const withinVectors: readonly ContainerVectors[] = [
  {
    container: 'ocpi',
    cases: () => [
      file('session-safe-xml', roaming([coded(xmlOf([BEGIN])), coded(xmlOf([FINISH]))])),
      file('session-safe-xml-whole', roaming([coded(xmlOf([BEGIN, FINISH]))])),
      file('session-ptb', roaming([ptbDocument(BEGIN, FINISH)])),
      file('session-2-messages', roaming([coded(JSON.stringify([event(coded(FINISH)), { meterValue: [sampled(BEGIN)] }]))])),
      file('one-session-in-two-bills-of-messages-tampered', [
        present(roaming([coded(JSON.stringify({ meterValue: [sampled(BEGIN), sampled(FINISH)] }))])),
        present(
          roaming(
            [BEGIN, FINISH].map((text) => coded(JSON.stringify(event(coded(text))))),
            { id: 'cdr-0002', total_energy: 99 },
          ),
        ),
      ]),
      file('safe-xml-tampered', roaming([coded(xmlOf([BEGIN])), coded(xmlOf([BAD]))])),
      file('safe-xml-total-tampered', roaming([coded(xmlOf([BEGIN, FINISH]))], { total_energy: 15.5 })),
      file('oicp-energy-tampered', roaming([coded(JSON.stringify(cdr({ ConsumedEnergy: 15.5 })))])),
      file('session-oicp', roaming([coded(JSON.stringify(cdr()))])),
      file('safe-xml-key-of-another-tampered', roaming([coded(xmlOf([BEGIN, FINISH], OTHER))])),
      { name: 'session-within-three', question: { 'cdr.json': nested(3) } },
      { name: 'within-four', question: { 'cdr.json': nested(4) } },
    ],
  },
  {
    container: 'ocpp',
    cases: () => [
      file('session-2-safe-xml', event(coded(xmlOf([BEGIN, FINISH])))),
      file('session-2-safe-xml-hex', event(hex(utf8(xmlOf([BEGIN, FINISH]))))),
      file('session-2-ptb', event(coded(ptbDocument(BEGIN, FINISH)))),
      file('session-1.6-safe-xml', stopped(coded(xmlOf([BEGIN, FINISH])))),
      file('session-1.6-ptb', stopped(ptbDocument(BEGIN, FINISH))),
      file('session-1.6-safe-xml-of-telegrams', stopped(coded(edlXml))),
      file('safe-xml-of-telegrams-beside-another-number-tampered', stopped(coded(edlXml), 90_500)),
      file('telegrams-beside-another-number-tampered', {
        ...stopped('', 90_500),
        transactionData: telegrams.map((value) => ({ sampledValue: [{ value, format: 'SignedData' }] })),
      }),
      file('safe-xml-tampered', event(coded(xmlOf([BEGIN, BAD])))),
      file('ptb-tampered', stopped(ptbDocument(BEGIN, BAD))),
      file('safe-xml-beside-another-number-tampered', stopped(coded(xmlOf([BEGIN, FINISH])), 90_500)),
    ],
  },
  {
    container: 'ctr',
    cases: () =>
      [['session-safe-xml', FINISH] as const, ['safe-xml-tampered', BAD] as const].map(([name, end]) =>
        file(name, { chargingSessions: [{ '@id': 'session-1', original: coded(xmlOf([BEGIN, end])) }] }),
      ),
  },
]
