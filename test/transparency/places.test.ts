// Formats that sign no begin and no end: a reading's place is its order, and one reading alone has none. With records made by hand, so
// that the rule holds for every such format.
import { describe, expect, it } from 'vitest'
import { hex, utf8 } from '../../src/base/bytes.ts'
import { parseDecimal } from '../../src/base/decimal.ts'
import type { Marker, MeterRecord } from '../../src/metering/reading.ts'
import type { Check } from '../../src/transparency/checks/check.ts'
import { CHECKS } from '../../src/transparency/checks.ts'
import { sessionFrom } from '../../src/transparency/session.ts'
import { sessionsOf } from '../../src/transparency/sessions.ts'
import type { Judged } from '../../src/transparency/trust.ts'

interface Made {
  readonly format?: MeterRecord['format']
  readonly number: number
  readonly value?: string
  readonly minute?: number
  readonly meter?: string
  readonly gateway?: string
  readonly user?: string
  readonly session?: string
  readonly label?: Marker
}

const judged = ({
  format = 'edl40',
  number,
  value = String(number),
  minute = number,
  meter = 'M',
  gateway,
  user = 'U',
  session,
  label,
}: Made): Judged => {
  const bytes = utf8(JSON.stringify([format, number, value, minute, meter, gateway, user, session]))
  const record: MeterRecord = {
    format,
    signed: [{ name: 'block', bytes }],
    signature: { state: 'ready', choices: [{ method: { curve: 'secp256r1', hash: 'SHA-256' }, raw: bytes }], encoded: bytes },
    keys: [],
    source: { meter, user, ...(gateway === undefined ? {} : { gateway }) },
    ...(session === undefined ? {} : { session }),
    pagination: { series: '', number },
    readings: [
      {
        register: '1-0:1.8.0*255',
        purpose: 'billing',
        preference: 2,
        value: parseDecimal(value),
        unit: 'Wh',
        time: { iso: `2026-03-01T08:${minute}`, ms: minute * 60_000, clock: 'unstated' },
        ...(label === undefined ? {} : { label }),
        unusable: [],
      },
    ],
    problems: [],
    fields: () => [],
  }
  const signature = { state: 'valid', trust: 'embedded' } as const
  return { id: hex(bytes), report: { name: 'r', kind: 'record', format: undefined, fault: undefined }, record, embedded: [], signature }
}

const codes = (checks: readonly Check[], ...made: readonly Made[]): string[] =>
  sessionsOf(made.map(judged)).map((group) => {
    const session = sessionFrom(group)
    const found = checks.flatMap((check) => check.judge(session).map(({ code }) => code))
    return `${session.readings.map(({ reading }) => reading.marker ?? '?').join(' ')}: ${found.join(' ')}`
  })

describe('without signed markers', () => {
  it.each<readonly [string, readonly Made[], readonly string[]]>([
    ['the first begins and the last ends', [{ number: 1 }, { number: 5 }, { number: 9 }], ['begin during end: ']],
    ['in any order', [{ number: 9 }, { number: 1 }], ['begin end: ']],
    ['one alone is neither', [{ number: 4 }], ['?: begin-missing end-missing']],
    ['the number may not stand still', [{ number: 1 }, { number: 1, value: '2' }], ['begin end: duplicate']],
    [
      'time runs with the number',
      [
        { number: 1, minute: 9 },
        { number: 2, minute: 3 },
      ],
      ['begin end: time-backwards'],
    ],
    [
      'energy runs with the number',
      [
        { number: 1, value: '9' },
        { number: 2, value: '8' },
      ],
      ['begin end: energy-decreasing'],
    ],
    ['another user', [{ number: 1 }, { number: 2, user: 'V' }], ['begin end: source-mismatch']],
    ['another meter', [{ number: 1 }, { number: 2, meter: 'N' }], ['?: begin-missing end-missing', '?: begin-missing end-missing']],
    [
      'a label that says so',
      [
        { number: 1, label: 'begin' },
        { number: 2, label: 'during' },
      ],
      ['begin during: end-missing'],
    ],
    [
      'labels the wrong way round',
      [
        { number: 1, label: 'end' },
        { number: 2, label: 'begin' },
      ],
      ['end begin: marker-order'],
    ],
    ['one with a label', [{ number: 1, label: 'end' }], ['end: begin-missing']],
  ])('%s', (_, made, expected) => {
    expect(codes(CHECKS, ...made)).toEqual(expected)
  })
})

describe('with a signed name', () => {
  it.each<readonly [string, readonly Made[], readonly string[]]>([
    [
      'sessions of one meter are told apart',
      [
        { number: 1, session: 'a' },
        { number: 2, session: 'a' },
        { number: 3, session: 'b' },
        { number: 4, session: 'b' },
      ],
      ['begin end: ', 'begin end: '],
    ],
    [
      'two meters may use one name',
      [
        { number: 1, session: 'a', meter: 'M' },
        { number: 1, session: 'a', meter: 'N' },
        { number: 2, session: 'a', meter: 'M' },
        { number: 2, session: 'a', meter: 'N' },
      ],
      ['begin end: ', 'begin end: '],
    ],
    [
      'a meter that changed behind one gateway is found',
      [
        { number: 1, session: 'a', gateway: 'G' },
        { number: 2, session: 'a', gateway: 'G', meter: 'N' },
      ],
      ['begin end: source-mismatch'],
    ],
    [
      'a gateway that changed before one meter is found',
      [
        { number: 1, session: 'a', gateway: 'G' },
        { number: 2, session: 'a', gateway: 'H' },
      ],
      ['begin end: source-mismatch'],
    ],
  ])('%s', (_, made, expected) => {
    expect(codes(CHECKS, ...made)).toEqual(expected)
  })
})

describe('where the format signs its markers', () => {
  it('no label and no place counts', () => {
    expect(codes(CHECKS, { format: 'isa-edl40', number: 1, label: 'begin' }, { format: 'isa-edl40', number: 2, label: 'end' })).toEqual([
      '? ?: begin-missing end-missing',
    ])
  })

  it('a count rises by one only where the format says so', () => {
    const pagination = CHECKS.filter(({ id }) => id === 'pagination')
    expect(codes(pagination, { number: 1 }, { number: 3 })).toEqual(['begin end: '])
    expect(codes(pagination, { format: 'bsm', number: 1 }, { format: 'bsm', number: 3 })).toEqual(['? ?: pagination-gap'])
  })
})
