// What stands around signed records, as other makers may write it and as a forger may: containers, archives and telegrams that no vector has
// a case for.
import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { base64, base64url, concat, hex, utf8 } from '../../src/base/bytes.ts'
import { rawToDer } from '../../src/crypto/der.ts'
import { verify } from '../../src/transparency/index.ts'
import { alfenBlock, alfenEnd, alfenLine } from '../../tools/transparency-vectors/alfen.ts'
import { tarOf } from '../../tools/transparency-vectors/archives.ts'
import { bsmEnd, bsmStart, bsmValue } from '../../tools/transparency-vectors/bsm.ts'
import { emhValue, newContainer, oldContainer } from '../../tools/transparency-vectors/chargeit-emh.ts'
import { energyDocument } from '../../tools/transparency-vectors/chargepoint.ts'
import { edlBlock, edlEnd, edlSignature, edlTelegram, keyHex, signedMeterValue } from '../../tools/transparency-vectors/edl-maker.ts'
import {
  beginRecord,
  endRecord,
  hexKeyOf,
  ocmfText,
  payload,
  pemOf,
  present,
  SIGNER,
  safeXml,
} from '../../tools/transparency-vectors/maker.ts'
import { vectorSigner } from '../../tools/transparency-vectors/signer.ts'
import { ask, ENGINE, faults, findings } from './support.ts'

const good = ocmfText(payload())
const forged = good.replace('20.500', '99.500')
const [begin, end] = [ocmfText(beginRecord()), ocmfText(endRecord())]
const KEY = hexKeyOf(SIGNER)
const coded = (text: string): string => base64(utf8(text))

const told = async (name: string, content: string | Uint8Array) => {
  const verdict = await ask({ [name]: content })
  return {
    verdict: verdict.verdict,
    energy: verdict.sessions.map(({ energyWh }) => energyWh),
    faults: faults(verdict),
    sessions: verdict.sessions,
  }
}

describe('a record beside the one that is read', () => {
  const value = { signedMeterData: coded(good), encodingMethod: 'OCMF', publicKey: KEY }
  const cdr = { public_key: KEY, signed_values: [{ nature: 'End', plain_data: '', signed_data: coded(good) }] }
  const ptb = { format: 'ptb', publicKey: KEY, chargeboxIdentifier: 'x', ocmfBegin: begin, ocmfEnd: end }
  const ctr = { begin: '', chargingSessions: [{ '@id': 's', original: good }], publicKeys: [{ value: KEY }] }
  const rows: readonly (readonly [where: string, document: unknown, named: string])[] = [
    ['OCPP, in the value', { ...value, extra: { signedMeterData: coded(forged) } }, 'extra.signedMeterData'],
    ['OCPP, in a list', [value, forged], '[1]'],
    ['OCPP, in hexadecimal digits', { ...value, note: hex(utf8(forged)) }, 'note'],
    [
      'OCPI, as a second signed_data',
      { ...cdr, signed_data: { ...cdr, signed_values: [{ signed_data: forged }] } },
      'signed_data.signed_values[0].signed_data',
    ],
    ['OCPI, in a signed value', { ...cdr, signed_values: [{ ...cdr.signed_values[0], text: forged }] }, 'signed_values[0].text'],
    ['OCPI, as plain data of nothing', { ...cdr, plain_data: forged }, 'plain_data'],
    ['the PTB, between begin and end', { ...ptb, ocmfBetween: forged }, 'ocmfBetween'],
    ['the PTB, as that of another container', { ...ptb, signed_values: [{ signed_data: forged }] }, 'signed_values[0].signed_data'],
    ['the PTB, as a value of an EMH meter', { ...ptb, signedMeterValues: [emhValue(edlEnd({ value: 999_999n }))] }, 'signedMeterValues[0]'],
    ['a CTR, outside of its sessions', { ...ctr, invoice: forged }, 'invoice'],
  ]

  it.each(rows)('is named and not read in %s', async (_, document, named) => {
    const { verdict, energy, faults } = await told('a.json', JSON.stringify(document))
    expect([verdict, energy, faults]).toEqual(['valid', ['10500'], [`a.json/${named} record-malformed`]])
  })

  it.each([
    ['an EMH meter', [edlBlock(), edlEnd()].map((block) => emhValue(block)), emhValue(edlEnd({ value: 999_999n }))],
    ['a BSM', [bsmStart(), bsmEnd()].map((each) => bsmValue(each)), bsmValue(bsmEnd({ RCR: [99_000, 0, 30] }))],
  ])('is named and not read beside the signed values of %s', async (_, values, other) => {
    for (const write of [oldContainer, newContainer]) {
      const { verdict, faults } = await told('a.json', write(values, { last: present(other) }))
      expect([verdict, faults]).toEqual(['valid', ['a.json/last record-malformed']])
      expect(await told('a.json', write(values, { last: present(values[1] ?? {}) }))).toMatchObject({ verdict: 'valid', faults: [] })
    }
  })

  it.each([
    ['the same record, written otherwise', { ...value, copy: good, again: hex(utf8(good)) }],
    ['long texts that are no records', { ...value, note: 'word '.repeat(40), more: coded('word '.repeat(40)), key: KEY }],
  ])('is not seen in %s', async (_, document) => {
    expect(await told('a.json', JSON.stringify(document))).toMatchObject({ verdict: 'valid', faults: [] })
  })

  it.each([
    ['a zip', zipSync({ 'a.ocmf': utf8(good), 'publicKey.pem': utf8(pemOf(SIGNER)) })],
    [
      'a tar',
      tarOf([
        { name: 'a.ocmf', content: utf8(good) },
        { name: 'publicKey.pem', content: utf8(pemOf(SIGNER)) },
      ]),
    ],
  ])('is named behind the end of %s', async (_, archive) => {
    expect(await told('a.bin', archive)).toMatchObject({ verdict: 'valid', faults: [] })
    const { verdict, energy, faults } = await told('a.bin', concat(archive, utf8(forged)))
    expect([verdict, energy, faults]).toEqual(['valid', ['10500'], ['a.bin record-malformed']])
  })
})

describe('a record that cannot be read', () => {
  const telegrams = [edlBlock(), edlEnd(), edlEnd({ pagination: 22n, value: 206_000n })].map((block) =>
    edlTelegram(block, edlSignature(block)),
  )
  const key = keyHex()

  it.each([0, 1, 2])('takes nothing along that stands before or behind it: number %i', async (broken) => {
    const values = telegrams.map((bytes, index) => ({ data: hex(index === broken ? bytes.subarray(0, 100) : bytes), key }))
    const { faults, sessions } = await told('receipt.xml', safeXml(values))
    expect(faults).toEqual([`receipt.xml/value[${broken + 1}] record-malformed`])
    expect(sessions.flatMap(({ records }) => records).map(({ signature }) => signature.state)).toEqual(['valid', 'valid'])
  })
})

describe('the total of a charge detail record', () => {
  const texts = [begin, end]
  const cdr = (total_energy: unknown, signed = texts) => ({
    ...{ cdr_token: {}, charging_periods: [], total_energy },
    signed_data: { public_key: KEY, signed_values: signed.map((text) => ({ nature: '', plain_data: '', signed_data: coded(text) })) },
  })
  const of = async (total: unknown, signed?: string[]) =>
    (await told('cdr.json', JSON.stringify(cdr(total, signed)))).sessions.map(findings)

  it.each([10.5, 11, 10, 20.5 - 10.0, 10.499999999999998, '10.500', 'unknown', null])('%j is no contradiction', async (total) => {
    expect(await of(total)).toEqual([[]])
  })

  it.each([0, 12, 9, 105, -10.5, 10.6, 10.498])('%j is one', async (total) => {
    expect(await of(total)).toEqual([['total-mismatch:fail']])
  })

  it('is that of all sessions where the record tells of several', async () => {
    const later = [ocmfText(beginRecord({ PG: 'T3' })), ocmfText(endRecord({ PG: 'T4' }))]
    expect(await of(21, [...texts, ...later])).toEqual([[], []])
    expect(await of(10.5, [...texts, ...later])).toEqual([['total-mismatch:fail'], ['total-mismatch:fail']])
    // what is not read may be the rest
    expect(await of(21, [...texts, 'x'])).toEqual([[]])
  })
})

describe('a ChargePoint document', () => {
  const signer = vectorSigner('secp224k1', 'chargepoint')
  const verdict = async (text: string) =>
    (await ask({ secrrct: text, 'secrrct.sign': rawToDer(signer.sign('SHA-256', utf8(text))), '0024b10000c0ffee_2.pem': pemOf(signer) }))
      .verdict

  it.each([
    ['without the user', { driver_info: undefined }],
    ['of no energy', { meter_endreading: '#74.6', total_energy: '#0' }],
    ['with numbers as texts', { meter_startreading: '74.6', meter_endreading: '86.6', total_energy: '12.0' }],
    ['with members of its maker', { firmware: '1.2', tags: present({ a: 'b' }) }],
    ['without a total', { total_energy: undefined }],
    ['with parts of a second', { start_time: '#1772348400.25', end_time: '#1772352000.0' }],
    ['with dashes in the address', { station_mac: '00-24-B1-00-00-C0-FF-EE' }],
    ['in Wh', { energy_units: 'Wh', meter_startreading: 74_600, meter_endreading: 86_600, total_energy: 12_000 }],
  ])('is valid %s', async (_, over) => expect(await verdict(energyDocument(over))).toBe('valid'))

  it('goes with the signature of its name, of several in their order', async () => {
    const later = { session_id: 56, start_time: 1_772_360_000, end_time: 1_772_361_000 }
    const texts = [energyDocument(), energyDocument(later)]
    const files = texts.flatMap((text) => [
      { name: 'secrrct', bytes: utf8(text) },
      { name: 'secrrct.sign', bytes: rawToDer(signer.sign('SHA-256', utf8(text))) },
    ])
    const key = { name: '0024b10000c0ffee_2.pem', bytes: utf8(pemOf(signer)) }
    const all = await verify([...files, key], { engine: ENGINE })
    expect([all.verdict, all.sessions.length, faults(all)]).toEqual(['valid', 2, []])
    const more = await verify([...files.slice(0, 2), { name: 'secrrct.sign', bytes: utf8('x') }, key], { engine: ENGINE })
    expect([more.verdict, faults(more)]).toEqual(['valid', ['secrrct.sign input-unknown']])
  })

  it.each([
    ['with another total', { total_energy: '#12.1' }],
    ['in a unit that is none', { energy_units: 'MWh' }],
    ['with a reading that is none', { meter_endreading: 'many' }],
    ['that counts down', { meter_endreading: '#70.0', total_energy: undefined }],
    ['that ends before it begins', { end_time: 1_772_348_399 }],
    ['with a time that is none', { end_time: '2026-03-01' }],
  ])('is invalid %s', async (_, over) => expect(await verdict(energyDocument(over))).toBe('invalid'))
})

describe('a session is valid', () => {
  const alfen = [alfenBlock(), alfenEnd()].map((block) => alfenLine(block))
  const telegrams = [edlBlock(), edlEnd()].map((block) => edlTelegram(block, edlSignature(block)))
  const inXml = (write: (bytes: Uint8Array) => string): string => safeXml(telegrams.map((bytes) => ({ data: write(bytes), key: keyHex() })))
  const pairs = (bytes: Uint8Array, between: string): string => hex(bytes).match(/../g)?.join(between) ?? ''

  it.each([
    ['of Alfen in one line', alfen.join('')],
    ['of Alfen in a line of values', alfen.map((line) => `"${line}"`).join(',')],
    ['of Alfen behind one blank', alfen.join(' ')],
    ['of telegrams in base64 of the other alphabet', inXml(base64url)],
    ['of telegrams in hex with colons', inXml((bytes) => pairs(bytes, ':'))],
    ['of telegrams in hex with dashes', inXml((bytes) => pairs(bytes, '-'))],
    ['of telegrams in hex with 0x', inXml((bytes) => `0x${hex(bytes)}`)],
  ])('%s', async (_, text) => expect(await told('a.txt', text)).toMatchObject({ verdict: 'valid', faults: [] }))

  it('of telegrams with an end of line behind each', async () => {
    const [begin, end] = telegrams.map((bytes) => concat(bytes, utf8('\r\n')))
    const answer = await ask({ 'a.bin': begin ?? '', 'b.bin': end ?? '', 'publicKey.txt': keyHex() })
    expect([answer.verdict, faults(answer)]).toEqual(['valid', []])
  })

  it('of no two records that were altered on the way', async () => {
    const altered = alfen.map((line) => line.replace(/;3;([^;]*);(.{20})./, (_, key, data) => `;3;${key};${data}Q`))
    expect((await told('a.txt', altered.join(''))).verdict).toBe('invalid')
    const [first, second = ''] = alfen
    expect((await told('a.txt', `${first}x${second}`)).verdict).not.toBe('valid')
  })
})

describe('what contradicts a record beside it', () => {
  const other = vectorSigner('secp256r1', 'other')
  const value = (data: string, more = '', key = KEY): string =>
    `<values><value><signedData>${data}</signedData><publicKey>${key}</publicKey>${more}</value></values>`
  const split = (text: string, by: string): string => text.replace('20.500', `20.${by}500`)

  it.each([
    ['a comment in the middle of a record', value(split(good, '<!-- 9 -->'))],
    ['an instruction in the middle of a record', value(split(good, '<?pi 9?>'))],
    ['an element in a record', value(good.replace('20.500', '<b>20.500</b>'))],
    ['an empty element in a key', value(good, '', `<b/>${KEY}`)],
    ['a comment in the middle of a key', value(good, '', `${KEY.slice(0, 60)}<!-- -->${KEY.slice(60)}`)],
    ['two keys that differ', value(good, `<publicKey>${hexKeyOf(other)}</publicKey>`)],
    ['another key than the record brings', value(`${ocmfText(payload(), { signer: other })}|${hexKeyOf(other)}`)],
  ])('%s is refused in SAFE XML', async (_, text) => {
    const { verdict, faults } = await told('receipt.xml', text)
    expect(verdict === 'valid' && faults.length === 0).toBe(false)
    expect(verdict).not.toBe('valid')
  })

  it.each([
    ['comments around a record', value(`<!-- a -->${good}<!-- b -->`)],
    ['one key twice', value(good, `<publicKey>${KEY.toUpperCase()}</publicKey>`)],
    ['the key that the record brings', value(`${good}|${KEY}`)],
  ])('%s is none in SAFE XML', async (_, text) => expect(await told('receipt.xml', text)).toMatchObject({ verdict: 'valid', faults: [] }))

  it.each([
    [
      'beside the values',
      `<values><value><signedData>${good}</signedData><publicKey>${KEY}</publicKey></value><note>${forged}</note></values>`,
    ],
    ['in a value', value(good, `<meterValue>${forged}</meterValue>`)],
  ])('a record in an element of another name is named %s', async (_, text) =>
    expect(await told('receipt.xml', text)).toMatchObject({ verdict: 'valid', faults: ['receipt.xml record-malformed'] }),
  )

  it('is a record of another format in XML, which is named', async () => {
    const [first = '', last = ''] = [edlBlock(), edlEnd()].map((block) => signedMeterValue(block, edlSignature(block)))
    const blocks = (more: string): string => `<signedMeterValues>${first}${last}${more}</signedMeterValues>`
    const bill = '<ChargingProcess><MeasurementEnd><Value>99</Value></MeasurementEnd></ChargingProcess>'
    expect(await told('a.xml', blocks(''))).toMatchObject({ verdict: 'valid', faults: [] })
    for (const other of [bill, value(good)]) {
      expect(await told('a.xml', blocks(other))).toMatchObject({ verdict: 'valid', faults: ['a.xml#3 record-malformed'] })
    }
    const nested = blocks('').replace('</signedMeterValue>', `${last.replace(/>[^<]{300,}</, '>AAAA<')}</signedMeterValue>`)
    expect(await told('a.xml', nested)).toMatchObject({ verdict: 'valid', faults: ['a.xml#3 record-malformed'] })
    for (const other of [bill, first]) {
      const text = value(good).replace('</values>', `${other}</values>`)
      expect(await told('a.xml', text)).toMatchObject({ verdict: 'valid', faults: ['a.xml record-malformed'] })
    }
  })

  it('is the unit of a reading in the JSON of chargeIT', async () => {
    const emh = oldContainer([edlBlock(), edlEnd()].map((block) => emhValue(block)))
    const points = oldContainer([bsmStart(), bsmEnd()].map((each) => bsmValue(each)))
    const bsm = points.replaceAll('"unitEncoded": 30', '"unit": "WATT_HOUR", "unitEncoded": 30')
    for (const text of [emh, bsm]) {
      expect(text).toContain('"WATT_HOUR"')
      expect((await told('a.json', text)).verdict).toBe('valid')
      expect((await told('a.json', text.replaceAll('"WATT_HOUR"', '"Wh"'))).verdict).toBe('valid')
      expect((await told('a.json', text.replaceAll('"WATT_HOUR"', '"KILO_WATT_HOUR"'))).verdict).toBe('invalid')
    }
  })

  it('is text in the middle of which a comment stands, in the XML of Mennekes and in a block of EDL40', async () => {
    const block = edlBlock()
    const text = signedMeterValue(block, edlSignature(block))
    expect((await told('a.xml', text)).verdict).toBe('incomplete')
    expect((await told('a.xml', text.replace('ECDSA192', '<!-- a -->ECDSA192'))).verdict).toBe('incomplete')
    expect((await told('a.xml', text.replace('ECDSA192', 'ECDSA<!-- a -->192'))).verdict).toBe('unreadable')
    expect((await told('a.xml', text.replace('ECDSA192', 'ECDSA<b>9</b>192'))).verdict).toBe('unreadable')
  })
})
