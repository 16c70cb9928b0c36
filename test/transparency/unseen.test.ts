// Records as other makers may write them, which are valid, and records that were tampered with or make no sense, which are not: what no
// vector has a case for.
import { describe, expect, it } from 'vitest'
import { base64, hex, unhex, utf8 } from '../../src/base/bytes.ts'
import { edlBlock, edlEnd, edlSignature, edlTelegram, keyHex } from '../../tools/transparency-vectors/edl-maker.ts'
import {
  beginRecord,
  END,
  endRecord,
  type Fields,
  hexKeyOf,
  ocmfText,
  payload,
  present,
  reading,
  SIGNER,
  safeXml,
} from '../../tools/transparency-vectors/maker.ts'
import { during } from '../../tools/transparency-vectors/ocmf-rules.ts'
import { vectorSigner } from '../../tools/transparency-vectors/signer.ts'
import { ask, askAbout } from './support.ts'

const of = (over: Fields): string => ocmfText(payload(over))
const between = (begin: Fields, end: Fields): string => of({ RD: [present(reading(begin)), present(reading({ ...END, ...end }))] })
const both = (over: Fields): string => between(over, over)
const good = ocmfText(payload())
const signatureAs = (write: (der: Uint8Array) => string): string =>
  good.replace(/"SD":"([0-9A-F]+)"/, (_, digits: string) => `"SE":"base64","SD":"${write(unhex(digits))}"`)

type Rows = readonly (readonly [what: string, text: string])[]

describe('a record is valid', () => {
  const rows: Rows = [
    ...['FV', 'GI', 'GS', 'GV', 'PG', 'MV', 'MM', 'MS', 'MF', 'IL', 'IF', 'IT', 'ID', 'CT', 'CI', 'IS'].map(
      (name) => [`without ${name}`, of({ [name]: undefined })] as const,
    ),
    ['with its members the other way round', ocmfText(Object.fromEntries(Object.entries(payload()).reverse()))],
    ...['0.1', '0.4', '0.5', '1.2'].map((FV) => [`of version ${FV}`, of({ FV })] as const),
    ['with numbers for texts', of({ FV: '#1.0', CT: '#0' })],
    ['with members of its maker', of({ U: 'x', Z: { a: [1, { b: null }] }, LC: { LN: 'cable', LR: 2, LU: 'mOhm' } })],
    ['with losses told', between({ CL: '#0.0' }, { CL: '#0.2' })],
    ['with exponents', between({ RV: '#1e1' }, { RV: '#2.05E+1' })],
    ['of no energy at all', between({}, { RV: '#10.000' })],
    ['over the end of summer time', between({ TM: '2026-10-25T02:50:00,000+0200 S' }, { TM: '2026-10-25T02:10:00,000+0100 S' })],
    ['over its beginning', between({ TM: '2026-03-29T01:59:00,000+0100 S' }, { TM: '2026-03-29T03:01:00,000+0200 S' })],
    ['without the flags of readings', both({ EF: undefined, RT: undefined, RI: undefined })],
    ...['1-b:1.8.0', '1-0:1.8.0*198', '01-00:98.08.00.FF', '01-00:B2.08.00*FF'].map((RI) => [`in register ${RI}`, both({ RI })] as const),
    ['counted from zero', of({ PG: 'T0' })],
    [
      'with line ends of another system',
      ocmfText(payload(), { write: (text) => JSON.stringify(JSON.parse(text), null, 2).replaceAll('\n', '\r\n') }),
    ],
    ['with an escaped letter', ocmfText(payload(), { write: (text) => text.replace('"Vector Meter"', '"\\u0056ector Meter"') })],
    ['with its signature in base64', signatureAs(base64)],
    ['with blanks around the algorithm', ocmfText(payload(), { section: { SA: 'ECDSA-secp256r1-SHA256 ', SE: ' hex' } })],
    ['with blanks around its names', of({ MS: ' CPM-0001 ', GS: 'CPG-0001  ' })],
    ['with escaped slashes in it', signatureAs((der) => base64(der).replaceAll('/', '\\/'))],
    ['with the algorithm in small letters', ocmfText(payload(), { section: { SA: 'ecdsa-secp256r1-sha256' } })],
  ]

  it.each(rows)('%s', async (_, text) => {
    expect((await askAbout(text)).verdict).toBe('valid')
  })
})

describe('a begin that is told again with the end', () => {
  const begin = ocmfText(beginRecord())
  const whole = (values: Fields = {}, over: Fields = {}): string =>
    of({ PG: 'T2', RD: [present(reading(values)), present(reading(END))], ...over })
  const answer = async (...texts: string[]) => {
    const { verdict, sessions } = await askAbout(...texts)
    return [verdict, sessions.map(({ energyWh }) => energyWh)]
  }

  it('is one begin', async () => {
    expect(await answer(begin, whole())).toEqual(['valid', ['10500']])
    expect(await answer(whole(), begin)).toEqual(['valid', ['10500']])
  })

  it.each([
    ['of another value', [begin, whole({ RV: '#9.000' })]],
    ['of another status', [begin, whole({ ST: 'M' })]],
    ['that is unusable', [begin, whole({ EF: 'E' })]],
    ['of another event counter', [ocmfText(beginRecord({}, { EI: '1' })), whole({ EI: '2' })]],
    ['of another current', [begin, whole({ RT: 'DC' })]],
    ['of another time', [begin, whole({ TM: '2026-03-01T08:00:01,000+0100 S' })]],
    ['of another unit', [begin, whole({ RU: 'Wh' })]],
    ['with the number of the first', [begin, whole({}, { PG: 'T1' })]],
    ['twice in one record', [of({ RD: [present(reading()), present(reading()), present(reading(END))] })]],
    ['in a record of its own, before one with the end', [begin, ocmfText(beginRecord({ PG: 'T2' })), whole({}, { PG: 'T3' })]],
    ['without the end', [begin, ocmfText(beginRecord({ PG: 'T2' })), ocmfText(endRecord({ PG: 'T3' }))]],
    ['and the end once more', [begin, whole(), ocmfText(endRecord({ PG: 'T3' }))]],
  ])('is a second one %s', async (_, texts) => expect((await answer(...texts))[0]).toBe('invalid'))
})

describe('a whole session that is told again behind its begin and its end', () => {
  const parts = [ocmfText(beginRecord()), ocmfText(endRecord())]
  const whole = (over: Fields = {}, values: Fields = {}): string =>
    of({ PG: 'T3', RD: [present(reading()), present(reading({ ...END, ...values }))], ...over })
  const answer = async (...texts: string[]) => {
    const { verdict, sessions } = await askAbout(...texts)
    return [verdict, sessions.map(({ energyWh }) => energyWh)]
  }

  it('is one session, and its energy counts once', async () => {
    expect(await answer(...parts, whole())).toEqual(['valid', ['10500']])
    expect(await answer(whole(), ...parts.toReversed())).toEqual(['valid', ['10500']])
    const middle = { TM: '2026-03-01T08:30:00,000+0100 S', TX: 'C', RV: '#15.250' }
    const three = [beginRecord(), during({}), endRecord({ PG: 'T3' })].map((fields) => ocmfText(fields))
    const all = [reading(), reading(middle), reading(END)].map(present)
    expect(await answer(...three, of({ PG: 'T4', RD: all }))).toEqual(['valid', ['10500']])
    expect(await answer(...three, whole({ PG: 'T4' }))).toEqual(['valid', ['10500']])
  })

  it('is another where it says another thing', async () => {
    const later = { TM: '2026-03-01T10:00:00,000+0100 S', RV: '#21.000' }
    expect(await answer(...parts, whole({}, later))).toEqual(['valid', ['10500', '11000']])
  })

  it.each([
    ['with the number of the end', [...parts, whole({ PG: 'T2' })]],
    ['for another user', [...parts, whole({ ID: 'CAFEBABE' })]],
    ['with an end that is not good', [...parts, whole({}, { ST: 'M' })]],
    ['and altered', [...parts, whole().replace('20.500', '20.501')]],
  ])('is not valid %s', async (_, texts) => expect((await answer(...texts))[0]).toBe('invalid'))
})

describe('an error that the meter reports without a reading', () => {
  const event = { TM: '2026-03-01T08:30:00,000+0100 S', TX: 'C', EF: 't', ST: 'O' }
  const record = (values: Fields): string => of({ PG: 'T2', RD: [present(values)] })
  const last = ocmfText(endRecord({ PG: 'T3' }))
  const verdict = async (text: string): Promise<string> => (await askAbout(ocmfText(beginRecord()), text, last)).verdict

  it('leaves a session as it is', async () => {
    const { sessions, verdict } = await askAbout(ocmfText(beginRecord()), record(event), last)
    expect([verdict, sessions.map(({ energyWh }) => energyWh)]).toEqual(['valid', ['10500']])
    const together = of({ PG: 'T2', RD: [present(event), present(reading(END))] })
    expect((await askAbout(ocmfText(beginRecord()), together)).verdict).toBe('valid')
  })

  it.each([
    ['reports none', { ...event, EF: '', ST: 'G' }],
    ['says nothing of one', { TM: event.TM, TX: 'C' }],
    ['names a unit', { ...event, RU: 'kWh' }],
    ['names a register', { ...event, RI: '1-0:1.8.0' }],
    ['makes the energy unusable', { ...event, EF: 'E' }],
    ['is an exception', { ...event, TX: 'X' }],
  ])('is none where it %s', async (_, values) => expect(await verdict(record(values))).toBe('invalid'))

  it('is no end', async () => {
    expect((await askAbout(ocmfText(beginRecord()), record({ ...event, TX: 'E' }))).verdict).toBe('invalid')
    expect(await verdict(record(event).replace('"EF":"t"', '"EF":""'))).toBe('invalid')
  })
})

describe('a record is invalid', () => {
  const rows: Rows = [
    ...['0x10', 'NaN', '1,5', '', ' ', '1 000', '--1', '1e999', '٢٠', '２０', '.5', '5.'].map(
      (RV) => [`with the value ${JSON.stringify(RV)}`, between({}, { RV })] as const,
    ),
    ...[
      '2026-02-30T09:00:00,000+0100 S',
      '2026-03-01T24:00:00,000+0100 S',
      '2026-03-01T09:00:00',
      '2026-03-01T09:00:00,000+2500 S',
      'now',
      '',
    ].map((TM) => [`at ${JSON.stringify(TM)}`, between({}, { TM })] as const),
    ...['kwh', 'KWH', 'МWh', 'MWh', 'kWｈ', 'kＷh', 'Wh ', 'kW', ''].map((RU) => [`in ${JSON.stringify(RU)}`, both({ RU })] as const),
    ['with a marker in a letter that looks like one', between({ TX: 'В' }, {})],
    ['with a status in a small letter', both({ ST: 'g' })],
    ['with flags in a list', between({}, { EF: ['E'] })],
    ['with a level of the user in small letters', of({ IL: 'mismatch' })],
    ['with a level in a list', of({ IL: ['MISMATCH'] })],
    ['with a count that is none', of({ PG: 'T1.5' })],
    ['with readings in a reading', of({ RD: [[present(reading())], present(reading(END))] })],
    ['of two currents in one register', between({ RT: 'AC' }, { RT: 'DC' })],
    ['with two signatures', good.replace('"SD":', '"SD":"00","SD":')],
    ['with something behind the signature', good.replace(/"SD":"([^"]+)"/, '"SD":"$100"')],
  ]

  it.each(rows)('%s', async (_, text) => {
    expect((await askAbout(text)).verdict).toBe('invalid')
  })
})

describe('an EDL40 meter', () => {
  const telegrams = [edlBlock(), edlEnd()].map((block) => hex(edlTelegram(block, edlSignature(block))))
  const verdict = async (write: (telegram: string) => string): Promise<string> =>
    (await ask({ 'receipt.xml': safeXml(telegrams.map((each) => ({ data: write(each), key: keyHex(), format: 'EDL_40_P' }))) })).verdict

  it('may give the seconds that it has run as a number alone', async () => {
    const times = /(?<=07810060080001(?:01){4})(?:726201)+65([0-9a-f]{8})/g
    expect(telegrams.map((each) => [...each.matchAll(times)].length)).toEqual([1, 1])
    expect(await verdict((each) => each.replace(times, '65$1'))).toBe('valid')
    expect(await verdict((each) => each.replace(times, '6500000001'))).toBe('invalid')
  })

  it('tells its summer beside its offset, and both are in the time that it signs', async () => {
    const summer = (telegram: string): string =>
      telegram.replace(/7262037365([0-9a-f]{8})53003c530000/g, (_, utc: string) => {
        const earlier = (Number.parseInt(utc, 16) - 3600).toString(16)
        return `7262037365${earlier}53003c53003c`
      })
    expect(telegrams.map((each) => summer(each) === each)).toEqual([false, false])
    const values = telegrams.map((each) => ({ data: summer(each), key: keyHex(), format: 'EDL_40_P' }))
    expect(await ask({ 'receipt.xml': safeXml(values) })).toMatchObject({
      verdict: 'valid',
      sessions: [{ begin: '2026-03-01T08:00:00+02:00', end: '2026-03-01T09:00:00+02:00' }],
    })
  })

  it('tells its offset from UTC at all readings or at none', async () => {
    const place = /(?<=070100011100ff[0-9a-f]{2,20}?)7262037365([0-9a-f]{8})53003c530000/
    const local = (telegram: string): string =>
      telegram.replace(place, (_, utc: string) => `72620265${(Number.parseInt(utc, 16) + 3600).toString(16)}`)
    expect(telegrams.map((each) => local(each) === each)).toEqual([false, false])
    expect(await verdict(local)).toBe('valid')
    expect(await verdict((each) => (each === telegrams[1] ? local(each) : each))).toBe('invalid')
  })
})

describe('SAFE XML', () => {
  const key = hexKeyOf(SIGNER)
  const forged = good.replace('20.500', '10.500')
  const value = (data: string): string => `<value><signedData>${data}</signedData><publicKey>${key}</publicKey></value>`
  const verdict = async (text: string): Promise<string> => (await ask({ 'receipt.xml': text })).verdict

  it.each([
    ['blanks before the declaration', ` \n${safeXml([{ data: good, key }])}`],
    [
      'hex where base64 is said',
      safeXml([{ data: 'HERE', key, encoding: 'plain' }]).replace('encoding="plain">HERE', `encoding="base64">${hex(utf8(good))}`),
    ],
    ['a key before the data', `<values><value><publicKey>${key}</publicKey><signedData><![CDATA[${good}]]></signedData></value></values>`],
  ])('is read with %s', async (_, text) => {
    expect(await verdict(text)).toBe('valid')
  })

  it.each([
    ['around a value', `<values>${value(good)}<more>${value(forged)}</more></values>`],
    ['in a value', `<values><value><signedData>${good}</signedData>${value(forged)}<publicKey>${key}</publicKey></value></values>`],
    ['beside the values', `<values>${value(good)}<signedData>${forged}</signedData></values>`],
  ])('names data that another reader might take, and does not read it, %s', async (_, text) => {
    const { inputs, sessions } = await ask({ 'receipt.xml': text })
    expect(inputs).toMatchObject([{ name: 'receipt.xml', fault: { code: 'record-malformed' } }])
    expect(sessions.map(({ records }) => records.length)).toEqual([1])
  })

  it('lacks a key where the place for it is empty', async () => {
    expect(await verdict(safeXml([{ data: good, key: ' ' }]))).toBe('unproven')
  })

  it('is invalid where each of two records has a key of its own', async () => {
    const other = vectorSigner('secp256r1', 'other')
    const begin = { data: of({ RD: [present(reading())] }), key }
    expect(await verdict(safeXml([begin, { data: ocmfText(endRecord(), { signer: other }), key: hexKeyOf(other) }]))).toBe('invalid')
  })
})
