// OCMF 1.4: the text, its fields and its signature section.
import { describe, expect, it } from 'vitest'
import { utf8, utf8Text } from '../../../src/base/bytes.ts'
import { formatDecimal } from '../../../src/base/decimal.ts'
import { Fault } from '../../../src/base/fault.ts'
import { contentOf } from '../../../src/metering/content.ts'
import { ocmf } from '../../../src/metering/formats/ocmf.ts'
import type { MeterRecord } from '../../../src/metering/reading.ts'
import { END, type Fields, ocmfText, payload, present, reading } from '../../../tools/transparency-vectors/maker.ts'

const readAll = (text: string) => [...ocmf.read(contentOf(utf8(text)))]

const readOne = (text: string): MeterRecord => {
  const [first, ...others] = readAll(text)
  if (first === undefined || first instanceof Fault || others.length > 0)
    throw new Error(`expected one record, got ${first} and ${others.length} more`)
  return first
}

const readingsOf = (...values: Fields[]) => readOne(ocmfText(payload({ RD: values.map(present) })))

describe('the text', () => {
  it.each(['OCMF|{', ' \r\n OCMF|\n{', '"OCMF|{'])('is recognised by %j', (text) => {
    expect(ocmf.recognise(contentOf(utf8(text)))).toBe(true)
  })

  it.each(['', 'ocmf|{', '{"OCMF|":1}', '<values>OCMF|'])('is not %j', (text) => {
    expect(ocmf.recognise(contentOf(utf8(text)))).toBe(false)
  })

  it('is signed from brace to brace, whatever stands around', () => {
    const record = readOne(ocmfText(payload()).replace('OCMF|{', 'OCMF|\n  {').replace('}|{', '}\r\n|{'))
    expect(record.signed.map(({ name }) => name)).toEqual(['braces', 'section'])
    expect(utf8Text(record.signed[0]?.bytes ?? utf8(''))).toMatch(/^\{.*\}$/s)
    expect(utf8Text(record.signed[1]?.bytes ?? utf8(''))).toMatch(/^\n {2}\{.*\}\r\n$/s)
  })

  it('may hold bars, braces and quotes in its strings', () => {
    const record = readOne(ocmfText(payload({ ID: 'OCMF|{"}|{"\\' })))
    expect(record.source.user).toBe('ISO14443 OCMF|{"}|{"\\')
    expect(record.signed).toHaveLength(1)
  })

  it('may hold many documents, and says what stands between them', () => {
    const found = readAll(`${ocmfText(payload())}\n\n${ocmfText(payload())} junk ${ocmfText(payload())}`)
    expect(found.map((one) => (one instanceof Fault ? one.code : one.format))).toEqual(['ocmf', 'ocmf', 'input-unknown', 'ocmf'])
  })

  it('may end in a fourth section with a key', () => {
    const found = readAll(`${ocmfText(payload())}|3059ABCD\n${ocmfText(payload())}`)
    expect(found.map((one) => (one instanceof Fault ? one.code : one.keys))).toEqual([['3059ABCD'], []])
  })

  it.each(['OCMF|', 'OCMF|[]|{}', 'OCMF|{"FV":"1.0"', 'OCMF|{"FV":"1.0",}|{}', 'OCMF|{"RD":1,"RD":2}|{}', 'OCMF|{"FV":"3.0"}|{}'])(
    'is malformed as %j',
    (text) => {
      expect(readAll(text)).toEqual([expect.objectContaining({ code: 'record-malformed' })])
    },
  )

  it('goes on behind a broken document', () => {
    const found = readAll(`OCMF|{"FV":|{}\n${ocmfText(payload())}`)
    expect(found.map((one) => (one instanceof Fault ? one.code : one.format))).toEqual(['record-malformed', 'ocmf'])
  })

  it('is given up after a hundred broken pieces, in linear time', () => {
    const found = readAll('OCMF|{"a":"'.repeat(200_000))
    expect(found.length).toBeLessThan(210)
    expect(found.at(-1)).toMatchObject({ code: 'limit-exceeded' })
  })
})

describe('the payload', () => {
  it('names its source', () => {
    const { source, pagination } = readOne(ocmfText(payload()))
    expect(source).toEqual({
      meter: 'CPM-0001',
      gateway: 'CPG-0001',
      user: 'ISO14443 DEADBEEF',
      chargePoint: 'DE*CPV*E0001',
      assignment: { level: 'TRUSTED', failed: false },
    })
    expect(pagination).toEqual({ series: 'T', number: 1 })
  })

  it('keeps every decimal of a value, written as number or as padded text', () => {
    const { readings } = readingsOf(reading({ RV: '#2.500' }), reading({ RV: '       9.038' }), reading({ RV: '#9007199254740993.10' }))
    expect(readings.map(({ value }) => value && formatDecimal(value))).toEqual(['2.500', '9.038', '9007199254740993.10'])
  })

  it('takes what a reading leaves out from the one before', () => {
    const { readings, problems } = readingsOf(reading(), { RV: '#1.5', RI: '1-0:2.8.0' }, END)
    expect(problems).toEqual([])
    expect(readings.map(({ obis, marker, unit }) => [obis, marker, unit])).toEqual([
      ['1-0:1.8.0', 'begin', 'kWh'],
      ['1-0:2.8.0', 'begin', 'kWh'],
      ['1-0:2.8.0', 'end', 'kWh'],
    ])
    expect(readings[1]?.time).toEqual(readings[0]?.time)
  })

  it('takes a value from the one before only in the same register', () => {
    expect(readingsOf(reading(), { TX: 'E' }).problems).toEqual([])
    expect(readingsOf(reading(), { TX: 'E', RI: '1-0:2.8.0' }).problems).toEqual(['RD[1].RV is missing'])
  })

  it.each([
    ['RV', 'much', 'RD[0].RV: expected a decimal number'],
    ['RV', ['1'], 'RD[0].RV is not a text'],
    ['RV', '#1e99', 'RD[0].RV: expected a whole power of ten within ±40, got 99'],
    ['TM', 'yesterday', 'RD[0].TM is not a time'],
    ['TM', '2026-02-30T08:00:00,000+0100 S', 'RD[0].TM is not a time'],
    ['TX', 'Q', 'RD[0].TX is not a known letter'],
    ['RU', '', 'RD[0].RU is missing'],
  ])('complains about %s %j', (name, value, problem) => {
    expect(readingsOf(reading({ [name]: value })).problems).toContain(problem)
  })

  it.each([undefined, [], {}, 'x', [1]])('complains about RD %j', (RD) => {
    expect(readOne(ocmfText(payload({ RD }))).problems).not.toEqual([])
  })

  it.each([
    ['2026-03-01T08:00:00,250+0100 S', '2026-03-01T08:00:00.250+01:00', 'synchronised'],
    ['2026-03-01T08:00:00,000-0930 I', '2026-03-01T08:00:00.000-09:30', 'informative'],
    ['2026-03-01T08:00:00.5+01:00 R', '2026-03-01T08:00:00.5+01:00', 'relative'],
    ['2026-03-01T08:00:00Z U', '2026-03-01T08:00:00+00:00', 'unknown'],
    ['2026-03-01T08:00:00,000+0000', '2026-03-01T08:00:00.000+00:00', 'unknown'],
  ])('reads the time %s', (TM, iso, clock) => {
    const time = readingsOf(reading({ TM })).readings[0]?.time
    expect(time).toEqual({ iso, ms: Date.parse(iso), clock })
  })

  it('lists every field with its place in the signed bytes', () => {
    const record = readOne(ocmfText(payload({ TT: 'Säule € 5' })))
    const bytes = record.signed[0]?.bytes ?? utf8('')
    const fields = record.fields()
    expect(fields.map(({ name }) => name)).toContain('RD[1].RV')
    for (const { value, at = 0, length = 0 } of fields) {
      expect(utf8Text(bytes.subarray(at, at + length)).replace(/^"|"$/g, '')).toBe(value)
    }
  })
})

describe('the signature section', () => {
  const stateOf = (section: Fields) => readOne(ocmfText(payload(), { section })).signature.state

  it.each<[string, Fields]>([
    ['SA', { SA: 256 }],
    ['SA', { SA: null }],
    ['SE', { SE: ['hex'] }],
    ['SM', { SM: true }],
    ['SE of another kind', { SE: 'base58' }],
  ])('is malformed where %s is there and cannot be read', (_, section) => expect(stateOf(section)).toBe('malformed'))

  it('may spell its names in any letters', () => {
    expect(stateOf({ SE: 'HEX', SM: 'Application/X-DER' })).toBe('ready')
    expect(stateOf({ SA: '', SE: '', SM: '' })).toBe('ready')
  })

  it.each([
    [{}, 'ready'],
    [{ SA: undefined }, 'ready'],
    [{ SA: 'ecdsa-SECP256R1-sha256' }, 'ready'],
    [{ SM: 'application/x-der', SE: 'hex' }, 'ready'],
    [{ SA: 'ECDSA-secp256r1-SHA1' }, 'unsupported'],
    [{ SA: 'EdDSA-Ed25519' }, 'malformed'],
    [{ SA: 'EdDSA-Ed25519', SM: 'application/x-der' }, 'unsupported'],
    [{ SA: 'constructor' }, 'unsupported'],
    [{ SM: 'application/octet-stream' }, 'unsupported'],
    [{ SE: 'base85' }, 'malformed'],
    [{ SE: 'base64' }, 'malformed'],
    [{ SD: 5 }, 'malformed'],
    [{ SD: '3000' }, 'malformed'],
    [{ SD: 'zz' }, 'malformed'],
    [{ SD: '' }, 'absent'],
    [{ SD: undefined }, 'absent'],
  ] as const)('%j is %s', (section, state) => {
    expect(stateOf(section as Fields)).toBe(state)
  })

  it('may be missing, or no JSON', () => {
    const [document = ''] = ocmfText(payload()).split('|{"SA"')
    expect(readOne(document).signature.state).toBe('absent')
    expect(readOne(`${document}|`).signature.state).toBe('absent')
    expect(readOne(`${document}|{"SA":`).signature.state).toBe('malformed')
    expect(readOne(`${document}|{"SD":"00","SD":"01"}`).signature.state).toBe('malformed')
  })
})
