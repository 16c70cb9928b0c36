// The golden vectors of certificates in chains, and of lists of revoked ones. The record is the same everywhere; only who vouches for whom,
// and what was taken back, is different.
import { base64, hex, unhex, utf8 } from '../../src/base/bytes.ts'
import type { Files, VectorCase } from './case.ts'
import { type CertificateParts, certificateOf, type ListEntry, type ListParts, revocationListOf } from './certificates.ts'
import { CA, DIGITAL_SIGNATURE, OTHER, records } from './keys.ts'
import { METER, SIGNER } from './maker.ts'
import { vectorRsaSigner } from './rsa-signer.ts'
import { vectorSigner } from './signer.ts'

export const chainCases = (): VectorCase[] => [...chains(), ...lists(), ...rsaChains()]

const SUB = vectorSigner('secp256r1', 'authority in between')
const LAST = vectorSigner('secp256r1', 'last authority')
const KEY_CERT_SIGN = 0x04
const CRL_SIGN = 0x02

/** Those that are everywhere the same are signed once. */
const certificate = (parts: CertificateParts): ((over?: Partial<CertificateParts>) => Uint8Array) => {
  let plain: Uint8Array | undefined
  return (over) => {
    if (over !== undefined) return certificateOf({ ...parts, ...over })
    plain ??= certificateOf(parts)
    return plain
  }
}

let signed: string | undefined
const theRecords = (): string => {
  signed ??= records()
  return signed
}

const root = certificate({ subject: 'Vector Root', issuer: 'Vector Root', holder: CA, signer: CA, authority: true, serial: 10 })
const sub = certificate({ subject: 'Vector Sub', issuer: 'Vector Root', holder: SUB, signer: CA, authority: true, serial: 20 })
const last = certificate({ subject: 'Vector Last', issuer: 'Vector Sub', holder: LAST, signer: SUB, authority: true, serial: 30 })
const leaf = certificate({ subject: METER, issuer: 'Vector Last', holder: SIGNER, signer: LAST, usage: DIGITAL_SIGNATURE, serial: 40 })

interface Question {
  readonly leaf?: Uint8Array
  readonly last?: Uint8Array | null
  readonly sub?: Uint8Array
  readonly root?: Uint8Array
  readonly more?: Files
  readonly trust?: Files
}

const made = (name: string, { more = {}, trust = {}, ...given }: Question = {}): VectorCase => {
  const between = given.last === null ? {} : { 'last.cer': given.last ?? last() }
  return {
    name,
    question: { 'records.ocmf': theRecords(), 'meter.cer': given.leaf ?? leaf(), ...between, 'sub.cer': given.sub ?? sub(), ...more },
    trust: { 'root.cer': given.root ?? root(), ...trust },
  }
}

const chains = (): VectorCase[] => {
  const chain = (name: string, question?: Question): VectorCase => made(`chain-${name}`, question)
  const forged = certificateOf({ subject: 'Vector Last', issuer: 'Vector Sub', holder: OTHER, signer: OTHER, authority: true })
  const tampered = unhex(hex(last()).replace(hex(utf8('300101000000Z')), hex(utf8('400101000000Z'))))
  return [
    chain('registered', {}),
    chain('length-enough-registered', { root: root({ pathLength: 2 }), sub: sub({ pathLength: 1 }), last: last({ pathLength: 0 }) }),
    chain('one-bundle-registered', { last: null, more: { 'chain.pem': [last(), sub()].map((der) => pem(der)).join('') } }),
    chain('ends-in-between-registered', { root: sub() }),
    chain('another-of-that-name-registered', { more: { 'forged.cer': forged } }),
    chain('link-missing-unverified', { last: null }),
    chain('root-unverified', { root: root({ subject: 'Other Root' }) }),
    chain('length-of-root-wrong-use', { root: root({ pathLength: 1 }) }),
    chain('length-of-link-wrong-use', { sub: sub({ pathLength: 0 }) }),
    chain('link-no-authority-wrong-use', { last: last({ authority: false }) }),
    chain('link-may-not-certify-wrong-use', { last: last({ usage: DIGITAL_SIGNATURE }) }),
    chain('link-expired', { last: last({ notAfter: '260228000000Z' }) }),
    chain('link-not-yet', { sub: sub({ notBefore: '260302000000Z' }) }),
    chain('names-constrained-unsupported', { sub: sub({ nameConstraints: 'critical' }) }),
    chain('names-constrained-quietly-unsupported', { root: root({ nameConstraints: 'plain' }) }),
    chain('link-critical-unsupported', { last: last({ strange: true }) }),
    chain('link-by-another-invalid', { last: last({ signer: OTHER }) }),
    chain('link-forged-invalid', { last: forged }),
    chain('link-altered-invalid', { last: tampered }),
    chain('meter-as-authority-wrong-use', {
      // the certificate of another meter vouches for this one
      last: null,
      sub: certificateOf({ subject: 'CPM-0002', issuer: 'Vector Root', holder: OTHER, signer: CA, usage: DIGITAL_SIGNATURE }),
      leaf: leaf({ issuer: 'CPM-0002', signer: OTHER }),
    }),
  ]
}

const pem = (der: Uint8Array, label = 'CERTIFICATE'): string => `-----BEGIN ${label}-----\n${base64(der)}\n-----END ${label}-----\n`

const lists = (): VectorCase[] => {
  const of =
    (issuer: string, signer: ListParts['signer']) =>
    (entries: readonly ListEntry[], over: Partial<ListParts> = {}) =>
      revocationListOf({ issuer, signer, entries, ...over })
  const [byLast, byRoot] = [of('Vector Last', LAST), of('Vector Root', CA)]
  const listed = (name: string, list: Uint8Array, question: Question = {}): VectorCase =>
    made(`list-${name}`, { ...question, trust: { 'list.crl': list } })
  const before = '260228000000Z'
  const after = '260302000000Z'
  const good = byLast([{ serial: 41, date: before }])
  return [
    listed('of-others-registered', good),
    listed('empty-registered', byLast([])),
    listed('revoked', byLast([{ serial: 40, date: before }])),
    listed('revoked-at-the-second-revoked', byLast([{ serial: 40, date: '260301080000Z' }])),
    listed('later-registered', byLast([{ serial: 40, date: after, reason: 4 }])),
    listed('later-by-theft-revoked', byLast([{ serial: 40, date: after, reason: 1 }])),
    listed('suspected-before-revoked', byLast([{ serial: 40, date: after, invalid: '20260228000000Z' }])),
    listed('link-revoked', byRoot([{ serial: 20, date: before }])),
    listed('link-by-theft-revoked', byRoot([{ serial: 20, date: after, reason: 2 }])),
    listed('in-pem-revoked', utf8(pem(byLast([{ serial: 40, date: before }]), 'X509 CRL'))),
    made('list-in-the-question-revoked', { more: { 'list.crl': byLast([{ serial: 40, date: before }]) } }),
    made('list-in-the-question-of-a-stranger-registered', { more: { 'list.crl': of('Stranger', OTHER)([{ serial: 40, date: before }]) } }),
    listed('of-another-issuer-registered', of('Vector Other', OTHER)([{ serial: 40, date: before }])),
    listed('forged-revocation-unknown', of('Vector Last', OTHER)([])),
    listed('too-old-revocation-unknown', byLast([], { thisUpdate: '250601000000Z', nextUpdate: '260201000000Z' })),
    listed('after-the-certificate-revocation-unknown', byLast([], { thisUpdate: '310101000000Z', nextUpdate: '320101000000Z' })),
    listed('of-changes-revocation-unknown', byLast([{ serial: 40, date: before }], { delta: true })),
    listed('by-one-who-may-not-revocation-unknown', byLast([]), { last: last({ usage: KEY_CERT_SIGN }) }),
    listed('by-one-who-may-registered', byLast([]), { last: last({ usage: KEY_CERT_SIGN | CRL_SIGN }) }),
    listed('cut-registered', good.subarray(0, good.length - 4)),
  ]
}

/** Authorities with keys of RSA, above the meter's key on a curve. */
const rsaChains = (): VectorCase[] => {
  const [CA_KEY, BETWEEN, STRANGER] = [vectorRsaSigner('authority'), vectorRsaSigner('between'), vectorRsaSigner('stranger')]
  const rootOf = (over: Partial<CertificateParts> = {}) => root({ holder: CA_KEY, signer: CA_KEY, ...over })
  const subOf = (over: Partial<CertificateParts> = {}) => sub({ holder: BETWEEN, signer: CA_KEY, ...over })
  const lastOf = (over: Partial<CertificateParts> = {}) => last({ signer: BETWEEN, ...over })
  const rsa = (name: string, question: Question = {}): VectorCase =>
    made(`rsa-${name}`, { root: rootOf(), sub: subOf(), last: lastOf(), ...question })
  const altered = lastOf()
  altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1
  const list = (signer: CertificateParts['signer'], serial: number) =>
    revocationListOf({ issuer: 'Vector Root', signer, entries: [{ serial, date: '260228000000Z' }] })
  const direct = leaf({ issuer: 'Vector Root', signer: CA_KEY })
  return [
    rsa('registered'),
    rsa('of-other-hashes-registered', { sub: subOf({ hash: 'SHA-384' }), last: lastOf({ hash: 'SHA-512' }) }),
    rsa('root-on-a-curve-registered', { root: root(), sub: subOf({ signer: CA }) }),
    { ...rsa('direct-registered'), question: { 'records.ocmf': theRecords(), 'meter.cer': direct } },
    rsa('root-unverified', { root: rootOf({ subject: 'Other Root' }) }),
    rsa('link-by-another-invalid', { last: lastOf({ signer: STRANGER }) }),
    rsa('link-altered-invalid', { last: altered }),
    rsa('link-of-another-hash-invalid', {
      last: unhex(hex(lastOf()).replaceAll('2a864886f70d01010b', '2a864886f70d01010c')),
    }),
    rsa('root-of-another-invalid', { root: rootOf({ holder: STRANGER, signer: STRANGER }) }),
    rsa('pss-unsupported', {
      last: unhex(hex(lastOf()).replaceAll('2a864886f70d01010b', '2a864886f70d01010a')),
    }),
    rsa('list-revoked', { trust: { 'list.crl': list(CA_KEY, 20) } }),
    rsa('list-forged-revocation-unknown', { trust: { 'list.crl': list(STRANGER, 20) } }),
    // it speaks of the meter, and no meter signs with such a key
    { ...made('rsa-of-the-meter'), question: { 'records.ocmf': theRecords(), 'meter.cer': leaf({ holder: STRANGER }) } },
  ]
}
