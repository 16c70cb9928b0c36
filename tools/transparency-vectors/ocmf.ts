// The golden vectors of OCMF, and of what all formats share (keys, containers, trust): a good question and its tampered twins.
import { zipSync } from 'fflate'
import { hex, unhex, utf8 } from '../../src/base/bytes.ts'
import type { Json } from '../../src/base/ports.ts'
import { rawToDer } from '../../src/crypto/der.ts'
import type { CurveName, HashName, SchemeName } from '../../src/crypto/engine.ts'
import type { Files, FormatVectors, VectorCase } from './case.ts'
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
import { during, importAndExport, KEY, ocmfRules, question, signed, tariffs, toldAgain } from './ocmf-rules.ts'
import { vectorPureSigner, vectorSigner } from './signer.ts'

export const ocmfVectors: FormatVectors = {
  format: 'ocmf',
  cases: () => [
    ...algorithms(),
    ...schemes(),
    ...sessions(),
    ...containers(),
    ...keys(),
    ...signatures(),
    ...texts(),
    ...tariffs(),
    ...ocmfRules(),
    ...toldAgain(),
    ...fields(),
  ],
}

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

const SCHEMES: readonly (readonly [algorithm: string, scheme: SchemeName])[] = [
  ['EdDSA-Ed25519', 'Ed25519'],
  ['EdDSA-Ed448', 'Ed448'],
  ['ML-DSA-44', 'ML-DSA-44'],
  ['ML-DSA-65', 'ML-DSA-65'],
  ['ML-DSA-87', 'ML-DSA-87'],
]

const schemes = (): VectorCase[] =>
  SCHEMES.flatMap(([algorithm, scheme]) => {
    const signer = vectorPureSigner(scheme)
    const document = ocmfText(payload())
    const signed = document.slice('OCMF|'.length, document.indexOf('|{"SA"'))
    const SD = hex(signer.sign(utf8(signed)))
    const text = `OCMF|${signed}|${JSON.stringify({ SA: algorithm, SM: 'application/octet-stream', SD })}`
    const files = { 'publicKey.pem': pemOf(signer) }
    return [
      { name: `algorithm-${algorithm}`, question: { 'record.ocmf': text, ...files } },
      { name: `algorithm-${algorithm}-tampered`, question: { 'record.ocmf': text.replace('20.500', '20.501'), ...files } },
      { name: `form-absent-${algorithm}`, question: { 'record.ocmf': text.replace('"SM":"application/octet-stream",', ''), ...files } },
      { name: `bare-key-${algorithm}`, question: { 'record.ocmf': text, 'publicKey.hex': hex(signer.publicKey.bytes) } },
    ]
  })

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
  signed('session-alternating-and-direct-current', payload({ RD: beforeAndBehind('18.700') })),
  question('session-direct-current-tampered', ocmfText(payload({ RD: beforeAndBehind('18.700') })).replace('18.700', '28.700')),
  signed('direct-current-that-falls', payload({ RD: beforeAndBehind('8.000') })),
  signed(
    'session-extra-register',
    payload({ RD: [reading(), reading(END), { RV: '60', RI: '01-00:00.08.06.FF', RU: 'sec' }].map(present) }),
  ),
  signed(
    'session-ends',
    ...'ELRAP'.split('').map((TX, i) => payload({ PG: `T${i + 1}`, RD: [reading(), reading({ ...END, TX })].map(present) })),
  ),
]

/** One name for two registers, on both sides of a rectifier. */
const beforeAndBehind = (direct: string): Json[] =>
  [reading(), { RT: 'DC', RV: '#9.000' }, { ...END, RT: 'AC' }, { RT: 'DC', RV: `#${direct}` }].map(present)

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
    with_('unsupported', { algorithm: 'EdDSA-Ed25519ph', section: { SM: 'application/octet-stream' } }),
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
    question('text-key-in-a-fourth-section', `${ocmfText(payload())}|${hexKeyOf(SIGNER)}`),
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
    signed('text-version-1.4.1', payload({ FV: '1.4.1' })),
    signed('text-version-2.0', payload({ FV: '2.0' })),
    question('text-member-twice', ocmfText(payload(), { write: (text) => text.replace('"RD":', '"ID":"OTHER","RD":') })),
    question('text-between-records', ocmfText(beginRecord()), 'and then', ocmfText(endRecord())),
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
