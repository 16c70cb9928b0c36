// OCMF records that the meter signed and that are no sound session all the same, one case or more for each rule; and tariffs.
import type { Json } from '../../src/base/ports.ts'
import type { Files, VectorCase } from './case.ts'
import { beginRecord, END, endRecord, type Fields, ocmfText, payload, pemOf, present, reading, SIGNER } from './maker.ts'

/** Signed by the meter and yet wrong: one case for each rule. */
export const ocmfRules = (): VectorCase[] => {
  const begin = beginRecord()
  const rule = (name: string, ...records: readonly Fields[]): VectorCase => signed(`rule-${name}`, ...records)
  const within = (name: string, ...values: readonly Fields[]): VectorCase => rule(name, payload({ RD: values.map(present) }))
  return [
    rule('begin-missing', endRecord()),
    rule('end-missing', begin),
    rule('end-missing-of-a-register', payload({ RD: [...importAndExport().slice(0, 2), present(reading(END))] })),
    rule('begin-duplicate', begin, beginRecord({ PG: 'T2' }), endRecord({ PG: 'T3' })),
    rule('begin-duplicate-without-end', begin, beginRecord({ PG: 'T2' })),
    rule('end-duplicate', begin, endRecord(), endRecord({ PG: 'T3' })),
    rule('end-duplicate-without-begin', endRecord(), endRecord({ PG: 'T3' })),
    within('marker-order', reading(END), reading({ TM: '2026-03-01T10:00:00,000+0100 S', RV: '#20.500' })),
    rule('duplicate-record', begin, begin, endRecord()),
    rule('duplicate-session', payload(), payload()),
    rule('duplicate-number', begin, during({ PG: 'T1' }), endRecord()),
    rule('pagination-gap', begin, endRecord({ PG: 'T9' })),
    rule('pagination-gap-without-end', begin, during({ PG: 'T7' })),
    rule('pagination-order', beginRecord({ PG: 'T9' }), endRecord({ PG: 'T1' })),
    rule('pagination-gap-without-numbers', beginRecord({ PG: undefined }), endRecord({ PG: undefined })),
    rule('time-backwards', begin, endRecord({}, { TM: '2026-03-01T07:59:59,999+0100 S' })),
    rule('time-backwards-by-offset', begin, endRecord({}, { TM: '2026-03-01T08:30:00,000+0200 S' })),
    rule('energy-decreasing', begin, endRecord({}, { RV: '#9.999' })),
    rule('source-meter', begin, endRecord({ MS: 'CPM-0002' })),
    rule('source-gateway', begin, endRecord({ GS: 'CPG-0002' })),
    rule('source-user', begin, endRecord({ ID: 'CAFEBABE' })),
    rule('source-user-without-end', begin, during({ ID: 'CAFEBABE' })),
    rule('source-charge-point', begin, endRecord({ CI: 'DE*CPV*E0002' })),
    rule('source-register', begin, endRecord({}, { RI: '1-0:2.8.0' })),
    rule('source-unit', begin, endRecord({}, { RU: 'Wh', RV: '#20500' })),
    rule('meter-status', begin, endRecord({}, { ST: 'M' })),
    rule('meter-status-between', begin, during({}, { ST: 'T' }), endRecord({ PG: 'T3' })),
    rule('energy-unusable', begin, endRecord({}, { EF: 'E' })),
    rule('time-unusable', begin, endRecord({}, { EF: 't' })),
    rule('exception', begin, during({}, { TX: 'X' }), endRecord({ PG: 'T3' })),
    ...['MISMATCH', 'INVALID', 'OUTDATED', 'UNKNOWN'].map((IL) => rule(`user-assignment-${IL}`, begin, endRecord({ IL }))),
    within('logbook-changed', reading({ EI: 567 }), reading({ ...END, EI: 568 })),
    within(
      'time-informative',
      reading({ TM: '2026-03-01T08:00:00,000+0100 I' }),
      reading({ ...END, TM: '2026-03-01T09:00:00,000+0100 R' }),
    ),
    within('implausible', reading(), reading({ ...END, RV: '#510.001' })),
    within('unit-of-no-energy', reading({ RU: 'MWh' }), reading({ ...END, RU: 'MWh' })),
    within('time-backwards-in-a-second-register', reading(), reading(END), SECOND, {
      ...SECOND,
      ...END,
      TM: '2026-03-01T07:00:00,000+0100 S',
    }),
    within('none-registers-in-turn', reading(), reading(END), SECOND, { ...SECOND, ...END, RV: '#1.000' }),
    within('record-malformed', reading(), reading({ ...END, RV: 'much' })),
    within('record-malformed-by-digits', reading(), reading({ ...END, RV: '9'.repeat(60) })),
  ]
}

/** Begin and end by themselves, and then both in one record. */
export const toldAgain = (): VectorCase[] => [
  signed('session-told-again-as-a-whole', beginRecord(), endRecord(), payload({ PG: 'T3' })),
  question(
    'session-told-again-as-a-whole-tampered',
    ...[beginRecord(), endRecord()].map((fields) => ocmfText(fields)),
    ocmfText(payload({ PG: 'T3' })).replace('20.500', '30.500'),
  ),
]

const TARIFFS = {
  '001': '001;EUR;250;79;15;1',
  '001-free-minutes': '001;EUR;0;35;5;120',
  '001-half-a-cent': '001;EUR;0.25;0.5;0;0',
  '002': '002;EUR;199;69;20',
  '003': '003;EUR;50;2.5',
  'free-text': 'Ladestrom 59 ct/kWh',
  'leading-zero': '001;EUR;250;079;15;1',
  negative: '003;EUR;-50;2.5',
} as const

export const tariffs = (): VectorCase[] => [
  ...Object.entries(TARIFFS).map(([name, TT]) => signed(`tariff-${name}`, payload({ TT }))),
  signed('tariff-that-changes', beginRecord({ TT: TARIFFS['001'] }), endRecord({ TT: TARIFFS['002'] })),
  signed('tariff-in-the-begin-only', beginRecord({ TT: TARIFFS['003'] }), endRecord()),
  signed(
    'tariff-that-changes-on-the-way',
    payload({ TT: TARIFFS['001'], RD: [reading(), reading({ TX: 'T', RV: '#15.250' }), reading(END)].map(present) }),
  ),
  signed('tariff-without-an-end', beginRecord({ TT: TARIFFS['003'] })),
  signed(
    'tariff-by-a-clock-not-set',
    payload({ TT: TARIFFS['003'], RD: [reading({ TM: '2026-03-01T08:00:00,000+0100 I' }), END].map(present) }),
  ),
  question('tariff-altered', ocmfText(payload({ TT: TARIFFS['001'] })).replace(';79;', ';19;')),
]

const SECOND = reading({ RI: '1-0:2.8.0', RV: '#1.000' })

export const KEY: Files = { 'publicKey.pem': pemOf(SIGNER) }

export const question = (name: string, ...documents: readonly string[]): VectorCase => ({
  name,
  question: { 'records.ocmf': `${documents.join('\n')}\n`, ...KEY },
})

export const signed = (name: string, ...records: readonly Fields[]): VectorCase =>
  question(name, ...records.map((fields) => ocmfText(fields)))

export const during = (over: Fields, values: Fields = {}): Fields =>
  payload({ PG: 'T2', RD: [present(reading({ TM: '2026-03-01T08:30:00,000+0100 S', TX: 'C', RV: '#15.250', ...values }))], ...over })

export const importAndExport = (): Json[] =>
  [reading(), { RV: '#1.000', RI: '1-0:2.8.0' }, { ...END, RI: '1-0:1.8.0' }, { RV: '#1.000', RI: '1-0:2.8.0' }].map(present)
