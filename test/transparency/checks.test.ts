// Every rule of a sound session: one that holds, and its twin that was signed by the meter all the same and must be found.
import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/transparency/checks.ts'
import { CODE_SENTENCES } from '../../src/transparency/index.ts'
import { beginRecord, END, endRecord, type Fields, ocmfText, payload, present, reading } from '../../tools/transparency-vectors/maker.ts'
import { askAbout, findings } from './support.ts'

const within = (...values: Fields[]): Fields[] => [payload({ RD: values.map(present) })]
const during = (over: Fields = {}, values: Fields = {}): Fields =>
  payload({ PG: 'T2', RD: [present(reading({ TM: '2026-03-01T08:30:00,000+0100 S', TX: 'C', RV: '#15.000', ...values }))], ...over })
const B = beginRecord()
const E = endRecord()
const E3 = endRecord({ PG: 'T3' })
const EXPORT = { RV: '#1.000', RI: '1-0:2.8.0' }

interface Case {
  readonly rule: string
  readonly good: readonly Fields[]
  readonly bad: readonly Fields[]
  /** What the twin is told, all of it. */
  readonly found: readonly string[]
  readonly verdict: 'valid' | 'invalid' | 'incomplete'
}

const fails = (rule: string, good: readonly Fields[], bad: readonly Fields[], ...codes: readonly string[]): Case => ({
  rule,
  good,
  bad,
  found: codes.map((code) => `${code}:fail`),
  verdict: codes.every((code) => code === 'begin-missing' || code === 'end-missing') ? 'incomplete' : 'invalid',
})

const warns = (rule: string, good: readonly Fields[], bad: readonly Fields[], code: string): Case => ({
  rule,
  good,
  bad,
  found: [`${code}:warn`],
  verdict: 'valid',
})

const CASES: readonly Case[] = [
  fails('a begin', [B, E], [E], 'begin-missing'),
  fails('an end', [B, E], [B], 'end-missing'),
  fails('something to begin and end', [B, E], [during()], 'begin-missing', 'end-missing'),
  fails(
    'an end in every register of energy',
    within(reading(), EXPORT, { ...END, RI: '1-0:1.8.0' }, EXPORT),
    within(reading(), EXPORT, { ...END, RI: '1-0:1.8.0' }),
    'end-missing',
  ),
  fails(
    'a begin in every register of energy',
    within(reading(), END, { RV: '60', RI: '0-0:0.8.6', RU: 's' }),
    within(reading(), END, EXPORT),
    'begin-missing',
  ),
  fails('one begin', [B, during(), E3], [B, beginRecord({ PG: 'T2' }), E3], 'begin-duplicate'),
  fails('one begin, though there is no end', [B, during(), E3], [B, beginRecord({ PG: 'T2' })], 'begin-duplicate', 'end-missing'),
  fails('one end', [B, E], [B, E, E3], 'end-duplicate'),
  fails('one end, though there is no begin', [B, E], [E, E3], 'begin-missing', 'end-duplicate'),
  fails(
    'the begin first',
    within(reading(), reading(END)),
    within(reading({ ...END, RV: '#10' }), reading({ TM: '2026-03-01T09:00:00,000+0100 S' })),
    'marker-order',
  ),
  fails(
    'nothing after the end',
    within(reading(), reading(END)),
    within(reading(), reading(END), reading({ ...END, TX: 'C' })),
    'marker-order',
  ),
  fails(
    'nothing before the begin',
    within(reading(), reading(END)),
    within(reading({ TX: 'C', RV: '#9.000' }), reading(), reading(END)),
    'marker-order',
  ),
  fails(
    'nothing after an end without a begin',
    within(reading(), reading(END)),
    within(reading(END), reading({ ...END, TX: 'C' })),
    'begin-missing',
    'marker-order',
  ),
  fails('each record once', [B, E], [B, B, E], 'duplicate'),
  fails('each whole session once', [payload()], [payload(), payload()], 'duplicate'),
  fails('each number once', [B, during(), E3], [B, during({ PG: 'T1' }), E], 'duplicate'),
  fails('no gap', [B, E], [B, endRecord({ PG: 'T9' })], 'pagination-gap'),
  fails('no gap before the end is there', [B, during(), E3], [B, during({ PG: 'T7' })], 'end-missing', 'pagination-gap'),
  fails('numbers that rise', [B, E], [beginRecord({ PG: 'T9' }), endRecord({ PG: 'T1' })], 'pagination-order'),
  fails('one series of numbers', [B, E], [B, endRecord({ PG: 'F2' })], 'pagination-order'),
  fails('numbers', [B, E], [beginRecord({ PG: undefined }), endRecord({ PG: undefined })], 'pagination-gap'),
  fails('numbers in all of its records', [B, E], [B, endRecord({ PG: undefined })], 'pagination-gap'),
  fails('time that does not fall', [B, E], [B, endRecord({}, { TM: '2026-03-01T07:59:59,999+0100 S' })], 'time-backwards'),
  fails(
    'time that does not fall behind another offset',
    [B, endRecord({}, { TM: '2026-03-01T08:30:00,000+0000 S' })],
    [B, endRecord({}, { TM: '2026-03-01T08:30:00,000+0200 S' })],
    'time-backwards',
  ),
  fails(
    'time that does not fall in either of two registers',
    within(reading(), EXPORT, { ...END, RI: '1-0:1.8.0' }, EXPORT),
    within(
      reading({ TM: '2026-03-01T10:00:00,000+0100 S' }),
      { ...EXPORT, TM: '2026-03-01T08:00:00,000+0100 S' },
      { ...END, RI: '1-0:1.8.0' },
      { ...EXPORT, TM: '2026-03-01T11:00:00,000+0100 S' },
    ),
    'time-backwards',
  ),
  fails('energy that does not fall', [B, endRecord({}, { RV: '#10.000' })], [B, endRecord({}, { RV: '#9.999' })], 'energy-decreasing'),
  fails('energy that does not fall in between', [B, during(), E3], [B, during({}, { RV: '#20.501' }), E3], 'energy-decreasing'),
  fails('one meter', [B, E], [B, endRecord({ MS: 'CPM-0002' })], 'source-mismatch'),
  fails('one gateway', [B, E], [B, endRecord({ GS: 'CPG-0002' })], 'source-mismatch'),
  fails('one gateway in all of its records', [B, E], [B, endRecord({ GS: undefined })], 'source-mismatch'),
  fails('one meter and gateway', [B, E], [B, endRecord({ MS: 'CPM-0002', GS: 'CPG-0002' })], 'source-mismatch', 'source-mismatch'),
  fails('one user', [B, E], [B, endRecord({ ID: 'CAFEBABE' })], 'source-mismatch'),
  fails('one user before the end is there', [B, during(), E3], [B, during({ ID: 'CAFEBABE' })], 'end-missing', 'source-mismatch'),
  fails('one charge point', [B, endRecord({ CI: undefined })], [B, endRecord({ CI: 'DE*CPV*E0002' })], 'source-mismatch'),
  fails(
    'one register',
    [B, endRecord({}, { RI: '01-00:01.08.00*FF' })],
    [B, endRecord({}, { RI: '1-0:2.8.0' })],
    'begin-missing',
    'end-missing',
    'source-mismatch',
  ),
  fails(
    'one register behind readings in between',
    [B, during(), E3],
    [B, during(), endRecord({ PG: 'T3' }, { RI: '1-0:2.8.0' })],
    'begin-missing',
    'end-missing',
    'source-mismatch',
  ),
  fails('one unit', [B, E], [B, endRecord({}, { RU: 'Wh', RV: '#20500' })], 'source-mismatch'),
  fails('one kind of current', [B, E], [B, endRecord({}, { RT: 'DC' })], 'source-mismatch'),
  fails('a meter that is well at the end', [B, E], [B, endRecord({}, { ST: 'M' })], 'meter-status'),
  fails('a meter that says how it is', [B, E], [B, endRecord({}, { ST: undefined })], 'meter-status'),
  warns(
    'a meter that is well in between, or says nothing',
    [B, during({}, { ST: undefined }), E3],
    [B, during({}, { ST: 'T' }), E3],
    'meter-status',
  ),
  fails('energy that may be billed', [B, E], [B, endRecord({}, { EF: 'E' })], 'energy-unusable'),
  warns('time that may be billed', [B, E], [B, endRecord({}, { EF: 't' })], 'time-unusable'),
  fails('no exception', [B, during(), E3], [B, during({}, { TX: 'X' }), E3], 'exception'),
  ...['MISMATCH', 'INVALID', 'OUTDATED', 'UNKNOWN'].map((IL) =>
    fails(`no assignment ${IL}`, [B, endRecord({ IL: 'VERIFIED' })], [B, endRecord({ IL })], 'user-assignment'),
  ),
  fails(
    'an untouched logbook',
    within(reading({ EI: 5 }), reading({ ...END, EI: 5 })),
    within(reading({ EI: 5 }), reading({ ...END, EI: 6 })),
    'logbook-changed',
  ),
  warns('a clock that is set', [B, E], [beginRecord({}, { TM: '2026-03-01T08:00:00,000+0100 I' }), E], 'time-informative'),
  warns('a clock that is known', [B, E], [B, endRecord({}, { TM: '2026-03-01T09:00:00,000+0100 U' })], 'time-informative'),
  warns(
    'a plausible amount',
    within(reading(), reading({ ...END, RV: '#510.000' })),
    within(reading(), reading({ ...END, RV: '#510.001' })),
    'implausible',
  ),
  warns(
    'registers that count from zero',
    within(reading({ RV: '#0' }), reading(END)),
    within(reading({ RV: '#-0.1' }), reading(END)),
    'value-negative',
  ),
  warns('a version with two numbers', [payload({ FV: '1.4' })], [payload({ FV: '1.4.1' })], 'record-deviates'),
  fails('values that are numbers', [B, E], [B, endRecord({}, { RV: 'much' })], 'record-malformed'),
]

/** Codes that OCMF records cannot have: their twins are in the tests of the formats and algorithms that can. */
const ELSEWHERE = ['pagination-absent', 'total-mismatch', 'told-mismatch', 'algorithm-weak']

const documents = (records: readonly Fields[]): string[] => records.map((fields) => ocmfText(fields))

describe('a sound session has', () => {
  it.each(CASES)('$rule', async ({ good, bad, found, verdict }) => {
    const sound = await askAbout(...documents(good))
    expect(sound.sessions.map(findings)).toEqual([[]])
    expect(sound.verdict).toBe('valid')
    const torn = await askAbout(...documents(bad))
    expect(torn.sessions.map(findings)).toEqual([found])
    expect(torn.verdict).toBe(verdict)
    expect(torn.sessions[0]?.records).toHaveLength(bad.length)
  })

  it('its rules asked in any order of its records', async () => {
    for (const { bad, found } of CASES) {
      const torn = await askAbout(...documents([...bad].reverse()))
      expect(torn.sessions.flatMap(findings).sort()).toEqual([...found].sort())
    }
  })

  it('one answer at least from every rule', async () => {
    const { sessions } = await askAbout(...documents([B, E]))
    expect(sessions[0]?.checks).toEqual(CHECKS.map(({ id }) => ({ id, state: 'pass' })))
  })

  it('no need of a number where it is one record', async () => {
    const verdict = await askAbout(ocmfText(payload({ PG: undefined })))
    expect(verdict.verdict).toBe('valid')
    expect(verdict.sessions.map(findings)).toEqual([['pagination-absent:skip']])
  })

  it('no plausible limit for direct current', async () => {
    const [fields = {}] = within(reading({ RT: 'DC' }), reading({ ...END, RT: 'DC', RV: '#800' }))
    expect((await askAbout(ocmfText(fields))).sessions.map(findings)).toEqual([[]])
  })

  it('a twin here for every code of a rule', () => {
    const signatures = [
      'signature-invalid',
      'signature-malformed',
      'signature-absent',
      'key-missing',
      'key-mismatch',
      'key-curve',
      'algorithm-unsupported',
    ]
    const tested = new Set(CASES.flatMap(({ found }) => found.map((one) => one.split(':')[0])))
    const codes = Object.keys(CODE_SENTENCES).filter((code) => !signatures.includes(code))
    expect(codes.filter((code) => !tested.has(code))).toEqual(ELSEWHERE)
  })
})
