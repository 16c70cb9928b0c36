// The golden vectors of OCPI signed data and of OCPP messages: every way in which they carry a record, and what they get wrong.
import { base64, unhex, utf8 } from '../../src/base/bytes.ts'
import type { Json } from '../../src/base/ports.ts'
import type { ContainerVectors, VectorCase } from './case.ts'
import { edlBlock, edlEnd, edlSignature, edlTelegram, keyHex } from './edl-maker.ts'
import { beginRecord, endRecord, type Fields, hexKeyOf, ocmfText, present, SIGNER } from './maker.ts'
import { ocpiHabits, ocppHabits } from './ocp-habits.ts'
import { vectorSigner } from './signer.ts'
import { BAD, BEGIN, FINISH, NEXT } from './two-records.ts'

const HEX_KEY = hexKeyOf(SIGNER)
const KEY = base64(unhex(HEX_KEY))
const OCA_KEY = base64(utf8(`oca:base16:asn1:${HEX_KEY.toUpperCase()}`))
const OTHER_KEY = base64(unhex(hexKeyOf(vectorSigner('secp256r1', 'stranger'))))

const coded = (text: string): string => base64(utf8(text))
/** Payload and signature of an OCMF document. */
const sections = (text: string): string[] => text.split('|').slice(1)
const json = (value: Json | Fields): string => JSON.stringify(value, null, 1)

const NATURES = ['Start', 'End']

/** @param plain made of the whole record; nothing where none is given */
const values = (texts: readonly string[], plain: (text: string) => string = () => '', natures = NATURES): Json =>
  texts.map((text, index) => ({ nature: natures[index] ?? 'Intermediate', plain_data: plain(text), signed_data: coded(text) }))

const signedData = (signed_values: Json, over: Fields = {}): Fields => ({
  encoding_method: 'OCMF',
  encoding_method_version: 1,
  public_key: KEY,
  signed_values,
  url: 'https://127.0.0.1/never',
  ...over,
})

const cdr = (over: Fields = {}): Fields => ({
  country_code: 'DE',
  party_id: 'CPV',
  id: 'cdr-0001',
  start_date_time: '2026-03-01T07:00:00Z',
  end_date_time: '2026-03-01T08:00:00Z',
  cdr_token: { uid: 'DEADBEEF', type: 'RFID' },
  cdr_location: { id: 'LOC1', evse_id: 'DE*CPV*E0001*1' },
  charging_periods: [],
  total_energy: 10.5,
  signed_data: present(signedData(values([BEGIN, FINISH]))),
  ...over,
})

/** As a program writes it that reads numbers: without zeros at their ends. */
const reformatted = (text: string): string => JSON.stringify(JSON.parse(sections(text)[0] ?? ''), null, 2)
/** Numbers keep their decimals. */
const spaced = (text: string): string => (sections(text)[0] ?? '').replace(/,"/g, ',\n "')

export const ocpiVectors: ContainerVectors = {
  container: 'ocpi',
  cases: () => {
    const of = (name: string, value: Json | Fields): VectorCase => ({ name, question: { 'cdr.json': json(value) } })
    const bare = (name: string, signed_values: Json, over: Fields = {}): VectorCase => of(name, signedData(signed_values, over))
    const both = [BEGIN, FINISH]
    const split = (encode: (text: string) => string, texts: readonly string[] = both): Json =>
      texts.map((text, index) => ({
        nature: NATURES[index] ?? '',
        plain_data: sections(text)[0] ?? '',
        signed_data: encode(sections(text)[1] ?? ''),
      }))
    const binary = [edlBlock(), edlEnd()].map((block, index) => ({
      nature: NATURES[index] ?? '',
      plain_data: '',
      signed_data: base64(edlTelegram(block, edlSignature(block))),
    }))
    const two = { signed_data: present(signedData(values([...both, ...NEXT]))) }
    const edl = { encoding_method: 'EDL40 E-Mobility Extension', public_key: base64(unhex(keyHex())) }
    return [
      bare('session', values(both)),
      bare(
        'session-plain',
        both.map((text, index) => ({ nature: NATURES[index] ?? '', plain_data: '', signed_data: text })),
      ),
      bare(
        'session-split',
        split((text) => text),
      ),
      bare('session-split-base64', split(coded)),
      bare(
        'session-plain-data-payload',
        values(both, (text) => sections(text)[0] ?? ''),
      ),
      bare(
        'session-plain-data-whole',
        values(both, (text) => text),
      ),
      bare('session-plain-data-spaced', values(both, spaced)),
      bare(
        'session-plain-data-of-its-own',
        values(both, () => 'meter 10.000 kWh'),
      ),
      bare('session-key-oca', values(both), { public_key: OCA_KEY }),
      bare('session-binary', binary, edl),
      bare(
        'session-binary-of-other-natures',
        binary.map((value) => ({ ...value, nature: 'Other' })),
        edl,
      ),
      of('session-cdr', cdr()),
      of('session-cdr-list', [
        present(cdr()),
        present(
          cdr({
            id: 'cdr-0002',
            signed_data: present(
              signedData(
                values([ocmfText(beginRecord({ PG: 'T3', CI: 'DE*CPV*E0002' })), ocmfText(endRecord({ PG: 'T4', CI: 'DE*CPV*E0002' }))]),
              ),
            ),
          }),
        ),
      ]),
      of('session-cdr-from-plug-to-plug', cdr({ start_date_time: '2026-03-01T05:00:00', end_date_time: '2026-03-02T08:00:00.000Z' })),
      of('cdr-begin-tampered', cdr({ start_date_time: '2026-03-01T07:30:00Z' })),
      of('cdr-end-tampered', cdr({ end_date_time: '2026-03-01T07:30:00Z' })),
      of('cdr-of-another-day-tampered', cdr({ start_date_time: '2026-03-02T07:00:00Z', end_date_time: '2026-03-02T08:00:00Z' })),
      of('session-answer', { status_code: 1000, timestamp: '2026-03-01T09:00:00Z', data: [present(cdr())] }),
      bare('signed-data-tampered', values([BEGIN, BAD])),
      bare(
        'split-tampered',
        split((text) => text, [BEGIN, BAD]),
      ),
      bare(
        'plain-data-tampered',
        values(both, (text) => (sections(text)[0] ?? '').replace('20.500', '30.500')),
      ),
      bare(
        'plain-data-rounded-tampered',
        values(both, (text) => reformatted(text).replace('20.5', '21')),
      ),
      bare(
        'plain-data-with-more-tampered',
        values(both, (text) => `${text}\nOCMF|{"RD":[]}`),
      ),
      bare('session-plain-data-rewritten', values(both, reformatted)),
      bare('key-of-another-tampered', values(both), { public_key: OTHER_KEY }),
      bare(
        'natures-exchanged',
        binary.map((value, index) => ({ ...value, nature: NATURES[1 - index] ?? '' })),
        edl,
      ),
      bare('key-absent', values(both), { public_key: '' }),
      bare('no-values', []),
      bare('value-without-signed-data', [...(values(both) as Json[]), { nature: 'End', plain_data: BEGIN, signed_data: '' }]),
      bare('value-that-is-no-record', [...(values(both) as Json[]), { nature: 'End', plain_data: '', signed_data: coded('hello') }]),
      of('cdr-without-signed-data', cdr({ signed_data: null })),
      of('session-cdr-total-rounded', cdr({ total_energy: 11 })),
      of('cdr-total-tampered', cdr({ total_energy: 15.5 })),
      of('cdr-total-of-many-digits-tampered', cdr({ total_energy: `15.5${'0'.repeat(70)}` })),
      of('session-cdr-of-two-sessions', cdr({ total_energy: 12, end_date_time: '2026-03-01T10:00:00Z', ...two })),
      of('cdr-of-two-sessions-tampered', cdr({ total_energy: 15, end_date_time: '2026-03-01T10:00:00Z', ...two })),
      of('stray-beside-the-values', cdr({ data: present(signedData(values([BEGIN, BAD]))) })),
      of('stray-in-a-list', [present(cdr()), BAD]),
      ...ocpiHabits(),
    ]
  },
}

const envelope = (text: string, over: Fields = {}): Fields => ({
  signedMeterData: coded(text),
  encodingMethod: 'OCMF',
  signingMethod: 'ECDSA-secp256r1-SHA256',
  publicKey: KEY,
  ...over,
})

const sample2 = (text: string, context: string, over: Fields = {}, value = context === 'Transaction.End' ? 20_500 : 10_000): Json => ({
  value,
  context,
  signedMeterValue: present(envelope(text, over)),
})
const sample16 = (value: string, context: string): Json => ({ value, format: 'SignedData', context })
/** As be.ENERGISED asks for it. */
const named = (text: string): string => JSON.stringify({ signedMeterValue: coded(text), encodingMethod: 'OCMF', publicKey: KEY })
const meterValue = (...sampledValue: readonly Json[]): Json => ({ timestamp: '2026-03-01T07:00:00Z', sampledValue })

const event = (eventType: string, ...sampled: readonly Json[]): Json => ({
  eventType,
  timestamp: '2026-03-01T07:00:00Z',
  triggerReason: 'EVDetected',
  seqNo: 0,
  transactionInfo: { transactionId: 'tx-0001' },
  meterValue: [meterValue(...sampled)],
})

const started = event('Started', sample2(BEGIN, 'Transaction.Begin'))

/** Signed is what the session took; beside it stands what the meter has counted since it was made. */
const FROM_ZERO = [ocmfText(beginRecord({}, { RV: '#0.000' })), ocmfText(endRecord({}, { RV: '#0.636' }))]
const moved = (from: number, to: number): Json =>
  FROM_ZERO.map((text, index) =>
    index === 0 ? event('Started', sample2(text, 'Transaction.Begin', {}, from)) : event('Ended', sample2(text, 'Transaction.End', {}, to)),
  )

const ended = (text = FINISH, over: Fields = {}): Json => event('Ended', sample2(text, 'Transaction.End', over))

/** A transaction as our own back end tells it. */
const transaction = (records: readonly string[]): Fields => ({
  id: 'tx-0001',
  station: 'CP-1',
  signedRecords: records.map((data) => ({ format: 'OCMF', encoding: 'plain', data, publicKey: HEX_KEY, at: '2026-03-01T07:00:00Z' })),
})

export const ocppVectors: ContainerVectors = {
  container: 'ocpp',
  cases: () => {
    const of = (name: string, value: Json | Fields): VectorCase => ({ name, question: { 'messages.json': json(value) } })
    const stop = (...texts: readonly string[]): Fields => ({
      transactionId: 7,
      meterStop: 20_500,
      timestamp: '2026-03-01T08:00:00Z',
      transactionData: [meterValue(...texts.map((text, index) => sample16(text, index === 0 ? 'Transaction.Begin' : 'Transaction.End')))],
    })
    const inside = (text: string, over: Fields = {}): string => JSON.stringify(envelope(text, over))
    const binary = [edlBlock(), edlEnd()].map((block) =>
      present({
        signedMeterData: base64(edlTelegram(block, edlSignature(block))),
        encodingMethod: 'EDL',
        signingMethod: '',
        publicKey: keyHex(),
      }),
    )
    const measured = present({ transactionId: 7, meterValue: [meterValue(sample16(inside(FINISH), 'Transaction.End'))] })
    return [
      { name: 'session-values-alone', question: { 'a.json': json(envelope(BEGIN)), 'b.json': json(envelope(FINISH)) } },
      of('session-list-of-values', [present(envelope(BEGIN)), present(envelope(FINISH))]),
      of('session-stop-transaction', stop(inside(BEGIN), inside(FINISH))),
      of('key-missing-stop-transaction-bare', stop(BEGIN, FINISH)),
      of('session-meter-values', {
        connectorId: 1,
        transactionId: 7,
        meterValue: [meterValue(sample16(inside(BEGIN), 'Transaction.Begin')), meterValue(sample16(inside(FINISH), 'Transaction.End'))],
      }),
      of('session-events', [started, ended()]),
      of('session-frames', [
        [2, 'a', 'TransactionEvent', started],
        [2, 'b', 'TransactionEvent', ended()],
      ]),
      of('session-begin-told-again', [started, event('Ended', sample2(BEGIN, 'Transaction.Begin'), sample2(FINISH, 'Transaction.End'))]),
      of('begin-told-by-three-tampered', [
        started,
        event('Updated', sample2(BEGIN, 'Transaction.Begin')),
        event('Ended', sample2(BEGIN, 'Transaction.Begin'), sample2(FINISH, 'Transaction.End')),
      ]),
      of('session-key-once', [started, ended(FINISH, { publicKey: '' })]),
      of('session-key-oca', [present(envelope(BEGIN, { publicKey: OCA_KEY })), present(envelope(FINISH, { publicKey: OCA_KEY }))]),
      of('session-plain', [started, ended(FINISH, { signedMeterData: FINISH })]),
      of('session-binary', binary),
      of('session-own-back-end', transaction([BEGIN, FINISH])),
      of('session-own-back-end-with-messages', {
        ...transaction([BEGIN, FINISH]),
        energyWh: '10500',
        meterValues: [meterValue(sample2(BEGIN, 'Transaction.Begin')), meterValue(sample2(FINISH, 'Transaction.End'))],
      }),
      of('own-back-end-energy-tampered', { ...transaction([BEGIN, FINISH]), energyWh: '20500' }),
      of('value-tampered', [started, ended(BAD)]),
      of('stop-transaction-tampered', stop(inside(BEGIN), inside(BAD))),
      of('own-back-end-tampered', transaction([BEGIN, BAD])),
      of('key-of-another-tampered', [
        present(envelope(BEGIN, { publicKey: OTHER_KEY })),
        present(envelope(FINISH, { publicKey: OTHER_KEY })),
      ]),
      of('key-of-another-transaction', [
        started,
        { ...(ended(FINISH, { publicKey: '' }) as object), transactionInfo: { transactionId: 'tx-0002' } },
      ]),
      of('envelope-broken', stop(inside(BEGIN), `${inside(FINISH)}}`)),
      of('envelope-twice', stop(inside(BEGIN), inside(FINISH).replace('{', '{"signedMeterData":"",'))),
      of('value-beside-tampered', [started, event('Ended', sample2(FINISH, 'Transaction.End', {}, 30_500))]),
      of('value-beside-almost-from-zero-tampered', [
        event('Started', sample2(BEGIN, 'Transaction.Begin', {}, 50)),
        event('Ended', sample2(FINISH, 'Transaction.End', {}, 20_500)),
      ]),
      of('session-value-beside-about', [started, event('Ended', sample2(FINISH, 'Transaction.End', {}, 20_412))]),
      of('session-value-beside-in-kwh', [started, event('Ended', sample2(FINISH, 'Transaction.End', {}, 20.5))]),
      of('session-value-beside-during', [
        started,
        event('Updated', sample2(ocmfText(beginRecord({ PG: 'T2' }, { TX: 'C' })), 'Sample.Periodic', {}, 30_500)),
        event('Ended', sample2(ocmfText(endRecord({ PG: 'T3' })), 'Transaction.End')),
      ]),
      of('value-beside-called-during-tampered', [started, event('Ended', sample2(FINISH, 'Sample.Periodic', {}, 30_500))]),
      of('session-value-beside-of-the-whole-meter', moved(108_178, 108_814)),
      of('value-beside-of-the-whole-meter-tampered', moved(108_178, 118_814)),
      of('session-meter-stop-of-the-whole-meter', { ...stop(...FROM_ZERO.map((text) => inside(text))), meterStop: 108_814 }),
      of('meter-stop-of-the-whole-meter-tampered', { ...stop(...FROM_ZERO.map((text) => inside(text))), meterStop: 400 }),
      of('session-meter-stop-since-the-begin', { ...stop(inside(BEGIN), inside(FINISH)), meterStop: 10_500 }),
      of('session-named-as-the-value-in-it', stop(named(BEGIN), named(FINISH))),
      of('named-as-the-value-in-it-tampered', stop(named(BEGIN), named(BAD))),
      of('session-meter-stop-beside-the-begin', [present(stop(inside(BEGIN))), measured]),
      of('meter-stop-beside-the-begin-tampered', [present({ ...stop(inside(BEGIN)), meterStop: 30_500 }), measured]),
      of('begin-alone-beside-meter-stop', stop(inside(BEGIN))),
      of('meter-stop-tampered', { ...stop(inside(BEGIN), inside(FINISH)), meterStop: 30_500 }),
      of('stray-in-a-value', [started, ended(FINISH, { extra: coded(BAD) })]),
      of('value-empty', [started, ended(FINISH, { signedMeterData: '' })]),
      of('value-that-is-no-record', [started, ended(FINISH, { signedMeterData: coded('hello') })]),
      ...ocppHabits(),
    ]
  },
}
