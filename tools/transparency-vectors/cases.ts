// What the golden vectors of the verifier are about: for every algorithm, container and rule a good question and its tampered twin.
import { zipSync } from 'fflate'
import { unhex, utf8 } from '../../src/base/bytes.ts'
import type { Json } from '../../src/base/ports.ts'
import { rawToDer } from '../../src/crypto/der.ts'
import type { CurveName, HashName } from '../../src/crypto/engine.ts'
import {
  beginRecord,
  END,
  endRecord,
  type Fields,
  hexKeyOf,
  METER,
  ocmfText,
  payload,
  pemOf,
  present,
  reading,
  SIGNER,
  type SignOptions,
  safeXml,
} from './maker.ts'
import { vectorSigner } from './signer.ts'

/** File names with their content. */
export type Files = Readonly<Record<string, string | Uint8Array>>

export interface VectorCase {
  readonly name: string
  readonly question: Files
  readonly trust?: Files
}

export const vectorCases = (): VectorCase[] => [
  ...algorithms(),
  ...sessions(),
  ...containers(),
  ...keys(),
  ...signatures(),
  ...texts(),
  ...rules(),
  ...fields(),
]

const KEY: Files = { 'publicKey.pem': pemOf(SIGNER) }

const question = (name: string, ...documents: readonly string[]): VectorCase => ({
  name,
  question: { 'records.ocmf': `${documents.join('\n')}\n`, ...KEY },
})

const signed = (name: string, ...records: readonly Fields[]): VectorCase => question(name, ...records.map((fields) => ocmfText(fields)))

const ALGORITHMS: readonly (readonly [algorithm: string, curve: CurveName, hash: HashName])[] = [
  ['ECDSA-secp192k1-SHA256', 'secp192k1', 'SHA-256'],
  ['ECDSA-secp256k1-SHA256', 'secp256k1', 'SHA-256'],
  ['ECDSA-secp192r1-SHA256', 'secp192r1', 'SHA-256'],
  ['ECDSA-secp256r1-SHA256', 'secp256r1', 'SHA-256'],
  ['ECDSA-brainpool256r1-SHA256', 'brainpoolP256r1', 'SHA-256'],
  ['ECDSA-brainpoolP256r1-SHA256', 'brainpoolP256r1', 'SHA-256'],
  ['ECDSA-secp384r1-SHA256', 'secp384r1', 'SHA-256'],
  ['ECDSA-secp384r1-SHA384', 'secp384r1', 'SHA-384'],
  ['ECDSA-brainpool384r1-SHA256', 'brainpoolP384r1', 'SHA-256'],
  ['ECDSA-brainpoolP384r1-SHA384', 'brainpoolP384r1', 'SHA-384'],
  ['ECDSA-secp521r1-SHA512', 'secp521r1', 'SHA-512'],
]

const algorithms = (): VectorCase[] =>
  ALGORITHMS.flatMap(([algorithm, curve, hash]) => {
    const signer = vectorSigner(curve)
    const text = ocmfText(payload(), { signer, algorithm, hash })
    const files = { 'publicKey.pem': pemOf(signer) }
    return [
      { name: `algorithm-${algorithm}`, question: { 'record.ocmf': text, ...files } },
      { name: `algorithm-${algorithm}-tampered`, question: { 'record.ocmf': text.replace('20.500', '20.501'), ...files } },
    ]
  })

const during = (over: Fields, values: Fields = {}): Fields =>
  payload({ PG: 'T2', RD: [present(reading({ TM: '2026-03-01T08:30:00,000+0100 S', TX: 'C', RV: '#15.250', ...values }))], ...over })

/** A later transaction of the same meter. */
const later = (number: number): Fields[] => [
  beginRecord({ PG: `T${number}` }, { TM: '2026-03-02T08:00:00,000+0100 S', RV: '#20.500' }),
  endRecord({ PG: `T${number + 1}` }, { TM: '2026-03-02T09:00:00,000+0100 S', RV: '#21.000' }),
]

const sessions = (): VectorCase[] => [
  signed('session-one-record', payload()),
  signed('session-two-records', beginRecord(), endRecord()),
  signed('session-three-records', beginRecord(), during({}), endRecord({ PG: 'T3' })),
  signed('session-out-of-order', endRecord({ PG: 'T3' }), beginRecord(), during({})),
  signed('session-several', beginRecord(), endRecord(), ...later(3), ...later(9)),
  signed('session-several-one-torn', beginRecord(), ...later(3)),
  signed('session-import-and-export', payload({ RD: importAndExport() })),
  signed(
    'session-extra-register',
    payload({ RD: [reading(), reading(END), { RV: '60', RI: '01-00:00.08.06.FF', RU: 'sec' }].map(present) }),
  ),
  signed(
    'session-ends',
    ...'ELRAP'.split('').map((TX, i) => payload({ PG: `T${i + 1}`, RD: [reading(), reading({ ...END, TX })].map(present) })),
  ),
]

const importAndExport = (): Json[] =>
  [reading(), { RV: '#1.000', RI: '1-0:2.8.0' }, { ...END, RI: '1-0:1.8.0' }, { RV: '#1.000', RI: '1-0:2.8.0' }].map(present)

const containers = (): VectorCase[] => {
  const key = hexKeyOf(SIGNER)
  const [first, second] = [ocmfText(beginRecord()), ocmfText(endRecord())]
  const zipped = zipSync(
    { 'records.ocmf': utf8(`${first}\n${second}\n`), 'publicKey.pem': utf8(pemOf(SIGNER)) },
    { mtime: '2026-03-01T00:00:00' },
  )
  const several = [beginRecord(), endRecord(), ...later(3)].map((fields) => ({ data: ocmfText(fields), key }))
  return [
    {
      name: 'safe-xml',
      question: {
        'receipt.xml': safeXml([
          { data: first, key },
          { data: second, key },
        ]),
      },
    },
    {
      name: 'safe-xml-tampered',
      question: {
        'receipt.xml': safeXml([
          { data: first, key },
          { data: second.replace('20.500', '99.500'), key },
        ]),
      },
    },
    {
      name: 'safe-xml-base64',
      question: {
        'receipt.xml': safeXml([
          { data: first, key, encoding: 'base64' },
          { data: second, key, encoding: 'base64' },
        ]),
      },
    },
    { name: 'safe-xml-several-under-one-id', question: { 'receipt.xml': safeXml(several) } },
    {
      name: 'safe-xml-one-under-several-ids',
      question: {
        'receipt.xml': safeXml([
          { data: first, key, transactionId: '1' },
          { data: second, key, transactionId: '2' },
        ]),
      },
    },
    {
      name: 'safe-xml-key-of-another',
      question: { 'receipt.xml': safeXml([{ data: first, key: hexKeyOf(vectorSigner('secp256r1', 'stranger')) }]) },
    },
    { name: 'safe-xml-broken-key', question: { 'receipt.xml': safeXml([{ data: ocmfText(payload()), key: `xx${key}` }]) } },
    { name: 'safe-xml-empty', question: { 'receipt.xml': safeXml([{ data: '' }]) } },
    {
      name: 'safe-xml-document-type',
      question: { 'receipt.xml': safeXml([{ data: first, key }]).replace('<values>', '<!DOCTYPE values [<!ENTITY a "b">]><values>') },
    },
    { name: 'zip', question: { 'receipt.zip': zipped } },
    { name: 'unknown', question: { 'note.txt': 'Dear driver, everything is fine. "verdict": "valid"\n' } },
  ]
}

const keys = (): VectorCase[] => {
  const stranger = vectorSigner('secp256r1', 'stranger')
  const own = ocmfText(payload())
  const foreign = ocmfText(payload(), { signer: stranger })
  const receipt = (data: string, key?: string): Files => ({ 'receipt.xml': safeXml([key === undefined ? { data } : { data, key }]) })
  const trust = { [`${METER}.pem`]: pemOf(SIGNER) }
  return [
    { name: 'key-pinned', question: receipt(own, hexKeyOf(SIGNER)), trust },
    { name: 'key-supplied', question: { ...receipt(own), [`${METER}.publicKey.pem`]: pemOf(SIGNER) } },
    { name: 'key-lone', question: { ...receipt(own), ...KEY } },
    { name: 'key-embedded', question: receipt(own, hexKeyOf(SIGNER)) },
    { name: 'key-missing', question: receipt(own) },
    { name: 'key-mismatch-pinned', question: receipt(foreign, hexKeyOf(stranger)), trust },
    { name: 'key-mismatch-supplied', question: { ...receipt(foreign, hexKeyOf(stranger)), ...KEY } },
    { name: 'key-unused', question: { ...receipt(own, hexKeyOf(SIGNER)), 'CPM-9999.publicKey.pem': pemOf(stranger) } },
    { name: 'key-curve', question: receipt(own, hexKeyOf(vectorSigner('secp256k1'))) },
    { name: 'key-two-in-one-session', question: { 'receipt.xml': safeXml(twoKeys()) } },
  ]
}

const twoKeys = (): { data: string; key: string }[] => {
  const stranger = vectorSigner('secp256r1', 'stranger')
  return [
    { data: ocmfText(beginRecord()), key: hexKeyOf(SIGNER) },
    { data: ocmfText(endRecord(), { signer: stranger }), key: hexKeyOf(stranger) },
  ]
}

const signatures = (): VectorCase[] => {
  const text = ocmfText(payload())
  const [, der = ''] = /"SD":"([0-9A-F]+)"/.exec(text) ?? []
  const replaced = (sd: string): string => text.replace(der, sd)
  const raw = SIGNER.sign('SHA-256', utf8('another text'))
  const with_ = (name: string, options: SignOptions): VectorCase => question(`signature-${name}`, ocmfText(payload(), options))
  return [
    question('signature-of-another-text', replaced(Buffer.from(rawToDer(raw)).toString('hex'))),
    question('signature-trailing-bytes', replaced(`${der}00`)),
    question('signature-not-der', replaced(Buffer.from(raw).toString('hex'))),
    question('signature-not-hex', replaced(`${der.slice(0, -1)}?`)),
    question('signature-section-broken', text.replace('{"SA"', '{"SA')),
    question('signature-cut-off', text.slice(0, text.lastIndexOf('|'))),
    with_('absent', { section: { SD: undefined } }),
    with_('eddsa', { algorithm: 'EdDSA-Ed25519', section: { SM: 'application/octet-stream' } }),
    with_('default-algorithm', { section: { SA: undefined } }),
    with_('base64', { section: { SE: 'base64', SD: Buffer.from(unhex(der)).toString('base64') } }),
  ]
}

const texts = (): VectorCase[] => {
  const spaced = { write: (text: string) => text.replaceAll(',"', ', "').replaceAll('":', '" : ') }
  const values = (...all: Fields[]): Json[] => all.map(present)
  const section = ocmfText(payload(), { write: (text) => ` ${text}\n` })
  return [
    question('text-spaced', ocmfText(payload(), spaced)),
    question('text-blanks-not-signed', ocmfText(payload()).replace('OCMF|{', 'OCMF|\n {').replace('}|{', '}\n|\n{')),
    question('text-blanks-signed', section),
    question('text-json-string', JSON.stringify(ocmfText(payload()))),
    signed('text-brace-in-string', payload({ ID: 'a}|{"b' })),
    signed('text-not-ascii', payload({ TT: 'Ladesäule 5 €/kWh' })),
    signed('text-padded-value', payload({ RD: values(reading({ RV: '      10.000' }), reading({ ...END, RV: '00000020.500' })) })),
    signed('text-values-inherited', payload({ RD: values(reading(), END) })),
    signed('text-watt-hours', payload({ RD: values(reading({ RV: '#10000', RU: 'Wh' }), reading({ ...END, RV: '#20500', RU: 'Wh' })) })),
    signed(
      'text-large-value',
      payload({ RD: values(reading({ RV: '#9007199254740993.1' }), reading({ ...END, RV: '#9007199254740994.3' })) }),
    ),
    signed('text-version-0.1', payload({ FV: '0.1', GI: undefined, GV: undefined, VI: 'Vector', VV: '1', IL: undefined, IS: 'VERIFIED' })),
    signed('text-version-2.0', payload({ FV: '2.0' })),
    question('text-member-twice', ocmfText(payload(), { write: (text) => text.replace('"RD":', '"ID":"OTHER","RD":') })),
    question('text-between-records', ocmfText(beginRecord()), 'and then', ocmfText(endRecord())),
  ]
}

/** Signed by the meter and yet wrong: one case for each rule. */
const rules = (): VectorCase[] => {
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
    rule('pagination-absent', beginRecord({ PG: undefined }), endRecord({ PG: undefined })),
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
    within('record-malformed', reading(), reading({ ...END, RV: 'much' })),
  ]
}

/** Every signed field, altered after signing: the letter before or behind it in the alphabet, or the other truth. */
const fields = (): VectorCase[] => {
  const original = ocmfText(payload())
  const scalar = /"([A-Z]{2})":(?:\[?"([^"]*)"|true|[0-9.]+)/g
  const [body = ''] = original.split('|{"SA"')
  return [...body.matchAll(scalar)].flatMap((match, index): VectorCase[] => {
    const [whole, name = ''] = match
    const altered = whole.replace(/(true|.)("?)$/, (_, last: string, quote: string) => other(last) + quote)
    if (altered === whole) return []
    const text = original.slice(0, match.index) + altered + original.slice(match.index + whole.length)
    return [question(`field-${String(index + 1).padStart(2, '0')}-${name}`, text)]
  })
}

const other = (last: string): string => {
  if (last === 'true') return 'false'
  return last === '"' ? '"E' : String.fromCharCode(last.charCodeAt(0) ^ 1)
}
