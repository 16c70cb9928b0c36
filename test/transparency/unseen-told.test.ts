// What messages and bills tell of several records: the same record told by two messages, one document about several sessions.
import { describe, expect, it } from 'vitest'
import { base64, hex, utf8 } from '../../src/base/bytes.ts'
import { edlBlock, edlEnd, edlSignature, edlTelegram, keyHex } from '../../tools/transparency-vectors/edl-maker.ts'
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
  safeXml,
} from '../../tools/transparency-vectors/maker.ts'
import { ask, faults, findings } from './support.ts'

const KEY = hexKeyOf(SIGNER)
const [begin, end] = [ocmfText(beginRecord()), ocmfText(endRecord())]
const [nextBegin, nextEnd] = [
  ocmfText(beginRecord({ PG: 'T3' }, { TM: '2026-03-01T10:00:00,000+0100 S', RV: '#20.500' })),
  ocmfText(endRecord({ PG: 'T4' }, { TM: '2026-03-01T11:00:00,000+0100 S', RV: '#22.000' })),
]

const told = async (document: unknown) => {
  const answer = await ask({ 'a.json': JSON.stringify(document) })
  return [answer.verdict, ...answer.sessions.flatMap(findings), ...faults(answer)]
}

interface Said {
  readonly text: string
  readonly context?: string
  readonly value?: number
  readonly unit?: string
  readonly key?: string
}

const sample = ({ text, context = 'Transaction.Begin', value = 0, unit, key = KEY }: Said) => ({
  ...(unit === undefined ? {} : { unitOfMeasure: { unit } }),
  value,
  context,
  signedMeterValue: { signedMeterData: base64(utf8(text)), encodingMethod: 'OCMF', signingMethod: '', publicKey: key },
})
const values = (...said: Said[]) => said.map((each) => ({ timestamp: '2026-03-01T07:00:00Z', sampledValue: [sample(each)] }))
const event = (eventType: string, ...said: Said[]) => ({
  ...{ eventType, seqNo: 0, timestamp: '2026-03-01T07:00:00Z', transactionInfo: { transactionId: 'tx' } },
  meterValue: values(...said),
})
const B: Said = { text: begin }
const E: Said = { text: end, context: 'Transaction.End' }

describe('a record that two messages of OCPP tell', () => {
  const stop = (...said: Said[]) => ({ transactionId: 7, meterStop: 20_500, transactionData: values(...said) })
  const meterValues = (...said: Said[]) => ({ transactionId: 7, connectorId: 1, meterValue: values(...said) })
  const edl: Said[] = [edlBlock(), edlEnd()].map((block, index) => ({
    text: hex(edlTelegram(block, edlSignature(block))),
    context: index === 0 ? 'Transaction.Begin' : 'Transaction.End',
    key: keyHex(),
  }))

  it.each([
    ['by the Ended event', [event('Started', B), event('Ended', B, E)]],
    ['by the Ended event, without the key', [event('Started', B), event('Ended', { ...B, key: '' }, { ...E, key: '' })]],
    ['by StopTransaction', [meterValues(B), stop(B, E)]],
    ['both by StopTransaction', [meterValues(B), meterValues(E), stop(B, E)]],
    ['by an Ended event that came first', [event('Ended', B, E), event('Started', B)]],
  ])('is one record, told again %s', async (_, messages) => expect(await told(messages)).toEqual(['valid']))

  it('is one record of an EDL40 meter, whose begin only the context names', async () => {
    const [first = B, last = E] = edl
    expect(await told([event('Started', first), event('Ended', first, last)])).toEqual(['valid', 'algorithm-weak:warn'])
  })

  it.each([
    ['twice in one message', [event('Ended', B, B, E)]],
    ['in two messages that do not end it', [event('Started', B), event('Updated', B), event('Ended', E)]],
    ['by a third message', [event('Started', B), event('Updated', B), event('Ended', B, E)]],
    ['twice by the last message', [event('Started', B), event('Ended', B, B, E)]],
    ['by no messages', [sample(B), sample(B), sample(E)]],
    ['outside of messages first', [sample(B), event('Ended', B, E)]],
    ['outside of messages, too', [event('Ended', B, E), sample(B)]],
  ])('is a repeated record %s', async (_, messages) => expect(await told(messages)).toContain('duplicate:fail'))

  const resigned = { ...B, text: begin.replace(/"SD":"(.{20})./, '"SD":"$10') }
  it.each([
    ['another number beside it', [event('Started', B), event('Ended', E), event('Updated', { ...E, value: 99_500 })], 'told-mismatch'],
    ['another signature', [event('Started', B), event('Ended', resigned, E)], 'signature-invalid'],
    ['another value', [event('Started', B), event('Ended', { ...B, text: begin.replace('10.000', '11.000') }, E)], 'signature-invalid'],
  ])('is invalid with %s', async (_, messages, code) => {
    const [verdict, ...found] = await told(messages)
    expect([verdict, found.includes(`${code}:fail`)]).toEqual(['invalid', true])
  })

  it.each([
    ['the first', [KEY, undefined]],
    ['the second', [undefined, KEY]],
  ])('is a repeated record where only %s could be checked', async (_, keys) => {
    const twice = keys.map((key) => (key === undefined ? { data: begin } : { data: begin, key }))
    const answer = await ask({ 'a.xml': safeXml([...twice, { data: end, key: KEY }]) })
    expect(answer.sessions.flatMap(findings)).toContain('duplicate:fail')
  })
})

describe('a number beside the first or the last value', () => {
  const pair = (from: string, to: string): [Said, Said] => [
    { text: ocmfText(beginRecord({}, { RV: `#${from}` })) },
    { text: ocmfText(endRecord({}, { RV: `#${to}` })), context: 'Transaction.End' },
  ]
  /** Counts from the begin of the session, and since the meter was made. */
  const [zero, life] = [pair('0.000', '0.636'), pair('108.178', '108.814')]
  const events = ([first, last]: [Said, Said], from: number, to: number) => [
    event('Started', { ...first, value: from }),
    event('Ended', { ...last, value: to }),
  ]
  const inKwh = ([first, last]: [Said, Said], from: number, to: number) =>
    events([first, last].map((each) => ({ ...each, unit: 'kWh' })) as [Said, Said], from, to)
  /** A meter with a register for each direction, of which neither says alone how much was charged. */
  const twoWays = (from: string, to: string): [Said, Said] => {
    const text = (PG: string, values: object, back: string) =>
      ocmfText(
        payload({
          PG,
          RD: [present(reading({ ...values })), { ...(present(reading({ ...values })) as object), RI: '1-0:2.8.0', RV: back }],
        }),
      )
    return [
      { text: text('T1', { RV: `#${from}` }, '1.000') },
      { text: text('T2', { ...END, RV: `#${to}` }, '1.500'), context: 'Transaction.End' },
    ]
  }
  const both = twoWays('108.178', '108.814')
  const frames = ([first, last]: [Said, Said], meterStart: number, meterStop: number, transactionId = 7) => [
    [2, 'a', 'StartTransaction', { connectorId: 1, meterStart }],
    [3, 'a', { transactionId }],
    [2, 'b', 'MeterValues', { transactionId: 7, meterValue: values(first) }],
    [2, 'c', 'StopTransaction', { transactionId: 7, meterStop, transactionData: values(last) }],
  ]

  it.each([
    ['the signed one', events(life, 108_178, 108_814), []],
    ['of a moment before', events(life, 108_100, 108_800), ['record-deviates:warn', 'record-deviates:warn']],
    ['of a moment before, just', events(life, 108_078, 108_714), ['record-deviates:warn', 'record-deviates:warn']],
    ['the signed one in kWh', inKwh(life, 108.178, 108.814), []],
    ['in kWh, cut', inKwh(life, 108.17, 108.8), []],
    ['in kWh, of a moment before', inKwh(life, 108.11, 108.75), ['record-deviates:warn', 'record-deviates:warn']],
    ['in kWh, of the whole meter', inKwh(zero, 108.178, 108.814), ['record-deviates:warn', 'record-deviates:warn']],
    ['one of two registers', events(both, 108_178, 108_814), []],
    ['of the whole meter, which is new', events(zero, 300, 936), ['record-deviates:warn', 'record-deviates:warn']],
    ['of the session, beside the whole meter', events(life, 0, 636), ['record-deviates:warn']],
    ['of the whole meter, beside the session', events(zero, 108_178, 108_814), ['record-deviates:warn', 'record-deviates:warn']],
    ['of the whole meter at the end alone', events(zero, 0, 108_814), ['record-deviates:warn']],
    ['in StopTransaction', frames(zero, 108_178, 108_814), ['record-deviates:warn']],
    ['in StopTransaction, which began at nothing', frames(zero, 0, 108_814), ['record-deviates:warn']],
    ['in StopTransaction, since the begin', frames(life, 108_178, 636), ['record-deviates:warn']],
    ['in StopTransaction, where another one started', frames(zero, 98_178, 108_814, 8), ['record-deviates:warn']],
  ])('is valid: %s', async (_, messages, found) => expect(await told(messages)).toEqual(['valid', ...found]))

  it.each([
    ['another end', events(life, 108_178, 118_814)],
    ['another begin', events(life, 98_178, 108_814)],
    ['an end that is too far', events(life, 108_178, 108_915)],
    ['another end in kWh', inKwh(life, 108.178, 118.814)],
    ['another end of two registers', events(both, 108_178, 118_814)],
    ['the whole meter at the begin alone', events(zero, 108_178, 636)],
    [
      'less than what is signed beside the whole meter',
      frames(zero, 0, 100).with(2, [
        2,
        'd',
        'MeterValues',
        { transactionId: 7, meterValue: values(zero[0], { ...zero[1], value: 108_814 }) },
      ]),
    ],
    ['the begin at the end', events(life, 108_178, 108_178)],
    ['the whole meter, which moved by more', events(zero, 108_178, 118_814)],
    ['the whole meter, which moved by less', events(zero, 108_178, 108_300)],
    ['less than what is signed', frames(zero, 0, 100)],
    ['StopTransaction, which moved by more', frames(zero, 108_178, 118_814)],
    ['StartTransaction, which moved by more', frames(zero, 98_178, 108_814)],
    ['a copy of the first value', [...events(life, 108_178, 108_814), event('Ended', { ...life[0], value: 98_178 })]],
  ])('is invalid: %s', async (_, messages) => {
    const [verdict, ...found] = await told(messages)
    expect([verdict, found.includes('told-mismatch:fail')]).toEqual(['invalid', true])
  })

  it('says nothing yet where the begin is missing', async () => {
    const found = await told([event('Ended', { ...life[1], value: 118_814 })])
    expect(found).toEqual(['incomplete', 'begin-missing:fail', 'record-deviates:warn'])
  })
})

describe('a transaction of our own back end', () => {
  const kept = (text: string) => ({ format: 'OCMF', encoding: 'plain', data: text, publicKey: KEY, at: '2026-03-01T07:00:00Z' })
  const transaction = (over: object = {}, texts = [begin, end]) => ({
    ...{ id: 'tx-1', transactionId: 'tx-1', energyWh: '10500', meterValues: values(B, B, E), signedRecords: texts.map(kept) },
    ...over,
  })

  it.each([{}, { energyWh: '0' }, { energyWh: '10300' }, { energyWh: '10700' }, { energyWh: undefined }])(
    'is valid with its messages: %j',
    async (over) => expect(await told(transaction(over))).toEqual(['valid']),
  )

  it('is invalid with another energy', async () => {
    for (const energyWh of ['99500', '10701', '10299', '500'])
      expect(await told(transaction({ energyWh }))).toEqual(['invalid', 'total-mismatch:fail'])
    expect(await told(transaction({}, [begin, end.replace('20.500', '30.500')]))).toContain('signature-invalid:fail')
  })

  it('is invalid with another number in its messages, as they are by themselves', async () => {
    const says = (from: number, to: number) => values({ ...B, value: from }, { ...E, value: to })
    for (const over of [{}, { energyWh: '0' }, { energyWh: undefined }]) {
      expect(await told(transaction({ ...over, meterValues: says(10_000, 20_500) }))).toEqual(['valid'])
      expect((await told(transaction({ ...over, meterValues: says(10_000, 99_500) })))[0]).toBe('invalid')
      expect((await told(transaction({ ...over, meterValues: says(1000, 20_500) })))[0]).toBe('invalid')
    }
    const stop = (meterStop: number) =>
      transaction({ energyWh: '0', messages: [{ transactionId: 1, meterStop, transactionData: says(0, 0) }] })
    expect(await told(stop(20_500))).toEqual(['valid'])
    expect((await told(stop(99_500)))[0]).toBe('invalid')
  })

  it('names a record of its messages that it has not kept', async () => {
    const more = transaction({ meterValues: values(B, E, { text: nextEnd }) })
    const [verdict, fault] = await told(more)
    expect([verdict, fault]).toEqual(['valid', expect.stringContaining('record-malformed')])
  })
})

describe('a document about several sessions', () => {
  const all = [begin, end, nextBegin, nextEnd]
  const cdr = (over: object = {}) => ({
    ...{
      cdr_token: {},
      charging_periods: [],
      total_energy: 12,
      start_date_time: '2026-03-01T07:00:00Z',
      end_date_time: '2026-03-01T10:00:00Z',
    },
    signed_data: { public_key: KEY, signed_values: all.map((text) => ({ nature: '', plain_data: '', signed_data: text })) },
    ...over,
  })
  const record = (over: object = {}) => ({
    begin: '',
    chargingSessions: [{ original: base64(utf8(all.join('\n'))), ...over }],
    publicKeys: [{ value: KEY }],
  })
  const readings = (...wh: string[]) => ({ measurements: [{ unit: 'kWh', values: wh.map((value) => ({ value })) }] })

  it.each([
    ['a bill', cdr()],
    [
      'a transparency record',
      record({ begin: '2026-03-01T06:00:00Z', end: '2026-03-01T10:05:00Z', ...readings('10.000', '20.500', '22') }),
    ],
  ])('is valid: %s', async (_, document) => expect(await told(document)).toEqual(['valid']))

  it.each([
    ['a bill of more energy', cdr({ total_energy: 13 }), ['total-mismatch:fail', 'total-mismatch:fail']],
    ['a bill of one of them', cdr({ total_energy: 10.5 }), ['total-mismatch:fail', 'total-mismatch:fail']],
    ['a bill that ended before the second', cdr({ end_date_time: '2026-03-01T08:00:00Z' }), ['told-mismatch:fail']],
    ['a transparency record of other times', record({ begin: '2026-03-01T08:30:00Z' }), ['told-mismatch:fail']],
    ['a transparency record of another reading', record(readings('10.000', '99.5')), ['told-mismatch:fail', 'told-mismatch:fail']],
  ])('is invalid: %s', async (_, document, found) => expect(await told(document)).toEqual(['invalid', ...found]))
})

describe('a document about a session that its records tell twice', () => {
  const whole = ocmfText(payload({ PG: 'T3' }))
  const stated = (...wh: string[]) => ({ measurements: [{ unit: 'kWh', values: wh.map((value) => ({ value })) }] })
  const record = (over: object) => ({
    begin: '',
    chargingSessions: [{ original: base64(utf8([begin, end, whole].join('\n'))), ...over }],
    publicKeys: [{ value: KEY }],
  })
  const cdr = (total: number) => ({
    ...{ cdr_token: {}, charging_periods: [], total_energy: total },
    signed_data: { public_key: KEY, signed_values: [begin, end, whole].map((text) => ({ nature: '', plain_data: '', signed_data: text })) },
  })

  it.each([
    ['with each reading as often', record(stated('10.000', '20.500', '10.000', '20.500'))],
    ['with each reading once', record(stated('10.000', '20.500'))],
    ['with its energy', cdr(10.5)],
  ])('is valid %s', async (_, document) => expect(await told(document)).toEqual(['valid']))

  it.each([
    ['with another reading', record(stated('10.000', '20.500', '10.000', '30.500')), 'told-mismatch:fail'],
    ['with its energy twice', cdr(21), 'total-mismatch:fail'],
  ])('is invalid %s', async (_, document, found) => expect(await told(document)).toEqual(['invalid', found]))
})

describe('a number that is written in many digits', () => {
  const zeros = '0'.repeat(70)
  const written = (document: object, number: string): string => JSON.stringify(document).replace('"@"', number)
  const bill = {
    ...{ cdr_token: {}, charging_periods: [], total_energy: '@' },
    signed_data: { public_key: KEY, signed_values: [begin, end].map((text) => ({ nature: '', plain_data: '', signed_data: text })) },
  }
  const record = {
    begin: '',
    chargingSessions: [
      { original: base64(utf8(`${begin}\n${end}`)), measurements: [{ unit: 'kWh', values: [{ value: '10' }, { value: '@' }] }] },
    ],
    publicKeys: [{ value: KEY }],
  }
  const message = {
    ...{ eventType: 'Ended', seqNo: 0, timestamp: '2026-03-01T07:00:00Z', transactionInfo: { transactionId: 'tx' } },
    meterValue: [{ timestamp: '2026-03-01T07:00:00Z', sampledValue: [sample(B), { ...sample(E), value: '@' }] }],
  }
  const verdict = async (text: string) => (await ask({ 'a.json': text })).verdict

  it.each([
    ['a bill', bill, '10.5', '99'],
    ['a transparency record', record, '20.5', '99.5'],
    ['a message', message, '20500', '99500'],
  ])('is compared in %s', async (_, document, right, wrong) => {
    const long = (number: string): string[] => [
      number,
      number.includes('.') ? `${number}${zeros}` : `${number}.${zeros}`,
      `${number.replace('.', '')}${zeros}e-${70 + (number.split('.')[1] ?? '').length}`,
    ]
    for (const number of long(right)) expect(await verdict(written(document, number))).toBe('valid')
    for (const number of [...long(wrong), '1e500']) expect(await verdict(written(document, number))).toBe('invalid')
  })

  it.each([
    ['as a text', { value: '20500' }, { value: ' 99500 ' }],
    ['in a unit of other letters', { value: 20.5, unitOfMeasure: { unit: 'KWH' } }, { value: 99.5, unitOfMeasure: { unit: ' kwh' } }],
    ['of a measurand with blanks', { value: 20_500 }, { value: 99_500, measurand: ' Energy.Active.Import.Register' }],
  ])('is compared %s', async (_, right, wrong) => {
    const of = (over: object): string =>
      JSON.stringify([
        event('Started', B),
        { ...event('Ended'), meterValue: [{ timestamp: '', sampledValue: [{ ...sample(E), context: 'Transaction.End', ...over }] }] },
      ])
    expect(await verdict(of(right))).toBe('valid')
    expect(await verdict(of(wrong))).toBe('invalid')
  })

  it('is compared with its power of ten, however that is written', async () => {
    const power = (multiplier: string, number: string): string =>
      written(message, number).replace(`"value":${number}`, `"value":${number},"unitOfMeasure":{"unit":"Wh","multiplier":${multiplier}}`)
    for (const multiplier of ['3', '3.0', '0.3e1']) {
      expect(await verdict(power(multiplier, '20.5'))).toBe('valid')
      expect(await verdict(power(multiplier, '99.5'))).toBe('invalid')
    }
  })
})
