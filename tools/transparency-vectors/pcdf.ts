// The golden vectors of PCDF lines: sound ones, one twin for every signed member, and one for every rule that applies.
import { hex, utf8 } from '../../src/base/bytes.ts'
import { rawToDer } from '../../src/crypto/der.ts'
import { type FormatVectors, fieldTwins, type VectorCase } from './case.ts'
import { hexKeyOf, pemOf } from './maker.ts'
import { vectorSigner } from './signer.ts'

export const pcdfVectors: FormatVectors = {
  format: 'pcdf',
  cases: () => [...lines(), ...rules(), ...fields()],
}

const SIGNER = vectorSigner('secp256r1', 'pcdf')
const STRANGER = vectorSigner('secp256r1', 'stranger')
const HW = 'CPV00000001'

const MEMBERS = {
  ST: '260301080000',
  CT: '260301090000',
  CD: '010000',
  TV: '1',
  BV: '1',
  CSC: '42',
  SP: '1',
  RV: '0010.500*kWh',
  SI: 'DEADBEEF*1*tx-0001',
  CS: '0badf00d',
  HW,
  DT: '0',
  PK: `04${hex(SIGNER.publicKey.point)}`,
} as const

export const pcdfText = (over: Partial<Record<keyof typeof MEMBERS, string>> = {}): string =>
  `128.8.0${Object.entries({ ...MEMBERS, ...over })
    .map(([name, value]) => `(${name}:${value})`)
    .join('')}`

const signatureOf = (text: string, signer = SIGNER): string => hex(rawToDer(signer.sign('SHA-256', utf8(text))))

export const pcdfLine = (text = pcdfText(), signature = signatureOf(text)): string => `${text}(SG:${signature})`

const one = (name: string, ...all: readonly string[]): VectorCase => ({ name, question: { 'session.pcdf': all.join('\n') } })

const lines = (): VectorCase[] => {
  const line = pcdfLine()
  return [
    one('session', line),
    one('session-wrapped', `\u0002${line}\u0003`),
    one('session-quoted', `"${line}"\n`),
    one('session-several', line, pcdfLine(pcdfText({ SI: 'DEADBEEF*1*tx-0002', ST: '260301100000', CT: '260301110000' }))),
    one(
      'session-of-two-stations-with-one-number',
      line,
      pcdfLine(pcdfText({ HW: `${HW.slice(0, -1)}X`, ST: '260302080000', CT: '260302090000' })),
    ),
    one('session-identification-with-stars', pcdfLine(pcdfText({ SI: 'DE*CPV*E1*2*tx-0001' }))),
    one('session-much-direct-current', pcdfLine(pcdfText({ RV: '0510.001*kWh' }))),
    one('session-over-the-end-of-summer-time', pcdfLine(pcdfText({ ST: '261025025000', CT: '261025021000', CD: '002000' }))),
    one('session-over-its-beginning', pcdfLine(pcdfText({ ST: '260329015000', CT: '260329031000', CD: '002000' }))),
    one('session-duration-differs', pcdfLine(pcdfText({ CD: '000217' }))),
    { name: 'key-pinned', question: { 'session.pcdf': line }, trust: { [`${HW}.pem`]: pemOf(SIGNER) } },
    { name: 'key-mismatch', question: { 'session.pcdf': line, [`${HW}.publicKey.hex`]: hexKeyOf(STRANGER) } },
    one('key-broken', pcdfLine(pcdfText({ PK: MEMBERS.PK.slice(0, -1) }))),
    one('key-off-the-curve', pcdfLine(pcdfText({ PK: `${MEMBERS.PK.slice(0, -1)}${MEMBERS.PK.endsWith('0') ? '1' : '0'}` }))),
    one('signature-of-another', pcdfLine(pcdfText(), signatureOf(pcdfText(), STRANGER))),
    one('signature-absent', pcdfLine(pcdfText(), '')),
    one('signature-trailing-bytes', pcdfLine(pcdfText(), `${signatureOf(pcdfText())}00`)),
    one('order-altered', pcdfLine(pcdfText().replace('(TV:1)(BV:1)', '(BV:1)(TV:1)'))),
    one('member-missing', pcdfLine(pcdfText().replace('(DT:0)', ''))),
    one('something-behind', `${line}(SP:1)`),
  ]
}

const rules = (): VectorCase[] => {
  const rule = (name: string, ...over: readonly Parameters<typeof pcdfText>[0][]): VectorCase =>
    one(`rule-${name}`, ...over.map((each) => pcdfLine(pcdfText(each))))
  return [
    rule('time-backwards', { CT: '260301075959' }),
    rule('energy-unusable', { BV: '0' }),
    rule('signature-position', { SP: '3' }),
    rule('duplicate', {}, {}),
    rule('begin-duplicate', {}, { RV: '0011.000*kWh' }),
    rule('malformed-time', { ST: '260230080000' }),
    rule('malformed-year', { ST: '180301080000' }),
    rule('malformed-energy', { RV: '10.5*kWh' }),
    rule('malformed-unit', { RV: '0010.500*Wh' }),
    rule('malformed-identification', { SI: 'DEADBEEF*9*tx-0001' }),
    rule('malformed-checksum', { CS: '0badf00' }),
    rule('malformed-serial', { HW: '123' }),
  ]
}

const fields = (): VectorCase[] => {
  const text = pcdfText()
  const places = [...text.matchAll(/\(([A-Z]+):([^()]*)\)/g)]
  return fieldTwins({
    signed: utf8(text),
    fields: places.map(({ 1: name = '', 2: value = '', index }) => ({ name, at: index + name.length + 2, length: value.length })),
    question: (altered) => ({ 'session.pcdf': pcdfLine(new TextDecoder().decode(altered), signatureOf(text)) }),
  })
}
