// The golden vectors of ChargePoint documents and their signatures: sound pairs of both layouts and every curve, one twin for every signed
// member, and one for every rule that applies.
import { zipSync } from 'fflate'
import { utf8 } from '../../src/base/bytes.ts'
import type { Json } from '../../src/base/ports.ts'
import { rawToDer } from '../../src/crypto/der.ts'
import type { CurveName, HashName, Signer } from '../../src/crypto/engine.ts'
import { jsonFields } from '../../src/metering/json-fields.ts'
import { bytesOf, type Files, type FormatVectors, fieldTwins, type VectorCase } from './case.ts'
import { pemOf } from './maker.ts'
import { vectorSigner } from './signer.ts'

export const chargepointVectors: FormatVectors = {
  format: 'chargepoint',
  cases: () => [...curves(), ...forms(), ...rules(), ...fields()],
}

const SIGNER = vectorSigner('secp224k1', 'chargepoint')
const STRANGER = vectorSigner('secp224k1', 'stranger')
const STATION = '0024b10000c0ffee_2'
const KEY: Files = { [`${STATION}.pem`]: pemOf(SIGNER) }

type Members = Readonly<Record<string, Json | undefined>>

/** The short layout; a value `#1.50` is written as the number 1.50. */
export const energyDocument = (over: Members = {}): string =>
  written({
    outlet: 2,
    session_id: 55,
    station_mac: '0024b10000c0ffee',
    driver_info: 'DEADBEEF',
    meter_serial: 'CPV0001S',
    meter_startreading: '#74.6',
    meter_endreading: '#86.6',
    total_energy: '#12.0',
    energy_units: 'kWh',
    start_time: 1_772_348_400,
    end_time: 1_772_352_000,
    ...over,
  })

const item = (over: Members = {}): Json => ({
  start_time_utc: 1_772_348_400,
  end_time_utc: 1_772_352_000,
  seq_num: 1,
  units: '#0.20000000000000001',
  ...(over as Record<string, Json>),
})

/** The layout of a bill. */
const bill = (over: Members = {}, details: Members = {}): string =>
  written({
    company_name: 'Vector',
    display_unit: 3600,
    energy: [item(), { seq_num: 'SUBTOTAL', type: 'ENERGY', units: '#0.20000000000000001' }],
    parking: [item({ units: 3600 })],
    totalAmount: '#0.02',
    ...over,
    additional_info: {
      outlet: 2,
      session_id: 600,
      station_mac: '0024:B100:00C0:FFEE',
      meter_serial: 'CPV0001S',
      meter_startreading: 1200,
      meter_endreading: 1400,
      energy_units: 'Wh',
      ...(details as Record<string, Json>),
    },
  })

const written = (members: Members): string => JSON.stringify(members, null, 1).replace(/"#([0-9.]+)"/g, '$1')

const sign = (text: string, signer: Signer = SIGNER, hash: HashName = 'SHA-256'): Uint8Array => rawToDer(signer.sign(hash, utf8(text)))

const pair = (text: string, signature = sign(text)): Files => ({ secrrct: text, 'secrrct.sign': signature })
const pairCase = (name: string, text: string, signature = sign(text)): VectorCase => ({
  name,
  question: { ...pair(text, signature), ...KEY },
})

const CURVES: readonly (readonly [curve: CurveName, hash: HashName])[] = [
  ['secp224k1', 'SHA-256'],
  ['secp256r1', 'SHA-256'],
  ['secp384r1', 'SHA-384'],
  ['secp521r1', 'SHA-512'],
]

const curves = (): VectorCase[] =>
  CURVES.flatMap(([curve, hash]) => {
    const signer = vectorSigner(curve, 'chargepoint')
    const text = energyDocument()
    const question = { ...pair(text, sign(text, signer, hash)), [`${STATION}.pem`]: pemOf(signer) }
    return [
      { name: `algorithm-${curve}`, question },
      { name: `algorithm-${curve}-tampered`, question: { ...question, secrrct: text.replace('86.6', '86.7') } },
    ]
  })

const forms = (): VectorCase[] => {
  const text = energyDocument()
  const members = Object.fromEntries(Object.entries({ ...pair(text), ...KEY }).map(([name, content]) => [name, bytesOf(content)]))
  const two = [energyDocument(), energyDocument({ session_id: 56, start_time: 1_772_360_000, end_time: 1_772_361_000 })]
  const folders = two.map((each, i) => [`${i + 1}/secrrct`, each, `${i + 1}/secrrct.sign`, sign(each)] as const)
  return [
    pairCase('bill', bill()),
    pairCase('bill-by-time', bill({ display_unit: 60, energy: [item({ units: 74 })] })),
    pairCase('bill-to-half-a-watt-hour', bill({ energy: [item({ units: '#0.19950000000000001' })] }, { meter_endreading: '1399.5' })),
    pairCase('total-of-a-binary-fraction', energyDocument({ total_energy: '#11.999999999999986' })),
    pairCase('bill-of-parking', bill({ energy: undefined })),
    { name: 'signature-first', question: { 'secrrct.sign': sign(text), ...KEY, secrrct: text } },
    { name: 'zip', question: { 'session.zip': zipSync(members, { mtime: '2026-03-01T00:00:00' }) } },
    {
      name: 'two-pairs',
      question: {
        ...Object.fromEntries(
          folders.flatMap(([a, b, c, d]) => [
            [a, b],
            [c, d],
          ]),
        ),
        ...KEY,
      },
    },
    { name: 'key-missing', question: pair(text) },
    { name: 'key-of-another-station', question: { ...pair(text), '0024b10000c0ffee_1.pem': pemOf(SIGNER) } },
    { name: 'key-pinned', question: pair(text), trust: { '0024B10000C0FFEE_2-publicKey.pem': pemOf(SIGNER) } },
    { name: 'signature-absent', question: { secrrct: text, ...KEY } },
    { name: 'signature-alone', question: { 'secrrct.sign': sign(text), ...KEY } },
    pairCase('signature-of-another', text, sign(text, STRANGER)),
    pairCase('signature-of-another-document', text, sign(bill())),
    pairCase('signature-trailing-bytes', text, Uint8Array.of(...sign(text), 0)),
    pairCase('signature-not-der', text, utf8('signed, honestly')),
    pairCase('document-with-a-line-end', `${text}\n`),
    pairCase('document-member-twice', text.replace('"outlet": 2', '"outlet": 2,\n "outlet": 1')),
    pairCase('document-with-something-behind', `${text}{}`),
  ]
}

const rules = (): VectorCase[] => {
  const rule = (name: string, over: Members): VectorCase => pairCase(`rule-${name}`, energyDocument(over))
  const [first, second] = [energyDocument(), energyDocument({ meter_endreading: '#86.7', total_energy: '#12.1' })]
  return [
    rule('time-backwards', { end_time: 1_772_348_399 }),
    rule('energy-decreasing', { meter_endreading: '#74.5', total_energy: '#-0.1' }),
    rule('total-mismatch', { total_energy: '#12.1' }),
    pairCase('rule-total-mismatch-in-a-bill', bill({ energy: [item({ units: '#0.20100000000000001' })] })),
    rule('implausible', { meter_endreading: '#574.7', total_energy: '#500.1' }),
    rule('malformed-reading', { meter_endreading: 'much', total_energy: undefined }),
    rule('malformed-total', { total_energy: 'much' }),
    rule('malformed-unit', { energy_units: 'MWh' }),
    rule('malformed-time', { end_time: 'later' }),
    {
      name: 'rule-begin-duplicate',
      question: { 'a/secrrct': first, 'a/secrrct.sign': sign(first), 'b/secrrct': second, 'b/secrrct.sign': sign(second), ...KEY },
    },
    {
      name: 'rule-duplicate',
      question: { 'a/secrrct': first, 'a/secrrct.sign': sign(first), 'b/secrrct': first, 'b/secrrct.sign': sign(first), ...KEY },
    },
  ]
}

const fields = (): VectorCase[] => {
  const text = energyDocument()
  return fieldTwins({
    signed: utf8(text),
    // a text ends with its quotation mark: the last letter before it is altered
    fields: jsonFields(text).map(({ name, at = 0, length = 0, value }) => ({
      name,
      at,
      length: text[at] === '"' ? value.length + 1 : length,
    })),
    question: (altered) => ({ ...pair(new TextDecoder().decode(altered), sign(text)), ...KEY }),
  })
}
